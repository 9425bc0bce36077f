"""Reads what waits on this workstation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.screening import Draft
from clinic_app.domain.worklist import WorklistFilter, WorklistReason, WorklistRow
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.handovers import HandoverRow
from clinic_app.services.learning_data import IdleInUse, WithdrawnInUse
from clinic_app.services.safety import OpenFlow
from clinic_app.services.tasks import TaskRow
from clinic_app.services.timeline import DraftRow
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.pressed import Pressed
from clinic_app.ui.strings import tr

WORKLIST_ROWS = 8
"""How many of the worklist the first screen of a doctor shows."""
NOTES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class NoteRow:
    note: Note
    patient: Patient


@dataclass(frozen=True, slots=True)
class Waiting:
    """``flows`` oldest first, ``drafts`` and ``notes`` newest change first.

    ``handovers`` wait for one's own receipt, ``given`` are one's own that nobody has received.
    ``tasks`` are one's own, due or overdue. ``people`` counts the worklist: everybody, and those
    with each reason; ``asked`` are the questionnaires that the clinic asks.
    """

    flows: tuple[OpenFlow, ...] = ()
    handovers: tuple[HandoverRow, ...] = ()
    appointments: tuple[AppointmentRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    more_notes: int = 0
    given: tuple[HandoverRow, ...] = ()
    worklist: tuple[WorklistRow, ...] = ()
    people: Mapping[WorklistReason | None, int] | None = None
    asked: tuple[InstrumentName, ...] = tuple(InstrumentName)

    @property
    def quiet(self) -> bool:
        """Whether nothing waits for the person at the desk."""
        return not (
            self.flows
            or self.handovers
            or self.appointments
            or self.tasks
            or self.drafts
            or self.notes
            or self.given
        )


class TodayView(Protocol):
    def show_waiting(self, waiting: Waiting) -> None: ...
    def show_head(self, found: WithdrawnInUse | IdleInUse | None) -> None:
        """Told to administrators alone."""

    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def tell_trouble(self, error: BaseException) -> None:
        """Once; nothing is read again."""


class TodayPresenter:
    def __init__(
        self, view: TodayView, services: ClinicServices, jobs: Jobs, *, worklist_first: bool = False
    ) -> None:
        self._view = view
        self._services = services
        self._jobs = jobs
        self._worklist_first = worklist_first
        self._latest = 0
        self._pressed = Pressed()

    def look(self) -> None:
        """Read again; an older, slower answer is dropped."""
        self._latest = asked = self._latest + 1

        def show(waiting: Waiting) -> None:
            if asked == self._latest:
                self._pressed.shown()
                self._view.show_waiting(waiting)
                self._look_at_heads()

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, self._read, done=show, failed=fail)

    def _look_at_heads(self) -> None:
        """The consents of a large clinic take a second: the rest of the page is shown before."""
        if allows(self._services.session.user.role, Action.FIT_HEAD):
            self._jobs.submit(
                Lane.FILES,
                self._head_in_use,
                done=self._view.show_head,
                failed=self._view.tell_trouble,
            )

    def _head_in_use(self) -> WithdrawnInUse | IdleInUse | None:
        learning = self._services.learning
        return learning.withdrawn_in_use() or learning.idle_in_use()

    def finish_task(self, task_id: UUID) -> None:
        """Tick a task off, then read again."""
        if not self._pressed.take(task_id):
            return

        def done(_: object) -> None:
            self._pressed.stored(task_id)
            self.look()

        def fail(error: BaseException) -> None:
            self._pressed.refused(task_id)
            self._view.show_trouble(error)

        self._jobs.submit(
            Lane.DATABASE, lambda: self._services.tasks.finish(task_id), done=done, failed=fail
        )

    def _read(self) -> Waiting:
        services = self._services
        me = services.session.user.id
        unsigned = services.notes.unsigned()
        shown = unsigned[:NOTES_SHOWN]
        people = {one: services.patients.get(one) for one in {note.patient_id for note in shown}}
        recent = services.handovers.newest().rows
        worklist = services.worklist
        flows = tuple(services.safety.unfinished())
        wide = min(WORKLIST_ROWS + len(flows), 200)  # the open flows come first on the list as well
        return Waiting(
            flows=flows,
            handovers=tuple(services.handovers.waiting()),
            appointments=tuple(services.appointments.today()),
            tasks=tuple(services.tasks.mine(until=services.tasks.today())),
            drafts=tuple(services.timeline.unfinished()),
            notes=tuple(NoteRow(note, people[note.patient_id]) for note in shown),
            more_notes=len(unsigned) - len(shown),
            given=tuple(
                row for row in recent if row.handover.open and row.handover.from_user == me
            ),
            asked=services.clinic.profile().instruments,
            worklist=worklist.page(limit=wide).rows if self._worklist_first else (),
            people={
                reason: worklist.count(WorklistFilter(reason=reason))
                for reason in (None, WorklistReason.SAFETY_OPEN, WorklistReason.NOT_ASSESSED)
            },
        )


def progress_of(draft: Draft, asked: Collection[InstrumentName] = tuple(InstrumentName)) -> str:
    """What a draft holds so far and what it still needs of what the clinic asks, in a few words."""
    parts = []
    for instrument in INSTRUMENTS.values():
        sheet = draft.sheet(instrument.name)
        if sheet is None and instrument.name not in asked:
            continue
        if sheet is None:
            parts.append(tr("{questionnaire} to do").format(questionnaire=instrument.title))
        elif sheet.completed_at is not None:
            parts.append(tr("{questionnaire} done").format(questionnaire=instrument.title))
        else:
            given = sum(value is not None for value in sheet.answers)
            parts.append(
                tr("{questionnaire} {given} of {all}").format(
                    questionnaire=instrument.title, given=given, all=len(sheet.answers)
                )
            )
    if draft.finding is not None:
        parts.append(tr("picture taken"))
    if draft.judgement is not None:
        parts.append(tr("judgement recorded"))
    return " · ".join(parts)
