"""Rounds beside the work: when they run, what is told of them, and that nothing comes after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinic_app.services.sync_data import (
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
    RoundProgress,
    RoundResult,
    Stage,
    SyncStatus,
)
from clinic_app.services.sync_pace import CHANGE_SECONDS, IDLE_SECONDS, LONGEST_SECONDS, Pace
from clinic_app.services.translations import catalogue
from clinic_app.sync.snapshot.manifest import other_form
from clinic_app.ui.jobs import Lane
from clinic_app.ui.shell.rounds import KEPT_TROUBLES, Rounds, SyncState
from clinic_app.ui.sync_words import ADVICE, Indicator, clock_off_text, indicator_of, progress_line
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.sync import AT, JOINED

AWAY = CentreUnreachable("No server of the centre answers.")
FOREIGN = CentreUntrusted("The certificate of the server does not fit.")


class FakeAlarm:
    def __init__(self) -> None:
        self.set_to: float | None = None

    def ring_in(self, seconds: float) -> None:
        self.set_to = seconds

    def seconds_left(self) -> float | None:
        return self.set_to

    def cancel(self) -> None:
        self.set_to = None


class Beside:
    """Rounds whose jobs a test runs one by one."""

    def __init__(self, status: SyncStatus = JOINED) -> None:
        self.clinic = FakeClinic()
        self.centre = self.clinic.sync
        self.centre.now = status
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.alarm = FakeAlarm()
        self.rounds = Rounds(
            self.view,
            self.clinic.services.sync,
            self.jobs,
            self.alarm,
            pace=Pace(lambda: 1.0),
            now=lambda: AT,
        )
        self.rounds.look()
        self.jobs.run_all()

    @property
    def state(self) -> SyncState:
        return self.rounds.state

    def ring(self) -> None:
        """The alarm rings and everything that follows is done."""
        self.alarm.set_to = None
        self.rounds.ring()
        self.jobs.run_all()

    def fail(self, error: BaseException) -> None:
        self.centre.fails_with = error
        self.ring()
        self.centre.fails_with = None

    def said(self) -> Indicator:
        return indicator_of(self.state, AT)


@pytest.fixture
def beside() -> Beside:
    return Beside()


def test_without_a_centre_there_are_no_rounds() -> None:
    alone = Beside(replace(JOINED, joined=False))
    assert alone.alarm.set_to is None
    alone.ring()
    alone.rounds.sync_now()
    alone.jobs.run_all()
    assert alone.centre.rounds == 0


def test_the_first_round_comes_soon_after_signing_in(beside: Beside) -> None:
    assert beside.alarm.set_to is not None
    assert 0 < beside.alarm.set_to < 15
    beside.ring()
    assert beside.centre.rounds == 1
    assert beside.alarm.set_to == pytest.approx(1.2 * IDLE_SECONDS)
    assert beside.view.last("arrived")[0] == beside.centre.result


def test_rounds_run_in_their_own_lane(beside: Beside) -> None:
    beside.rounds.ring()
    assert [job.lane for job in beside.jobs.held] == [Lane.SYNC]


def test_a_change_here_brings_the_next_round_nearer(beside: Beside) -> None:
    beside.ring()
    beside.centre.now = replace(beside.centre.now, pending=2)
    beside.rounds.look()
    beside.jobs.run_all()
    assert beside.alarm.set_to == CHANGE_SECONDS
    beside.alarm.set_to = 3.0  # it is never put off again by the next change
    beside.centre.now = replace(beside.centre.now, pending=3)
    beside.rounds.look()
    beside.jobs.run_all()
    assert beside.alarm.set_to == 3.0


def test_while_the_centre_is_away_changes_do_not_hurry(beside: Beside) -> None:
    for _ in range(8):
        beside.fail(AWAY)
    long = beside.alarm.set_to
    assert long == LONGEST_SECONDS
    beside.centre.now = replace(beside.centre.now, pending=9)
    beside.rounds.look()
    beside.jobs.run_all()
    assert beside.alarm.set_to == long


def test_one_round_at_a_time(beside: Beside) -> None:
    beside.rounds.ring()
    beside.rounds.sync_now()
    beside.rounds.ring()
    beside.jobs.run_all()
    assert beside.centre.rounds == 1


def test_progress_is_shown_while_a_round_runs_and_never_after(beside: Beside) -> None:
    half = RoundProgress(Stage.PULLING, 0.5, pulled=40)
    beside.rounds.ring()
    beside.rounds.note_progress(half)
    assert beside.state.progress == half
    assert beside.said().text == "Syncing · receiving 50 %"
    beside.jobs.run_all()
    beside.rounds.note_progress(half)  # it was still on its way
    assert beside.state.progress is None


def test_a_first_load_is_told_as_one_whole() -> None:
    loading = RoundProgress(Stage.LOADING, 0.4)
    assert progress_line(loading) == "loading the clinic's records 40 %"
    loading = replace(loading, seconds_left=130.0)
    assert progress_line(loading) == "loading the clinic's records 40 % · about 2 min left"
    receiving = RoundProgress(Stage.PULLING, 0.4, pulled=1200, pushed=3)
    assert progress_line(receiving) == "receiving 40 % · 1,200 received, 3 sent"


def test_a_stopped_round_is_no_trouble(beside: Beside) -> None:
    beside.rounds.sync_now()
    beside.rounds.stop()
    beside.jobs.run_all()
    assert beside.state.trouble is None
    assert beside.state.history == ()
    assert beside.alarm.set_to == LONGEST_SECONDS
    heard = beside.view.names().count("heard")
    assert heard == 0  # nobody listens after a stop
    beside.rounds.sync_now()
    beside.jobs.run_all()
    assert beside.view.names().count("heard") == 4


def test_a_trouble_that_goes_on_is_one_line_that_counts(beside: Beside) -> None:
    for _ in range(3):
        beside.fail(AWAY)
    beside.fail(FOREIGN)
    assert [(one.sentence, one.times) for one in beside.state.history] == [
        (str(FOREIGN), 1),
        (str(AWAY), 3),
    ]
    beside.ring()
    assert beside.state.trouble is None
    assert len(beside.state.history) == 2
    for number in range(2 * KEPT_TROUBLES):
        beside.fail(CentreUnreachable(f"Trouble {number}."))
    assert len(beside.state.history) == KEPT_TROUBLES


def test_after_the_end_nothing_is_shown_and_no_round_begins(beside: Beside) -> None:
    beside.rounds.ring()
    beside.rounds.look()
    shown = len(beside.view.calls)
    beside.rounds.end()
    beside.jobs.run_all()
    beside.rounds.ring()
    beside.rounds.sync_now()
    beside.rounds.look()
    assert beside.jobs.held == []
    assert len(beside.view.calls) == shown
    assert beside.alarm.set_to is None


def test_the_store_closing_under_a_look_is_not_shown(beside: Beside) -> None:
    beside.clinic.services.session.end()
    beside.rounds.look()
    beside.jobs.run_all()
    assert beside.state.status == JOINED


# --- the line at the foot of the navigation -------------------------------------------------------


def test_every_state_has_its_words(beside: Beside) -> None:
    beside.ring()
    assert beside.said().text.startswith("Up to date · ")
    assert beside.said().tone == "good"
    beside.centre.now = replace(beside.centre.now, pending=1)
    beside.rounds.look()
    beside.jobs.run_all()
    assert beside.said().text == "1 change waiting"
    alone = Beside(replace(JOINED, joined=False))
    assert alone.said().text.startswith("Offline · ")
    assert alone.said().tone == "muted"
    new = Beside(replace(JOINED, last_success=None))
    assert new.said().text == "Joined; not synced yet"


def test_offline_is_quiet_and_a_foreign_server_is_not(beside: Beside) -> None:
    beside.centre.now = replace(beside.centre.now, pending=1200)
    beside.fail(AWAY)
    offline = beside.said()
    assert (offline.text, offline.tone) == ("Offline · 1,200 changes waiting", "muted")
    assert offline.tip == str(AWAY)
    beside.fail(FOREIGN)
    loud = beside.said()
    assert (loud.text, loud.tone, loud.tip) == ("Sync needs attention", "warning", str(FOREIGN))


def test_conflicts_and_a_wrong_clock_are_told(beside: Beside) -> None:
    beside.centre.result = replace(beside.centre.result, clock_off_seconds=260.0)
    beside.ring()
    assert beside.said().text == "The clock is off"
    assert beside.said().tip == "The clock of this laptop is 4 minutes fast. Please set it."
    assert beside.state.status is not None
    both = replace(beside.state, status=replace(beside.state.status, conflicts=2))
    assert indicator_of(both, AT).text == "2 things to settle"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (130.0, "2 minutes fast"),
        (-5400.0, "90 minutes slow"),
        (3 * 3600.0, "3 hours fast"),
        (-86_400.0 * 3, "3 days slow"),
        (86_400.0 * 3652, "10 years fast"),
        (-86_400.0 * 3652, "10 years slow"),
    ],
)
def test_a_clock_is_said_to_be_off_in_fitting_units(seconds: float, said: str) -> None:
    status = replace(JOINED, clock_off_seconds=seconds, conflicts=2)
    told = indicator_of(SyncState(status=status), AT)
    words = clock_off_text(seconds)
    assert words.startswith(f"The clock of this laptop is {said}. Please set it.")
    far = abs(seconds) > 900
    assert ("Syncing goes on" in words) is far
    assert told.text == ("The clock is off" if far else "2 things to settle")
    assert told.tip == words if far else told.tip != words


def test_yesterdays_success_is_told_with_its_day() -> None:
    later = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
    said = indicator_of(SyncState(status=JOINED), later)
    assert "2 Mar 2026" in said.text


def test_everything_that_needs_a_person_comes_with_advice() -> None:
    from clinic_app.services import sync_data

    troubles = set(sync_data.SyncTrouble.__subclasses__()) - {sync_data.SyncStopped}
    assert set(ADVICE) == troubles
    assert ClockWrong in ADVICE


def test_a_remark_of_a_round_can_still_be_put_into_another_language(beside: Beside) -> None:
    remark = other_form().sentence
    beside.centre.result = RoundResult(3, 0, 0, 9, 1.0, remark=remark)
    beside.ring()
    assert beside.state.remark == remark
    assert remark.text(catalogue("hi").text) != str(remark)
    beside.centre.result = RoundResult(0, 0, 0, 4, 0.01)
    beside.ring()
    assert beside.state.remark == remark


def test_a_result_that_brought_nothing_is_a_result(beside: Beside) -> None:
    beside.centre.result = RoundResult(0, 0, 0, 4, 0.01)
    beside.ring()
    assert beside.view.names().count("arrived") == 1
