"""The table of who may do what, all of it."""

from __future__ import annotations

import pytest

from clinic_app.domain.access import ALLOWED, Action, allows
from clinic_app.domain.people import Role

CLINICAL = {
    "see_patients",
    "register_patient",
    "merge_patients",
    "record_consent",
    "take_screening",
    "see_screenings",
    "see_worklist",
    "handle_safety",
    "see_notes",
    "write_note",
    "sign_note",
    "record_intervention",
    "edit_tasks",
    "hand_over_work",
    "see_appointments",
    "request_appointment",
    "decide_appointment",
    "edit_own_availability",
    "give_feedback",
    "see_feedback",
    "report_incident",
    "print_report",
    "see_models",
    "use_studio",
    "ask_erasure",
    "sync",
    "settle_conflict",
    "answer_questionnaire",
}
DOCTOR = CLINICAL | {
    "review_screening",
    "export_feedback",
    "close_incident",
    "adjudicate",
    "see_learning",
}
PATIENT = {
    "answer_questionnaire",
    "give_own_consent",
    "see_own_results",
    "see_own_appointments",
    "request_appointment",
    "give_feedback",
}
EXPECTED = {
    Role.COUNSELOR: CLINICAL,
    Role.DOCTOR: DOCTOR,
    Role.ADMINISTRATOR: DOCTOR
    | {
        "edit_any_availability",
        "edit_models",
        "fit_head",
        "promote_head",
        "share_learning",
        "edit_look",
        "export_training",
        "see_audit",
        "edit_clinic",
        "edit_users",
        "see_devices",
        "run_retention",
        "back_up",
        "restore",
        "export_patient",
        "decide_erasure",
        "join_centre",
    },
    Role.PATIENT: PATIENT,
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_exactly_what_is_written_down(role: Role, action: Action) -> None:
    assert allows(role, action) is (action.value in EXPECTED[role])


def test_every_role_has_a_row() -> None:
    assert set(ALLOWED) == set(Role)


def test_a_patient_reaches_nothing_of_the_clinic() -> None:
    reached = {action.value for action in Action if allows(Role.PATIENT, action)}
    assert reached == PATIENT
    shared = {"answer_questionnaire", "request_appointment", "give_feedback"}
    assert reached & DOCTOR == shared


def test_every_action_is_somebodys() -> None:
    assert set().union(*EXPECTED.values()) == {action.value for action in Action}
