"""First run, sign-in, sign-out."""

from __future__ import annotations

import dataclasses

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    InvalidInput,
    NotFound,
    NotSignedIn,
    StoreAlreadySetUp,
    StoreFull,
    StoreNotSetUp,
    WrongPassword,
)
from clinic_app.domain.people import CrisisContact, Role
from clinic_app.services import front_door
from clinic_app.services.front_door import FrontDoor, SetUpAnswers
from clinic_app.services.session import SessionState
from clinic_app.services.studio import StudioService
from clinic_app.services.vault_storage import CreatedStore, VaultState
from tests.fakes.clinic import COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic, set_up_answers
from tests.fakes.clock import FakeClock
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.vault import FakeVault


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault(FakeClock())


@pytest.fixture
def door(vault: FakeVault) -> FrontDoor:
    return FrontDoor(vault, FakeFaceReader(), FakeModelShelf(), FakeRenderer(), now=FakeClock())


def test_set_up_makes_the_clinic_and_signs_its_administrator_in(
    door: FrontDoor, vault: FakeVault
) -> None:
    assert door.state() is VaultState.EMPTY
    done = door.set_up(set_up_answers())
    assert door.state() is VaultState.READY
    assert done.recovery_key == vault.RECOVERY_KEY
    assert done.services.session.user.role is Role.ADMINISTRATOR
    assert done.services.clinic.profile().name == "Harbour Clinic"
    assert [entry.kind for entry in vault.store.tables.audit] == [AuditKind.SET_UP]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"clinic_name": " "}, "clinic_name"),
        ({"crisis_contacts": ()}, "crisis_contacts"),
        ({"crisis_contacts": (CrisisContact("Night line", ""),)}, "crisis_contacts"),
        ({"user_name": "a"}, "user_name"),
        ({"user_name": "two words"}, "user_name"),
        ({"user_name": "x" * 41}, "user_name"),
        ({"password": "short"}, "password"),
        ({"password": f"{USER}-and-more"}, "password"),
        ({"clinic_name": "x" * 81}, "clinic_name"),
        ({"phone": "1" * 41}, "phone"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_made(
    door: FrontDoor, change: dict[str, object], field: str
) -> None:
    answers: SetUpAnswers = dataclasses.replace(set_up_answers(), **change)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as caught:
        door.set_up(answers)
    assert caught.value.field == field
    assert door.state() is VaultState.EMPTY


def test_a_clinic_is_set_up_once(door: FrontDoor) -> None:
    door.set_up(set_up_answers())
    with pytest.raises(StoreAlreadySetUp):
        door.set_up(set_up_answers())


def test_nobody_signs_in_before_set_up(door: FrontDoor) -> None:
    with pytest.raises(StoreNotSetUp):
        door.sign_in(USER, PASSWORD)


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong-password"), ("nobody", PASSWORD)])
def test_a_wrong_name_or_password_opens_nothing(
    clinic: FakeClinic, user: str, password: str
) -> None:
    with pytest.raises(WrongPassword):
        clinic.front_door.sign_in(user, password)


def test_failed_attempts_reach_the_audit_trail_with_the_next_sign_in(clinic: FakeClinic) -> None:
    for user in (USER, "typed-by-mistake"):
        with pytest.raises(WrongPassword):
            clinic.sign_in(user, "wrong-password")
    with pytest.raises(WrongPassword):
        clinic.front_door.recover(USER, "not the key", "a new phrase of words")
    clinic.sign_in()
    failed, signed_in = clinic.store.tables.audit[-2:]
    assert (failed.kind, signed_in.kind) == (AuditKind.SIGN_IN_FAILED, AuditKind.SIGNED_IN)
    assert failed.detail.startswith("3 failed")
    assert "typed-by-mistake" not in failed.detail
    clinic.sign_in()
    assert clinic.store.tables.audit[-2].kind is not AuditKind.SIGN_IN_FAILED


def test_an_account_that_is_switched_off_is_refused_audited_and_the_store_closed(
    clinic: FakeClinic,
) -> None:
    clinic.add_staff("gone", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    with pytest.raises(NotSignedIn, match="switched off"):
        clinic.sign_in("gone", COLLEAGUE_PASSWORD)
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED
    assert clinic.store.closed


@pytest.mark.parametrize("trouble", [RuntimeError("a mistake of ours"), KeyboardInterrupt()])
def test_a_sign_in_that_breaks_off_leaves_the_store_to_the_next_one(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    clinic.front_door.close()

    def breaks_off(*_: object) -> None:
        raise trouble

    with monkeypatch.context() as broken:
        broken.setattr(front_door, "follow_choice", breaks_off)
        broken.setattr(clinic.front_door, "_model_sets", object())
        with pytest.raises(type(trouble)):
            clinic.sign_in()
    assert clinic.store.closed
    clinic.sign_in()


def test_what_cannot_be_tidied_keeps_nobody_out_and_nothing_else_waiting(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that it needs is not known here any more."""
    done: list[str] = []
    steps = [
        "remove_images_left_behind",
        "remove_erased_left_behind",
        "remove_forms_left_behind",
        "remove_exports_left_behind",
        "remove_studio_pictures_left_behind",
        "remove_keys_left_behind",
    ]
    for name in steps:

        def fails(*_: object, name: str = name) -> None:
            done.append(name)
            raise NotFound("This patient is not stored here.")

        monkeypatch.setattr(front_door, name, fails)
    assert clinic.sign_in().session.state is SessionState.ACTIVE
    assert done == steps


def test_signing_out_ends_the_session_closes_the_store_and_is_audited(clinic: FakeClinic) -> None:
    services = clinic.services
    clinic.front_door.sign_out(services)
    assert clinic.store.tables.audit[-1].kind is AuditKind.SIGNED_OUT
    assert clinic.store.closed
    with pytest.raises(NotSignedIn):
        services.patients.search("")


def test_a_full_disk_keeps_nobody_signed_in(clinic: FakeClinic) -> None:
    services = clinic.services
    clinic.store.commit_fails_with = StoreFull("The disk is full; the change was not made.")
    with pytest.raises(StoreFull):
        clinic.front_door.sign_out(services)
    assert clinic.store.closed
    assert services.session.state is SessionState.ENDED


def test_a_studio_that_breaks_off_keeps_nobody_signed_in(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(_: StudioService) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(StudioService, "put_away", breaks_off)
    services = clinic.services
    with pytest.raises(RuntimeError):
        clinic.front_door.sign_out(services)
    assert clinic.store.closed
    assert services.session.state is SessionState.ENDED


def test_secrets_are_not_in_what_is_printed_of_answers_and_results(
    door: FrontDoor, vault: FakeVault
) -> None:
    answers = set_up_answers()
    done = door.set_up(answers)
    created = CreatedStore(vault.store, vault.RECOVERY_KEY)
    for printed in (repr(answers), repr(done), repr(created)):
        assert PASSWORD not in printed
        assert vault.RECOVERY_KEY not in printed


def test_the_audit_trail_is_verified_and_read_by_administrators(clinic: FakeClinic) -> None:
    check = clinic.services.audit.verify()
    assert check.intact
    assert check.entries == len(clinic.store.tables.audit) - 1
    assert clinic.services.audit.entries(limit=2)[0].kind is AuditKind.SET_UP
    clinic.store.tables.audit[0] = dataclasses.replace(clinic.store.tables.audit[0], detail="x")
    assert clinic.services.audit.verify().broken_at == 1
