"""A round of learning among clinics that meet at a centre and nowhere else."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from clinic_app.domain.joint_learning import RoundState
from clinic_app.domain.operations import decode_fields, encode_fields
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.inference.learning.federated import Course
from clinic_app.services.sites_data import SitesTrouble, SiteTooSmall
from clinic_app.sync.sites.messages import (
    FIRST_STEP,
    JOIN,
    STOP,
    RoundKey,
    Row,
    opened,
    sealed,
)
from clinic_app.sync.sites.rounds import Join, Own
from tests.fakes.clock import START
from tests.support.sites import Clinics, Memory, Shelf, assert_pooled, own
from tests.unit.inference.learning.made_up import clinic


def test_clinics_that_are_never_online_together_come_to_the_pooled_head() -> None:
    clinics, box = Clinics.made_up(4), Shelf()
    clinics.all_agree(box)
    assert set(clinics.turns(box)) == {RoundState.FINISHED}
    ends = [clinics.part(place, box).standing() for place in range(4)]
    for one in ends:
        assert one.fit is not None
        assert_pooled(one.fit, clinics.own)
        assert (one.fit.weights == ends[0].fit.weights).all()  # type: ignore[union-attr]
    assert ends[0].steps < 20


def test_who_is_awaited_is_told_at_every_point() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    first = clinics.part(0, box)
    assert first.standing().state is RoundState.AGREEING
    assert first.standing().about is None
    first.agree(clinics.own[0], range(3))
    asked = clinics.part(2, box).standing().about
    assert asked is not None
    assert asked.sites == (0, 1, 2)
    assert first.advance(clinics.own[0]).sites == (1, 2)
    clinics.part(1, box).agree(clinics.own[1], range(3))
    assert first.advance(clinics.own[0]).sites == (2,)
    clinics.part(2, box).agree(clinics.own[2], range(3))
    there = first.advance(clinics.own[0])
    assert (there.state, there.sites, there.steps) == (RoundState.FITTING, (1, 2), 0)


def test_since_when_sites_are_awaited_is_told_by_the_centres_clock() -> None:
    """From when their part was due, and not from when they last sent one."""
    clinics, box = Clinics.made_up(), Shelf()
    first = clinics.part(0, box)

    def at(day: int) -> datetime:
        moment = START + timedelta(days=day)
        box.clock = lambda: moment
        return moment

    opened = at(0)
    first.agree(clinics.own[0], range(3))
    at(1)
    clinics.part(1, box).agree(clinics.own[1], range(3))
    assert first.standing().since == opened
    complete = at(2)
    clinics.part(2, box).agree(clinics.own[2], range(3))
    assert first.standing().since == complete
    at(3)
    assert first.advance(clinics.own[0]).since == complete
    for place, day in ((1, 4), (2, 5)):
        last = at(day)
        clinics.part(place, box).advance(clinics.own[place])
    now = clinics.part(1, box).standing()
    assert (now.steps, now.sites, now.since) == (1, (0, 1), last)


def test_nothing_but_an_agreement_is_sent_before_everybody_agreed() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    for place in (0, 1):
        clinics.part(place, box).agree(clinics.own[place], range(3))
        clinics.part(place, box).advance(clinics.own[place])
    assert [row.number for row in box.read(clinics.round)] == [JOIN, JOIN]


def test_a_site_that_never_answers_is_left_out_by_starting_anew() -> None:
    clinics, box = Clinics.made_up(4), Shelf()
    for place in (0, 1, 2):
        clinics.part(place, box).agree(clinics.own[place], range(4))
    assert clinics.part(0, box).advance(clinics.own[0]).sites == (3,)
    clinics.part(0, box).stop()
    assert clinics.part(1, box).advance(clinics.own[1]).state is RoundState.STOPPED
    clinics.begin()
    for place in (0, 1, 2):
        clinics.part(place, box).agree(clinics.own[place], range(3))
    clinics.own = clinics.own[:3]
    assert set(clinics.turns(box)) == {RoundState.FINISHED}


def test_an_invited_site_declines_by_a_stop() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.part(0, box).agree(clinics.own[0], range(3))
    clinics.part(1, box).stop()
    told = clinics.part(0, box).advance(clinics.own[0])
    assert (told.state, told.sites) == (RoundState.STOPPED, (1,))


def changed(whole: Own, **fields: object) -> Own:
    return dataclasses.replace(whole, cases=dataclasses.replace(whole.cases, **fields))  # type: ignore[arg-type]


def other_cases() -> dict[str, Own]:
    """The second clinic's cases after something happened to one of them."""
    whole = own(clinic(1, people=480, size=12).cases, 1)
    bands, people = whole.cases.bands.copy(), whole.cases.people.copy()
    stored = (*whole.stored[:7], whole.stored[8], *whole.stored[8:])
    bands[7] = (bands[7] + 1) % 4
    people[7] = people[8]
    return {
        "withdrawn": Own(
            whole.base, whole.cases.part(np.arange(1, 480)), whole.ids[1:], whole.stored[1:]
        ),
        "read anew": changed(whole, bands=bands),
        "merged": changed(whole, people=people),
        "another picture": dataclasses.replace(whole, stored=stored),
        "other models": dataclasses.replace(whole, base="severity 2 style 1"),
    }


