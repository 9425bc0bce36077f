"""The questionnaires on the screen: keys, patient mode, and the safety steps in both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyState
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.session import SessionState
from clinic_app.ui.contact_words import contact_lines
from clinic_app.ui.language import speak
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from tests.fakes.clinic import CONTACT, PASSWORD, FakeClinic
from tests.gui.screening.conftest import Window


@pytest.fixture
def screen(window: Window, clinic: FakeClinic) -> ScreeningScreen:
    """A draft whose patient wants no picture: at the PHQ-9."""
    patient: Patient = clinic.add_patient(consent=())
    draft = clinic.services.screenings.start(patient.id)
    made = window.open(draft.id)
    window.click(made.consent.only)
    assert made.presenter.step is Step.PHQ9
    return made


def _sheet(clinic: FakeClinic, name: InstrumentName = InstrumentName.PHQ9):
    """As the store has it, whoever holds the laptop."""
    with clinic.store.unit_of_work() as work:
        return work.drafts.all()[0].sheet(name)


def _flow(clinic: FakeClinic):
    return clinic.services.safety.unfinished()[0].flow


def test_keys_answer_and_move_on(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    screen.phq9.rows[0].setFocus()
    for item, key in enumerate("1230"):
        row = screen.phq9.rows[item]
        assert window.page.focusWidget() is row
        window.keys(row, key)
    assert _sheet(clinic).answers[:4] == (1, 2, 3, 0)
    QTest.keyClick(screen.phq9.rows[1], Qt.Key.Key_Backspace)
    window.settle()
    assert _sheet(clinic).answers[1] is None
    assert screen.phq9.rows[0].accessibleDescription() == "1, Several days"
    assert screen.phq9.rows[1].accessibleDescription() == "not answered"


def test_read_aloud_item_nine_opens_the_clinicians_steps_at_once(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    window.keys(screen.phq9.rows[8], "1")
    window.until(lambda: window.desk.sheet is not None)
    sheet = window.desk.sheet
    assert sheet is not None
    assert sheet.findChild(SafetySteps) is not None
    assert not sheet.dismissible
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert window.desk.sheet is sheet
    assert _flow(clinic).state is SafetyState.OPEN


def test_documented_safety_steps_let_the_screening_be_saved(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    window.keys(screen.phq9.rows[8], "2")
    window.until(lambda: window.desk.sheet is not None)
    window.settle()
    draft_id = clinic.services.screenings.drafts()[0].id
    steps = window.desk.sheet.findChild(SafetySteps)
    assert steps is not None
    _document(window, steps)
    window.until(lambda: clinic.services.safety.unfinished() == [])
    window.until(lambda: window.desk.sheet is None)
    for item, key in enumerate("01000000"):
        window.keys(screen.phq9.rows[item], key)
    window.click(screen.phq9.hand_in)
    screen.presenter.go(Step.JUDGEMENT)
    window.click(screen.judgement.choices[ClinicianSeverity.MODERATE])
    screen.presenter.go(Step.FINISH)
    window.settle()
    assert not screen.finish.safety.isVisibleTo(window.page)
    window.click(screen.finish.save)
    assert clinic.services.screenings.get(draft_id).responses[0].score.total == 3


def _document(window: Window, steps: SafetySteps) -> None:
    form = steps.assessment
    for name in ("clinical_assessment", "means_access", "who_was_told", "plan"):
        form.text(name).setPlainText("Asked in person and written down.")
    window.click(form.send)


def test_an_open_safety_flow_is_explained_on_the_last_page_and_can_be_opened(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    window.keys(screen.phq9.rows[8], "1")
    window.until(lambda: window.desk.sheet is not None)
    window.desk.sheet.dismiss()
    window.click(screen.phq9.hand_in)
    screen.phq9.presenter.hand_in_anyway()
    window.settle()
    if window.desk.sheet is not None:
        window.desk.sheet.dismiss()
    screen.presenter.go(Step.FINISH)
    window.settle()
    assert not screen.finish.save.isEnabled()
    window.click(screen.finish.safety)
    assert window.desk.sheet is not None


def test_in_the_patients_hands_item_nine_ends_calmly_and_staff_continues(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    window.click(screen.phq9.hand_over)
    window.until(lambda: screen.patient.isVisible())
    assert clinic.services.session.state is SessionState.HANDED_OVER
    page = screen.patient
    assert contact_lines([CONTACT]) in page.contacts.text()
    for _ in range(8):
        window.keys(page, "2")
        QTest.keyClick(page, Qt.Key.Key_Right)
        window.settle()
    window.keys(page, "3")
    assert window.desk.sheet is None, "nothing opens in front of the patient"
    QTest.keyClick(page, Qt.Key.Key_Right)
    window.settle()
    text = " ".join(one.text() for one in page.findChildren(QLabel) if one.isVisible())
    assert "Please hand the laptop back" in text
    assert "suicid" not in text.lower()
    assert contact_lines([CONTACT]) in text
    window.click(page.hand_back)
    window.take_back()
    window.until(lambda: window.desk.sheet is not None)
    assert window.desk.sheet.findChild(SafetySteps) is not None
    assert window.desk.navigation.isVisible()
    assert screen.presenter.step is Step.PHQ9
    assert _sheet(clinic).answers == (1,) * 8 + (2,)


def test_a_hand_over_goes_on_behind_the_lock(
    window: Window, clinic: FakeClinic, screen: ScreeningScreen
) -> None:
    window.click(screen.phq9.hand_over)
    window.until(lambda: screen.patient.isVisible())
    window.keys(screen.patient, "4")
    patient_id = clinic.services.session.patient_at_laptop
    assert patient_id is not None
    window.desk.hide()
    clinic.services.clinic.lock()
    clinic.services.clinic.resume("quiet-harbour-lamp")
    window.desk.show()
    window.desk.enter_patient_mode(patient_id)
    window.settle()
    assert screen.patient.isVisible()
    assert _sheet(clinic).answers[0] == 3


def test_missing_answers_are_marked_and_the_first_one_has_the_keyboard(
    window: Window, screen: ScreeningScreen
) -> None:
    for item, key in ((0, "1"), (2, "1"), (8, "0")):
        window.keys(screen.phq9.rows[item], key)
    window.click(screen.phq9.hand_in)
    assert screen.phq9.anyway.isVisibleTo(window.page)
    assert window.page.focusWidget() is screen.phq9.rows[1]
    assert screen.phq9.rows[1].property("role") == "warning"
    assert screen.phq9.rows[0].property("role") == "row"


def test_a_loaded_translation_is_asked_in_its_language_and_recorded(
    window: Window, clinic: FakeClinic, tmp_path: Path
) -> None:
    """In a Hindi window; the words are made up, for nobody here translates a questionnaire."""
    path = tmp_path / "phq9.json"
    path.write_text(json.dumps(_made_up_wording()), encoding="utf-8")
    clinic.services.instruments.load(path, PASSWORD)
    speak("hi")
    try:
        draft = clinic.services.screenings.start(clinic.add_patient(consent=()).id)
        made = window.open(draft.id)
        window.click(made.consent.only)
        shown = [one.text() for one in made.phq9.findChildren(QLabel)]
        assert {"made-up stem", "made-up item 1", "2\nmade-up answer 2"} <= set(shown)
        window.keys(made.phq9.rows[0], "2")
        sheet = _sheet(clinic)
        assert sheet is not None
        assert (sheet.language, sheet.version, sheet.answers[0]) == ("hi", "made-up-1", 2)
        assert "made-up answer 2" in made.phq9.rows[0].accessibleDescription()
        made.presenter.go(Step.GAD7)
        window.settle()
        assert made.gad7.rows[0].accessibleName() == "1. Feeling nervous, anxious or on edge"
    finally:
        speak("en")


def test_what_was_begun_in_english_goes_on_in_english(
    window: Window, clinic: FakeClinic, tmp_path: Path
) -> None:
    path = tmp_path / "phq9.json"
    path.write_text(json.dumps(_made_up_wording()), encoding="utf-8")
    clinic.services.instruments.load(path, PASSWORD)
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient(consent=()).id)
    screenings.answer(draft.id, InstrumentName.PHQ9, 0, 1, AnsweredBy.PATIENT)
    speak("hi")
    try:
        made = window.open(draft.id)
        window.click(made.consent.only)
        assert made.phq9.rows[1].accessibleName() == "2. Feeling down, depressed, or hopeless"
    finally:
        speak("en")


def _made_up_wording() -> dict[str, object]:
    return {
        "instrument": "phq9",
        "language": "hi",
        "version": "made-up-1",
        "source": "A made-up publisher",
        "licence": "For this test",
        "stem": "made-up stem",
        "items": [f"made-up item {number}" for number in range(1, 10)],
        "answers": [f"made-up answer {value}" for value in range(4)],
        "difficulty_item": "made-up difficulty",
        "difficulty_answers": [f"made-up difficulty {value}" for value in range(4)],
    }
