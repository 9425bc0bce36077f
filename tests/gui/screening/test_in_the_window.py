"""The screening screen inside the whole window: lock, hand-over behind the lock, large text."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
)

from clinic_app.domain.cautions import Caution, beside_estimate
from clinic_app.domain.finding import QualityReason
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.session import SessionState
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.language import speak, spoken
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.screening.case import STEPS, Step
from clinic_app.ui.screens.screening.questionnaire.rows import AnswerRow
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.shell.keymap import show_keys
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.reader import PlayedReader
from tests.fakes.reading import reading
from tests.gui.conftest import Driver


def _open(inside: Driver, clinic: FakeClinic, *, picture: bool) -> ScreeningScreen:
    patient = clinic.add_patient(**({} if picture else {"consent": ()}))
    draft = clinic.services.screenings.start(patient.id)
    inside.desk.show_screening(draft.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    inside.until(lambda: screen.presenter.step is not None)
    return screen


def _unlock(inside: Driver) -> None:
    page = inside.window.lock_page
    assert page is not None
    field = page.password.edit
    QTest.keyClicks(field, PASSWORD)
    QTest.keyClick(field, Qt.Key.Key_Return)
    inside.until(lambda: not inside.window.locked)
    inside.settle()


def test_the_idle_lock_stops_the_camera_and_unlocking_goes_on(
    inside: Driver, clinic: FakeClinic, reader: PlayedReader
) -> None:
    reader.hint = QualityReason.MOVING
    screen = _open(inside, clinic, picture=True)
    with inside.qtbot.waitSignal(screen.capture.camera.seen):
        QTest.mouseClick(screen.capture.open_camera, Qt.MouseButton.LeftButton)
    inside.window.lock()
    inside.until(lambda: reader.opened[0].closed.is_set())
    inside.settle()
    assert clinic.services.session.state is SessionState.LOCKED
    _unlock(inside)
    inside.until(lambda: len(reader.opened) == 2)
    assert screen.presenter.step is Step.PICTURE
    assert inside.desk.present is screen


def test_every_step_begins_at_the_keyboard(inside: Driver, clinic: FakeClinic) -> None:
    screen = _open(inside, clinic, picture=False)
    inside.until(lambda: screen.window().focusWidget() is screen.consent.start)
    inside.click("Questionnaires only")
    inside.until(lambda: screen.window().focusWidget() is screen.phq9.rows[0])
    for key in "000000000":
        QTest.keyClicks(screen.window().focusWidget(), key)
    assert screen.window().focusWidget() is screen.phq9.hand_in
    inside.settle()
    inside.press(Qt.Key.Key_Return, screen.phq9.hand_in)
    inside.until(lambda: screen.window().focusWidget() is screen.gad7.rows[0])


def test_every_control_has_a_name_for_screen_readers(inside: Driver, clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    inside.desk.show_screening(_almost_finished(clinic, patient.id))
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    kinds = (QAbstractButton, QComboBox, QPlainTextEdit, QAbstractSlider, AnswerRow)
    seen = 0
    for step in STEPS:
        screen.presenter.go(step)
        inside.settle()
        for one in (found for kind in kinds for found in screen.findChildren(kind)):
            if one.isVisible() and not isinstance(one, QScrollBar):
                words = one.text() if isinstance(one, QAbstractButton) else ""
                assert one.accessibleName() or words, f"{type(one).__name__} in {step}"
                seen += 1
    assert seen > 100


def test_the_result_says_beside_the_estimate_what_makes_it_less_reliable(
    inside: Driver, clinic: FakeClinic
) -> None:
    inside.desk.show_screening(_almost_finished(clinic, clinic.add_patient().id))
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    screen.presenter.go(Step.RESULT)
    inside.settle()
    shown = [one.text() for one in screen.result.findChildren(QLabel) if one.isVisible()]
    assert beside_estimate(Caution, minor=False) in shown


def test_the_record_is_named_in_the_header_and_back_leads_to_the_patient(
    inside: Driver, clinic: FakeClinic
) -> None:
    _open(inside, clinic, picture=False)
    assert inside.desk.header.title.text() == "Screening"
    assert inside.desk.header.record.text().startswith("Okafor, Chidi · born 17 May 1990")
    inside.desk.go_back()
    inside.settle()
    assert not isinstance(inside.desk.present, ScreeningScreen)


def test_a_patient_keeps_the_laptop_behind_the_lock(inside: Driver, clinic: FakeClinic) -> None:
    screen = _open(inside, clinic, picture=False)
    inside.click("Questionnaires only")
    inside.click("Hand the laptop to the patient")
    inside.until(lambda: screen.patient.isVisible())
    QTest.keyClicks(screen.patient, "2")
    inside.settle()
    inside.window.lock()
    inside.settle()
    _unlock(inside)
    inside.until(lambda: screen.patient.isVisible())
    inside.until(lambda: clinic.services.session.state is SessionState.HANDED_OVER)
    with clinic.store.unit_of_work() as work:
        assert work.drafts.all()[0].sheets[0].answers[0] == 1


def test_every_step_fits_the_window_at_double_text_size_and_in_the_dark(
    inside: Driver, clinic: FakeClinic
) -> None:
    patient = clinic.add_patient()
    draft_id = _almost_finished(clinic, patient.id)
    inside.desk.show_screening(draft_id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    for fold in (screen.result.details.about, screen.result.details.details):
        fold.set_open(True)
    inside.appearance.choice = Choice(Look.DARK, 2.0)
    inside.appearance.apply()
    for step in STEPS:
        screen.presenter.go(step)
        inside.settle()
        page = screen.steps[step]
        assert page.area.widget().width() <= page.area.viewport().width(), step
        assert screen.width() <= inside.window.width()
    assert inside.window.width() == 1280


def test_the_steps_above_are_those_that_the_clinic_asks(inside: Driver, clinic: FakeClinic) -> None:
    settings = clinic.services.clinic
    settings.save(replace(settings.profile(), instruments=(InstrumentName.PHQ9,)), PASSWORD)
    screen = _open(inside, clinic, picture=False)
    shown = [one for one in screen.bar.findChildren(QAbstractButton) if one.isVisible()]
    assert [one.toolTip() for one in shown] == [
        "Consent",
        "Picture",
        "PHQ-9",
        "Your judgement",
        "Result",
        "Finish",
    ]
    assert shown[-1].accessibleName() == "Step 6 of 6: Finish, to do"
    screen.presenter.back_to_patient()
    inside.settle()
    assert "PHQ-9 to do" in inside.words()
    assert "GAD-7 to do" not in inside.words()
    inside.desk.show_today()
    inside.settle()
    assert "PHQ-9 to do" in inside.words()
    assert "GAD-7 to do" not in inside.words()


def test_what_hinders_saving_has_the_keyboard_and_not_throwing_away(
    inside: Driver, clinic: FakeClinic
) -> None:
    patient = clinic.add_patient()
    inside.desk.show_screening(_almost_finished(clinic, patient.id))
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    screen.presenter.go(Step.FINISH)
    inside.settle()
    assert not screen.finish.save.isEnabled()
    inside.until(lambda: isinstance(screen.window().focusWidget(), QPushButton))
    inside.until(lambda: screen.window().focusWidget().text() == "Go there")
    inside.press(Qt.Key.Key_Return)
    assert screen.presenter.step is Step.PHQ9


@pytest.mark.parametrize("language", ["en", "hi"])
def test_no_button_of_a_step_is_cut_off_at_double_text_size(
    inside: Driver, clinic: FakeClinic, language: str
) -> None:
    patient = clinic.add_patient()
    draft_id = _almost_finished(clinic, patient.id)
    try:
        inside.appearance.choice = Choice(Look.LIGHT, 2.0, language)
        inside.appearance.apply()
        inside.until(lambda: inside.window.desk is not None)
        inside.settle()
        assert spoken().code == language
        inside.desk.show_screening(draft_id)
        inside.settle()
        screen = inside.desk.present
        assert isinstance(screen, ScreeningScreen)
        for step in STEPS:
            screen.presenter.go(step)
            inside.settle()
            found = screen.steps[step].findChildren(QPushButton)
            cut = [
                (step.value, one.text(), one.width(), one.sizeHint().width())
                for one in found
                if one.isVisible() and one.text() and one.width() < one.sizeHint().width()
            ]
            assert cut == []
    finally:
        speak("en")


def test_the_alarm_comes_as_soon_as_another_sheet_has_gone(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _open(inside, clinic, picture=False)
    sheet = show_keys(inside.desk)
    clinic.services.screenings.answer(
        screen.presenter.case.draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.READ_ALOUD
    )
    screen.presenter.check_safety()
    inside.settle()
    assert inside.desk.sheet is sheet
    sheet.dismiss()
    inside.until(screen.safety_shown)
    screen.presenter.check_safety()
    inside.settle()
    assert len(inside.desk.findChildren(SafetySteps)) == 1, "it is not raised over itself"


def _almost_finished(clinic: FakeClinic, patient_id: UUID) -> UUID:
    """A draft with everything in it, the estimate shown."""
    screenings = clinic.services.screenings
    draft = screenings.start(patient_id)
    screenings.set_cautions(draft.id, tuple(Caution))
    screenings.attach(draft.id, reading())
    for name, length in ((InstrumentName.PHQ9, 9), (InstrumentName.GAD7, 7)):
        for item in range(length):
            value = 0 if item == 8 else 1
            screenings.answer(draft.id, name, item, value, AnsweredBy.READ_ALOUD)
        screenings.answer_difficulty(draft.id, name, 1)
    screenings.complete(draft.id, InstrumentName.GAD7)
    screenings.judge(draft.id, ClinicianSeverity.MODERATE, "Tired.", flagged=True)
    screenings.reveal(draft.id)
    return draft.id


def test_the_lock_after_an_answer_for_the_staff_ends_the_questions(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _open(inside, clinic, picture=False)
    inside.click("Questionnaires only")
    inside.click("Hand the laptop to the patient")
    inside.until(lambda: screen.patient.isVisible())
    for _ in range(8):
        inside.press(Qt.Key.Key_1, screen.patient)
        inside.press(Qt.Key.Key_Return, screen.patient)
    inside.press(Qt.Key.Key_2, screen.patient)
    inside.window.lock()
    inside.settle()
    _unlock(inside)
    inside.until(lambda: screen.patient.isVisible())
    assert "Somebody will take a moment to talk with you." in inside.words()
