"""The lists that must stay quick are read through their indexes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from clinic_app.domain.ids import new_id
from clinic_app.domain.paging import Position
from clinic_app.domain.schedule import Slot
from clinic_app.domain.worklist import WorklistFilter, WorklistMark
from clinic_app.services.storage import UnitOfWork
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import NOON, Clinic

WHO = new_id()
LATER = NOON + timedelta(days=1)
READS: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "worklist": (lambda work: work.worklist.page(), "ix_worklist_order"),
    "worklist, next page": (
        lambda work: work.worklist.page(after=WorklistMark(3, NOON, WHO)),
        "ix_worklist_order",
    ),
    "worklist, narrowed": (
        lambda work: work.worklist.page(
            WorklistFilter(flagged=True, unreviewed=True, lowest_rank=2)
        ),
        "ix_worklist_order",
    ),
    "worklist, asked for an appointment": (
        lambda work: work.worklist.page(WorklistFilter(requested=True)),
        "ix_appointment_",
    ),
    "worklist, with an overdue task": (
        lambda work: work.worklist.page(WorklistFilter(overdue_on=NOON.date())),
        "ix_task_open",
    ),
    "calendar": (lambda work: work.appointments.between(NOON, LATER), "ix_appointment_start"),
    "calendar of a clinician": (
        lambda work: work.appointments.between(NOON, LATER, clinician_id=WHO),
        "ix_appointment_clinician",
    ),
    "appointments of a patient": (
        lambda work: work.appointments.of_patient(WHO),
        "ix_appointment_patient",
    ),
    "requests": (
        lambda work: work.appointments.requested(after=Position(NOON, WHO)),
        "ix_appointment_",
    ),
    "closed requests without a time": (
        lambda work: work.appointments.closed_without_time(after=Position(NOON, WHO)),
        "ix_appointment_state",
    ),
    "those of a patient": (
        lambda work: work.appointments.closed_without_time(patient_id=WHO),
        "ix_appointment_",
    ),
    "overlap": (
        lambda work: work.appointments.overlapping(Slot(NOON, "UTC", 30, WHO), WHO),
        "ix_appointment_",
    ),
    "open tasks": (lambda work: work.tasks.open(due_before=NOON.date()), "ix_task_open"),
    "own tasks": (lambda work: work.tasks.open(owner=WHO), "ix_task_owner"),
    "tasks of a patient": (lambda work: work.tasks.of_patient(WHO), "ix_task_patient"),
    "interventions": (lambda work: work.interventions.of_patient(WHO), "ix_intervention_patient"),
    "reviews of a screening": (lambda work: work.reviews.of_screening(WHO), "ix_review_screening"),
    "agreement": (lambda work: work.reviews.agreement("1.0"), "ix_review_agreement"),
    "ratings": (
        lambda work: work.ratings.by_month("2026-01", "2026-12", WHO),
        "ix_service_rating_month",
    ),
    "rating texts": (lambda work: work.ratings.with_text(), "ix_service_rating_given"),
    "incidents": (lambda work: work.incidents.newest(open_only=True), "ix_incident_open"),
    "handovers": (lambda work: work.handovers.open_for(WHO), "ix_handover_open"),
    "unsigned notes": (lambda work: work.notes.unsigned(WHO), "ix_note_unsigned"),
    "what a reader issued": (lambda work: work.face_cases.known_to(WHO), "ix_issued_report_by"),
    "what a reader entered": (
        lambda work: work.face_cases.knows(WHO, WHO),
        "ix_result_agreement_entered",
    ),
    "what happened to heads": (
        lambda work: work.head_events.all(),
        "ix_head_event_subject (subject_id<",
    ),
    "whether the clinic learns with others": (
        lambda work: work.site_events.in_group(),
        "ix_site_event_subject",
    ),
    "files read from": (lambda work: work.screenings.read_from("0" * 64), "ix_face_case_source"),
    "pixels that are kept": (lambda work: work.images.holds(b"0" * 32), "image_pixels"),
    "pictures whose pixels nobody has told of": (
        lambda work: work.images.without_digests(50),
        "ix_image_pixels_image",
    ),
    "how many those are": (
        lambda work: work.images.count_without_digests(),
        "ix_image_pixels_image",
    ),
    "reports by hash": (lambda work: work.issued.with_hash("ab" * 6), "ix_issued_report_hash"),
}


@pytest.mark.parametrize("name", READS)
def test_a_list_is_read_through_its_index(clinic: Clinic, name: str) -> None:
    read, index = READS[name]
    asked: list[tuple[str, Any]] = []

    def listen(_conn: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        asked.append((sql, values))

    engine = clinic.encrypted._engine
    event.listen(engine, "before_cursor_execute", listen)
    with clinic.store.unit_of_work() as work:
        read(work)
    event.remove(engine, "before_cursor_execute", listen)
    with transaction_of(clinic.encrypted) as db:
        cursor = db._connection.connection.driver_connection
        assert cursor is not None
        plans = [
            [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
            for sql, values in asked
            if sql.startswith("SELECT")
        ]
        db.row(text("SELECT 1"))
    steps = [step for plan in plans for step in plan]
    assert any(index in step for step in steps), steps
    tables = ("appointment ", "worklist ", "task ", "note ", "review ", "screening ")
    whole = [
        step
        for step in steps
        if step.startswith("SCAN") and "USING" not in step and f"{step[5:]} ".startswith(tables)
    ]
    assert whole == []
