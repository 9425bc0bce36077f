"""Who may do what: one table, role by action. Services enforce it, screens only follow it."""

from __future__ import annotations

from enum import StrEnum

from clinic_app.domain.people import Role


class Action(StrEnum):
    SEE_PATIENTS = "see_patients"
    REGISTER_PATIENT = "register_patient"
    MERGE_PATIENTS = "merge_patients"
    RECORD_CONSENT = "record_consent"
    TAKE_SCREENING = "take_screening"
    SEE_SCREENINGS = "see_screenings"
    REVIEW_SCREENING = "review_screening"
    SEE_WORKLIST = "see_worklist"
    HANDLE_SAFETY = "handle_safety"
    SEE_NOTES = "see_notes"
    WRITE_NOTE = "write_note"
    SIGN_NOTE = "sign_note"
    RECORD_INTERVENTION = "record_intervention"
    EDIT_TASKS = "edit_tasks"
    HAND_OVER_WORK = "hand_over_work"
    SEE_APPOINTMENTS = "see_appointments"
    REQUEST_APPOINTMENT = "request_appointment"
    DECIDE_APPOINTMENT = "decide_appointment"
    EDIT_OWN_AVAILABILITY = "edit_own_availability"
    EDIT_ANY_AVAILABILITY = "edit_any_availability"
    GIVE_FEEDBACK = "give_feedback"
    SEE_FEEDBACK = "see_feedback"
    EXPORT_FEEDBACK = "export_feedback"
    REPORT_INCIDENT = "report_incident"
    CLOSE_INCIDENT = "close_incident"
    PRINT_REPORT = "print_report"
    SEE_MODELS = "see_models"
    EDIT_MODELS = "edit_models"
    ADJUDICATE = "adjudicate"
    SEE_LEARNING = "see_learning"
    FIT_HEAD = "fit_head"
    PROMOTE_HEAD = "promote_head"
    SHARE_LEARNING = "share_learning"
    USE_STUDIO = "use_studio"
    EDIT_LOOK = "edit_look"
    EXPORT_TRAINING = "export_training"
    SEE_AUDIT = "see_audit"
    EDIT_CLINIC = "edit_clinic"
    EDIT_USERS = "edit_users"
    SEE_DEVICES = "see_devices"
    RUN_RETENTION = "run_retention"
    BACK_UP = "back_up"
    RESTORE = "restore"
    EXPORT_PATIENT = "export_patient"
    ASK_ERASURE = "ask_erasure"
    DECIDE_ERASURE = "decide_erasure"
    SYNC = "sync"
    SETTLE_CONFLICT = "settle_conflict"
    JOIN_CENTRE = "join_centre"
    ANSWER_QUESTIONNAIRE = "answer_questionnaire"
    GIVE_OWN_CONSENT = "give_own_consent"
    SEE_OWN_RESULTS = "see_own_results"
    SEE_OWN_APPOINTMENTS = "see_own_appointments"


_CLINICAL = frozenset(
    {
        Action.SEE_PATIENTS,
        Action.REGISTER_PATIENT,
        Action.MERGE_PATIENTS,
        Action.RECORD_CONSENT,
        Action.TAKE_SCREENING,
        Action.SEE_SCREENINGS,
        Action.SEE_WORKLIST,
        Action.HANDLE_SAFETY,
        Action.SEE_NOTES,
        Action.WRITE_NOTE,
        Action.SIGN_NOTE,
        Action.RECORD_INTERVENTION,
        Action.EDIT_TASKS,
        Action.HAND_OVER_WORK,
        Action.SEE_APPOINTMENTS,
        Action.REQUEST_APPOINTMENT,
        Action.DECIDE_APPOINTMENT,
        Action.EDIT_OWN_AVAILABILITY,
        Action.GIVE_FEEDBACK,
        Action.SEE_FEEDBACK,
        Action.REPORT_INCIDENT,
        Action.PRINT_REPORT,
        Action.SEE_MODELS,
        Action.USE_STUDIO,
        Action.ASK_ERASURE,
        Action.SYNC,
        Action.SETTLE_CONFLICT,
        Action.ANSWER_QUESTIONNAIRE,
    }
)

_DOCTOR = _CLINICAL | {
    Action.REVIEW_SCREENING,
    Action.EXPORT_FEEDBACK,
    Action.CLOSE_INCIDENT,
    Action.ADJUDICATE,
    Action.SEE_LEARNING,
}

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.COUNSELOR: _CLINICAL,
    Role.DOCTOR: _DOCTOR,
    # In a small clinic the administrator set up at first run is often the clinician as well.
    Role.ADMINISTRATOR: _DOCTOR
    | {
        Action.EDIT_ANY_AVAILABILITY,
        Action.EDIT_MODELS,
        Action.FIT_HEAD,
        Action.PROMOTE_HEAD,
        Action.SHARE_LEARNING,
        Action.EDIT_LOOK,
        Action.EXPORT_TRAINING,
        Action.SEE_AUDIT,
        Action.EDIT_CLINIC,
        Action.EDIT_USERS,
        Action.SEE_DEVICES,
        Action.RUN_RETENTION,
        Action.BACK_UP,
        Action.RESTORE,
        Action.EXPORT_PATIENT,
        Action.DECIDE_ERASURE,
        Action.JOIN_CENTRE,
    },
    # Only ever about the person who holds the laptop.
    Role.PATIENT: frozenset(
        {
            Action.ANSWER_QUESTIONNAIRE,
            Action.GIVE_OWN_CONSENT,
            Action.SEE_OWN_RESULTS,
            Action.SEE_OWN_APPOINTMENTS,
            Action.REQUEST_APPOINTMENT,
            Action.GIVE_FEEDBACK,
        }
    ),
}


def allows(role: Role, action: Action) -> bool:
    """Whether ``role`` may do ``action``."""
    return action in ALLOWED[role]
