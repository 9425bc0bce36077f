"""Who may do what: one table, role by action. Services enforce it, screens only follow it."""

from __future__ import annotations

from enum import StrEnum

from clinic_app.domain.people import Role


class Action(StrEnum):
    SEE_PATIENTS = "see_patients"
    REGISTER_PATIENT = "register_patient"
    RECORD_CONSENT = "record_consent"
    TAKE_SCREENING = "take_screening"
    SEE_SCREENINGS = "see_screenings"
    HANDLE_SAFETY = "handle_safety"
    SEE_NOTES = "see_notes"
    WRITE_NOTE = "write_note"
    SIGN_NOTE = "sign_note"
    PRINT_REPORT = "print_report"
    SEE_AUDIT = "see_audit"
    EDIT_CLINIC = "edit_clinic"
    EDIT_USERS = "edit_users"
    SEE_MODELS = "see_models"
    ANSWER_QUESTIONNAIRE = "answer_questionnaire"


_CLINICAL = frozenset(
    {
        Action.SEE_PATIENTS,
        Action.REGISTER_PATIENT,
        Action.RECORD_CONSENT,
        Action.TAKE_SCREENING,
        Action.SEE_SCREENINGS,
        Action.HANDLE_SAFETY,
        Action.SEE_NOTES,
        Action.WRITE_NOTE,
        Action.SIGN_NOTE,
        Action.PRINT_REPORT,
        Action.SEE_MODELS,
        Action.ANSWER_QUESTIONNAIRE,
    }
)

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.COUNSELOR: _CLINICAL,
    Role.DOCTOR: _CLINICAL,
    # In a small clinic the administrator set up at first run is often the counselor as well.
    Role.ADMINISTRATOR: _CLINICAL | {Action.SEE_AUDIT, Action.EDIT_CLINIC, Action.EDIT_USERS},
    Role.PATIENT: frozenset({Action.ANSWER_QUESTIONNAIRE}),
}


def allows(role: Role, action: Action) -> bool:
    """Whether ``role`` may do ``action``."""
    return action in ALLOWED[role]
