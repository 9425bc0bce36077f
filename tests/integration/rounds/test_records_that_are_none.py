"""A record that no honest program writes shows nothing, and stops no round of anybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from clinic_app.domain.operations import EntityKind, encode_fields
from clinic_app.domain.record_codec import to_plain
from tests.integration.db.records import (
    a_consent,
    a_finding,
    a_note,
    a_patient,
    a_safety_event,
    a_screening,
)
from tests.integration.rounds.clinics import Workstation, agree, sync_all, writes_raw

FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
"""Moments that are none on other clocks."""


def writes(one: Workstation, kind: EntityKind, record: Any, **fields: Any) -> None:
    """A record with other fields than this program would ever write."""
    plain = {**to_plain(record), **fields}
    writes_raw(one, kind, UUID(plain.pop("id")), encode_fields(plain))


def stops_nobody(north: Workstation, south: Workstation, patient: UUID) -> None:
    sync_all(north, south)
    assert agree(north, south)
    south.renames(patient, phone="112")
    sync_all(south, north)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "112"
        assert not work.screenings.of_patient(patient)


@pytest.mark.parametrize("when", [FIRST, LAST])
@pytest.mark.parametrize("kind", ["patient", "consent", "note", "safety", "screening"])
def test_a_moment_that_is_none_elsewhere(
    north: Workstation, south: Workstation, kind: str, when: str
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    by = north.user.id
    made = {
        "patient": (EntityKind.PATIENT, a_patient("Hostile"), "registered_at"),
        "consent": (EntityKind.CONSENT, a_consent(patient, by), "recorded_at"),
        "note": (EntityKind.NOTE, a_note(patient, by), "written_at"),
        "safety": (EntityKind.SAFETY, a_safety_event(patient, by), "at"),
        "screening": (EntityKind.SCREENING, a_screening(patient, by), "finished_at"),
    }
    entity, record, field = made[kind]
    writes(north, entity, record, **{field: when})
    stops_nobody(north, south, patient)


@pytest.mark.parametrize("answers", [(), (1,) * 10, (7,) * 9])
def test_answers_that_do_not_fit_their_questionnaire(
    north: Workstation, south: Workstation, answers: tuple[int, ...]
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    taken = a_screening(patient, north.user.id)
    responses = [{**to_plain(taken.responses[0]), "answers": list(answers)}]
    writes(north, EntityKind.SCREENING, taken, responses=responses)
    stops_nobody(north, south, patient)


def test_an_embedding_of_numbers_that_no_model_gives(
    north: Workstation, south: Workstation
) -> None:
    """The screening is one; learning has nothing of its picture."""
    patient = south.registers("Honest")
    sync_all(south, north)
    taken = a_screening(patient, north.user.id, finding=a_finding())
    finding = to_plain(taken.finding)
    finding["embedding"] = [1e308] * len(finding["embedding"])
    writes(north, EntityKind.SCREENING, taken, finding=finding)
    sync_all(north, south)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        assert [one.id for one in work.screenings.of_patient(patient)] == [taken.id]
