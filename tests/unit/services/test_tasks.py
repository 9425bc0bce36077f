"""Tasks: owner, due date, done, cancelled, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.services.meanwhile import form_of
from clinic_app.services.session import SessionState
from clinic_app.services.tasks import NewTask
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.clock import START

TODAY = START.date()


@pytest.fixture
def me(clinic: FakeClinic) -> UUID:
    return clinic.services.session.user.id


def titles(clinic: FakeClinic, *, owner: UUID | None = None, overdue: bool = False) -> list[str]:
    rows = clinic.services.tasks.open(owner=owner, overdue=overdue)
    return [row.task.title for row in rows]


def test_open_tasks_come_by_their_day_those_without_one_last(clinic: FakeClinic) -> None:
    tasks = clinic.services.tasks
    for title, due in (("c", None), ("b", TODAY), ("a", TODAY - timedelta(days=1))):
        tasks.add(NewTask(title, due_on=due))
    assert titles(clinic) == ["a", "b", "c"]


def test_a_task_is_overdue_from_the_day_after_its_day(clinic: FakeClinic) -> None:
    tasks = clinic.services.tasks
    tasks.add(NewTask("due today", due_on=TODAY))
    tasks.add(NewTask("due yesterday", due_on=TODAY - timedelta(days=1)))
    assert titles(clinic, overdue=True) == ["due yesterday"]
    clinic.clock.advance(days=1)
    assert titles(clinic, overdue=True) == ["due yesterday", "due today"]


def test_the_day_of_the_clinic_decides_not_the_one_of_greenwich(clinic: FakeClinic) -> None:
    def day_in(zone: str) -> date:
        with clinic.store.unit_of_work() as work:
            work.clinic.save(replace(work.clinic.get(), time_zone=zone))
            work.commit()
        return clinic.services.tasks.today()

    assert day_in("Pacific/Kiritimati") - day_in("Pacific/Pago_Pago") == timedelta(days=1)


def test_ones_own_tasks_are_told_from_those_of_others(clinic: FakeClinic, me: UUID) -> None:
    other = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    tasks = clinic.services.tasks
    tasks.add(NewTask("mine", owner=me, due_on=TODAY))
    tasks.add(NewTask("mine some day", owner=me, due_on=TODAY + timedelta(days=9)))
    tasks.add(NewTask("theirs", owner=other.id))
    tasks.add(NewTask("nobody's"))
    assert [row.task.title for row in tasks.mine()] == ["mine", "mine some day"]
    assert [row.task.title for row in tasks.mine(until=TODAY)] == ["mine"]
    assert {row.owner_name for row in tasks.open(owner=other.id)} == {"Tomas"}


def test_done_and_cancelled_tasks_leave_the_list_and_come_back(clinic: FakeClinic) -> None:
    tasks = clinic.services.tasks
    first, second = tasks.add(NewTask("call")), tasks.add(NewTask("write"))
    me = clinic.services.session.user.id
    assert (tasks.finish(first.id).done_by, tasks.cancel(second.id).cancelled_by) == (me, me)
    assert titles(clinic) == []
    with pytest.raises(WrongState):
        tasks.cancel(first.id)
    with pytest.raises(WrongState):
        tasks.change(second.id, NewTask("write a letter"))
    tasks.reopen(first.id)
    assert titles(clinic) == ["call"]


def test_an_open_task_is_corrected(clinic: FakeClinic, me: UUID) -> None:
    tasks = clinic.services.tasks
    task = tasks.add(NewTask("call", owner=me))
    patient = clinic.add_patient()
    new = NewTask("  call   back ", "about Friday", None, TODAY, patient.id)
    changed = tasks.change(task.id, new)
    assert (changed.title, changed.detail) == ("call back", "about Friday")
    assert (changed.owner, changed.due_on, changed.patient_id) == (None, TODAY, patient.id)
    assert [row.patient for row in tasks.open()] == [patient]


def test_the_tasks_of_a_person_keep_the_finished_ones(clinic: FakeClinic) -> None:
    tasks, patient = clinic.services.tasks, clinic.add_patient()
    done = tasks.add(NewTask("done", patient_id=patient.id))
    tasks.add(NewTask("open", patient_id=patient.id))
    tasks.add(NewTask("of nobody"))
    tasks.finish(done.id)
    assert [row.task.title for row in tasks.of_patient(patient.id)] == ["open", "done"]
    with pytest.raises(NotFound):
        tasks.of_patient(new_id())


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (lambda: NewTask(" \n "), "title"),
        (lambda: NewTask("x" * 121), "title"),
        (lambda: NewTask("call", owner=new_id()), "owner"),
    ],
)
def test_a_task_that_does_not_fit_is_not_stored(
    clinic: FakeClinic, new: Callable[[], NewTask], field: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        clinic.services.tasks.add(new())
    assert error.value.field == field
    assert titles(clinic) == []


def test_nobody_gets_a_task_who_does_not_work_here_any_more(clinic: FakeClinic) -> None:
    gone = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    assert gone.id not in [user.id for user in clinic.services.tasks.owners()]
    with pytest.raises(InvalidInput):
        clinic.services.tasks.add(NewTask("call", owner=gone.id))
    with pytest.raises(NotFound):
        clinic.services.tasks.add(NewTask("call", patient_id=new_id()))


def test_what_is_done_with_a_task_is_audited_without_its_words(clinic: FakeClinic) -> None:
    tasks = clinic.services.tasks
    task = tasks.add(NewTask("Unmistakable words", due_on=date(2026, 5, 1)))
    tasks.finish(task.id)
    tasks.open()
    trail = [entry for entry in clinic.store.tables.audit if "task" in entry.subject]
    kinds = [entry.kind for entry in trail]
    assert kinds == [AuditKind.CREATED, AuditKind.CHANGED, AuditKind.READ]
    assert not any("Unmistakable" in entry.detail for entry in trail)


@pytest.mark.parametrize("call", ["open", "add", "finish", "of_patient", "owners"])
def test_a_patient_with_the_laptop_reaches_no_task(clinic: FakeClinic, call: str) -> None:
    patient = clinic.add_patient()
    task = clinic.services.tasks.add(NewTask("call", patient_id=patient.id))
    clinic.services.session.hand_over(patient.id)
    assert clinic.services.session.state is SessionState.HANDED_OVER
    given = {"add": (NewTask("x"),), "finish": (task.id,), "of_patient": (patient.id,)}
    with pytest.raises(AccessDenied):
        getattr(clinic.services.tasks, call)(*given.get(call, ()))


def test_an_owner_who_came_from_elsewhere_while_a_form_lay_open_stays(clinic: FakeClinic) -> None:
    task = clinic.services.tasks.add(NewTask("Call the school"))
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    with clinic.store.unit_of_work() as work:  # as a round brings it from another laptop
        work.tasks.save(replace(task, owner=colleague.id, detail="Before noon"))
        work.commit()
    seen = form_of(NewTask, task)
    wanted = replace(seen, title="Call the school today")
    after = clinic.services.tasks.change(task.id, wanted, over=seen)
    assert (after.title, after.detail) == ("Call the school today", "Before noon")
    assert after.owner == colleague.id
