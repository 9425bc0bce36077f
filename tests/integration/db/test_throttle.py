"""Waiting after failed sign-ins, across restarts and clock changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from clinic_app.db.files import SIGN_IN_FILE
from clinic_app.db.recovery_key import new_recovery_key
from clinic_app.db.throttle import FREE_ATTEMPTS, SignInThrottle, delay_after
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import SignInThrottled, WrongPassword
from tests.integration.db.records import NOON, PASSWORD, ROUNDS, USER, Clinic


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self):  # type: ignore[no-untyped-def]
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(clinic: Clinic, clock: Clock) -> FolderVault:
    clinic.store.close()
    return FolderVault(clinic.folder, rounds=ROUNDS, now=clock)


def fail(vault: FolderVault, times: int, user: str = USER) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            vault.unlock(user, "not this one")


def test_after_five_failures_even_the_right_password_has_to_wait(
    vault: FolderVault, clock: Clock
) -> None:
    fail(vault, FREE_ATTEMPTS)
    clock.time += timedelta(seconds=10)
    with pytest.raises(SignInThrottled) as waiting:
        vault.unlock(USER, PASSWORD)
    assert waiting.value.seconds == 20
    clock.time += timedelta(seconds=20)
    vault.unlock(USER, PASSWORD).close()


def test_success_forgets_the_failures(vault: FolderVault, clock: Clock) -> None:
    fail(vault, FREE_ATTEMPTS - 1)
    vault.unlock(USER, PASSWORD).close()
    fail(vault, FREE_ATTEMPTS - 1)
    vault.unlock(USER, PASSWORD).close()


def test_waits_grow_and_waiting_attempts_do_not_count(vault: FolderVault, clock: Clock) -> None:
    fail(vault, FREE_ATTEMPTS)
    waits = []
    for _ in range(7):
        with pytest.raises(SignInThrottled) as first:
            vault.unlock(USER, PASSWORD)
        with pytest.raises(SignInThrottled) as second:
            vault.unlock(USER, PASSWORD)
        assert first.value.seconds == second.value.seconds
        waits.append(first.value.seconds)
        clock.time += timedelta(seconds=waits[-1])
        fail(vault, 1)
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_a_restart_does_not_shorten_the_wait(
    vault: FolderVault, clinic: Clinic, clock: Clock
) -> None:
    fail(vault, FREE_ATTEMPTS)
    with pytest.raises(SignInThrottled):
        FolderVault(clinic.folder, rounds=ROUNDS, now=clock).unlock(USER, PASSWORD)


def test_an_attempt_counts_before_the_password_is_checked(tmp_path: Path, clock: Clock) -> None:
    throttle = SignInThrottle(tmp_path, clock)
    for _ in range(FREE_ATTEMPTS):
        throttle.begin("ann")
    with pytest.raises(SignInThrottled):
        SignInThrottle(tmp_path, clock).begin("ann", opening=True)


def test_unknown_users_are_throttled_alike(vault: FolderVault) -> None:
    fail(vault, FREE_ATTEMPTS, "nobody")
    with pytest.raises(SignInThrottled):
        vault.unlock("NOBODY", PASSWORD)
    vault.unlock(USER, PASSWORD).close()


def test_wrong_recovery_keys_are_throttled(vault: FolderVault, tmp_path: Path) -> None:
    from clinic_app.db.recovery_key import new_recovery_key

    wrong = new_recovery_key()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongPassword):
            vault.unlock_with_recovery_key(wrong)
    with pytest.raises(SignInThrottled):
        vault.unlock_with_recovery_key(wrong)


def test_a_clock_set_back_waits_the_full_delay_from_then(vault: FolderVault, clock: Clock) -> None:
    fail(vault, FREE_ATTEMPTS)
    clock.time -= timedelta(days=3650)
    with pytest.raises(SignInThrottled) as waiting:
        vault.unlock(USER, PASSWORD)
    assert waiting.value.seconds == 30
    clock.time += timedelta(seconds=30)
    vault.unlock(USER, PASSWORD).close()


def test_checking_the_password_again_is_throttled_too(clinic: Clinic) -> None:
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongPassword):
            clinic.vault.check_password(USER, "not this one")
    with pytest.raises(SignInThrottled):
        clinic.vault.check_password(USER, PASSWORD)


def test_a_password_typed_as_the_name_is_not_written_down(
    vault: FolderVault, clinic: Clinic
) -> None:
    secret = "hunter2hunter2"
    fail(vault, 1, secret)
    for path in clinic.folder.iterdir():
        assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"salt": 1, "failures": {"a": 3}}'])
def test_a_garbled_file_does_not_lock_everybody_out(
    tmp_path: Path, clock: Clock, garbage: bytes
) -> None:
    (tmp_path / SIGN_IN_FILE).write_bytes(garbage)
    SignInThrottle(tmp_path, clock).begin("ann", opening=True)
    assert SignInThrottle(tmp_path, clock).failed_openings() == (1, clock.time)


def test_the_delay_never_exceeds_a_quarter_of_an_hour() -> None:
    assert delay_after(4) == timedelta(0)
    assert max(map(delay_after, range(5000))) == timedelta(minutes=15)


def test_failed_openings_are_kept_for_the_audit_under_any_name(
    vault: FolderVault, clock: Clock
) -> None:
    assert vault.failed_openings() is None
    fail(vault, 2)
    with pytest.raises(WrongPassword):
        vault.unlock("nobody", "a password typed in vain")
    with pytest.raises(WrongPassword):
        vault.unlock_with_recovery_key(new_recovery_key())
    store = vault.unlock(USER, PASSWORD)
    assert vault.failed_openings() == (4, clock.time)
    with pytest.raises(WrongPassword):
        vault.check_password(USER, "wrong behind the lock")
    assert vault.failed_openings() == (4, clock.time)
    vault.openings_reported()
    store.close()
    assert vault.failed_openings() is None
