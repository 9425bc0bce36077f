"""Which workstations have written these records."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame

from clinic_app.services.storage import LogSequence
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import card, clear, column, label, line, row
from clinic_app.ui.widgets.states import Emptiness, picture
from clinic_app.ui.workspace import Workspace


class DevicesSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Devices"),
            tr(
                "The workstations whose changes are in these records. A workstation that came back"
                " from a backup counts anew, so that nothing it wrote before is mixed up."
            ),
        )
        holder, self._list = card(margin=2, gap=1)
        self.body.addWidget(holder)

    def arrive(self) -> None:
        self.jobs.submit(
            Lane.DATABASE,
            self.workspace.services.devices.devices,
            done=self._show,
            failed=lambda error: self.show_failed(error, self.arrive),
        )

    def catch_up(self) -> None:
        self.arrive()

    def _show(self, devices: Sequence[LogSequence]) -> None:
        clear(self._list)
        if not devices:
            self._list.addWidget(
                Emptiness(
                    "keyboard", tr("No device yet"), tr("The first change of a record makes one.")
                )
            )
        for number, one in enumerate(devices):
            if number:
                self._list.addWidget(line())
            self._list.addWidget(_line(one))
        self.show_content()


def _line(one: LogSequence) -> QFrame:
    made = QFrame()
    across = row(made, gap=2)
    across.addWidget(picture("keyboard", 24, "accent" if one.own else "muted"))
    words = column()
    words.setSpacing(2)
    name = row()
    name.addWidget(label(name_of(one), "strong"))
    if one.own:
        name.addWidget(label(tr("this laptop"), "badge-accent", wrap=False))
    name.addStretch(1)
    words.addLayout(name)
    waiting = one.operations - one.acknowledged
    facts = [
        tr("last change {when}").format(when=moment_text(one.changed_at)),
        tr("{n} changes").format(n=number_text(one.operations)),
        tr("{n} wait for a central server").format(n=number_text(waiting)) if waiting else "",
        tr("sequence {n}").format(n=one.epoch),
    ]
    words.addWidget(label(" · ".join(filter(None, facts)), "small"))
    across.addLayout(words, 1)
    return made


def name_of(one: LogSequence) -> str:
    """A workstation's number; before a central server is joined it has none."""
    return (
        tr("Workstation {n}").format(n=one.origin)
        if one.origin
        else tr("Workstation without a central server")
    )
