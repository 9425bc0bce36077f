"""A round of learning with other clinics whose messages, power or records are lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState, SiteEventKind
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.sync.sites import rounds
from clinic_app.sync.sites.exchange import NEWEST
from clinic_app.sync.sites.messages import JOIN, STOP, Row
from tests.fakes.clinic import PASSWORD
from tests.support.sites import Shelf
from tests.support.town import Town, assert_pooled, fitted_on, lost


def test_an_agreement_that_did_not_reach_the_centre_is_kept_and_sent_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as line:
        line.setattr(Shelf, "post", lost)
        row = town.service(0).agree(None, range(3), "Why.", PASSWORD)
    assert (row.state, row.reason) == (RoundState.AGREEING, "Why.")
    assert row.sites == ("Clinic 1", "Clinic 2", "Clinic 3")
    assert "No central server answers. The agreement is kept" in str(row.trouble)
    assert not town.box.rows
    sent = town.service(0).advance()
    assert (sent.id, sent.trouble, sent.waiting_for) == (row.id, None, ("Clinic 2", "Clinic 3"))
    assert town.box.numbers() == {JOIN}


def test_a_round_that_was_stopped_here_after_its_last_sums_is_not_shown_as_finished(
    town: Town,
) -> None:
    round_id = town.agree()
    late = (town.first_at_the_end() + 1) % 3
    town.exchange.reachable = False
    town.service(late).stop(round_id, "Not now.", PASSWORD)
    town.exchange.reachable = True
    (row,) = town.service(late).look()
    assert (row.state, row.head, row.sent) == (RoundState.STOPPED, "", True)
    assert row.stopped_by == (f"Clinic {late + 1}",)
    assert "the other clinics have the head" in str(row.trouble)


def test_a_round_that_was_stopped_is_not_entered_again(town: Town) -> None:
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    town.service(1).agree(row.id, (), "We too.", PASSWORD)
    town.exchange.reachable = False
    town.service(1).stop(row.id, "Not now.", PASSWORD)
    town.exchange.reachable = True
    with pytest.raises(WrongState, match="ended already"):
        town.service(1).agree(row.id, (), "After all.", PASSWORD)


def test_a_stop_between_making_a_sum_and_keeping_it_keeps_it_from_leaving(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = town.agree()
    service, store = town.service(0), town.clinics[0].store
    masks = rounds.masked

    def stop_first(*args: Any) -> bytes:
        monkeypatch.setattr(rounds, "masked", masks)
        assert not service.stop(round_id, "Not now.", PASSWORD).sent
        return masks(*args)

    monkeypatch.setattr(rounds, "masked", stop_first)
    with pytest.raises(SitesTrouble, match="ended already"):
        service.advance()
    assert [number for _, site, number in town.box.rows if site == 0] == [JOIN, STOP]
    assert [number for _, number in store.tables.site_messages] == [JOIN]
    assert service.standing().people > 60


def unread_row(town: Town) -> None:
    """Another member puts something into the round that nobody can read."""
    row = next(iter(town.box.rows.values()))
    town.box.post(replace(row, site=2, number=99, body=b"noise"))


def newer_rounds(town: Town) -> None:
    """More of them than are looked at."""
    for _ in range(NEWEST + 1):
        town.box.post(Row(new_id(), 2, JOIN, b"noise"))


@pytest.mark.parametrize("hide", [lambda _town: None, unread_row, newer_rounds])
def test_records_that_forgot_a_round_take_part_in_no_other(
    town: Town, hide: Callable[[Town], None]
) -> None:
    town.agree()
    town.go_on()
    hide(town)
    one = town.clinics[0]
    kept = [event for event in one.store.tables.site_events if event.kind is SiteEventKind.GROUP]
    one.store.tables.site_events[:] = kept
    with pytest.raises(WrongState, match="older backup"):
        one.services.sites.agree(None, range(3), "Again.", PASSWORD)


def test_after_a_restore_the_round_under_way_is_stopped_and_counts_as_sent(town: Town) -> None:
    town.agree()
    town.clinics[1].store.tables.site_rounds.clear()
    with pytest.raises(SitesTrouble, match="no key for the round"):
        town.service(1).advance()
    (told,) = town.service(1).standing().rounds
    assert (told.state, told.sent) == (RoundState.STOPPED, True)


def test_offline_nothing_is_lost_and_a_stop_holds_here(town: Town) -> None:
    round_id = town.agree()
    town.exchange.reachable = False
    with pytest.raises(CentreUnreachable):
        town.service(0).advance()
    stopped = town.service(0).stop(round_id, "The server is gone.", PASSWORD)
    assert stopped.state is RoundState.STOPPED
    assert "not told yet" in str(stopped.trouble)
    with pytest.raises(CentreUnreachable):
        town.service(0).advance()
    town.exchange.reachable = True
    told = town.service(0).advance()
    assert (told.id, told.state, told.stopped_by) == (
        round_id,
        RoundState.STOPPED,
        ("Clinic 1",),
    )
    with pytest.raises(WrongState, match="No round"):
        town.service(0).advance()
    assert town.service(1).advance().stopped_by == ("Clinic 1",)


def test_a_stop_that_was_lost_on_its_way_is_told_by_the_next_advance(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.agree()
    town.service(0).advance()
    town.withdraw(0, town.agreed(0)[1][0], Purpose.JOINT_LEARNING)
    for place in (1, 2):
        town.service(place).advance()

    with monkeypatch.context() as line:
        line.setattr(Shelf, "post", lost)
        with pytest.raises(SitesTrouble, match="not be used any more"):
            town.service(0).advance()
    assert STOP not in town.box.numbers()
    assert town.service(1).advance().waiting_for == ("Clinic 1",)
    assert town.service(0).advance().stopped_by == ("Clinic 1",)
    assert town.service(1).advance().state is RoundState.STOPPED
    with pytest.raises(WrongState, match="No round"):
        town.service(0).advance()


@pytest.mark.parametrize("after", range(6))
def test_wherever_the_program_ends_the_next_advance_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The power goes as a message has been kept and before it is sent, or just after it."""

    class Dead(BaseException):
        pass

    posts: Callable[..., None] = Shelf.post
    count = 0

    def cut(shelf: Shelf, row: object) -> None:
        nonlocal count
        count += 1
        if count == after // 2 + 1:
            if after % 2:
                posts(shelf, row)
            raise Dead
        posts(shelf, row)

    row = town.service(1).agree(None, range(3), "For all of us.", PASSWORD)
    town.service(2).agree(row.id, (), "We too.", PASSWORD)
    monkeypatch.setattr(Shelf, "post", cut)

    def until_dead() -> None:
        town.service(0).agree(row.id, (), "We too.", PASSWORD)
        for place in (0, 1, 2, 0):
            town.service(place).advance()

    with pytest.raises(Dead):
        until_dead()
    monkeypatch.setattr(Shelf, "post", posts)
    assert town.go_on() == [RoundState.FINISHED] * 3
    (head,) = town.clinics[0].store.tables.heads.values()
    assert_pooled(head, [fitted_on(one) for one in town.clinics])
