"""Heads, exported sets, keys and the choice of models in the encrypted store."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from clinic_app.db.screens import EXPORTS, NO_HEAD
from clinic_app.db.tables import head_event
from clinic_app.db.tables.walls import lifted
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import NotFound, StoreDamaged, WrongState
from clinic_app.domain.finding import Band, LocalReading
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from tests.fakes.clock import START
from tests.fakes.labelled import add_case
from tests.integration.db.records import Clinic
from tests.unit.domain.test_local_head import HEAD, comparison


def exported_set(clinic: Clinic) -> HeadEvent:
    """A training set goes out; the record of it."""
    by, cases = clinic.user.id, tuple(new_id() for _ in range(3))
    told = HeadEvent(new_id(), HeadEventKind.EXPORTED, START, by, None, "5ha", cases=cases)
    with clinic.store.unit_of_work() as work:
        work.head_events.add(told)
        work.commit()
    return told


def test_heads_are_read_without_the_lists_of_exported_cases(clinic: Clinic) -> None:
    told = exported_set(clinic)
    with clinic.store.unit_of_work() as work:
        assert (work.head_events.all(), work.head_events.exports()) == ([], [told])
    with clinic.encrypted.transaction() as db, lifted(db, head_event):
        db.run(update(head_event).values(body=b"unreadable"))
        db.commit()
    with clinic.store.unit_of_work() as work:
        assert work.head_events.all() == []
        with pytest.raises(StoreDamaged):
            work.head_events.exports()


def test_what_is_said_of_a_head_with_the_number_of_sets_is_no_set(clinic: Clinic) -> None:
    """Nobody makes such a head; a stolen workstation may name it."""
    odd = HeadEvent(new_id(), HeadEventKind.PROMOTED, START, clinic.user.id, EXPORTS, "x")
    with clinic.store.unit_of_work() as work:
        work.head_events.add(odd)
        work.commit()
        assert work.head_events.exports() == []


def test_a_set_that_an_older_program_kept_among_the_decisions_is_told_apart(clinic: Clinic) -> None:
    """Its rows are those of the fifth rules of the fold; the log is the same."""
    told = exported_set(clinic)
    with clinic.encrypted.transaction() as db:
        with lifted(db, head_event):
            db.run(update(head_event).values(subject_id=NO_HEAD))
        db.run(text("UPDATE meta SET value = '5' WHERE name = 'fold'"))
        db.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert (work.head_events.all(), work.head_events.exports()) == ([], [told])


def test_heads_and_what_was_decided_about_them_stay_in_order(clinic: Clinic) -> None:
    by = clinic.user.id
    head = replace(HEAD, id=new_id(), cases=(new_id(), new_id()))
    found = comparison()
    with clinic.store.unit_of_work() as work:
        work.heads.add(head)
        for kind, one in ((HeadEventKind.COMPARED, found), (HeadEventKind.PROMOTED, None)):
            work.head_events.add(HeadEvent(new_id(), kind, START, by, head.id, "why", one))
        # A wall clock that went back does not put it before the promotion.
        early = START - timedelta(days=3)
        work.head_events.add(HeadEvent(new_id(), HeadEventKind.ROLLED_BACK, early, by, None, "x"))
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.heads.get(head.id) == head
        events = work.head_events.all()
        assert [one.kind.value for one in events] == ["compared", "promoted", "rolled_back"]
        assert events[0].comparison == found
        with pytest.raises(NotFound):
            work.heads.get(new_id())
        with pytest.raises(WrongState):
            work.heads.add(head)


def test_the_first_key_counts(clinic: Clinic) -> None:
    keys = [LearningKey(UUID(int=9 - number), START, bytes([number]) * 32) for number in range(3)]
    with clinic.store.unit_of_work() as work:
        assert work.learning_keys.oldest() is None
        for key in keys:
            work.learning_keys.add(key)
        work.commit()
        assert work.learning_keys.oldest() == keys[0]


def test_a_local_reading_is_kept_in_the_screening(clinic: Clinic) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        made = add_case(work, by)
        assert made.finding is not None
        shares = (0.1, 0.2, 0.3, 0.4)
        local = LocalReading("local-1-abcd", new_id(), Band.SEVERE, shares, 66.7)
        second = replace(made, id=new_id(), finding=replace(made.finding, local=local))
        work.screenings.add(second)
        work.commit()
        assert work.screenings.get(second.id).finding == replace(made.finding, local=local)
        cases = {one.screening_id: one.local_shares for one in work.face_cases.all()}
        assert cases == {made.id: None, second.id: shares}


def test_the_choice_of_models_stays_with_its_entry_or_not_at_all(clinic: Clinic) -> None:
    chosen = ModelChoice("1.0.0-0a1b2c3d", "ab" * 32)
    identity = clinic.encrypted.store_id, clinic.encrypted.workstation
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() is None
        work.model_choice.put(ModelChoice("never", "committed"))
    for choice in (chosen, SHIPPED, chosen):
        with clinic.store.unit_of_work() as work:
            work.model_choice.put(choice)
            work.audit.record(AuditKind.CHANGED, clinic.user.id, "models", None, choice.name)
            work.commit()
    clinic.reopen()
    assert (clinic.encrypted.store_id, clinic.encrypted.workstation) == identity
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() == chosen
        assert work.audit.verify().intact


def test_where_exports_lie_is_remembered_as_bytes_and_forgotten(clinic: Clinic) -> None:
    odd = os.fsdecode(b"/media/\xff stick/.clinic-app-export-0a")
    with clinic.store.unit_of_work() as work:
        work.begun_exports.add("/tmp/.clinic-app-export-01")
        work.begun_exports.add(odd)
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert set(work.begun_exports.all()) == {odd, "/tmp/.clinic-app-export-01"}
        work.begun_exports.remove(odd)
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.begun_exports.all() == ["/tmp/.clinic-app-export-01"]
