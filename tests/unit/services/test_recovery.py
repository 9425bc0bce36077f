"""The way back in with the recovery key."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import ClinicError, InvalidInput, NotSignedIn, WrongPassword
from clinic_app.domain.people import Role
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic

NEW = "another quiet lamp"


def test_the_recovery_key_gives_an_administrator_a_new_password(clinic: FakeClinic) -> None:
    services = clinic.front_door.recover(f" {USER} ", clinic.recovery_key, NEW)
    assert services.session.user.user_name == USER
    assert clinic.sign_in(USER, NEW).session.user.user_name == USER
    with pytest.raises(WrongPassword):
        clinic.sign_in(USER, PASSWORD)


def test_the_recovery_is_audited(clinic: FakeClinic) -> None:
    clinic.front_door.recover(USER, clinic.recovery_key, NEW)
    assert [entry.detail for entry in clinic.store.tables.audit if entry.detail] == ["recovery key"]


def test_a_password_that_cannot_be_used_is_refused_before_the_key_is_tried(
    clinic: FakeClinic,
) -> None:
    with pytest.raises(InvalidInput):
        clinic.front_door.recover(USER, "not the key", "short")


@pytest.mark.parametrize(
    ("user", "key", "kind"),
    [
        (USER, "AAAA-BBBB-CCCC-DDDE", WrongPassword),
        ("nobody", "", NotSignedIn),
        (COLLEAGUE, "", NotSignedIn),
    ],
)
def test_anybody_else_stays_outside_and_the_store_is_closed(
    clinic: FakeClinic, user: str, key: str, kind: type[ClinicError]
) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.front_door.close()
    with pytest.raises(kind):
        clinic.front_door.recover(user, key or clinic.recovery_key, NEW)
    assert clinic.store.closed
    assert clinic.vault.slots[USER] == PASSWORD


def test_waiting_changes_are_counted_while_the_store_is_open(clinic: FakeClinic) -> None:
    before = clinic.front_door.changes_waiting()
    clinic.add_patient()
    assert clinic.front_door.changes_waiting() > before
    clinic.front_door.close()
    assert clinic.front_door.changes_waiting() == 0