@pytest.mark.parametrize("what", list(other_cases()))
def test_no_sums_are_sent_of_other_cases_than_were_agreed_to(what: str) -> None:
    """The mask of a step is one: of two vectors under it the difference shows who changed."""
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    with pytest.raises(SitesTrouble, match="no longer those"):
        clinics.part(1, box).advance(other_cases()[what])
    assert box.numbers() == {JOIN}


def test_other_last_bits_of_the_same_embeddings_are_the_same_cases() -> None:
    """As after an update within a round, to a program that multiplies in another order."""
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    updated = changed(clinics.own[1], x=np.nextafter(clinics.own[1].cases.x, np.inf))
    clinics.part(1, box).advance(updated)
    assert box.numbers() == {JOIN, FIRST_STEP}


def test_a_complete_round_is_finished_though_a_case_was_withdrawn_or_somebody_stops_it() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    clinics.turns(box)
    clinics.part(2, box).stop()
    late = clinics.part(1, box).advance(other_cases()["withdrawn"])
    assert late.state is RoundState.FINISHED
    assert late.fit is not None


def test_a_site_answers_no_second_time_when_the_centre_shows_another_past() -> None:
    """A centre and a member that work together: everybody is shown the agreements alone again, and
    the member sends other moments, so that all would answer at another place."""
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    for place in (0, 1, 2, 0):
        clinics.part(place, box).advance(clinics.own[place])
    sent = {key: row for key, row in box.rows.items() if key[1] == 0}
    assert max(number for _, _, number in sent) == FIRST_STEP + 1
    rewound = Shelf({key: row for key, row in box.rows.items() if key[2] == JOIN})
    for place in (0, 1):
        clinics.part(place, rewound).advance(clinics.own[place])
    clinics.memories[2] = Memory(clinics.memories[2].key)
    member, lie = clinics.part(2, rewound), clinics.own[2].cases.x * 1.5
    liar = changed(clinics.own[2], x=lie)
    member._send(liar, *member._read(), Course(lie.shape[1]))
    with pytest.raises(SitesTrouble, match="than before"):
        clinics.part(0, rewound).advance(clinics.own[0])
    again = {key: row for key, row in rewound.rows.items() if key[1] == 0}
    assert again.items() <= sent.items()


def _join(clinics: Clinics, box: Shelf, place: int) -> Join:
    content = opened(clinics.joined(place), box.rows[clinics.round, place, JOIN])
    return from_plain(Join, decode_fields(content))


def test_a_message_of_which_no_acknowledgement_came_is_sent_again_to_the_byte() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    before = dict(box.rows)
    clinics.part(0, box).advance(clinics.own[0])
    lost = Shelf(before)
    clinics.part(0, lost).advance(clinics.own[0])
    assert lost.rows == box.rows


def test_without_the_rounds_own_key_nothing_is_sent() -> None:
    """After a restore, or on another laptop."""
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    clinics.memories[0] = Memory(None)
    with pytest.raises(SitesTrouble, match="no key for the round"):
        clinics.part(0, box).advance(clinics.own[0])
    assert box.numbers() == {JOIN}


def test_a_centre_that_swallows_messages_ends_the_try() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    box.post = lambda row: None  # type: ignore[method-assign]
    with pytest.raises(SitesTrouble, match="does not keep"):
        clinics.part(0, box).advance(clinics.own[0])


def test_a_small_site_agrees_to_nothing_and_too_few_others_get_no_sums() -> None:
    clinics, box = Clinics.made_up(people=199), Shelf()
    with pytest.raises(SiteTooSmall):
        clinics.part(0, box).agree(clinics.own[0], range(3))
    assert not box.rows
    clinics = Clinics.made_up(people=200)
    clinics.all_agree(box)
    for place in range(3):
        with pytest.raises(SiteTooSmall, match="fewer than 100 people in a band"):
            clinics.part(place, box).advance(clinics.own[place])
    assert box.numbers() == {JOIN}


def test_sums_of_other_people_than_were_said_lead_to_nothing() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    join = _join(clinics, box, 2)
    more = dataclasses.replace(join.counts, by_band=tuple(n + 50 for n in join.counts.by_band))
    content = encode_fields(to_plain(dataclasses.replace(join, counts=more)))
    row = sealed(clinics.joined(2), clinics.keys[2], Row(clinics.round, 2, JOIN, content))
    box.rows[clinics.round, 2, JOIN] = row
    with pytest.raises(SitesTrouble, match="other people"):
        clinics.turns(box)


