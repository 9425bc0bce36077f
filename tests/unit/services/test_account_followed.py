"""A round brings that who is at work here was switched off, or given another role, elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, NotSignedIn
from clinic_app.domain.forms import FormKind
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.session import SessionState
from clinic_app.services.staff import StaffChange
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.services.tasks import NewTask
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic
from tests.fakes.sync import JOINED


def brings(clinic: FakeClinic, **changes: object) -> None:
    """The next round changes the account of who is at work."""
    clinic.sync.now = JOINED

    def write() -> None:
        with clinic.store.unit_of_work() as work:
            work.users.save(replace(clinic.services.session.user, **changes))  # type: ignore[arg-type]
            work.commit()

    clinic.sync.brings = write


@pytest.mark.parametrize("cut", [False, True])
def test_an_account_switched_off_elsewhere_does_nothing_more_after_the_round(
    clinic: FakeClinic, *, cut: bool
) -> None:
    patient = clinic.add_patient()
    services = clinic.services
    note = services.notes.write(patient.id, "Sleeps better")
    brings(clinic, active=False)
    if cut:
        clinic.sync.fails_with = CentreUnreachable("The line was cut.")
        with pytest.raises(CentreUnreachable):
            services.sync.round()
    else:
        services.sync.round()
    assert services.session.state is SessionState.LOCKED
    tables = clinic.store.tables
    for attempt in (
        lambda: services.patients.get(patient.id),
        lambda: services.tasks.add(NewTask("Call back")),
        lambda: services.notes.sign(note.id, PASSWORD),
        lambda: services.notes.discard(note.id),
        lambda: services.clinic.hand_over(patient.id),
        services.sync.round,
        services.sync.status,
    ):
        with pytest.raises(NotSignedIn, match="switched off"):
            attempt()
    assert clinic.store.tables.changed_since(tables) == {"audit"}


def test_what_was_typed_is_kept_until_the_window_locks_and_no_longer(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    services = clinic.services
    note = services.notes.write(patient.id, "Sleeps")
    draft = services.screenings.start(patient.id)
    brings(clinic, active=False)
    services.sync.round()
    services.notes.edit(note.id, "Sleeps better")
    services.notes.write(patient.id, "Another")
    services.forms.keep(FormKind.INTERVENTION, patient.id, {"text": "Walks"})
    services.screenings.judge(draft.id, ClinicianSeverity.MILD, "Calm")
    services.clinic.lock()
    with pytest.raises(NotSignedIn, match="switched off"):
        services.notes.edit(note.id, "Sleeps badly")
    with pytest.raises(NotSignedIn, match="switched off"):
        services.forms.keep(FormKind.INTERVENTION, patient.id, {"text": "Runs"})
    assert clinic.store.tables.notes[note.id].text == "Sleeps better"
    with pytest.raises(NotSignedIn, match="switched off"):
        services.clinic.resume(PASSWORD)


def test_a_round_that_comes_amid_unlocking_is_not_overlooked(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = clinic.services
    services.clinic.lock()
    brings(clinic, active=False)
    turn, turns = clinic.store.begin, 0

    def begin() -> None:
        nonlocal turns
        turns += 1
        if turns == 2:  # between reading the account and whatever comes after it
            services.sync.round()
        turn()

    monkeypatch.setattr(clinic.store, "begin", begin)
    services.clinic.resume(PASSWORD)
    if turns == 1:  # nothing could come in between, so it comes now
        services.sync.round()
    assert services.session.state is SessionState.LOCKED
    with pytest.raises(NotSignedIn, match="switched off"):
        services.staff.names()


def test_a_role_taken_away_locks_and_holds_after_the_password(clinic: FakeClinic) -> None:
    services = clinic.services
    brings(clinic, role=Role.COUNSELOR)
    services.sync.round()
    assert services.session.state is SessionState.LOCKED
    services.clinic.lock()
    services.clinic.resume(PASSWORD)
    assert services.session.state is SessionState.ACTIVE
    with pytest.raises(AccessDenied):
        services.staff.everybody()
    assert services.staff.names()


def test_a_role_taken_away_behind_the_usual_lock_holds_after_the_password(
    clinic: FakeClinic,
) -> None:
    clinic.services.clinic.lock()
    brings(clinic, role=Role.COUNSELOR)
    clinic.services.sync.round()
    clinic.services.clinic.resume(PASSWORD)
    with pytest.raises(AccessDenied):
        clinic.services.staff.everybody()


def test_another_name_or_number_alone_does_not_lock(clinic: FakeClinic) -> None:
    brings(clinic, display_name="Amina D.", phone="12")
    clinic.services.sync.round()
    assert clinic.services.session.state is SessionState.ACTIVE
    assert clinic.services.session.user.display_name == "Amina D."


@pytest.mark.parametrize(
    "change", [{"active": False}, {"role": Role.COUNSELOR}], ids=["switched off", "another role"]
)
def test_a_patient_goes_on_answering_and_the_account_is_read_when_the_laptop_is_back(
    clinic: FakeClinic, change: dict[str, object]
) -> None:
    patient = clinic.add_patient()
    services = clinic.services
    draft = services.screenings.start(patient.id)
    services.clinic.hand_over(patient.id)
    brings(clinic, **change)
    services.sync.round()
    services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.PATIENT)
    services.clinic.resume(PASSWORD)
    if "role" in change:
        assert len(services.safety.unfinished()) == 1
        with pytest.raises(AccessDenied):
            services.staff.everybody()
    else:
        assert services.session.state is SessionState.LOCKED
        with pytest.raises(NotSignedIn, match="switched off"):
            services.safety.unfinished()
        assert clinic.store.tables.safety  # the answer opened the steps all the same


def test_an_administrator_who_gives_the_role_away_is_none_from_then_on(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.ADMINISTRATOR)
    services = clinic.services
    me = services.session.user
    services.staff.edit(me.id, StaffChange(me.display_name, Role.DOCTOR), PASSWORD)
    with pytest.raises(NotSignedIn):
        services.staff.everybody()
    services.clinic.resume(PASSWORD)
    with pytest.raises(AccessDenied):
        services.staff.everybody()
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_the_key_of_a_colleague_who_was_switched_off_elsewhere_goes_with_the_round(
    clinic: FakeClinic,
) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.sync.now = JOINED

    def write() -> None:
        with clinic.store.unit_of_work() as work:
            work.users.save(replace(colleague, active=False))
            work.commit()

    clinic.sync.brings = write
    assert set(clinic.vault.slots) == {USER, COLLEAGUE}
    clinic.services.sync.round()
    assert set(clinic.vault.slots) == {USER}


def test_the_own_key_stays_until_the_laptop_is_back_from_a_patient(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.services.clinic.hand_over(clinic.add_patient().id)
    brings(clinic, active=False)
    clinic.services.sync.round()
    clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.session.patient_at_laptop is None
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    assert set(clinic.vault.slots) == {COLLEAGUE}
