"""What stands beside the timeline, and who may do what of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.access import Action, allows
from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.errors import AccessDenied, ClinicError, NotSignedIn
from clinic_app.domain.ids import new_id
from clinic_app.domain.paging import Position
from clinic_app.domain.people import Role
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.schedule import Slot
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.tasks import Task
from clinic_app.services.clinic_services import ClinicServices
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.unit.services.calling import refusals

TODAY = START.date()
Call = Callable[[ClinicServices, UUID], object]

CALLS: dict[str, tuple[Action, Call]] = {
    "page": (Action.SEE_NOTES, lambda s, i: s.pages.of_patient(i)),
    "older": (
        Action.SEE_SCREENINGS,
        lambda s, i: s.timeline.older_screenings(i, Position(START, i)),
    ),
    "headings": (Action.WRITE_NOTE, lambda s, i: s.notes.headings("progress")),
    "note": (Action.SEE_NOTES, lambda s, i: s.notes.get(i)),
    "unsigned": (Action.WRITE_NOTE, lambda s, i: s.notes.unsigned()),
    "discard": (Action.WRITE_NOTE, lambda s, i: s.notes.discard(i)),
    "kinds": (Action.RECORD_INTERVENTION, lambda s, i: s.interventions.kinds()),
    "add": (Action.RECORD_INTERVENTION, lambda s, i: s.interventions.add(i, "x", TODAY)),
    "interventions": (Action.SEE_NOTES, lambda s, i: s.interventions.of_patient(i)),
    "judge": (
        Action.REVIEW_SCREENING,
        lambda s, i: s.reviews.judge(i, ClinicianSeverity.MILD),
    ),
    "reveal": (Action.REVIEW_SCREENING, lambda s, i: s.reviews.reveal(i)),
    "conclude": (Action.REVIEW_SCREENING, lambda s, i: s.reviews.conclude(i, Verdict.AGREE)),
    "own reviews": (Action.REVIEW_SCREENING, lambda s, i: s.reviews.unfinished()),
    "review": (Action.SEE_SCREENINGS, lambda s, i: s.reviews.get(i)),
    "reviews": (Action.SEE_SCREENINGS, lambda s, i: s.reviews.of_patient(i)),
    "reviews of screening": (Action.SEE_SCREENINGS, lambda s, i: s.reviews.of_screening(i)),
    "agreement": (Action.SEE_MODELS, lambda s, i: s.reviews.agreement()),
    "suggestions": (Action.MERGE_PATIENTS, lambda s, i: s.merges.suggestions()),
    "compare": (Action.MERGE_PATIENTS, lambda s, i: s.merges.compare(i, i)),
    "merge": (Action.MERGE_PATIENTS, lambda s, i: s.merges.merge(i, i, "why")),
    "undo": (Action.MERGE_PATIENTS, lambda s, i: s.merges.undo(i, "why")),
    "merges": (Action.SEE_PATIENTS, lambda s, i: s.merges.history(i)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_patient_at_the_laptop_is_refused_and_nothing_but_the_trail_changes(
    clinic: FakeClinic, name: str
) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.hand_over(patient.id)
    before, tables = refusals(clinic), clinic.store.tables
    with pytest.raises(AccessDenied):
        CALLS[name][1](clinic.services, patient.id)
    assert refusals(clinic) == before + 1
    assert clinic.store.tables.changed_since(tables) == {"audit"}


@pytest.mark.parametrize("name", CALLS)
def test_behind_the_lock_nothing_can_be_done(clinic: FakeClinic, name: str) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        CALLS[name][1](clinic.services, patient.id)


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", CALLS)
def test_the_table_of_access_decides(clinic: FakeClinic, role: Role, name: str) -> None:
    patient = clinic.add_patient()
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    action, call = CALLS[name]
    try:
        call(services, patient.id)
        refused = False
    except AccessDenied:
        refused = True
    except ClinicError:  # allowed, but there is no such note, review or screening
        refused = False
    assert refused is not allows(role, action)


def test_overdue_tasks_conflicts_and_second_records_are_named(clinic: FakeClinic) -> None:
    patient = clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7))
    twin = clinic.add_patient("Okonkwo", "Ngosi", date(1984, 3, 7))
    me = clinic.services.session.user.id
    late = Task(
        new_id(), "Call", me, START, due_on=TODAY - timedelta(days=1), patient_id=patient.id
    )
    due = Task(new_id(), "Write", me, START, due_on=TODAY, patient_id=patient.id)
    booked = [new_id(), new_id()]
    with clinic.store.unit_of_work() as work:
        for task in (late, due):
            work.tasks.add(task)
        for number, appointment in enumerate(booked):
            slot = Slot(START + timedelta(days=1, minutes=20 * number), "UTC", 50, me)
            for kind in (AppointmentEventKind.REQUESTED, AppointmentEventKind.APPROVED):
                work.appointments.add(
                    AppointmentEvent(new_id(), appointment, patient.id, kind, START, me, slot=slot)
                )
        work.commit()
    page = clinic.services.pages.of_patient(patient.id)
    assert page.overdue == (late,)
    assert {one.id for one in page.conflicts} == set(booked)
    assert page.lookalikes == (twin,)
