"""Rounds come soon after changes, back off from failures, and never all at once."""

from __future__ import annotations

import pytest

from clinic_app.services.sync_data import (
    CentreBusy,
    CentreFull,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
    OperationsForged,
    StoreDiverged,
    SyncStopped,
    SyncTrouble,
    VersionTooOld,
    WorkstationRevoked,
)
from clinic_app.services.sync_pace import (
    AWAY_SECONDS,
    BUSY_SECONDS,
    CHANGE_SECONDS,
    IDLE_SECONDS,
    LONGEST_SECONDS,
    Pace,
)

AWAY = CentreUnreachable("No server answers.")
NEEDS_A_PERSON = (
    CentreFull,
    CentreRefused,
    CentreUntrusted,
    ClockWrong,
    OperationsForged,
    StoreDiverged,
    SyncStopped,
    VersionTooOld,
    WorkstationRevoked,
)


def always(number: float) -> Pace:
    return Pace(lambda: number)


def test_the_wait_doubles_with_every_failure_and_has_an_end() -> None:
    pace = always(1.0)
    waits = [pace.after_failure(AWAY) for _ in range(12)]
    assert waits[:4] == [AWAY_SECONDS * 2**number for number in range(4)]
    assert waits[-1] == LONGEST_SECONDS
    assert waits == sorted(waits)
    assert [pace.after_failure(AWAY) for _ in range(2000)][-1] == LONGEST_SECONDS


def test_half_of_a_wait_after_failure_is_chance() -> None:
    assert always(0.0).after_failure(AWAY) == AWAY_SECONDS / 2
    assert always(0.5).after_failure(AWAY) == AWAY_SECONDS * 0.75


def test_a_busy_server_is_asked_again_sooner_than_one_that_is_away() -> None:
    assert always(1.0).after_failure(CentreBusy("Busy.")) == BUSY_SECONDS < AWAY_SECONDS


@pytest.mark.parametrize("kind", NEEDS_A_PERSON)
def test_what_needs_a_person_is_not_tried_again_soon(kind: type[SyncTrouble]) -> None:
    assert always(0.0).after_failure(kind("Trouble.")) == LONGEST_SECONDS / 2


def test_every_known_trouble_has_its_pace() -> None:
    kinds = set(SyncTrouble.__subclasses__())
    assert kinds == {CentreUnreachable, CentreBusy, *NEEDS_A_PERSON}


def test_a_good_round_ends_the_backing_off() -> None:
    pace = always(1.0)
    for _ in range(5):
        pace.after_failure(AWAY)
    assert pace.after_change() is None
    assert pace.after_success() == pytest.approx(1.2 * IDLE_SECONDS)
    assert pace.after_change() == CHANGE_SECONDS
    assert pace.after_failure(AWAY) == AWAY_SECONDS


def test_idle_laptops_spread_over_time() -> None:
    assert always(0.0).after_success() == pytest.approx(0.8 * IDLE_SECONDS)
    assert always(0.0).first() < always(1.0).first()
