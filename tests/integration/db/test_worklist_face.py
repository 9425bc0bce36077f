"""The worklist of a real store: the same rows whatever was read from anybody's face."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from clinic_app.domain.finding import AbstainReason, Band, Finding
from clinic_app.domain.ids import new_id
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.reviews import ReviewEvent, ReviewEventKind, Verdict
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.worklist import WorklistRow
from clinic_app.services.storage import UnitOfWork
from tests.integration.db.records import (
    NOON,
    Clinic,
    a_finding,
    a_patient,
    a_safety_event,
    a_screening,
)

PEOPLE = 12


def face(band: Band | None) -> Finding:
    """A reading of this band, or one that could not tell."""
    whole = a_finding()
    assert whole.severity is not None
    if band is None:
        return replace(whole, severity=None, abstained=AbstainReason.LOW_CONFIDENCE)
    return replace(whole, severity=replace(whole.severity, band=band))


def people_of(clinic: Clinic, seed: int) -> list[tuple[Screening, ...]]:
    """People with up to three screenings each; some with open safety steps or a review."""
    chance, by = Random(seed), clinic.user.id
    every = []
    with clinic.store.unit_of_work() as work:
        for number in range(PEOPLE):
            born_at = NOON + timedelta(minutes=number)
            patient = a_patient(f"P{number:02}", "", registered_at=born_at)
            work.patients.add(patient)
            taken = []
            for nth in range(chance.randrange(4)):
                at = NOON + timedelta(days=nth, minutes=chance.randrange(600))
                one = a_screening(patient.id, by, finished_at=at)
                answers = tuple(chance.randrange(4) for _ in range(9))
                responses = (replace(one.responses[0], answers=answers),)
                assert one.judgement is not None
                judgement = replace(one.judgement, flagged=chance.random() < 0.3)
                taken.append(replace(one, responses=responses, judgement=judgement))
            every.append(tuple(taken))
            if chance.random() < 0.2:
                work.safety.add(a_safety_event(patient.id, by))
        work.commit()
    return every


def listed(clinic: Clinic, every: list[tuple[Screening, ...]], seed: int | None) -> list[object]:
    """The worklist once these screenings are in, with faces drawn by ``seed`` or with none."""
    chance = Random(seed)
    reviewed = Random(0)
    with clinic.store.unit_of_work() as work:
        for taken in every:
            for one in taken:
                band = chance.choice([None, *Band])
                work.screenings.add(one if seed is None else replace(one, finding=face(band)))
                if reviewed.random() < 0.3:
                    _review(work, clinic, one)
        rows = work.worklist.page(limit=100).rows
    return [_facts(row) for row in rows]  # not committed: the next faces meet the same store


def _review(work: UnitOfWork, clinic: Clinic, screening: Screening) -> None:
    review = new_id()
    judged = ReviewEvent(
        id=new_id(),
        review_id=review,
        screening_id=screening.id,
        patient_id=screening.patient_id,
        kind=ReviewEventKind.JUDGED,
        at=NOON,
        by=clinic.user.id,
        severity=ClinicianSeverity.MILD,
    )
    concluded = replace(
        judged,
        id=new_id(),
        kind=ReviewEventKind.CONCLUDED,
        severity=None,
        verdict=Verdict.OVERRULE,
        text="Tired",
    )
    for event in (judged, concluded):
        work.reviews.add(event)


def _facts(row: WorklistRow) -> tuple[object, ...]:
    return (row.display_name, row.place, row.waiting_since, row.flagged, row.unreviewed)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_stored_worklist_follows_from_no_face(clinic: Clinic, seed: int) -> None:
    every = people_of(clinic, seed)
    without = listed(clinic, every, None)
    assert len(without) == PEOPLE
    for faces in (1, 2, 3):
        assert listed(clinic, every, faces) == without


def test_an_old_total_says_its_day_and_hides_no_newer_question_nine(clinic: Clinic) -> None:
    patient, by = a_patient("Hardly", ""), clinic.user.id
    first = a_screening(patient.id, by, finished_at=NOON)
    second = a_screening(patient.id, by, finished_at=NOON + timedelta(days=90))
    phq = next(one for one in first.responses if one.instrument is InstrumentName.PHQ9)
    gad = replace(phq, instrument=InstrumentName.GAD7, answers=(1,) * 7)
    first = replace(first, responses=(replace(phq, answers=(0,) * 9), gad))
    barely = replace(phq, answers=(0, *(None,) * 7, 2))  # too little for a band
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for one in (first, replace(second, responses=(barely,))):
            work.screenings.add(one)
        work.commit()
        row = work.worklist.of_patient(patient.id)
    assert row is not None
    assert (row.phq9_total, row.phq9_at) == (0, NOON)
    assert (row.gad7_total, row.gad7_at) == (7, NOON)
    assert (row.item_nine, row.last_screened_at) == (2, NOON + timedelta(days=90))
