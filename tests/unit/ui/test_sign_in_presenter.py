"""Signing in: one attempt at a time, each kind of trouble in its own place."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import (
    RenewalStopped,
    StoreDamaged,
    StoreError,
    StoreInUse,
    StoreTooNew,
    WrongPassword,
)
from clinic_app.services.backup_data import Progress
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.screens.sign_in.presenter import ADVICE, SignInPresenter
from tests.fakes.clinic import PASSWORD, USER, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.vault import FakeVault


class Desk:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.entered: list[ClinicServices] = []
        door = self.clinic.front_door
        self.presenter = SignInPresenter(
            self.view, self.jobs, door.sign_in, door.recover, self.entered.append
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_right_password_leads_in(desk: Desk) -> None:
    desk.presenter.try_password(f" {USER} ", PASSWORD)
    assert desk.view.calls == [("show_busy", (True,))]
    desk.jobs.run_all()
    assert [services.session.user.user_name for services in desk.entered] == [USER]


@pytest.mark.parametrize(
    ("user", "password", "field"), [("", PASSWORD, "user_name"), (USER, "", "password")]
)
def test_an_empty_field_is_told_without_asking_the_store(
    desk: Desk, user: str, password: str, field: str
) -> None:
    desk.presenter.try_password(user, password)
    assert desk.view.last("show_field_error")[0].field == field
    assert desk.jobs.held == []


def test_a_second_press_does_not_count_as_a_second_attempt(desk: Desk) -> None:
    desk.presenter.try_password(USER, "wrong password")
    desk.presenter.try_password(USER, "wrong password")
    assert len(desk.jobs.held) == 1


def test_a_wrong_password_is_told_and_may_be_tried_again(desk: Desk) -> None:
    desk.presenter.try_password(USER, "wrong password")
    desk.jobs.run_all()
    assert isinstance(desk.view.last("show_error")[0], WrongPassword)
    assert desk.view.last("show_busy") == (False,)
    desk.presenter.try_password(USER, PASSWORD)
    desk.jobs.run_all()
    assert len(desk.entered) == 1


def test_records_that_an_update_makes_anew_tell_how_far_they_are(desk: Desk) -> None:
    desk.clinic.vault.renewal = (0.0, 0.5, 1.0)
    desk.presenter.try_password(USER, PASSWORD)
    desk.jobs.run_all()
    shown = [given[0] for name, given in desk.view.calls if name == "show_renewal"]
    assert shown == [0.0, 0.5, 1.0]
    assert len(desk.entered) == 1


def test_who_stops_that_stays_at_the_door_and_may_sign_in_again(desk: Desk) -> None:
    def stop_after_a_half(user: str, password: str, progress: Progress) -> ClinicServices:
        def heard(share: float) -> None:
            progress(share)
            if share == 0.5:
                desk.presenter.stop()

        return desk.clinic.front_door.sign_in(user, password, heard)

    desk.clinic.vault.renewal = (0.0, 0.5, 1.0)
    desk.presenter.sign_in = stop_after_a_half
    desk.presenter.try_password(USER, PASSWORD)
    desk.jobs.run_all()
    assert isinstance(desk.view.last("show_error")[0], RenewalStopped)
    assert desk.view.last("show_busy") == (False,)
    assert desk.entered == []
    desk.presenter.sign_in = desk.clinic.front_door.sign_in
    desk.presenter.try_password(USER, PASSWORD)
    desk.jobs.run_all()
    assert len(desk.entered) == 1


def test_too_many_attempts_have_to_wait(desk: Desk) -> None:
    for _ in range(6):
        desk.presenter.try_password(USER, "wrong password")
        desk.jobs.run_all()
    assert desk.view.last("show_wait") == (30,)


@pytest.mark.parametrize("kind", [StoreInUse, StoreDamaged, StoreTooNew])
def test_trouble_with_the_store_says_what_to_do(desk: Desk, kind: type[StoreError]) -> None:
    trouble = kind("It cannot be opened.")

    def refuse(_user: str, _password: str, _progress: Progress) -> ClinicServices:
        raise trouble

    desk.presenter.sign_in = refuse
    desk.presenter.try_password(USER, PASSWORD)
    desk.jobs.run_all()
    title, error, advice = desk.view.last("show_store_trouble")
    assert (title, advice) == ADVICE[kind]
    assert error is trouble


def test_every_kind_of_trouble_with_the_store_has_advice() -> None:
    kinds = {kind for kind in StoreError.__subclasses__() if kind.__name__ != "StoreAlreadySetUp"}
    assert set(ADVICE) == kinds
    assert all(advice.endswith(".") for _, advice in ADVICE.values())


def test_the_recovery_key_sets_a_new_password_and_leads_in(desk: Desk) -> None:
    new = "another quiet lamp"
    desk.presenter.try_recovery(USER, FakeVault.RECOVERY_KEY, new, new)
    desk.jobs.run_all()
    assert len(desk.entered) == 1
    desk.presenter.try_password(USER, new)
    desk.jobs.run_all()
    assert len(desk.entered) == 2


@pytest.mark.parametrize(
    ("user", "key", "password", "repeated", "field"),
    [
        ("", "K", "p", "p", "user_name"),
        (USER, " ", "p", "p", "recovery_key"),
        (USER, "K", "", "", "password"),
        (USER, "K", "p", "q", "repeated"),
        (USER, FakeVault.RECOVERY_KEY, "short", "short", "password"),
    ],
)
def test_an_incomplete_recovery_is_told_at_its_field(
    desk: Desk, user: str, key: str, password: str, repeated: str, field: str
) -> None:
    desk.presenter.try_recovery(user, key, password, repeated)
    desk.jobs.run_all()
    assert desk.view.last("show_field_error")[0].field == field
    assert desk.entered == []
