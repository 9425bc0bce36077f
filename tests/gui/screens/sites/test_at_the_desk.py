"""Rounds with other clinics go on at the desk by themselves, and what comes of it is told."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.domain.joint_learning import RoundState
from clinic_app.domain.people import Role
from clinic_app.services.sites_data import SingledOut
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.learning.sites.presenter import SitesPresenter
from clinic_app.ui.shell.joint_rounds import JointRounds
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.sites import NORTH, SOUTH, FakeSites, a_round


@pytest.fixture
def desk(clinic: FakeClinic) -> tuple[JointRounds, HeldJobs, RecordedView, list[str]]:
    """What goes on by itself at the administrator's desk; jobs and notices are held."""
    jobs, notices, opened = HeldJobs(), RecordedView(), list[str]()
    made = JointRounds(clinic.sign_in(), jobs, notices, lambda: opened.append("heads"))
    return made, jobs, notices, opened


AtDesk = tuple[JointRounds, HeldJobs, RecordedView, list[str]]


def test_after_a_sync_a_round_goes_on_by_itself_and_its_end_is_told(
    desk: AtDesk, sites: FakeSites
) -> None:
    rounds, jobs, notices, opened = desk
    sites.rounds = [a_round(RoundState.FITTING, waiting_for=(SOUTH,))]
    rounds.go_on()
    rounds.go_on()
    assert [one.lane for one in jobs.held] == [Lane.SYNC], "one at a time"
    jobs.run()
    assert (sites.done, notices.names()) == ([("advance",)], [])
    sites.rounds = [a_round(RoundState.FINISHED, head="local head 3")]
    rounds.go_on()
    jobs.run()
    text, (words, act) = notices.last("warn")
    assert text == "Learning with other clinics has ended with local head 3. Nobody uses it yet."
    assert words == "Compare it"
    act()
    assert opened == ["heads"]


def test_a_round_that_was_stopped_by_others_or_had_to_be_stopped_here_is_told(
    desk: AtDesk, sites: FakeSites
) -> None:
    rounds, jobs, notices, _ = desk
    sites.rounds = [a_round(RoundState.STOPPED, stopped_by=(NORTH,))]
    rounds.go_on()
    jobs.run()
    assert f"stopped by {NORTH}." in notices.last("warn")[0]
    sites.trouble = SingledOut("It would show one person.")
    rounds.go_on()
    jobs.run()
    assert notices.last("warn")[0].endswith("stopped here. It would show one person.")


@pytest.mark.parametrize("quiet", [WrongState("No round is under way."), None])
def test_without_a_round_or_a_centre_nobody_is_bothered(
    desk: AtDesk, sites: FakeSites, quiet: WrongState | None
) -> None:
    rounds, jobs, notices, _ = desk
    sites.trouble, sites.away = quiet, quiet is None
    rounds.go_on()
    jobs.run()
    assert notices.names() == []


def test_nothing_is_sent_from_the_desk_of_who_may_not(
    desk: AtDesk, clinic: FakeClinic, sites: FakeSites
) -> None:
    rounds, jobs, _, _ = desk
    clinic.services.session.lock()
    rounds.go_on()
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    doctor = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    JointRounds(doctor, jobs, RecordedView(), lambda: None).go_on()
    assert jobs.held == []


def test_nothing_is_tried_once_the_sign_in_has_ended(
    desk: AtDesk, clinic: FakeClinic, sites: FakeSites
) -> None:
    """It would be refused and written down with every round, while a screening is finished."""
    rounds, jobs, _, _ = desk
    clinic.up.advance(hours=12)
    rounds.go_on()
    assert jobs.held == []


def test_looking_reads_the_records_and_then_the_centre_beside_them(clinic: FakeClinic) -> None:
    jobs, view, fake = HeldJobs(), RecordedView(), FakeSites()
    presenter = SitesPresenter(view, fake, jobs)  # type: ignore[arg-type]
    presenter.look()
    assert [one.lane for one in jobs.held] == [Lane.DATABASE]
    jobs.run()
    assert [one.lane for one in jobs.held] == [Lane.SYNC]
    jobs.run()
    assert view.names() == ["show_standing", "show_asking", "show_rounds"]


def test_pressed_twice_it_is_sent_once(clinic: FakeClinic) -> None:
    jobs, view = HeldJobs(), RecordedView()
    fake = FakeSites(rounds=[a_round(RoundState.FITTING)])
    presenter = SitesPresenter(view, fake, jobs)  # type: ignore[arg-type]
    presenter.advance()
    presenter.advance()
    assert [one.lane for one in jobs.held] == [Lane.SYNC]
    assert presenter.sending
    jobs.run()
    assert fake.done == [("advance",)]
    assert not presenter.sending
