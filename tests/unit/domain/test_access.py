"""The table of who may do what, all of it."""

from __future__ import annotations

import pytest

from clinic_app.domain.access import ALLOWED, Action, allows
from clinic_app.domain.people import Role

CLINICAL = {
    "see_patients",
    "register_patient",
    "record_consent",
    "take_screening",
    "see_screenings",
    "handle_safety",
    "see_notes",
    "write_note",
    "sign_note",
    "print_report",
    "see_models",
    "answer_questionnaire",
}
EXPECTED = {
    Role.COUNSELOR: CLINICAL,
    Role.DOCTOR: CLINICAL,
    Role.ADMINISTRATOR: CLINICAL | {"see_audit", "edit_clinic", "edit_users"},
    Role.PATIENT: {"answer_questionnaire"},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_exactly_what_is_written_down(role: Role, action: Action) -> None:
    assert allows(role, action) is (action.value in EXPECTED[role])


def test_every_role_has_a_row() -> None:
    assert set(ALLOWED) == set(Role)


def test_a_patient_reaches_nothing_but_the_own_questionnaire() -> None:
    assert [action for action in Action if allows(Role.PATIENT, action)] == [
        Action.ANSWER_QUESTIONNAIRE
    ]