@pytest.mark.parametrize("sites", [(0, 1), (0, 1, 1), (0, 1, 7), (1, 2, 3)])
def test_a_round_needs_three_sites_of_the_group_and_oneself(sites: tuple[int, ...]) -> None:
    clinics, box = Clinics.made_up(4), Shelf()
    with pytest.raises(SitesTrouble):
        clinics.part(0, box).agree(clinics.own[0], sites)
    assert not box.rows


def test_who_has_not_agreed_sends_nothing_and_nobody_agrees_to_something_else() -> None:
    clinics, box = Clinics.made_up(4), Shelf()
    clinics.part(0, box).agree(clinics.own[0], range(3))
    with pytest.raises(SitesTrouble, match="not agreed"):
        clinics.part(1, box).advance(clinics.own[1])
    with pytest.raises(SitesTrouble, match="do not agree"):
        clinics.part(1, box).agree(clinics.own[1], range(4))
    other = dataclasses.replace(clinics.own[1], base="severity 2 style 1")
    with pytest.raises(SitesTrouble, match="do not agree"):
        clinics.part(1, box).agree(other, range(3))
    assert len(box.rows) == 1


def test_what_a_member_outside_the_round_puts_there_counts_for_nothing() -> None:
    clinics, box = Clinics.made_up(4), Shelf()
    for place in range(3):
        clinics.part(place, box).agree(clinics.own[place], range(3))
    box.post(Row(clinics.round, 3, JOIN, b"noise"))
    box.post(sealed(clinics.joined(3), clinics.keys[3], Row(clinics.round, 3, STOP, b"")))
    clinics.own = clinics.own[:3]
    assert set(clinics.turns(box)) == {RoundState.FINISHED}


def test_a_message_that_was_altered_moved_or_forged_is_refused() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    row, joined = box.read(clinics.round)[0], clinics.joined(0)
    assert opened(joined, row)
    mallory = sealed(joined, clinics.keys[2], Row(row.round, 1, STOP, b""))
    bad = [
        dataclasses.replace(row, body=row.body[:-1] + bytes([row.body[-1] ^ 1])),
        dataclasses.replace(row, body=b""),
        dataclasses.replace(row, site=1),
        dataclasses.replace(row, site=9),
        dataclasses.replace(row, number=FIRST_STEP),
        dataclasses.replace(row, round=UUID(int=1)),
        mallory,
    ]
    for one in bad:
        with pytest.raises(SitesTrouble, match="altered"):
            opened(joined, one)
    box.post(mallory)
    with pytest.raises(SitesTrouble, match="altered"):
        clinics.part(0, box).advance(clinics.own[0])
    assert box.numbers() == {JOIN, STOP}


def test_clinics_with_different_lists_of_members_understand_nothing() -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.part(0, box).agree(clinics.own[0], range(3))
    named = dataclasses.replace(clinics.group.members[2], name="Another clinic")
    other = dataclasses.replace(clinics.group, members=(*clinics.group.members[:2], named))
    assert other.code != clinics.group.code
    clinics.group = other
    assert clinics.part(1, box).standing().about is None


@pytest.mark.parametrize("public", [bytes(32), b"short"])
def test_a_site_that_agrees_with_no_key_gets_no_sums(public: bytes) -> None:
    clinics, box = Clinics.made_up(), Shelf()
    clinics.all_agree(box)
    join = dataclasses.replace(_join(clinics, box, 2), public=public)
    row = Row(clinics.round, 2, JOIN, encode_fields(to_plain(join)))
    box.rows[clinics.round, 2, JOIN] = sealed(clinics.joined(2), clinics.keys[2], row)
    with pytest.raises(SitesTrouble, match="key for this round"):
        clinics.part(0, box).advance(clinics.own[0])
    assert box.numbers() == {JOIN}


def test_two_sites_share_a_secret_that_changes_with_all_that_was_sent_before() -> None:
    clinics = Clinics.made_up()
    keys = [RoundKey(bytes([n]) * 32) for n in (1, 2)]
    shared = [
        keys[0].shared(clinics.group, clinics.round, keys[1].public, past)
        for past in (b"one", b"other")
    ]
    assert shared[0] != shared[1]
    assert keys[1].shared(clinics.group, clinics.round, keys[0].public, b"one") == shared[0]


def test_no_secret_and_no_case_is_shown() -> None:
    clinics = Clinics.made_up()
    shown = repr(clinics.joined(0))
    assert clinics.key.hex() not in shown
    assert str(clinics.key) not in shown
    assert "array" not in repr(clinics.own[0])
