"""Learning with other clinics, from a clinic's side: group, agreements, rounds, and the head."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import InvalidInput, NotFound, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState, SiteEventKind
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.inference.learning.federated import unshared
from clinic_app.inference.learning.fitting import Cases
from clinic_app.services.sites_cases import joint_pool, site_cases
from clinic_app.services.sites_data import SitesTrouble, SiteTooSmall
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.sync.sites import rounds
from clinic_app.sync.sites.exchange import NEWEST, own_of
from clinic_app.sync.sites.messages import JOIN, STOP, Row
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import SHARED, add_case
from tests.support.sites import Shelf, make_files, pooled
from tests.support.town import PEOPLE, Town, let_few_suffice

MANY = 620
"""Three in ten are locked away; of the others, two clinics have the 640 that a third asks for."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    let_few_suffice(monkeypatch)


@pytest.fixture
def town(tmp_path: Path, few: None) -> Town:
    made = Town(tmp_path)
    made.join()
    return made


def lost(shelf: Shelf, row: object) -> None:
    raise CentreUnreachable("No central server answers.")


def fitted_on(clinic: FakeClinic) -> Cases:
    with clinic.store.unit_of_work() as work:
        pool = joint_pool(work, START)
        return own_of(site_cases(work, pool.base, pool.fitted)).cases


def assert_pooled(head: LocalHead, parts: list[Cases]) -> None:
    cuts, weights = pooled(parts, head.penalty)
    assert head.weights == pytest.approx(unshared(weights, 512), abs=1e-6)
    assert head.cuts == pytest.approx(cuts, abs=1e-6)
    assert np.abs(head.weights).max() > 0.01  # there is something to be equal


def test_three_clinics_come_to_the_pooled_head_which_is_a_challenger_as_any_other(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path, MANY)
    town.join()
    town.agree()
    assert town.go_on() == [RoundState.FINISHED] * 3
    parts = [fitted_on(one) for one in town.clinics]
    for place, one in enumerate(town.clinics):
        (row,) = one.services.learning.state().rows
        assert_pooled(row.head, parts)
        assert row.head.sites == ("Clinic 1", "Clinic 2", "Clinic 3")
        assert (row.head.cases, row.head.people) == (
            town.agreed(place)[0],
            len(town.agreed(place)[1]),
        )
        assert row.head.all_cases == sum(map(len, parts))
        assert (row.head.out_of_fold_kappa, row.head.out_of_fold_loss) == (None, None)
        (told,) = town.service(place).standing().rounds
        assert (told.state, told.head, told.sent) == (RoundState.FINISHED, row.head.version, True)
    learning = town.clinics[1].services.learning
    (row,) = learning.state().rows
    with pytest.raises(WrongState, match="not been compared"):
        learning.promote(row.head.id, "At once.", PASSWORD)
    learning.compare(row.head.id)
    (row,) = learning.state().rows
    assert row.comparison is not None
    card = learning.card(row.head.id)
    assert "Clinic 1, Clinic 2, Clinic 3" in card
    assert "no figures" in card
    assert learning.promote(row.head.id, "Closer to us.", PASSWORD).id == row.head.id


def test_who_agreed_to_training_alone_or_to_nothing_is_in_no_sum(town: Town) -> None:
    one = town.clinics[0]
    with one.store.unit_of_work() as work:
        for purposes in ((Purpose.TRAINING_REUSE,), (Purpose.JOINT_LEARNING,), ()):
            for _ in range(10):
                add_case(work, new_id(), purposes=purposes)
        work.commit()
    before = town.service(0).standing()
    town.agree()
    cases, people = town.agreed(0)
    assert (len(cases), len(people)) == (before.cases, before.people)
    agreeing = {one.patient_id for one in town.clinics[0].store.tables.consents[: 2 * PEOPLE]}
    assert set(people) <= agreeing


