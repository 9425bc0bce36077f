"""The way back in with the recovery key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    ClinicError,
    InvalidInput,
    NotSignedIn,
    StoreFull,
    WrongPassword,
)
from clinic_app.domain.people import Role
from clinic_app.domain.site import PasswordPolicy
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


def test_a_recovery_that_is_cut_off_before_the_new_password_is_audited_all_the_same(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.front_door.close()

    def killed(*_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(clinic.vault, "add_slot", killed)
    with pytest.raises(KeyboardInterrupt):
        clinic.front_door.recover(USER, clinic.recovery_key, NEW)
    assert clinic.store.tables.audit[-1].detail == "recovery key"
    assert clinic.store.closed


def test_a_recovery_that_cannot_be_audited_changes_no_password(clinic: FakeClinic) -> None:
    clinic.front_door.close()
    clinic.store.commit_fails_with = StoreFull("The disk is full; the change was not made.")
    with pytest.raises(StoreFull):
        clinic.front_door.recover(USER, clinic.recovery_key, NEW)
    assert clinic.vault.slots[USER] == PASSWORD


@pytest.mark.parametrize(("active", "role"), [(False, Role.ADMINISTRATOR), (True, Role.DOCTOR)])
def test_where_no_administrator_is_left_the_recovery_key_makes_one(
    clinic: FakeClinic, active: bool, role: Role
) -> None:
    """Two administrators switched each other off, or took each other's role, on two laptops, or a
    stolen one did it for all: nobody could be asked, and no password would open anything."""
    administrator = clinic.services.session.user
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR, active=active)
    with clinic.store.unit_of_work() as work:
        work.users.save(replace(administrator, active=active, role=role))
        work.commit()
    clinic.front_door.close()
    services = clinic.front_door.recover(USER, clinic.recovery_key, NEW)
    assert services.session.user == replace(administrator, active=True)
    assert services.staff.everybody()
    assert "no administrator was left" in clinic.store.tables.audit[-3].detail
    assert clinic.sign_in(USER, NEW).session.user == services.session.user
    with pytest.raises(NotSignedIn):  # from now on there is somebody to ask
        clinic.front_door.recover(COLLEAGUE, clinic.recovery_key, NEW)


def test_a_password_that_cannot_be_used_is_refused_before_the_key_is_tried(
    clinic: FakeClinic,
) -> None:
    with pytest.raises(InvalidInput):
        clinic.front_door.recover(USER, "not the key", "short")


@pytest.mark.parametrize("password", ["quiet lamp here", "Harbour Clinic Diallo"])
def test_the_clinics_own_policy_holds_for_a_recovered_password_too(
    clinic: FakeClinic, password: str
) -> None:
    profile = clinic.services.clinic.profile()
    policy = PasswordPolicy(minimum_length=16)
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(profile, password_policy=policy))
        work.commit()
    clinic.front_door.close()
    with pytest.raises(InvalidInput):
        clinic.front_door.recover(USER, clinic.recovery_key, password)
    assert clinic.vault.slots[USER] == PASSWORD
    assert clinic.store.closed


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


def test_a_refused_recovery_is_audited_without_the_name(clinic: FakeClinic) -> None:
    clinic.front_door.close()
    with pytest.raises(NotSignedIn):
        clinic.front_door.recover("nobody", clinic.recovery_key, NEW)
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject_id) == (AuditKind.REFUSED, None)
    assert "nobody" not in entry.detail


# --- a new recovery key -------------------------------------------------------------------------


def test_an_administrator_renews_the_recovery_key_and_that_is_audited(clinic: FakeClinic) -> None:
    old = clinic.recovery_key
    new = clinic.services.clinic.renew_recovery_key(PASSWORD)
    last = clinic.store.tables.audit[-1]
    assert (last.kind, last.detail) == (AuditKind.CHANGED, "recovery key renewed")
    with pytest.raises(WrongPassword):
        clinic.front_door.recover(USER, old, NEW)
    assert clinic.front_door.recover(USER, new, NEW).session.user.user_name == USER


def test_renewing_the_recovery_key_needs_the_own_password(clinic: FakeClinic) -> None:
    with pytest.raises(WrongPassword):
        clinic.services.clinic.renew_recovery_key("not the password")
    assert clinic.vault.recovery_key == clinic.recovery_key


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_only_an_administrator_renews_the_recovery_key(clinic: FakeClinic, role: Role) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.clinic.renew_recovery_key(COLLEAGUE_PASSWORD)
    assert clinic.vault.recovery_key == clinic.recovery_key
