"""The second wall: the database itself refuses to change what never changes."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from clinic_app.db.tables import APPEND_ONLY
from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.convergence import Blanking, Settled, SharedImage
from clinic_app.domain.erasure import ErasureEvent, ErasureEventKind
from clinic_app.domain.feedback import (
    Agreement,
    IncidentEvent,
    IncidentEventKind,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.handovers import HandoverEvent, HandoverEventKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.joint_learning import SiteEvent, SiteEventKind
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.notes import signed
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.reference_look import LookEvent, LookEventKind
from clinic_app.domain.reviews import ReviewEvent, ReviewEventKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.storage import UnitOfWork
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
from tests.unit.domain.test_local_head import HEAD

NEVER = (*(table.name for table in APPEND_ONLY), "audit", "oplog")


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
        add_stories(work, patient.id, by)
        work.commit()
    return clinic


def add_stories(work: UnitOfWork, patient_id: UUID, by: UUID) -> None:
    """One row in every other table that is only ever added to."""
    day, screening_id, clinic_id = NOON.date(), new_id(), new_id()
    other = a_patient("Doppel")
    work.patients.add(other)
    asked = AppointmentEventKind.REQUESTED
    work.appointments.add(AppointmentEvent(new_id(), new_id(), patient_id, asked, NOON, by))
    work.interventions.add(Intervention(new_id(), patient_id, "talk", day, by, NOON))
    work.reviews.add(
        ReviewEvent(
            new_id(),
            new_id(),
            screening_id,
            patient_id,
            ReviewEventKind.JUDGED,
            NOON,
            by,
            ClinicianSeverity.MILD,
        )
    )
    over = HandoverEventKind.HANDED_OVER
    work.handovers.add(HandoverEvent(new_id(), new_id(), over, NOON, by, text="Call her."))
    work.ratings.add(ServiceRating(new_id(), clinic_id, 4, NOON, day, by))
    work.agreements.add(
        ResultAgreement(
            new_id(), clinic_id, patient_id, screening_id, Agreement.AGREE, NOON, day, by
        )
    )
    opened = IncidentEventKind.OPENED
    work.incidents.add(IncidentEvent(new_id(), new_id(), clinic_id, opened, NOON, day, by, "Fell"))
    work.merges.add(
        MergeEvent(new_id(), MergeEventKind.MERGED, other.id, patient_id, NOON, by, "the same")
    )
    work.issued.add(IssuedReport(new_id(), "screening", "ab" * 32, NOON, by, patient_id))
    work.erasures.add(
        ErasureEvent(new_id(), new_id(), patient_id, ErasureEventKind.ASKED, NOON, by)
    )
    log = work.log  # type: ignore[attr-defined]
    log.record(EntityKind.SETTLED, Settled(new_id(), new_id(), ("1.1.1",), NOON, by))
    log.record(EntityKind.BLANKING, Blanking(new_id(), patient_id, ((7, 7, 7),), NOON, by))
    image = SharedImage(screening_id, patient_id, "ab" * 32, 5, NOON)
    log.record(EntityKind.SHARED_IMAGE, image)
    log.record(EntityKind.AUDIT_HEAD, AuditHead(new_id(), 1, 5, "ab" * 32, NOON))
    seen, mild = AdjudicationEventKind.READ, ClinicianSeverity.MILD
    work.adjudications.add(
        AdjudicationEvent(new_id(), screening_id, patient_id, seen, NOON, by, mild)
    )
    work.heads.add(HEAD)
    work.head_events.add(HeadEvent(new_id(), HeadEventKind.PROMOTED, NOON, by, HEAD.id, "why"))
    work.learning_keys.add(LearningKey(new_id(), NOON, b"k" * 32))
    work.site_events.add(SiteEvent(new_id(), SiteEventKind.STOPPED, NOON, by, new_id(), "why"))
    back = LookEventKind.TAKEN_BACK
    work.look_events.add(LookEvent(new_id(), back, NOON, by, None, text="why"))


def test_every_table_that_never_changes_holds_something_to_try_it_on(filled: Clinic) -> None:
    with transaction_of(filled.encrypted) as db:
        empty = [name for name in NEVER if not db.scalar(text(f"SELECT count(*) FROM {name}"))]
    assert empty == []


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
def test_no_column_of_a_row_that_is_only_added_changes(filled: Clinic, table: str) -> None:
    columns = next(one for one in APPEND_ONLY if one.name == table).c
    for column in columns:
        assert "never change" in refused(filled, f"UPDATE {table} SET {column.name} = NULL")


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


def test_an_operation_is_numbered_and_signed_once(filled: Clinic) -> None:
    with transaction_of(filled.encrypted) as db:
        count = db.scalar(text("SELECT count(*) FROM oplog"))
        fill = "UPDATE oplog SET origin = 7, sig = x'01', recv_at = 5"
        assert db.run(text(fill)) == count
        for again in ("origin = 8", "sig = x'02'", "sig = NULL"):
            with pytest.raises(IntegrityError, match="never change"):
                db.run(text(f"UPDATE oplog SET {again}"))


def test_of_a_body_nothing_but_the_mark_of_an_erasure_may_take_the_place(filled: Clinic) -> None:
    erased = f"x'ff{'ab' * 32}'"
    for body in ("x'7b7d'", f"{erased[:-3]}'", f"x'fe{'ab' * 32}'"):
        assert "never change" in refused(filled, f"UPDATE oplog SET body = {body}")
    with transaction_of(filled.encrypted) as db:
        assert db.run(text(f"UPDATE oplog SET body = {erased} WHERE seq = 1")) == 1


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
