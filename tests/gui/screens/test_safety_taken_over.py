"""Safety steps that wait for a colleague may be left, but not while the colleague takes over."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.errors import StoreFull
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.ui.screens.safety.view import SafetySteps
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.gui.conftest import Driver


def opened(driver: Driver) -> QLineEdit:
    """Steps that were handed over lie open; the field of the colleague's password."""
    services = driver.clinic.services
    colleague = driver.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    patient = driver.clinic.add_patient()
    services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) * 8 + (2,), AnsweredBy.PATIENT
    )
    (found,) = services.safety.unfinished()
    services.safety.hand_over(found.flow.id, colleague.id)
    driver.desk.show_safety(found.flow.id, patient.id)
    driver.settle()
    return next(one for one in driver.sheet.findChildren(QLineEdit) if one.isVisible())


def test_a_wrong_password_is_told_to_whoever_wanted_to_leave_at_once(inside: Driver) -> None:
    password = opened(inside)
    sheet = inside.sheet
    inside.type(password, "not the password")
    leave = inside.button("Leave for now", sheet)
    gate = inside.hold_the_store()
    inside.strike(inside.button("Take over", sheet), leave)
    left = inside.desk.sheet is None
    gate.set()
    inside.settle()
    assert not left
    assert "This password is not right." in inside.words(sheet)
    inside.click("Leave for now", sheet)
    assert inside.desk.sheet is None
    assert len(inside.clinic.services.safety.unfinished()) == 1


def test_steps_that_nobody_has_taken_over_stay_shut_after_a_refusal(inside: Driver) -> None:
    services, patient = inside.clinic.services, inside.clinic.add_patient()
    draft = services.screenings.start(patient.id)
    flow = services.safety.raise_concern(patient.id, draft.id)
    inside.desk.show_safety(flow.id, patient.id)
    inside.settle()
    sheet = inside.sheet
    steps = sheet.findChild(SafetySteps)
    assert isinstance(steps, SafetySteps)
    for name in ("clinical_assessment", "means_access", "who_was_told", "plan"):
        inside.type(steps.assessment.text(name), f"about {name}")
    inside.settle()
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Document and close", sheet)
    inside.clinic.store.commit_fails_with = None
    assert "The disk is full." in inside.words(sheet)
    inside.press(Qt.Key.Key_Escape, sheet)
    assert inside.desk.sheet is sheet
    inside.click("Document and close", sheet)
    assert services.safety.unfinished() == []