def test_agreements_carry_name_reason_and_password(town: Town) -> None:
    service = town.service(0)
    with pytest.raises(InvalidInput, match="write down why"):
        service.agree(None, range(3), " ", PASSWORD)
    with pytest.raises(WrongPassword):
        service.agree(None, range(3), "Why.", "wrong")
    with pytest.raises(InvalidInput, match="at least 3 clinics"):
        service.agree(None, (0, 1), "Why.", PASSWORD)
    for other in ((1, 2, 3), (0, 1, 7)):
        with pytest.raises(InvalidInput, match="at least 3 clinics"):
            service.agree(None, other, "Why.", PASSWORD)
    assert not town.box.rows
    row = service.agree(None, range(3), "Why.", PASSWORD)
    assert (row.agreed_by, row.reason, row.state) == ("Amina Diallo", "Why.", RoundState.AGREEING)
    assert row.waiting_for == ("Clinic 2", "Clinic 3")
    signed, sent = town.clinics[0].store.tables.audit[-2:]
    assert (signed.kind, signed.subject_id, signed.detail) == (AuditKind.SIGNED, row.id, "agreed")
    assert (sent.kind, sent.subject_id, sent.detail) == (AuditKind.EXPORTED, row.id, "agreement")
    with pytest.raises(WrongState, match="under way"):
        service.agree(None, range(3), "Again.", PASSWORD)
    (invited,) = town.service(1).look()
    assert (invited.state, invited.sites) == (
        RoundState.INVITED,
        ("Clinic 1", "Clinic 2", "Clinic 3"),
    )
    with pytest.raises(NotFound):
        town.service(1).agree(new_id(), (), "Which?", PASSWORD)


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


@pytest.mark.parametrize("purpose", SHARED)
def test_who_withdraws_before_the_end_stops_the_round(town: Town, purpose: Purpose) -> None:
    town.agree()
    town.service(0).advance()
    leaving = town.agreed(1)[1][0]
    town.withdraw(1, leaving, purpose)
    (marked,) = town.service(1).standing().rounds
    assert marked.withdrawn == 1
    with pytest.raises(SitesTrouble, match="not be used any more"):
        town.service(1).advance()
    assert {site for one, site, number in town.box.rows if number == STOP} == {1}
    (stopped,) = town.service(1).standing().rounds
    assert (stopped.state, stopped.stopped_by, stopped.sent) == (
        RoundState.STOPPED,
        ("Clinic 2",),
        False,
    )
    other = town.service(0).advance()
    assert (other.state, other.stopped_by, other.sent) == (
        RoundState.STOPPED,
        ("Clinic 2",),
        True,
    )
    assert all(not one.services.learning.state().rows for one in town.clinics)


def test_who_withdraws_before_a_round_is_not_in_it_and_after_it_marks_the_head(
    town: Town,
) -> None:
    first = fitted_on(town.clinics[1])
    with town.clinics[1].store.unit_of_work() as work:
        leaving = joint_pool(work, START).fitted[0].person
    town.withdraw(1, leaving, Purpose.JOINT_LEARNING)
    town.agree()
    cases, people = town.agreed(1)
    assert leaving not in people
    assert len(cases) == len(first) - 1
    assert town.go_on() == [RoundState.FINISHED] * 3
    learning = town.clinics[1].services.learning
    (row,) = learning.state().rows
    assert (row.withdrawn, row.head.cases) == (0, cases)
    town.withdraw(1, people[0], Purpose.JOINT_LEARNING)
    (row,) = learning.state().rows
    assert row.withdrawn == 1
    with pytest.raises(WrongState, match="learn with the others again"):
        learning.promote(row.head.id, "Anyway.", PASSWORD)
    (gone,) = [one for one in learning.members(row.head.id) if one.withdrawn]
    assert gone.patient_id == people[0]
    (told,) = town.service(1).standing().rounds
    assert told.withdrawn == 1
    assert town.clinics[0].services.learning.state().rows[0].withdrawn == 0


