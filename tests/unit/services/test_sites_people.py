"""Whose sums leave a clinic that learns with others: once, of who agrees, as records are merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.services.sites_cases import joint_pool
from clinic_app.services.sites_data import SitesTrouble, SiteTooSmall
from clinic_app.sync.sites.messages import JOIN, STOP
from tests.fakes.clinic import PASSWORD
from tests.fakes.clock import START
from tests.fakes.labelled import SHARED, add_case
from tests.support.town import Town, fitted_on


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


def test_an_agreement_of_which_nothing_was_sent_uses_nobody_up(town: Town) -> None:
    row = town.service(0).agree(None, range(3), "For all of us.", PASSWORD)
    before = town.service(0).standing()
    assert before.people == 0
    stopped = town.service(0).stop(row.id, "They are away.", PASSWORD)
    assert (stopped.state, stopped.sent) == (RoundState.STOPPED, False)
    assert town.service(0).standing().people > 60
    town.agree()
    assert town.go_on() == [RoundState.FINISHED] * 3
