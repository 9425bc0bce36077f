"""Learning with other clinics, from a clinic's side: a round from the agreement to the head."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import InvalidInput, NotFound, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState, SiteEventKind
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.sites_data import SiteTooSmall
from clinic_app.sync.sites.messages import JOIN, STOP
from tests.fakes.clinic import PASSWORD
from tests.fakes.clock import START
from tests.fakes.labelled import SHARED, add_case
from tests.support.town import PEOPLE, Town, assert_pooled, fitted_on

MANY = 620
"""Three in ten are locked away; of the others, two clinics have the 640 that a third asks for."""


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
        for purposes in (LEARNT_FROM, (Purpose.JOINT_LEARNING,), ()):
            for _ in range(10):
                add_case(work, new_id(), purposes=purposes)
        work.commit()
    before = town.service(0).standing()
    town.agree()
    cases, people = town.agreed(0)
    assert (len(cases), len(people)) == (before.cases, before.people)
    answers = town.clinics[0].store.tables.consents[: len(SHARED) * PEOPLE]
    agreeing = {one.patient_id for one in answers}
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


def test_the_head_its_round_and_the_audit_entry_are_one_commit(town: Town) -> None:
    town.agree()
    store = town.clinics[town.first_at_the_end()].store
    (head,) = store.tables.heads.values()
    events = [one for one in store.tables.site_events if one.kind is SiteEventKind.ENDED]
    assert [one.head_id for one in events] == [head.id]
    assert [one.subject_id for one in store.tables.audit][-1] == head.id
    assert store.tables.site_rounds[head.round_id] is None  # type: ignore[index]