def test_a_withdrawal_after_the_last_sum_leaves_a_marked_head(town: Town) -> None:
    town.agree()
    late = (town.first_at_the_end() + 1) % 3
    town.withdraw(late, town.agreed(late)[1][0], Purpose.TRAINING_REUSE)
    assert town.service(late).advance().state is RoundState.FINISHED
    (row,) = town.clinics[late].services.learning.state().rows
    assert row.withdrawn == 1


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


def test_beside_a_round_under_way_only_people_who_are_in_none_are_told_to_be_left(
    town: Town,
) -> None:
    town.agree()
    with town.clinics[0].store.unit_of_work() as work:
        for number in range(12):
            add_case(work, new_id(), label=number % 4, purposes=SHARED)
        work.commit()
    now = town.service(0).standing()
    taking = now.under_way
    assert taking is not None
    assert (taking.cases, taking.people) == tuple(map(len, town.agreed(0)))
    assert taking.people > 60
    assert 0 < now.people <= 12
    assert list(map(str, now.against)) == [
        "A round is under way already; it has to end or be stopped first."
    ]
    town.service(0).advance()
    town.service(0).stop(taking.id, "Not now.", PASSWORD)
    after = town.service(0).standing()
    assert (after.under_way, after.people) == (None, now.people)
    assert [str(one) for one in after.against if "of 60 people" in str(one)] == [
        f"There are {now.people} of 60 people who can take part for the first time."
    ]


def test_a_persons_sums_leave_the_clinic_once(town: Town) -> None:
    town.agree()
    town.go_on()
    now = town.service(0).standing()
    assert (now.cases, now.people) == (0, 0)
    assert [str(one) for one in now.against] == [
        "There are 0 of 60 people who can take part for the first time."
    ]
    with pytest.raises(SiteTooSmall, match="first time"):
        town.service(0).agree(None, range(3), "Again.", PASSWORD)
    one = town.clinics[0]
    again = town.agreed(0)[1][0]
    with one.store.unit_of_work() as work:
        twice = add_case(work, new_id(), purposes=SHARED).patient_id
        work.merges.add(
            MergeEvent(new_id(), MergeEventKind.MERGED, twice, again, START, new_id(), "same")
        )
        for number in range(120):
            add_case(work, new_id(), label=number % 4, purposes=SHARED)
        work.commit()
    now = town.service(0).standing()
    assert 60 <= now.people <= 120
    assert now.against == ()
    town.service(0).agree(None, range(3), "With new people.", PASSWORD)
    assert not set(town.agreed(0)[1]) & {again, twice}


def test_who_was_in_a_sum_under_another_record_is_not_new_when_the_merge_is_undone(
    town: Town,
) -> None:
    one = town.clinics[0]
    with one.store.unit_of_work() as work:
        merged, into = (found.person for found in joint_pool(work, START).fitted[:2])
        merge = MergeEvent(new_id(), MergeEventKind.MERGED, merged, into, START, new_id(), "same")
        work.merges.add(merge)
        work.commit()
    town.agree()
    assert merged not in town.agreed(0)[1]
    town.service(0).advance()
    with one.store.unit_of_work() as work:
        work.merges.add(replace(merge, id=new_id(), kind=MergeEventKind.UNDONE))
        work.commit()
    for place in (1, 2):
        town.service(place).advance()
    with pytest.raises(SitesTrouble, match="no longer those"):
        town.service(0).advance()
    assert town.service(0).standing().people == 0


