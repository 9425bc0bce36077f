"""Everything that two workstations wrote differently: one open, the others a line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from clinic_app.services.sync_data import Conflict, ConflictKind, Version
from clinic_app.ui.screens.appointments.details import open_details
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.conflicts.card import ConflictCard
from clinic_app.ui.screens.conflicts.differences import Compared
from clinic_app.ui.screens.conflicts.merge_sheet import MergeSheet
from clinic_app.ui.screens.conflicts.presenter import ConflictsPresenter
from clinic_app.ui.screens.conflicts.words import KIND_TITLES, about_conflict, who_and_where
from clinic_app.ui.screens.today.rows import entry, section
from clinic_app.ui.strings import tr
from clinic_app.ui.sync_words import to_settle
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, label, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

SHOWN = 8
"""Lines at a time; the next ones come up as these are settled."""


class ConflictsScreen(Screen):
    def __init__(self, workspace: Workspace, settled: Callable[[], object]) -> None:
        super().__init__(workspace.jobs, tr("To settle"))
        self.back_text = tr("Sync")
        self._workspace = workspace
        self._settled = settled
        self.presenter = ConflictsPresenter(self, workspace.services.sync, self.jobs, settled)
        self.merge: MergeSheet | None = None
        self._found: Sequence[Compared] | None = None
        self._open = ""
        inner = QWidget()
        self._list: QVBoxLayout = column(inner, gap=3)
        self._list.addWidget(Busy(tr("Looking…")))
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(inner, 1200))
        self._area = scrolling(holder)
        column(self).addWidget(self._area)

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
        if self._found is not None and tuple(found) == tuple(self._found):
            return  # a round that brought nothing new: what is read stays as it is
        self._found = found
        if self._open not in {one.conflict.id for one in found[:SHOWN]}:
            self._open = found[0].conflict.id if found else ""
        with kept_focus(self):
            self._fill()

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.presenter.look))

    def show_settled(self, conflict: Conflict) -> None:
        merge = self._sent(conflict)
        if merge is not None:
            merge.sheet.dismiss()
        self._workspace.notices.tell(tr("It is settled."))

    def show_trouble(self, conflict: Conflict, error: BaseException) -> None:
        merge = self._sent(conflict)
        if merge is not None:
            merge.show_refused(error)
        else:
            self._workspace.notices.report(error)

    # --- for the cards -----------------------------------------------------------------------

    def choose(self, conflict: Conflict, version: Version) -> None:
        ask(
            self,
            title=tr("This version holds?"),
            text=tr(
                "What stands under “{who}” holds from now on. Other versions leave the page and"
                " stay in the history."
            ).format(who=who_and_where(version)),
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

    def _sent(self, conflict: Conflict) -> MergeSheet | None:
        """The sheet whose words are on their way for this one: another one may be settled while
        it lies open."""
        merge = self.merge
        if merge is None or not merge.sending or merge.conflict.id != conflict.id:
            return None
        return merge

    def _fill(self) -> None:
        """The open one as a card, the others as lines before and after it. Built aside and shown at
        once: a list that grows in place is laid out again for each of its parts."""
        clear(self._list)
        page = QWidget()
        box = column(page, gap=3)
        found = self._found or ()
        if not found:
            box.addWidget(self._nothing())
        lines: list[QWidget] = []
        for one in found[:SHOWN]:
            if one.conflict.id != self._open:
                lines.append(self._line(one.conflict))
                continue
            if lines:
                box.addWidget(section(lines))
                lines = []
            box.addWidget(ConflictCard(one, self))
        if lines:
            box.addWidget(section(lines))
        if len(found) > SHOWN:
            left = tr("and {number} more").format(number=len(found) - SHOWN)
            box.addWidget(label(left, "muted"))
        self._list.addWidget(page)

    def _line(self, one: Conflict) -> QWidget:
        about = about_conflict(one)
        opens = button(tr("Open"), "", partial(self._show_only, one.id))
        opens.setAccessibleName(tr("Open: {about}").format(about=about))
        words = tr(KIND_TITLES[one.kind])
        return entry(about, words, drawing="versions", tone="warning", buttons=[opens])

    def _show_only(self, conflict_id: str) -> None:
        self._open = conflict_id
        self._fill()
        opened = self.findChildren(ConflictCard)[-1]
        focus = next(iter(opened.findChildren(QPushButton)), None)
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, opened, partial(self._area.ensureWidgetVisible, opened, 0, 0))

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
