"""The models in use, in short; their cards have a page of their own."""

from __future__ import annotations

from collections.abc import Sequence

from clinic_app.services.reading import ModelInfo
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.sets_panel import SetsPanel
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    card,
    clear,
    column,
    icon_button,
    label,
    line,
    restyle,
    row,
)
from clinic_app.ui.workspace import Workspace

_SHOWN_HASH = 16


class ModelsSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Models"),
            tr(
                "Which models read pictures on this laptop. A file that does not match its"
                " fingerprint is refused."
            ),
        )
        across = row()
        self.verify = icon_button(tr("Check the files"), "check", "", self._verify)
        across.addWidget(self.verify)
        self.cards = icon_button(tr("Read the cards"), "document", "", self._read_cards)
        across.addWidget(self.cards)
        across.addStretch(1)
        self.body.addLayout(across)
        self.result = label("", "muted")
        self.result.hide()
        self.body.addWidget(self.result)
        holder, self._list = card(margin=2, gap=1)
        self.body.addWidget(holder)
        self.sets = SetsPanel(workspace, jobs, self.arrive)
        self.body.addWidget(self.sets)

    def arrive(self) -> None:
        self.sets.look()
        self.jobs.submit(
            Lane.INFERENCE,
            self.workspace.services.models.models,
            done=self._show,
            failed=lambda error: self.show_failed(error, self.arrive),
        )

    def _show(self, models: Sequence[ModelInfo]) -> None:
        clear(self._list)
        for number, one in enumerate(models):
            if number:
                self._list.addWidget(line())
            words = column()
            words.setSpacing(2)
            name = row()
            name.addWidget(label(one.name, "strong"))
            name.addWidget(label(one.version, "badge", wrap=False))
            name.addStretch(1)
            words.addLayout(name)
            words.addWidget(label(one.meaning))
            words.addWidget(
                label(f"{one.file} · SHA-256 {one.sha256[:_SHOWN_HASH]}… · {one.licence}", "small")
            )
            self._list.addLayout(words)
        self.show_content()

    def _verify(self) -> None:
        self.verify.setEnabled(False)
        self._say(tr("Checking every file…"), "muted")
        self.jobs.submit(
            Lane.INFERENCE,
            self.workspace.services.models.verify,
            done=lambda _: self._checked(tr("All model files are as they were shipped."), "good"),
            failed=lambda error: self._checked(explain(error), "alarm"),
        )

    def _checked(self, text: str, role: str) -> None:
        self.verify.setEnabled(True)
        self._say(text, role)

    def _say(self, text: str, role: str) -> None:
        self.result.setText(text)
        self.result.setProperty("role", role)
        restyle(self.result)
        self.result.show()

    def _read_cards(self) -> None:
        self.workspace.navigator.show_models()
