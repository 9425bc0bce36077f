"""Columns of the screen tables that are taken from a record, to search and sort by."""

from __future__ import annotations

from typing import Any

from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.feedback import ResultAgreement, ServiceRating
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.notes import Note
from clinic_app.domain.questionnaires import ITEM_NINE, InstrumentName, Score
from clinic_app.domain.schedule import Absence
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.tasks import Task
from clinic_app.domain.worklist import GAD_RANKS, PHQ_RANKS


def screening_columns(record: Screening) -> dict[str, Any]:
    reading = record.finding.severity if record.finding else None
    phq, gad = _score(record, InstrumentName.PHQ9), _score(record, InstrumentName.GAD7)
    answers = record.response(InstrumentName.PHQ9)
    judged = record.judgement
    decided = judged is not None and judged.severity is not ClinicianSeverity.CANNOT_TELL
    depression = PHQ_RANKS.get(phq.band) if phq and phq.band else None
    anxiety = GAD_RANKS.get(gad.band) if gad and gad.band else None
    return {
        "patient_id": record.patient_id,
        "finished_at": record.finished_at,
        "phq9_total": phq.total if phq and phq.scale == "PHQ-9" else None,
        "gad7_total": gad.total if gad else None,
        "band": None if reading is None else int(reading.band),
        "item_nine": answers.answers[ITEM_NINE] if answers else None,
        "depression_rank": depression,
        "anxiety_rank": anxiety,
        "flagged": judged.flagged if judged else None,
        "assessed": decided or depression is not None or anxiety is not None,
    }


def _score(record: Screening, name: InstrumentName) -> Score | None:
    response = record.response(name)
    return None if response is None else response.score


def note_columns(record: Note) -> dict[str, Any]:
    return {
        "patient_id": record.patient_id,
        "written_at": record.written_at,
        "signed_at": record.signed_at,
        "author": record.author,
        "discarded": record.discarded_at is not None,
    }


def consent_columns(record: ConsentEvent) -> dict[str, Any]:
    return {"patient_id": record.patient_id, "recorded_at": record.recorded_at}


def absence_columns(record: Absence) -> dict[str, Any]:
    return {
        "clinician_id": record.clinician_id,
        "start_at": record.start,
        "end_at": record.end,
        "cancelled": record.cancelled,
    }


def task_columns(record: Task) -> dict[str, Any]:
    return {
        "owner": record.owner,
        "patient_id": record.patient_id,
        "due_on": record.due_on,
        "open": record.open,
    }


def intervention_columns(record: Intervention) -> dict[str, Any]:
    return {"patient_id": record.patient_id, "performed_on": record.performed_on}


def rating_columns(record: ServiceRating) -> dict[str, Any]:
    return {
        "clinic_id": record.clinic_id,
        "month": record.given_on.isoformat()[:7],
        "rating": record.rating,
        "given_at": record.given_at,
        "has_text": bool(record.text),
    }


def agreement_columns(record: ResultAgreement) -> dict[str, Any]:
    return {
        "clinic_id": record.clinic_id,
        "screening_id": record.screening_id,
        "month": record.given_on.isoformat()[:7],
        "agreement": record.agreement.value,
        "given_at": record.given_at,
        "entered_by": record.entered_by,
    }


def issued_columns(record: IssuedReport) -> dict[str, Any]:
    return {
        "patient_id": record.patient_id,
        "data_sha256": record.data_sha256,
        "issued_at": record.issued_at,
        "issued_by": record.by,
    }


def audit_head_columns(record: AuditHead) -> dict[str, Any]:
    return {
        "workstation": record.workstation,
        "number": record.number,
        "mac": record.mac,
        "at": record.at,
        "before": record.before,
        "before_mac": record.before_mac,
    }
