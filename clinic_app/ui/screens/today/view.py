"""The first screen after signing in: what waits, the urgent first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import Role
from clinic_app.domain.safety import SafetyState
from clinic_app.domain.worklist import WorklistReason, WorklistRow
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.handovers import HandoverRow
from clinic_app.services.learning_data import IdleInUse, WithdrawnInUse
from clinic_app.services.safety import OpenFlow
from clinic_app.services.sync_data import SyncStatus
from clinic_app.services.tasks import TaskRow
from clinic_app.services.timeline import DraftRow
from clinic_app.ui.moments import local_day, long_day_text, near_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.handover.give import open_handover
from clinic_app.ui.screens.handover.receive import ReceiptSheet, words_of
from clinic_app.ui.screens.tasks.rows import due_text
from clinic_app.ui.screens.today.presenter import (
    WORKLIST_ROWS,
    NoteRow,
    TodayPresenter,
    Waiting,
    progress_of,
)
from clinic_app.ui.screens.today.rows import (
    action,
    appointment_times,
    appointment_words,
    entry,
    heading,
    section,
)
from clinic_app.ui.screens.today.side import (
    ConflictLine,
    FindCard,
    HeadLine,
    PeopleCard,
    StateCard,
)
from clinic_app.ui.screens.worklist.rows import DRAWINGS, waiting_text, why_text
from clinic_app.ui.strings import TRIGGER_SENTENCES, tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, frame, label, row, scrolling
from clinic_app.ui.widgets.containers import Centred, Columns
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure, picture
from clinic_app.ui.workspace import Navigator, Workspace

_FLOWS_SHOWN = 5
_ROWS_SHOWN = 12


class TodayScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Today"))
        self._workspace = workspace
        self._doctor = workspace.services.session.user.role is Role.DOCTOR
        self.presenter = TodayPresenter(
            self, workspace.services, self.jobs, worklist_first=self._doctor
        )
        columns = Columns(break_at=860, side_width=320)
        self._conflicts = 0
        self.conflicts: ConflictLine | None = None
        self._head: WithdrawnInUse | IdleInUse | None = None
        self.head: HeadLine | None = None
        self.quiet: QFrame | None = None
        self._list: QVBoxLayout = columns.main_box
        self._list.addWidget(Busy(tr("Looking…")))
        self._list.addStretch(1)
        find = FindCard(workspace.navigator)
        self.wanted = find.wanted
        self.people = PeopleCard(workspace.navigator, self._hand_over)
        self.state = StateCard()
        for made in (find, self.people, self.state):
            columns.side_box.addWidget(made)
        columns.side_box.addStretch(1)
        holder = QWidget()
        box = column(holder, margin=4)
        box.addWidget(Centred(columns, 1400))
        column(self).addWidget(scrolling(holder))
        self.record = long_day_text(local_day(utc_now()))

    def arrive(self) -> None:
        self.renew()
        self.wanted.setFocus()

    def renew(self) -> None:
        self.set_heading(self.title, long_day_text(local_day(utc_now())))
        self.presenter.look()

    def show_sync(self, status: SyncStatus) -> None:
        """What of this laptop no centre has taken over yet, and what has to be settled."""
        self.state.show_sync(status)
        self._conflicts = status.conflicts
        if self.conflicts is not None:
            self.conflicts.show_conflicts(self._conflicts)

    # --- for the presenter -------------------------------------------------------------------

    def show_waiting(self, waiting: Waiting) -> None:
        with kept_focus(self):
            self._fill(waiting)

    def _fill(self, waiting: Waiting) -> None:
        clear(self._list)
        now = utc_now()
        self._asked = waiting.asked
        self.people.show_people(waiting.people or {})
        self._show_flows(waiting.flows, now)
        self.conflicts = ConflictLine(self._go)
        self._list.addWidget(self.conflicts)
        self.conflicts.show_conflicts(self._conflicts)
        self.head = HeadLine(self._go)
        self._list.addWidget(self.head)
        self._add(
            tr("Handed over to you"), waiting.handovers, lambda one: self._handover_row(one, now)
        )
        if self._doctor:
            self._show_worklist(waiting, now)
        self._add(tr("Appointments today"), waiting.appointments, self._appointment_row)
        self._add(
            tr("Tasks due"),
            waiting.tasks,
            self._task_row,
            (tr("All tasks"), self._go.show_tasks),
        )
        pinned = {one.flow.screening_id for one in waiting.flows}
        self._add(
            tr("Screenings to finish"),
            waiting.drafts,
            lambda one: self._draft_row(one, now, one.draft.id in pinned),
        )
        self._add(
            tr("Notes to sign"),
            waiting.notes,
            lambda one: self._note_row(one, now),
            count=len(waiting.notes) + waiting.more_notes,
        )
        self._add(
            tr("Handed over by you, not received yet"),
            waiting.given,
            lambda one: self._given_row(one, now),
        )
        self.quiet = self._quiet() if waiting.quiet else None
        if self.quiet is not None:
            self._list.addWidget(self.quiet)
        self._list.addStretch(1)
        self.show_head(self._head)

    def show_head(self, found: WithdrawnInUse | IdleInUse | None) -> None:
        self._head = found
        if self.head is not None:
            self.head.show_head(found)
        if self.quiet is not None:
            self.quiet.setVisible(found is None)

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self.conflicts = self.head = self.quiet = None
        self._list.addWidget(Failure(explain(error), self.presenter.look))
        self._list.addStretch(1)

    def show_trouble(self, error: BaseException) -> None:
        self.tell_trouble(error)
        self.presenter.look()

    def tell_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    # --- sections ----------------------------------------------------------------------------

    def _add(
        self,
        title: str,
        things: Sequence[object],
        make: Callable[..., QWidget],
        more: tuple[str, Callable[[], object]] | None = None,
        *,
        count: int | None = None,
    ) -> None:
        """A section; nothing at all when there is nothing to show."""
        if not things:
            return
        every = button(more[0], "link", more[1]) if more else None
        many = len(things) if count is None else count
        self._list.addWidget(heading(title, many, every))
        self._list.addWidget(section([make(one) for one in things[:_ROWS_SHOWN]]))
        if many > _ROWS_SHOWN:
            left = many - _ROWS_SHOWN
            self._list.addWidget(label(tr("and {number} more").format(number=left), "small"))

    def _show_flows(self, flows: Sequence[OpenFlow], now: datetime) -> None:
        if not flows:
            return
        more = None
        if len(flows) > _FLOWS_SHOWN:
            more = button(tr("Show all on the worklist"), "link", self._go.show_worklist)
        self._list.addWidget(heading(tr("Safety steps to finish"), len(flows), more))
        for flow in flows[:_FLOWS_SHOWN]:
            self._list.addWidget(self._flow_card(flow, now))

    def _show_worklist(self, waiting: Waiting, now: datetime) -> None:
        total = (waiting.people or {}).get(None, 0)
        if all(one.reason is WorklistReason.SAFETY_OPEN for one in waiting.worklist):
            return  # these stand above, as cards
        more = button(tr("Open the worklist"), "link", self._go.show_worklist)
        self._list.addWidget(heading(tr("Worklist"), total, more))
        shown = [one for one in waiting.worklist if one.reason is not WorklistReason.SAFETY_OPEN]
        self._list.addWidget(section([self._person_row(one, now) for one in shown[:WORKLIST_ROWS]]))

    def _quiet(self) -> QFrame:
        holder, box = card()
        box.addWidget(
            Emptiness(
                "check",
                tr("Nothing is waiting"),
                tr("Find a patient or register a new one to begin."),
            )
        )
        return holder

    # --- rows --------------------------------------------------------------------------------

    def _flow_card(self, one: OpenFlow, now: datetime) -> QFrame:
        made = frame("edged")
        made.setAccessibleName(tr("Safety steps for {name}").format(name=one.patient.display_name))
        across = row(made, margin=2, gap=2)
        across.addWidget(picture("shield", 28, "danger"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(4)
        words.addWidget(label(one.patient.display_name, "heading"))
        if one.flow.state is SafetyState.HANDED_OVER:
            said = tr("Handed to {name}, who has not taken over yet.").format(
                name=one.flow.handed_to
            )
        else:
            said = tr(TRIGGER_SENTENCES[one.flow.trigger])
        words.addWidget(label(said))
        words.addWidget(
            label(tr("Open since {when}").format(when=near_text(one.flow.opened_at, now)), "small")
        )
        across.addLayout(words, 1)
        name = tr("Open the safety steps for {name}").format(name=one.patient.display_name)
        go = action(tr("Safety steps"), name, "primary", partial(self._open_flow, one))
        across.addWidget(go, 0, Qt.AlignmentFlag.AlignVCenter)
        return made

    def _handover_row(self, one: HandoverRow, now: datetime) -> QWidget:
        about = " · ".join(patient.display_name for patient in one.patients[:3])
        if len(one.patients) > 3:
            about += tr(" and {number} more").format(number=len(one.patients) - 3)
        given = near_text(one.handover.given_at, now)
        name = tr("Read and receive the handover from {name}").format(name=one.from_name)
        return entry(
            tr("From {name}").format(name=one.from_name),
            _first_line(words_of(one)),
            drawing="user",
            small=f"{given} · {about}" if about else given,
            buttons=[action(tr("Read…"), name, "primary", partial(self._receive, one))],
        )

    def _given_row(self, one: HandoverRow, now: datetime) -> QWidget:
        to = one.to_name or tr("whoever takes over next")
        return entry(
            tr("To {name}").format(name=to),
            _first_line(words_of(one)),
            drawing="clock",
            tone="muted",
            small=near_text(one.handover.given_at, now),
        )

    def _person_row(self, one: WorklistRow, now: datetime) -> QWidget:
        drawing, tone = DRAWINGS[one.reason]
        waits = tr("Waiting: {time}").format(time=waiting_text(one.waiting_since, now))
        name = tr("Open the record of {name}").format(name=one.display_name)
        return entry(
            one.display_name,
            why_text(one),
            drawing=drawing,
            tone=tone,
            small=waits,
            buttons=[action(tr("Open"), name, "", partial(self._go.show_patient, one.patient_id))],
        )

    def _appointment_row(self, one: AppointmentRow) -> QWidget:
        booked = one.appointment
        clash = booked.state is AppointmentState.APPROVED and booked.conflicting
        buttons = []
        if one.patient is not None:
            name = tr("Open the record of {name}").format(name=one.patient_name)
            go = partial(self._go.show_patient, one.patient.id)
            buttons.append(action(tr("Record", "noun"), name, "", go))
        return entry(
            one.patient_name or tr("A record that is not on this laptop yet"),
            appointment_words(one),
            lead=appointment_times(one),
            alarm=tr("Overlaps another booking") if clash else "",
            buttons=buttons,
        )

    def _task_row(self, one: TaskRow) -> QWidget:
        due = due_text(one, local_day(utc_now()))
        buttons = []
        if one.patient is not None:
            name = tr("Open the record of {name}").format(name=one.patient.display_name)
            go = partial(self._go.show_patient, one.patient.id)
            buttons.append(action(tr("Record", "noun"), name, "quiet", go))
        done = tr("“{title}” is done").format(title=one.task.title)
        finish = partial(self.presenter.finish_task, one.task.id)
        buttons.append(action(tr("Done"), done, "", finish))
        return entry(
            one.task.title,
            one.patient.display_name if one.patient else "",
            drawing="alert" if one.overdue else "today",
            tone="danger" if one.overdue else "accent",
            alarm=due if one.overdue else "",
            small="" if one.overdue else due,
            buttons=buttons,
        )

    def _draft_row(self, one: DraftRow, now: datetime, pinned: bool) -> QWidget:
        when = tr("Last change {when}").format(when=near_text(one.draft.changed_at, now))
        if pinned:
            when = f"{when} · {tr('safety steps come first')}"
        whose = one.patient.display_name
        return entry(
            whose,
            progress_of(one.draft, self._asked),
            drawing="screening",
            small=when,
            buttons=[
                action(
                    tr("Record", "noun"),
                    tr("Open the record of {name}").format(name=whose),
                    "quiet",
                    partial(self._go.show_patient, one.draft.patient_id),
                ),
                action(
                    tr("Continue"),
                    tr("Continue the screening of {name}").format(name=whose),
                    "",
                    partial(self._go.show_screening, one.draft.id),
                ),
            ],
        )

    def _note_row(self, one: NoteRow, now: datetime) -> QWidget:
        name = tr("Open the note about {name}").format(name=one.patient.display_name)
        written = near_text(one.note.written_at, now)
        return entry(
            one.patient.display_name,
            tr("A draft, not signed"),
            drawing="pen",
            small=tr("Written {when}").format(when=written),
            buttons=[
                action(tr("Open"), name, "", partial(self._go.show_patient, one.note.patient_id))
            ],
        )

    # --- what is pressed ---------------------------------------------------------------------

    @property
    def _go(self) -> Navigator:
        return self._workspace.navigator

    def _open_flow(self, one: OpenFlow) -> None:
        self._go.show_safety(one.flow.id, one.flow.patient_id)

    def _hand_over(self) -> None:
        def given(_: object) -> None:
            self._workspace.notices.tell(tr("Handed over. You see here when it is received."))
            self.presenter.look()

        open_handover(self, self._workspace, given)

    def _receive(self, one: HandoverRow) -> None:
        def received(_: object) -> None:
            self._workspace.notices.tell(tr("The handover is received."))
            self.presenter.look()

        ReceiptSheet(self, self._workspace, one, received)


def _first_line(text: str) -> str:
    line = next((one for one in text.splitlines() if one.strip()), "")
    return line if len(line) <= 140 else line[:139] + "…"
