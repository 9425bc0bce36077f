"""A key says whose it is: two laptops may have made accounts of one name before they met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import NotSignedIn, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from tests.fakes import people
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic
from tests.fakes.sync import JOINED

NEW = "another quiet lamp"


def namesake(clinic: FakeClinic, **changes: Any) -> StaffUser:
    """An account of the administrator's user name that another laptop made."""
    other = StaffUser(new_id(), USER, "Another Amina", Role.DOCTOR, **changes)
    with clinic.store.unit_of_work() as work:
        work.users.add(other)
        work.commit()
    return other


def arrives(clinic: FakeClinic, user: StaffUser, **changes: Any) -> None:
    """A change from another laptop, by a round."""
    with clinic.store.unit_of_work() as work:
        work.users.save(replace(work.users.get(user.id), **changes))
        work.commit()


@pytest.fixture
def other_administrator(clinic: FakeClinic) -> FakeClinic:
    """At work is a colleague who may switch the first account off."""
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.ADMINISTRATOR)
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    return clinic


def amina(clinic: FakeClinic) -> StaffUser:
    with clinic.store.unit_of_work() as work:
        found = work.users.by_user_name(USER)
    assert found is not None
    return found


def test_an_account_of_a_doubled_name_that_is_switched_on_gets_a_key_that_opens(
    other_administrator: FakeClinic,
) -> None:
    clinic = other_administrator
    first, other = amina(clinic), namesake(clinic, active=False)
    clinic.services.staff.disable(first.id, COLLEAGUE_PASSWORD)
    clinic.services.staff.enable(other.id, NEW, COLLEAGUE_PASSWORD)
    assert clinic.sign_in(USER, NEW).session.user.id == other.id
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)  # which tidies keys away
    assert clinic.sign_in(USER, NEW).session.user.id == other.id
    with pytest.raises(WrongPassword):
        clinic.sign_in(USER, PASSWORD)


def test_a_key_left_behind_opens_no_account_of_the_same_name(clinic: FakeClinic) -> None:
    first = amina(clinic)
    namesake(clinic, active=True)
    arrives(clinic, first, active=False)
    with pytest.raises(NotSignedIn, match="switched off"):
        clinic.sign_in(USER, PASSWORD)


def test_a_key_left_behind_gives_way_to_the_account_that_is_switched_on(
    other_administrator: FakeClinic,
) -> None:
    clinic = other_administrator
    first, other = amina(clinic), namesake(clinic, active=True)
    staff = clinic.services.staff
    with pytest.raises(WrongState, match="same user name"):
        staff.set_password(other.id, NEW, COLLEAGUE_PASSWORD)
    arrives(clinic, first, active=False)
    staff.set_password(other.id, NEW, COLLEAGUE_PASSWORD)
    assert clinic.sign_in(USER, NEW).session.user.id == other.id


def test_switching_off_an_account_leaves_the_key_of_its_namesake(
    other_administrator: FakeClinic,
) -> None:
    clinic = other_administrator
    other = namesake(clinic, active=True)
    clinic.services.staff.disable(other.id, COLLEAGUE_PASSWORD)
    assert clinic.sign_in().session.user.display_name == "Amina Diallo"


def test_a_key_of_an_earlier_program_says_whose_it_is_after_the_next_sign_in(
    clinic: FakeClinic,
) -> None:
    clinic.vault.owners[USER] = None
    user = clinic.sign_in().session.user
    assert clinic.vault.key_owners() == {USER: user.id}


def test_the_password_of_a_namesake_proves_nothing(clinic: FakeClinic) -> None:
    other = namesake(clinic, active=True)
    clinic.services.clinic.lock()
    clinic.vault.add_slot(USER, NEW, other.id)
    with pytest.raises(WrongPassword, match="another account"):
        clinic.services.clinic.resume(NEW)


def test_the_steps_are_taken_over_by_whom_the_key_names(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    screening = clinic.services.screenings.start(patient.id)
    first = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    second = replace(first, id=new_id(), display_name="Tomas Elsewhere", active=True)
    with clinic.store.unit_of_work() as work:
        work.users.add(second)
        work.commit()
    clinic.vault.add_slot(COLLEAGUE, NEW, second.id)
    flow = clinic.services.safety.raise_concern(patient.id, screening.id)
    clinic.services.safety.hand_over(flow.id, second.id)
    clinic.services.safety.acknowledge(flow.id, COLLEAGUE, NEW)
    assert not clinic.services.safety.unfinished()


def test_the_recovery_key_helps_the_administrator_of_two_accounts_of_one_name(
    clinic: FakeClinic,
) -> None:
    first = amina(clinic)
    other = namesake(clinic, active=True)
    arrives(clinic, other, role=Role.ADMINISTRATOR)
    arrives(clinic, first, active=False)
    services = clinic.front_door.recover(USER, clinic.recovery_key, NEW)
    assert services.session.user.id == other.id
    assert clinic.sign_in(USER, NEW).session.user.id == other.id


def test_a_round_reads_the_keys_once_however_many_have_left(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sync.now = JOINED
    for number in range(5):
        clinic.add_staff(f"gone{number}", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    clinic.services.sync.round()
    assert set(clinic.vault.slots) == {USER}
    asked: list[str] = []
    owners = clinic.vault.key_owners
    monkeypatch.setattr(clinic.vault, "key_owners", lambda: asked.append("read") or owners())
    monkeypatch.setattr(clinic.vault, "remove_slot", lambda *_: asked.append("remove"))
    clinic.services.sync.round()
    assert asked == ["read"]


def test_a_key_is_removed_before_its_account_can_be_switched_on_again(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another thread, by who is at work: the new key would go with the old one."""
    clinic.sync.now = JOINED
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    removed: list[str] = []

    def remove_slot(user_name: str, account: UUID | None = None) -> None:
        with pytest.raises(AssertionError, match="inside another"):
            clinic.store.unit_of_work().__enter__()
        removed.append(user_name)

    monkeypatch.setattr(clinic.vault, "remove_slot", remove_slot)
    clinic.services.sync.round()
    assert removed == [COLLEAGUE]


def test_an_account_that_was_renamed_elsewhere_takes_nobodys_key(clinic: FakeClinic) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.vault.owners[COLLEAGUE] = None  # of an earlier program
    arrives(clinic, amina(clinic), user_name=COLLEAGUE)
    assert clinic.sign_in().session.user.user_name == COLLEAGUE
    arrives(clinic, clinic.services.session.user, user_name=USER)
    assert clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).session.user.id == colleague.id


def test_an_account_that_was_renamed_elsewhere_can_be_unlocked_with_its_password(
    clinic: FakeClinic,
) -> None:
    arrives(clinic, amina(clinic), user_name="amina.d")
    clinic.sign_in()
    clinic.services.clinic.lock()
    clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.staff.everybody()


def test_a_wrong_password_is_written_down_for_who_is_at_work_and_for_no_namesake(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, at_work = namesake(clinic, active=True), clinic.services.session.user
    monkeypatch.setattr(people.Users, "by_user_name", lambda *_: other)
    clinic.services.clinic.lock()
    with pytest.raises(WrongPassword):
        clinic.services.clinic.resume("wrong-password-1")
    failed = clinic.store.tables.audit[-1]
    assert (failed.kind, failed.subject_id) == (AuditKind.SIGN_IN_FAILED, at_work.id)
