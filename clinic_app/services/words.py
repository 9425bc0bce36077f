"""Words that the window and the reports share: labels of values, in English, to be translated."""

from __future__ import annotations

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.feedback import Agreement, IncidentCategory
from clinic_app.services.sentiment import Tone

SCORE_BANDS = {
    "none-minimal": "none-minimal",
    "minimal": "minimal",
    "mild": "mild",
    "moderate": "moderate",
    "moderately severe": "moderately severe",
    "severe": "severe",
}
"""Bands of a questionnaire's total, as ``domain.questionnaires`` names them."""

AUDIT_KINDS = {
    AuditKind.SET_UP: "Set up",
    AuditKind.SIGNED_IN: "Signed in",
    AuditKind.SIGNED_OUT: "Signed out",
    AuditKind.SIGN_IN_FAILED: "Wrong password",
    AuditKind.LOCKED: "Locked",
    AuditKind.REAUTHENTICATED: "Proved identity",
    AuditKind.HANDED_TO_PATIENT: "Handed to a patient",
    AuditKind.REFUSED: "Refused",
    AuditKind.SEARCHED: "Searched",
    AuditKind.READ: "Read",
    AuditKind.CREATED: "Created",
    AuditKind.CHANGED: "Changed",
    AuditKind.SIGNED: "Signed",
    AuditKind.ESTIMATE_SHOWN: "Estimate shown",
    AuditKind.SAFETY: "Safety steps",
    AuditKind.PRINTED: "Printed",
    AuditKind.EXPORTED: "Exported",
    AuditKind.CONSENT: "Consent",
    AuditKind.IMAGES_REMOVED: "Pictures removed",
}

AGREEMENTS = {
    Agreement.AGREE: "it fits",
    Agreement.PARTLY: "partly",
    Agreement.DISAGREE: "it does not fit",
}
TONES = {Tone.POSITIVE: "positive", Tone.NEITHER: "neither", Tone.NEGATIVE: "negative"}
INCIDENTS = {
    IncidentCategory.PATIENT_SAFETY: "Safety of a patient",
    IncidentCategory.PRIVACY: "Privacy",
    IncidentCategory.COMPLAINT: "Complaint",
    IncidentCategory.EQUIPMENT: "Equipment",
    IncidentCategory.SOFTWARE: "This program",
    IncidentCategory.OTHER: "Something else",
}