def test_a_merge_that_is_undone_in_a_round_stops_it(town: Town) -> None:
    """The other record has no answer of its own."""
    one = town.clinics[0]
    with one.store.unit_of_work() as work:
        kept = [found.person for found in joint_pool(work, START).fitted[:12]]
        merges = []
        for number, into in enumerate(kept):
            merged = add_case(work, new_id(), label=number % 4, purposes=())
            merges.append(
                MergeEvent(
                    *(new_id(), MergeEventKind.MERGED, merged.patient_id, into),
                    *(START, new_id(), "same"),
                )
            )
            work.merges.add(merges[-1])
        work.commit()
    town.agree()
    with one.store.unit_of_work() as work:
        for merge in merges:
            work.merges.add(replace(merge, id=new_id(), kind=MergeEventKind.UNDONE))
        work.commit()
    with pytest.raises(SitesTrouble, match="not be used any more"):
        town.service(0).advance()
    assert town.box.numbers() == {JOIN, STOP}
    assert town.service(1).advance().stopped_by == ("Clinic 1",)


def test_a_round_that_was_stopped_is_not_entered_again(town: Town) -> None:
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    town.service(1).agree(row.id, (), "We too.", PASSWORD)
    town.exchange.reachable = False
    town.service(1).stop(row.id, "Not now.", PASSWORD)
    town.exchange.reachable = True
    with pytest.raises(WrongState, match="ended already"):
        town.service(1).agree(row.id, (), "After all.", PASSWORD)


def test_an_agreement_of_which_nothing_was_sent_uses_nobody_up(town: Town) -> None:
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    before = town.service(0).standing()
    assert before.people == 0
    stopped = town.service(0).stop(row.id, "They are away.", PASSWORD)
    assert (stopped.state, stopped.sent) == (RoundState.STOPPED, False)
    assert town.service(0).standing().people > 60
    town.agree()
    assert town.go_on() == [RoundState.FINISHED] * 3


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


def test_the_audit_trail_tells_of_every_sum_that_left(town: Town) -> None:
    round_id = town.agree()
    town.go_on()
    for one in town.clinics:
        kept = [number for _, number in one.store.tables.site_messages]
        told = [it for it in one.store.tables.audit if it.kind is AuditKind.EXPORTED]
        assert len(kept) > 3
        assert {it.subject_id for it in told} == {round_id}
        assert [it.detail for it in told] == ["agreement", *(f"sums {n}" for n in kept if n)]


def test_a_clinic_that_never_agrees_declines_or_is_left_out(town: Town) -> None:
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    town.service(1).agree(row.id, (), "We too.", PASSWORD)
    assert town.service(0).advance().waiting_for == ("Clinic 3",)
    declined = town.service(2).stop(row.id, "Not now.", PASSWORD)
    assert (declined.state, declined.stopped_by) == (RoundState.STOPPED, ("Clinic 3",))
    assert town.service(0).advance().stopped_by == ("Clinic 3",)
    assert town.service(1).advance().sent is False
    assert {number for _, _, number in town.box.rows} == {JOIN, STOP}
    with pytest.raises(WrongState, match="No round"):
        town.service(0).advance()


def test_since_when_others_are_silent_is_told_and_what_can_be_done(town: Town) -> None:
    def due(days: int) -> datetime:
        moment = START - timedelta(days=days)
        town.box.clock = lambda: moment
        return moment

    opened = due(5)
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    assert (row.waiting_since, row.sent) == (opened, False)
    assert str(row.silence) == (
        "Nothing has come from Clinic 2, Clinic 3 for 5 days. You can wait, or stop the round for"
        " all."
    )
    (invited,) = town.service(1).look()
    assert (invited.waiting_since, invited.silence) == (opened, None)
    agreed = due(4)
    for place in (1, 2):
        town.service(place).agree(row.id, (), "We too.", PASSWORD)
    (owing,) = town.service(1).look()
    assert (owing.waiting_since, owing.silence) == (agreed, None)
    sent = town.service(0).advance()
    assert (sent.waiting_since, sent.sent) == (agreed, True)
    assert str(sent.silence).endswith(
        "for 4 days. You can wait, or stop the round for all. After a stop, the people whose sums"
        " were sent take part in no other round."
    )
    lately = due(2)
    town.service(1).advance()
    town.service(2).advance()
    now = town.service(0).advance()
    assert (now.steps, now.waiting_since, now.silence) == (1, lately, None)


