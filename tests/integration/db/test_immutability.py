"""The second wall: the database itself refuses to change what never changes."""

from __future__ import annotations

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.notes import signed
from tests.integration.db.raw import raw_connection, transaction_of
from tests.integration.db.records import (
    NOON,
    Clinic,
    a_consent,
    a_note,
    a_patient,
    a_safety_event,
    a_screening,
)

NEVER = ("consent", "screening", "safety_event", "audit", "oplog")


@pytest.fixture
def filled(clinic: Clinic) -> Clinic:
    patient, by = a_patient(), clinic.user.id
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.consents.add(a_consent(patient.id, by))
        work.screenings.add(a_screening(patient.id, by))
        work.safety.add(a_safety_event(patient.id, by))
        work.notes.add(a_note(patient.id, by, "draft"))
        note = a_note(patient.id, by, "signed")
        work.notes.add(note)
        work.notes.save(signed(note, by, NOON))
        work.audit.record(AuditKind.CREATED, by, "patient", patient.id)
        work.commit()
    return clinic


def refused(clinic: Clinic, statement: str) -> str:
    with transaction_of(clinic.encrypted) as db, pytest.raises(IntegrityError) as error:
        db.run(text(statement))
    return str(error.value.orig)


@pytest.mark.parametrize("table", NEVER)
def test_rows_are_never_deleted_or_replaced(filled: Clinic, table: str) -> None:
    assert "never" in refused(filled, f"DELETE FROM {table}")
    assert "never" in refused(filled, f"REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize(
    "change",
    [
        "consent SET recorded_at = 0",
        "consent SET body = x'7b7d'",
        "screening SET phq9_total = 0",
        "screening SET patient_id = x'00'",
        "safety_event SET body = x'7b7d'",
        "audit SET detail = 'nothing happened'",
        "audit SET number = number + 100",
        "oplog SET body = x'7b7d'",
        "oplog SET seq = seq + 100",
        "oplog SET hlc = 1",
        "oplog SET entity_id = x'00'",
        "oplog SET hash = x'00'",
    ],
)
def test_rows_never_change(filled: Clinic, change: str) -> None:
    assert "never change" in refused(filled, f"UPDATE {change}")


def test_signed_notes_never_change_and_drafts_may(filled: Clinic) -> None:
    signed_note = "WHERE signed_at IS NOT NULL"
    assert "signed notes never" in refused(filled, f"UPDATE note SET body = x'7b7d' {signed_note}")
    assert "signed notes never" in refused(
        filled, f"UPDATE note SET signed_at = NULL {signed_note}"
    )
    assert "signed notes are never" in refused(filled, f"DELETE FROM note {signed_note}")
    with transaction_of(filled.encrypted) as db:
        assert db.run(text("UPDATE note SET stamps = '[]' WHERE signed_at IS NULL")) == 1


def test_an_operation_is_numbered_signed_and_received_once(filled: Clinic) -> None:
    with transaction_of(filled.encrypted) as db:
        count = db.scalar(text("SELECT count(*) FROM oplog"))
        fill = "UPDATE oplog SET origin = 7, sig = x'01', recv_at = 5"
        assert db.run(text(fill)) == count
        for again in ("origin = 8", "sig = x'02'", "sig = NULL", "recv_at = 6", "recv_at = NULL"):
            with pytest.raises(IntegrityError, match="never change"):
                db.run(text(f"UPDATE oplog SET {again}"))


def test_another_program_with_the_key_meets_the_same_wall(filled: Clinic) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        for table in NEVER:
            with pytest.raises(sqlcipher.IntegrityError, match="never"):
                connection.execute(f"DELETE FROM {table}")


def test_errors_name_no_values(clinic: Clinic) -> None:
    """Names and notes must not reach a log through an error message."""
    with clinic.store.unit_of_work() as work:
        patient = a_patient("Secretname")
        work.patients.add(patient)
        work.commit()
    with transaction_of(clinic.encrypted) as db, pytest.raises(IntegrityError) as error:
        db.run(
            text("INSERT INTO patient (id, known, body, stamps) VALUES (:id, 1, :body, '')"),
            {"id": patient.id.bytes, "body": b"Secretname"},
        )
    assert "Secretname" not in str(error.value)
