"""Accounts of the staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword
from clinic_app.domain.people import Role
from clinic_app.services.staff import NewStaff
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