def test_few_people_are_told_what_is_missing_and_agree_to_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path, people=200)
    town.join()
    (missing,) = town.service(0).standing().against
    assert "of 200 people" in str(missing)
    with pytest.raises(SiteTooSmall, match="of 200 people"):
        town.service(0).agree(None, range(3), "Why.", PASSWORD)
    assert not town.box.rows


def test_too_few_others_stop_the_round_before_any_sum(tmp_path: Path) -> None:
    town = Town(tmp_path, people=310)
    town.join()
    town.agree()
    with pytest.raises(SiteTooSmall, match="fewer than 640 people"):
        town.service(0).advance()
    assert {number for _, _, number in town.box.rows} == {JOIN, STOP}
    (told,) = town.service(0).standing().rounds
    assert (told.state, told.sent) == (RoundState.STOPPED, False)


def test_a_group_is_joined_with_the_code_that_another_clinic_reads_out(tmp_path: Path) -> None:
    town = Town(tmp_path, people=0)
    service = town.service(0)
    assert str(service.standing().against[0]).startswith("This clinic has not joined")
    with pytest.raises(WrongState, match="card first"):
        service.look_at_group(tmp_path / "none")
    with pytest.raises(WrongState, match="card first"):
        service.look()
    cards = [tmp_path / f"{place}.card" for place in range(3)]
    made = [town.service(place).save_card(card) for place, card in enumerate(cards)]
    assert service.save_card(tmp_path / "again.card") == made[0]
    mine, other, _ = make_files(cards, tmp_path)
    seen = service.look_at_group(mine)
    assert [(one.name, one.own) for one in seen.members] == [
        ("Clinic 1", True),
        ("Clinic 2", False),
        ("Clinic 3", False),
    ]
    assert [one.code for one in seen.members] == [one.code for one in made]
    with pytest.raises(InvalidInput, match="another clinic"):
        service.look_at_group(other)
    forged = json.loads(mine.read_bytes())
    forged["group"]["members"][1]["public_key"] = base64.b64encode(bytes(32)).decode()
    bad = tmp_path / "forged"
    bad.write_text(json.dumps(forged))
    with pytest.raises(InvalidInput, match="not the code"):
        service.join_group(bad, seen.code, PASSWORD)
    with pytest.raises(WrongPassword):
        service.join_group(mine, seen.code, "wrong")
    with pytest.raises(WrongState, match="not joined"):
        service.look()
    assert service.join_group(mine, seen.code, PASSWORD) == seen
    assert service.standing().group == seen
    for content in (b"", b"[]", mine.read_bytes()[:-9], b"x" * 2_000_000):
        bad.write_bytes(content)
        with pytest.raises(InvalidInput, match="not a file of a group"):
            service.look_at_group(bad)
    assert json.loads(cards[0].read_bytes()).keys() == {"format", "name", "public_key"}


def test_records_that_make_no_sense_show_nothing_and_stop_nobody(town: Town) -> None:
    """A colleague's laptop can write anything under its signature."""
    town.agree()
    one = town.clinics[0]
    told = one.store.tables.site_events[-1]
    assert told.agreement is not None
    lost = replace(told.agreement, sites=(-1, 1, 7))
    empty = replace(told, id=new_id(), round_id=new_id(), agreement=None)
    one.store.tables.site_events[-1:] = [replace(told, agreement=lost), empty]
    (row,) = town.service(0).standing().rounds
    assert (row.id, row.sites) == (told.round_id, ("Clinic 2",))
    town.service(0).stop(row.id, "It is broken.", PASSWORD)
    assert "under way" not in " ".join(map(str, town.service(0).standing().against))


