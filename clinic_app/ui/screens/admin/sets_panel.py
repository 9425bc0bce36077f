"""Model sets of this laptop: keep the shipped one, read a card, go back to an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from clinic_app.services.model_sets import ModelSet
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.models.browser import CardBrowser
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.widgets.basics import button, card, clear, column, icon_button, label, line, row
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.workspace import Workspace


class SetsPanel(QWidget):
    """``changed`` is called once another set reads pictures."""

    def __init__(self, workspace: Workspace, jobs: Jobs, changed: Callable[[], None]) -> None:
        super().__init__()
        self._workspace = workspace
        self._jobs = jobs
        self._changed = changed
        box = column(self)
        holder, inside = card()
        top = row()
        top.addWidget(label(tr("Sets on this laptop"), "heading"), 1)
        self.keep = icon_button(tr("Keep the shipped set"), "save", "quiet", self._keep)
        top.addWidget(self.keep)
        inside.addLayout(top)
        about = tr("A kept set stays when the program is renewed, so that you can go back to it.")
        inside.addWidget(label(about, "muted"))
        self._list = column(gap=1)
        inside.addLayout(self._list)
        box.addWidget(holder)

    def look(self) -> None:
        """Ask again which sets there are."""
        sets = self._workspace.services.model_sets
        report = self._workspace.notices.report
        self._jobs.submit(Lane.INFERENCE, sets.known, done=self._show, failed=report)

    def _show(self, sets: Sequence[ModelSet]) -> None:
        clear(self._list)
        self.setVisible(bool(sets))
        self.keep.setEnabled(any(one.shipped and not one.kept for one in sets))
        for number, one in enumerate(sets):
            if number:
                self._list.addWidget(line())
            self._list.addLayout(self._part(one))

    def _part(self, one: ModelSet) -> QHBoxLayout:
        across = row(gap=1)
        words = column()
        words.setSpacing(2)
        name = row()
        name.addWidget(label(one.name, "strong", wrap=False))
        marks = (
            (one.active, tr("in use"), "badge-accent"),
            (one.shipped, tr("came with the program"), "badge"),
            (one.kept, tr("kept"), "badge"),
        )
        for true, text, role in marks:
            if true:
                name.addWidget(label(text, role, wrap=False))
        name.addStretch(1)
        words.addLayout(name)
        told = ", ".join(f"{model} {version}" for model, version in one.versions)
        words.addWidget(label(told, "small"))
        across.addLayout(words, 1)
        read = button(tr("Card"), "quiet", lambda: self._read(one.name))
        read.setAccessibleName(tr("Card of {name}").format(name=one.name))
        across.addWidget(read)
        if not one.active:
            use = button(tr("Use…"), "", lambda: self._ask(one.name))
            use.setAccessibleName(tr("Use {name}").format(name=one.name))
            across.addWidget(use)
        return across

    def _keep(self) -> None:
        self.keep.setEnabled(False)

        def done(name: str) -> None:
            self._workspace.notices.tell(tr("The set {name} is kept.").format(name=name))
            self.look()

        def failed(error: BaseException) -> None:
            self.keep.setEnabled(True)
            self._workspace.notices.report(error)

        sets = self._workspace.services.model_sets
        self._jobs.submit(Lane.INFERENCE, sets.keep, done=done, failed=failed)

    def _ask(self, name: str) -> None:
        def done(_: object) -> None:
            self._workspace.notices.tell(tr("{name} reads pictures from now on.").format(name=name))
            self._changed()

        ask_password(
            self,
            self._jobs,
            title=tr("Use {name}").format(name=name),
            text=tr(
                "Every file is checked first. Results that were made keep the versions they were"
                " made with; new pictures are read by this set, on this laptop."
            ),
            confirm=tr("Use this set"),
            work=lambda password: self._workspace.services.model_sets.use(name, password),
            done=done,
        )

    def _read(self, name: str) -> None:
        sets = self._workspace.services.model_sets
        report = self._workspace.notices.report
        self._jobs.submit(
            Lane.INFERENCE,
            lambda: sets.card(name),
            done=lambda text: self._show_card(name, text),
            failed=report,
        )

    def _show_card(self, name: str, text: str) -> None:
        content = QWidget()
        box = column(content, margin=3, gap=2)
        browser = CardBrowser()
        browser.setAccessibleName(tr("Card of {name}").format(name=name))
        browser.setMinimumHeight(scaled(420))
        browser.show_markdown(text, {})
        box.addWidget(browser)
        sheet = Sheet(self, content, name=tr("Card of {name}").format(name=name), width=720)
        across = row()
        across.addStretch(1)
        close = button(tr("Close"), "primary", sheet.dismiss)
        across.addWidget(close)
        box.addLayout(across)
        sheet.open(close)
