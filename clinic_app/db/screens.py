"""How each kind of record is shown: its table, its columns, and what else follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from clinic_app.db import projections as project
from clinic_app.db import tables
from clinic_app.db.keyslots import slot_name
from clinic_app.db.screen_columns import (
    absence_columns,
    agreement_columns,
    audit_head_columns,
    consent_columns,
    intervention_columns,
    issued_columns,
    note_columns,
    rating_columns,
    screening_columns,
    task_columns,
)
from clinic_app.db.search import search_columns
from clinic_app.domain.adjudication import AdjudicationEvent
from clinic_app.domain.appointments import AppointmentEvent
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.convergence import Blanking, Settled, SharedImage
from clinic_app.domain.erasure import ErasureEvent
from clinic_app.domain.feedback import IncidentEvent, ResultAgreement, ServiceRating
from clinic_app.domain.handovers import HandoverEvent
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.joint_learning import SiteEvent
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, LocalHead
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.notes import Note
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.reference_look import LookEvent
from clinic_app.domain.reviews import ReviewEvent
from clinic_app.domain.safety import SafetyEvent
from clinic_app.domain.schedule import Absence, Availability
from clinic_app.domain.screening import Screening
from clinic_app.domain.tasks import Task


@dataclass(frozen=True, slots=True)
class Screen:
    """How one kind of record is shown.

    ``columns`` takes the searchable columns from a record. ``merges`` tells records that change
    field by field from events that are only ever added; ``is_final`` says whether fields freeze it.
    ``stamped`` events keep their stamp, in whose order ``project`` folds them into another row;
    ``project`` tells whose place on the worklist may have moved; ``subject`` is what it works out.
    ``beside`` has one more row of an event, which not every one leaves there.
    """

    table: Table
    record: type[Any]
    columns: Callable[[Any], dict[str, Any]]
    merges: bool = False
    is_final: Callable[[Mapping[str, Any]], bool] = lambda fields: False
    stamped: bool = False
    project: project.Projection | None = None
    beside: Table | None = None
    subject: Callable[[Any], Any] = lambda record: record.id


NO_HEAD = UUID(int=0)
"""Stands in the table for going back to no local head."""

EXPORTS = UUID(int=2**128 - 1)
"""Stands in the table for the training sets that went out, which are of no head: behind all others
in its index, so that heads are read without them, whose lists of cases are long."""

NO_LOOK = UUID(int=0)
"""Stands in the table for going back to the shipped look."""

NO_ROUND = UUID(int=0)
"""Stands in the table for this clinic's key and its group, which belong to no round."""


def _story(table: Table, record: type[Any], subject: str, fold: project.Projection) -> Screen:
    """Events of one record each, named by the field ``subject``."""
    return Screen(
        table,
        record,
        lambda event: {"subject_id": getattr(event, subject)},
        stamped=True,
        project=fold,
        subject=lambda event: getattr(event, subject),
    )


def _head_of(event: HeadEvent) -> UUID:
    return EXPORTS if event.kind is HeadEventKind.EXPORTED else event.head_id or NO_HEAD


SCREENS: Mapping[EntityKind, Screen] = {
    EntityKind.CLINIC: Screen(tables.clinic, ClinicProfile, lambda record: {}, merges=True),
    EntityKind.USER: Screen(
        tables.staff_user,
        StaffUser,
        lambda record: {"user_name": slot_name(record.user_name)},
        merges=True,
    ),
    EntityKind.PATIENT: Screen(tables.patient, Patient, search_columns, merges=True),
    EntityKind.CONSENT: Screen(tables.consent, ConsentEvent, consent_columns),
    EntityKind.SCREENING: Screen(
        tables.screening,
        Screening,
        screening_columns,
        project=project.screening,
        beside=tables.face_case,
    ),
    EntityKind.SAFETY: Screen(
        tables.safety_event,
        SafetyEvent,
        lambda record: {"flow_id": record.flow_id, "at": record.at},
        project=project.safety,
        subject=lambda event: event.flow_id,
    ),
    EntityKind.NOTE: Screen(
        tables.note,
        Note,
        note_columns,
        merges=True,
        is_final=lambda fields: fields.get("signed_at") is not None,
    ),
    EntityKind.APPOINTMENT: _story(
        tables.appointment_event, AppointmentEvent, "appointment_id", project.appointment
    ),
    EntityKind.AVAILABILITY: Screen(
        tables.availability,
        Availability,
        lambda record: {"clinician_id": record.clinician_id},
        merges=True,
    ),
    EntityKind.ABSENCE: Screen(tables.absence, Absence, absence_columns, merges=True),
    EntityKind.TASK: Screen(tables.task, Task, task_columns, merges=True),
    EntityKind.INTERVENTION: Screen(tables.intervention, Intervention, intervention_columns),
    EntityKind.REVIEW: _story(tables.review_event, ReviewEvent, "review_id", project.review),
    EntityKind.HANDOVER: _story(
        tables.handover_event, HandoverEvent, "handover_id", project.handover
    ),
    EntityKind.SERVICE_RATING: Screen(tables.service_rating, ServiceRating, rating_columns),
    EntityKind.RESULT_AGREEMENT: Screen(
        tables.result_agreement, ResultAgreement, agreement_columns
    ),
    EntityKind.INCIDENT: _story(
        tables.incident_event, IncidentEvent, "incident_id", project.incident
    ),
    EntityKind.PATIENT_MERGE: _story(
        tables.patient_merge, MergeEvent, "patient_id", project.patient_merge
    ),
    EntityKind.ISSUED_REPORT: Screen(tables.issued_report, IssuedReport, issued_columns),
    EntityKind.ERASURE: _story(tables.erasure_event, ErasureEvent, "request_id", project.erasure),
    EntityKind.SETTLED: Screen(
        tables.settled, Settled, lambda record: {"record_id": record.record_id}
    ),
    EntityKind.BLANKING: Screen(
        tables.blanking, Blanking, lambda record: {"patient_id": record.patient_id}
    ),
    EntityKind.SHARED_IMAGE: Screen(
        tables.shared_image, SharedImage, lambda record: {"patient_id": record.patient_id}
    ),
    EntityKind.ADJUDICATION: Screen(
        tables.adjudication_event,
        AdjudicationEvent,
        lambda event: {"subject_id": event.screening_id},
        stamped=True,
    ),
    EntityKind.LOCAL_HEAD: Screen(
        tables.local_head, LocalHead, lambda record: {"number": record.number}
    ),
    EntityKind.HEAD_EVENT: Screen(
        tables.head_event,
        HeadEvent,
        lambda event: {"subject_id": _head_of(event)},
        stamped=True,
    ),
    EntityKind.LEARNING_KEY: Screen(
        tables.learning_key,
        LearningKey,
        lambda record: {"subject_id": record.id},
        stamped=True,
    ),
    EntityKind.AUDIT_HEAD: Screen(tables.audit_head, AuditHead, audit_head_columns, stamped=True),
    EntityKind.LOOK_EVENT: Screen(
        tables.look_event,
        LookEvent,
        lambda event: {"subject_id": event.look_id or NO_LOOK},
        stamped=True,
    ),
    EntityKind.SITE_EVENT: Screen(
        tables.site_event,
        SiteEvent,
        lambda event: {"subject_id": event.round_id or NO_ROUND},
        stamped=True,
    ),
}
