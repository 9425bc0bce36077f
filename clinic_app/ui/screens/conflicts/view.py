"""Everything that two workstations wrote differently, one card each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from clinic_app.services.sync_data import Conflict, ConflictKind, Version
from clinic_app.ui.screens.appointments.details import open_details
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.conflicts.card import ConflictCard
from clinic_app.ui.screens.conflicts.differences import Compared
from clinic_app.ui.screens.conflicts.merge_sheet import MergeSheet
from clinic_app.ui.screens.conflicts.presenter import ConflictsPresenter
from clinic_app.ui.strings import tr
from clinic_app.ui.sync_words import to_settle
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import card, clear, column, label, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

SHOWN = 20


class ConflictsScreen(Screen):
    def __init__(self, workspace: Workspace, settled: Callable[[], object]) -> None:
        super().__init__(workspace.jobs, tr("To settle"))
        self.back_text = tr("Sync")
        self._workspace = workspace
        self._settled = settled
        self.presenter = ConflictsPresenter(self, workspace.services.sync, self.jobs, settled)
        self.merge: MergeSheet | None = None
        inner = QWidget()
        self._list: QVBoxLayout = column(inner, gap=3)
        self._list.addWidget(Busy(tr("Looking…")))
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(inner, 1200))
        column(self).addWidget(scrolling(holder))

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self.presenter.look()

    def renew(self) -> None:
        self.presenter.look()

    def go_back(self) -> None:
        self._workspace.navigator.show_sync()

    # --- for the presenter -------------------------------------------------------------------

    def show_conflicts(self, found: Sequence[Compared]) -> None:
        self.set_heading(tr("To settle"), to_settle(len(found)) if found else "", tr("Sync"))
        with kept_focus(self):
            clear(self._list)
            for one in found[:SHOWN]:
                self._list.addWidget(ConflictCard(one, self))
            if len(found) > SHOWN:
                left = tr("and {number} more").format(number=len(found) - SHOWN)
                self._list.addWidget(label(left, "muted"))
            if not found:
                self._list.addWidget(self._nothing())

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.presenter.look))

    def show_settled(self, conflict: Conflict) -> None:
        self._workspace.notices.tell(tr("It is settled."))

    def show_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    # --- for the cards -----------------------------------------------------------------------

    def choose(self, conflict: Conflict, version: Version) -> None:
        ask(
            self,
            title=tr("This version holds?"),
            text=tr(
                "What {name} wrote on workstation {workstation} holds from now on. Other versions"
                " leave the page and stay in the history."
            ).format(name=version.author, workstation=version.workstation),
            yes=tr("It holds"),
            on_yes=partial(self.presenter.choose, conflict, version.stamp),
        )

    def write(self, conflict: Conflict) -> None:
        self.merge = MergeSheet(self, conflict, partial(self.presenter.merge, conflict))

    def keep_both(self, conflict: Conflict) -> None:
        self.presenter.keep_both(conflict)

    def move_one(self, conflict: Conflict, version: Version) -> None:
        open_details(self, self._workspace, appointment_of(conflict, version), self._moved)

    def open_patient(self, conflict: Conflict) -> None:
        if conflict.patient_id is not None:
            self._workspace.navigator.show_patient(conflict.patient_id)

    # --- inside ------------------------------------------------------------------------------

    def _moved(self, sentence: str) -> None:
        self._workspace.notices.tell(sentence)
        self._settled()
        self.presenter.look()

    def _nothing(self) -> QWidget:
        holder, box = card()
        box.addWidget(
            Emptiness(
                "check",
                tr("Nothing to settle"),
                tr("Where two workstations write different things, you find both here."),
            )
        )
        return holder


def appointment_of(conflict: Conflict, version: Version) -> UUID:
    """The appointment that a version of an overlap stands for: its stamp, else the record."""
    assert conflict.kind is ConflictKind.OVERLAP
    try:
        return UUID(version.stamp)
    except ValueError:
        return conflict.record_id