def test_one_laptop_takes_part_and_the_others_of_its_clinic_see_what_it_did(town: Town) -> None:
    """Records travel, keys do not."""
    town.agree()
    town.go_on()
    one = town.clinics[0]
    tables = one.store.tables
    tables.site_own.clear()
    tables.site_rounds.clear()
    now = one.services.sites.standing()
    assert (now.card, now.group) == (None, None)
    assert "Another laptop" in str(now.against[0])
    assert now.rounds[0].state is RoundState.FINISHED
    for forbidden in (
        one.services.sites.look,
        one.services.sites.advance,
        lambda: one.services.sites.save_card(town.folder / "second.card"),
    ):
        with pytest.raises(WrongState, match="Another laptop"):
            forbidden()
    assert len(one.services.learning.state().rows) == 1


def second_laptop(town: Town, *, joins: bool) -> FakeClinic:
    """The first clinic's records on a laptop that wrote its card before the group of the other one
    came here, and, if so, joined another group then; the other's key stays on the other."""
    one = town.clinics[0]
    came = list(one.store.tables.site_events)
    one.store.tables.site_own.clear()
    one.store.tables.site_events.clear()
    cards = [town.folder / f"second {place}.card" for place in range(3)]
    for place, card in enumerate(cards):
        town.service(place).save_card(card)
    (town.folder / "second").mkdir()
    file = make_files(cards, town.folder / "second")[0]
    if joins:
        service = town.service(0)
        service.join_group(file, service.look_at_group(file).code, PASSWORD)
    one.store.tables.site_events[:0] = came
    return one


def test_a_second_laptop_with_a_card_joins_nothing_once_the_groups_record_came(
    town: Town,
) -> None:
    service = second_laptop(town, joins=False).services.sites
    file = town.folder / "second" / "0.group"
    with pytest.raises(WrongState, match="Another laptop"):
        service.join_group(file, service.look_at_group(file).code, PASSWORD)
    now = service.standing()
    assert now.elsewhere
    assert "Another laptop" in str(now.against[0])


def test_a_second_laptop_that_joined_before_it_knew_agrees_to_nothing(town: Town) -> None:
    service = second_laptop(town, joins=True).services.sites
    assert "Another laptop" in str(service.standing().against[0])
    with pytest.raises(WrongState, match="Another laptop"):
        service.agree(None, range(3), "We too.", PASSWORD)
    assert not town.box.rows


def test_a_second_laptop_leaves_the_round_of_the_first_alone(town: Town) -> None:
    town.agree()
    service = second_laptop(town, joins=True).services.sites
    with pytest.raises(WrongState, match="Another laptop"):
        service.advance()
    assert service.standing().rounds[0].state is RoundState.AGREEING
    assert STOP not in town.box.numbers()


def test_a_second_laptop_that_agreed_before_it_knew_stops_its_round(town: Town) -> None:
    store = town.clinics[0].store
    first = list(store.tables.site_events)
    second_laptop(town, joins=True)
    store.tables.site_events[:] = store.tables.site_events[len(first) :]
    row = town.service(0).agree(None, range(3), "We too.", PASSWORD)
    store.tables.site_events[:0] = first
    with pytest.raises(SitesTrouble, match="Another laptop"):
        town.service(0).advance()
    assert town.box.numbers() == {JOIN, STOP}
    (told,) = town.service(0).standing().rounds
    assert (told.id, told.state, told.sent) == (row.id, RoundState.STOPPED, False)


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


def test_the_head_its_round_and_the_audit_entry_are_one_commit(town: Town) -> None:
    town.agree()
    store = town.clinics[town.first_at_the_end()].store
    (head,) = store.tables.heads.values()
    events = [one for one in store.tables.site_events if one.kind is SiteEventKind.ENDED]
    assert [one.head_id for one in events] == [head.id]
    assert [one.subject_id for one in store.tables.audit][-1] == head.id
    assert store.tables.site_rounds[head.round_id] is None  # type: ignore[index]
