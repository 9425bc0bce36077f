"""Accounts of the staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from clinic_app.domain.site import PasswordPolicy
from clinic_app.services.meanwhile import form_of
from clinic_app.services.staff import NewStaff, StaffChange
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic

TOMAS = NewStaff(COLLEAGUE, "Tomas Vaz", Role.DOCTOR, COLLEAGUE_PASSWORD)


def test_a_new_colleague_can_sign_in(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    assert services.session.user == user
    assert services.staff.names()[user.id] == "Tomas Vaz"


def test_a_colleague_without_a_name_is_called_by_the_user_name(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(replace(TOMAS, display_name=" "), PASSWORD)
    assert user.display_name == COLLEAGUE


@pytest.mark.parametrize(
    ("name", "role", "password", "field"),
    [
        (USER.upper(), Role.DOCTOR, COLLEAGUE_PASSWORD, "user_name"),
        ("a b", Role.DOCTOR, COLLEAGUE_PASSWORD, "user_name"),
        (COLLEAGUE, Role.PATIENT, COLLEAGUE_PASSWORD, "role"),
        (COLLEAGUE, Role.DOCTOR, "short", "password"),
    ],
)
def test_an_account_that_cannot_be_made_is_named_and_not_made(
    clinic: FakeClinic, name: str, role: Role, password: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        clinic.services.staff.add(NewStaff(name, "", role, password), PASSWORD)
    assert caught.value.field == field
    assert [user.user_name for user in clinic.services.staff.everybody()] == [USER]


def test_the_administrators_password_is_asked_for_again(clinic: FakeClinic) -> None:
    with pytest.raises(WrongPassword):
        clinic.services.staff.add(TOMAS, "not the password")
    assert [user.user_name for user in clinic.services.staff.everybody()] == [USER]
    assert COLLEAGUE not in clinic.vault.slots


def test_only_administrators_make_accounts(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.staff.add(replace(TOMAS, user_name="third"), COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.staff.everybody()
    assert set(services.staff.names().values()) == {"Amina Diallo", "Tomas"}


def test_an_administrator_gives_a_colleague_a_new_password(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    del clinic.vault.slots[COLLEAGUE]  # as after a crash between the account and its key
    new = "orange-window-tide"
    with pytest.raises(WrongPassword):
        clinic.services.staff.set_password(user.id, new, "not the password")
    with pytest.raises(InvalidInput):
        clinic.services.staff.set_password(user.id, "short", PASSWORD)
    clinic.services.staff.set_password(user.id, new, PASSWORD)
    entry = clinic.store.tables.audit[-1]
    assert (entry.subject_id, entry.detail) == (user.id, "password")
    with pytest.raises(AccessDenied):
        clinic.sign_in(COLLEAGUE, new).staff.set_password(user.id, new, new)


def administrator(clinic: FakeClinic) -> StaffUser:
    return next(user for user in clinic.services.staff.everybody() if user.user_name == USER)


def change(user: StaffUser, **changes: Any) -> StaffChange:
    return replace(StaffChange(user.display_name, user.role), **changes)


def test_a_switched_off_account_opens_nothing_and_its_history_stays(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    after = clinic.services.staff.disable(user.id, PASSWORD)
    assert (after.active, after.disabled_at is None) == (False, False)
    assert COLLEAGUE not in clinic.vault.slots
    assert clinic.services.staff.names()[user.id] == "Tomas Vaz"
    with pytest.raises(WrongPassword):
        clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    entry = clinic.store.tables.audit[-1]
    assert (entry.subject_id, entry.detail) == (user.id, "switched off")


def test_a_switched_on_account_needs_a_new_password(clinic: FakeClinic) -> None:
    staff = clinic.services.staff
    user = staff.add(TOMAS, PASSWORD)
    with pytest.raises(WrongState):
        staff.enable(user.id, "orange-window-tide", PASSWORD)
    staff.disable(user.id, PASSWORD)
    with pytest.raises(WrongState):
        staff.set_password(user.id, "orange-window-tide", PASSWORD)
    with pytest.raises(InvalidInput):
        staff.enable(user.id, "short", PASSWORD)
    assert staff.enable(user.id, "orange-window-tide", PASSWORD) == user
    assert clinic.sign_in(COLLEAGUE, "orange-window-tide").session.user == user


def test_the_last_administrator_stays(clinic: FakeClinic) -> None:
    staff, own = clinic.services.staff, administrator(clinic)
    with pytest.raises(WrongState, match="own account"):
        staff.disable(own.id, PASSWORD)
    with pytest.raises(WrongState, match="only administrator"):
        staff.edit(own.id, change(own, role=Role.DOCTOR), PASSWORD)
    second = staff.add(replace(TOMAS, role=Role.ADMINISTRATOR), PASSWORD)
    staff.disable(second.id, PASSWORD)
    with pytest.raises(WrongState, match="only administrator"):
        staff.edit(own.id, change(own, role=Role.DOCTOR), PASSWORD)
    staff.enable(second.id, "orange-window-tide", PASSWORD)
    assert staff.edit(own.id, change(own, role=Role.DOCTOR), PASSWORD).role is Role.DOCTOR
    services = clinic.sign_in(COLLEAGUE, "orange-window-tide")
    with pytest.raises(WrongState):
        services.staff.disable(second.id, "orange-window-tide")
    services.staff.disable(own.id, "orange-window-tide")
    assert set(clinic.vault.slots) == {COLLEAGUE}


def test_a_role_change_is_audited_and_holds_from_the_next_sign_in(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    wanted = change(user, role=Role.COUNSELOR, title="Dr", email="t@example.org")
    with pytest.raises(WrongPassword):
        clinic.services.staff.edit(user.id, wanted, "not the password")
    after = clinic.services.staff.edit(user.id, wanted, PASSWORD)
    assert (after.role, after.title, after.email) == (Role.COUNSELOR, "Dr", "t@example.org")
    assert clinic.store.tables.audit[-1].detail == "title, email, role doctor to counselor"
    entries = len(clinic.store.tables.audit)
    clinic.services.staff.edit(user.id, wanted, PASSWORD)
    assert len(clinic.store.tables.audit) == entries
    with pytest.raises(InvalidInput):
        clinic.services.staff.edit(user.id, change(user, role=Role.PATIENT), PASSWORD)
    assert clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).session.user.role is Role.COUNSELOR


def test_anybody_changes_the_own_password_with_the_old_one(clinic: FakeClinic) -> None:
    clinic.services.staff.add(TOMAS, PASSWORD)
    staff, new = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).staff, "orange-window-tide"
    for old, wanted, error in (
        ("not the password", new, WrongPassword),
        (COLLEAGUE_PASSWORD, "short", InvalidInput),
        (COLLEAGUE_PASSWORD, COLLEAGUE_PASSWORD, InvalidInput),
    ):
        with pytest.raises(error):
            staff.change_own_password(old, wanted)
    staff.change_own_password(COLLEAGUE_PASSWORD, new)
    assert clinic.vault.slots[COLLEAGUE] == new
    assert clinic.store.tables.audit[-1].detail == "own password"


def test_a_patient_at_the_laptop_changes_no_password(clinic: FakeClinic) -> None:
    clinic.services.clinic.hand_over(clinic.add_patient().id)
    with pytest.raises(AccessDenied):
        clinic.services.staff.change_own_password(PASSWORD, "orange-window-tide")


def test_a_key_that_a_crash_left_behind_goes_at_the_next_sign_in(clinic: FakeClinic) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    clinic.services.staff.disable(user.id, PASSWORD)
    clinic.vault.add_slot(COLLEAGUE, COLLEAGUE_PASSWORD)
    clinic.sign_in()
    assert set(clinic.vault.slots) == {USER}


@pytest.mark.parametrize(
    "password",
    [
        "Password1234",
        "P@ssw0rd2024!",
        "harbour-clinic-2026",
        "123456789012",
        "qwertyuiop12",
        "letmeinletmein",
        "tomasvaz-tomasvaz",
        "Welcome12345!",
    ],
)
def test_what_is_guessed_first_is_no_password(clinic: FakeClinic, password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        clinic.services.staff.add(replace(TOMAS, user_name="third", password=password), PASSWORD)
    assert caught.value.field == "password"


def test_the_clinics_own_length_counts(clinic: FakeClinic) -> None:
    profile = clinic.services.clinic.profile()
    wanted = replace(profile, password_policy=PasswordPolicy(20))
    clinic.services.clinic.save(wanted, PASSWORD)
    with pytest.raises(InvalidInput, match="20 characters"):
        clinic.services.staff.add(TOMAS, PASSWORD)


def elsewhere(clinic: FakeClinic, **changes: Any) -> StaffUser:
    """An account of the same user name that another laptop made, known here by a round."""
    other = StaffUser(new_id(), USER, "Another Amina", Role.DOCTOR, **changes)
    with clinic.store.unit_of_work() as work:
        work.users.add(other)
        work.commit()
    return other


def test_switching_off_an_account_of_the_same_name_from_elsewhere_leaves_ones_own_key(
    clinic: FakeClinic,
) -> None:
    clinic.services.staff.add(TOMAS, PASSWORD)
    other = elsewhere(clinic)
    assert not clinic.services.staff.disable(other.id, PASSWORD).active
    assert set(clinic.vault.slots) == {USER, COLLEAGUE}
    clinic.sign_in()


def test_an_account_of_the_same_name_from_elsewhere_takes_nobodys_key(clinic: FakeClinic) -> None:
    staff = clinic.services.staff
    other = elsewhere(clinic)
    with pytest.raises(WrongState, match="same user name"):
        staff.set_password(other.id, COLLEAGUE_PASSWORD, PASSWORD)
    staff.disable(other.id, PASSWORD)
    with pytest.raises(WrongState, match="same user name"):
        staff.enable(other.id, COLLEAGUE_PASSWORD, PASSWORD)
    assert clinic.sign_in(USER, PASSWORD).session.user.display_name == "Amina Diallo"


def arrives(clinic: FakeClinic, user: StaffUser, **changes: Any) -> None:
    """A change from another laptop, by a round."""
    with clinic.store.unit_of_work() as work:
        work.users.save(replace(work.users.get(user.id), **changes))
        work.commit()


def test_a_role_that_was_taken_away_while_a_form_lay_open_is_not_given_back(
    clinic: FakeClinic,
) -> None:
    user = clinic.services.staff.add(replace(TOMAS, role=Role.ADMINISTRATOR), PASSWORD)
    seen = form_of(StaffChange, user)
    arrives(clinic, user, role=Role.COUNSELOR, email="t@harbour.example")
    change = replace(seen, phone="0123")
    after = clinic.services.staff.edit(user.id, change, PASSWORD, over=seen)
    assert (after.role, after.email, after.phone) == (Role.COUNSELOR, "t@harbour.example", "0123")


def test_a_role_that_is_taken_away_while_the_password_is_checked_is_not_given_back(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = clinic.services.staff.add(replace(TOMAS, role=Role.ADMINISTRATOR), PASSWORD)
    clinic.services.staff.disable(user.id, PASSWORD)
    check = clinic.vault.check_password

    def slow(name: str, password: str) -> None:
        arrives(clinic, user, role=Role.COUNSELOR)
        check(name, password)

    monkeypatch.setattr(clinic.vault, "check_password", slow)
    after = clinic.services.staff.enable(user.id, COLLEAGUE_PASSWORD, PASSWORD)
    assert (after.active, after.role) == (True, Role.COUNSELOR)


def test_no_key_is_made_for_an_account_that_is_switched_off_while_the_password_is_checked(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = clinic.services.staff.add(TOMAS, PASSWORD)
    check = clinic.vault.check_password

    def slow(name: str, password: str) -> None:
        arrives(clinic, user, active=False)
        clinic.vault.remove_slot(user.user_name)
        check(name, password)

    monkeypatch.setattr(clinic.vault, "check_password", slow)
    with pytest.raises(WrongState, match="switched off"):
        clinic.services.staff.set_password(user.id, "another quiet lamp", PASSWORD)
    assert set(clinic.vault.slots) == {USER}
