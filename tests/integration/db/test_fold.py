"""Operations of other workstations, in any order: the fold ends in the same rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from clinic_app.db import tables
from clinic_app.db.fold import append
from clinic_app.db.repositories.base import split_plain
from clinic_app.domain.errors import NotFound
from clinic_app.domain.notes import Note, signed
from clinic_app.domain.operations import EntityKind, Operation, encode_fields
from clinic_app.domain.people import Patient
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import (
    NOON,
    Clinic,
    a_finding,
    a_note,
    a_patient,
    a_screening,
)


def operation(
    kind: EntityKind, entity_id: UUID, fields: dict[str, Any], hlc: int, origin: int
) -> Operation:
    return Operation(origin, 1, hlc, hlc, 1, kind, entity_id, encode_fields(fields), b"")


def rows(clinic: Clinic, operations: tuple[Operation, ...], table: Any) -> list[Any]:
    """The rows of ``table`` after these operations; nothing is kept."""
    with transaction_of(clinic.encrypted) as db:
        for one in operations:
            append(db, one)
        return [tuple(row) for row in db.rows(select(table))]


@pytest.fixture
def note(clinic: Clinic) -> Note:
    return a_note(a_patient().id, clinic.user.id, "as written")


def test_a_signature_stands_against_every_other_edit_in_any_order(
    clinic: Clinic, note: Note
) -> None:
    note_id, written = split_plain(note)
    _, final = split_plain(signed(replace(note, text="as signed"), note.author, NOON))
    operations = (
        operation(EntityKind.NOTE, note_id, written, 1, 1),
        operation(EntityKind.NOTE, note_id, {"text": "before"}, 2, 2),
        operation(EntityKind.NOTE, note_id, final, 3, 1),
        operation(EntityKind.NOTE, note_id, {"text": "unseen rival, later"}, 9, 2),
    )
    outcomes = [rows(clinic, order, tables.note) for order in permutations(operations)]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    (row,) = outcomes[0]
    assert encode_fields(final) in row


def test_a_change_before_its_record_waits_unseen(clinic: Clinic) -> None:
    patient = a_patient()
    patient_id, fields = split_plain(patient)
    rename = operation(EntityKind.PATIENT, patient_id, {"family_name": "Later"}, 5, 2)
    added = operation(EntityKind.PATIENT, patient_id, fields, 1, 1)
    with clinic.store.unit_of_work() as work:
        append(work._transaction, rename)  # type: ignore[attr-defined]
        with pytest.raises(NotFound):
            work.patients.get(patient_id)
        assert work.patients.search("later") == []
        assert work.patients.search("") == []
        assert work.patients.count() == 0
        append(work._transaction, added)  # type: ignore[attr-defined]
        found: list[Patient] = work.patients.search("later")
        assert found == [replace(patient, family_name="Later")]


def test_a_field_of_a_newer_program_is_kept(clinic: Clinic) -> None:
    patient = a_patient()
    patient_id, fields = split_plain(patient)
    added = operation(EntityKind.PATIENT, patient_id, {**fields, "pronouns": "they"}, 1, 1)
    with clinic.store.unit_of_work() as work:
        append(work._transaction, added)  # type: ignore[attr-defined]
        assert work.patients.get(patient_id) == patient
        work.patients.save(replace(patient, phone="112"))
        body = work._transaction.scalar(  # type: ignore[attr-defined]
            select(tables.patient.c.body).where(tables.patient.c.id == patient_id)
        )
    assert b'"pronouns":"they"' in body
    assert b'"phone":"112"' in body


def test_a_screening_that_gives_way_to_one_without_a_picture_leaves_no_case(clinic: Clinic) -> None:
    """Two workstations wrote the same identifier: an honest one, and one that was stolen."""
    patient, by = a_patient(), clinic.user.id
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    plain = a_screening(patient.id, by)
    screening_id, fields = split_plain(plain)
    _, pictured = split_plain(
        replace(a_screening(patient.id, by, finding=a_finding()), id=plain.id)
    )
    first = operation(EntityKind.SCREENING, screening_id, fields, 1, 1)
    second = operation(EntityKind.SCREENING, screening_id, pictured, 2, 2)
    for table in (tables.screening, tables.face_case):
        outcomes = [rows(clinic, order, table) for order in permutations((first, second))]
        assert outcomes[0] == outcomes[1]
    assert outcomes[0] == []
