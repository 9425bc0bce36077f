"""What a nervous hand does: a double click, a key that is held down."""

from __future__ import annotations

from functools import partial
from threading import Event

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.services.session import SessionState
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.gui.conftest import Driver


def test_a_double_click_on_leave_out_leaves_one_questionnaire_out(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic)
    inside.click("Questionnaires only")
    _double_click(inside, screen.phq9.skip)
    assert screen.presenter.step is Step.GAD7
    draft = clinic.services.screenings.draft(screen.presenter.case.draft_id)
    assert draft.left_out == (InstrumentName.PHQ9,)


def test_a_double_click_on_the_consent_does_not_pass_over_the_picture(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic, picture=True)
    screen.presenter.go(Step.CONSENT)
    inside.settle()
    _double_click(inside, screen.consent.next)
    assert screen.presenter.step is Step.PICTURE


def test_a_double_click_on_handing_in_goes_to_the_next_questionnaire_alone(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic)
    inside.click("Questionnaires only")
    for row in screen.phq9.rows:
        QTest.keyClicks(row, "0")
        inside.settle()
    for _ in range(2):  # the second comes before the store has answered the first
        QTest.mouseClick(screen.phq9.hand_in, Qt.MouseButton.LeftButton)
    inside.settle()
    assert screen.presenter.step is Step.GAD7
    assert inside.window.notices.texts == []


def test_a_patients_double_click_passes_over_no_question(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic)
    inside.click("Questionnaires only")
    inside.click("Hand the laptop to the patient")
    QTest.keyClicks(screen.patient, "1")
    inside.settle()
    _double_click(inside, screen.patient.next)
    assert "Question 2 of 16" in inside.words(screen.patient)
    for _ in range(3):
        QTest.keyClick(screen.patient, Qt.Key.Key_Right)
    assert "Question 5 of 16" in inside.words(screen.patient)


def test_a_held_enter_goes_one_page_on_and_writes_lines_all_the_same(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic, picture=True)
    screen.presenter.go(Step.CONSENT)
    inside.settle()
    screen.consent.next.setFocus()
    _hold_enter(inside)
    assert screen.presenter.step is Step.PICTURE
    assert screen.capture.presenter.stage is Stage.BEFORE  # no camera is open yet
    screen.presenter.go(Step.JUDGEMENT)
    inside.settle()
    inside.click("Own judgement: Mild")
    screen.judgement.note.setFocus()
    _hold_enter(inside)
    assert screen.judgement.note.toPlainText() == 5 * "\n"


def _hold_enter(inside: Driver) -> None:
    for repeated in (False, True, True, True, True):
        key = Qt.Key.Key_Return
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "\r", repeated)
        QApplication.sendEvent(inside.window.windowHandle(), event)
        inside.settle()


def test_a_lock_right_after_the_hand_over_leaves_the_patients_page_and_no_other(
    inside: Driver, clinic: FakeClinic
) -> None:
    screen = _in_the_window(inside, clinic)
    inside.click("Questionnaires only")
    gate = Event()
    wait = partial(gate.wait, 20)
    inside.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
    QTest.mouseClick(screen.phq9.hand_over, Qt.MouseButton.LeftButton)
    inside.window.lock()  # before the store has answered
    gate.set()
    inside.settle()
    page = inside.window.lock_page
    assert page is not None
    inside.type(page.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, page.password.edit)
    inside.until(lambda: clinic.services.session.state is SessionState.HANDED_OVER)
    assert screen.patient.isVisible()
    QTest.keyClicks(screen.patient, "1")
    inside.settle()
    with clinic.store.unit_of_work() as work:
        assert work.drafts.all()[0].sheets[0].answers[0] == 0


def _in_the_window(inside: Driver, clinic: FakeClinic, *, picture: bool = False) -> ScreeningScreen:
    patient = clinic.add_patient(**({} if picture else {"consent": ()}))
    draft = clinic.services.screenings.start(patient.id)
    inside.desk.show_screening(draft.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    inside.until(lambda: screen.presenter.step is not None)
    return screen


def _double_click(inside: Driver, pressed: QAbstractButton) -> None:
    """Two clicks at one place, as the window system tells of them: the store answers between."""
    pressed.clicked.connect(inside.settle)
    place = pressed.mapTo(inside.window, pressed.rect().center())
    handle = inside.window.windowHandle()
    QTest.mouseDClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    inside.settle()
