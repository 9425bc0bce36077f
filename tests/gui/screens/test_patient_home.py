"""A laptop in a patient's hands: the own pages work, and there is no way out of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMenuBar, QPlainTextEdit, QWidget

from clinic_app.domain.consent import Purpose
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.session import SessionState
from clinic_app.ui.consent_words import shown_now
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from clinic_app.ui.shell.keymap import KEYS
from clinic_app.ui.shell.navigation import PLACES
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.sites import join
from tests.gui.conftest import Driver

SOMEBODY_ELSE = "Quimby"


def reviewed(clinic: FakeClinic, patient_id: UUID) -> None:
    draft = clinic.services.screenings.record_questionnaire(
        patient_id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.services.screenings.finish(draft.id)
    review = clinic.services.reviews.judge(draft.id, ClinicianSeverity.MILD)
    clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)


@pytest.fixture
def me(inside: Driver) -> Patient:
    inside.clinic.add_patient(SOMEBODY_ELSE, "Quentin")
    return inside.clinic.add_patient()


@pytest.fixture
def home(inside: Driver, me: Patient) -> PatientHomeScreen:
    """Handed over from the person's page, as staff do."""
    reviewed(inside.clinic, me.id)
    inside.desk.show_patient(me.id)
    inside.settle()
    inside.click("Hand the laptop over")
    return still_home(inside)


def still_home(driver: Driver) -> PatientHomeScreen:
    """The patient's pages, the session handed over, nothing around or over them."""
    screen = driver.desk.present
    assert isinstance(screen, PatientHomeScreen)
    services = driver.window._services
    assert services is not None
    assert services.session.state is SessionState.HANDED_OVER
    assert not driver.desk.navigation.isVisible()
    assert not driver.desk.header.isVisible()
    assert SOMEBODY_ELSE not in driver.words()
    return screen


def take_back(driver: Driver, password: str = PASSWORD) -> None:
    sheet = driver.desk.sheet
    assert sheet is not None
    field = sheet.findChild(QLineEdit)
    driver.type(field, password)
    driver.press(Qt.Key.Key_Return, field)


def unlock(driver: Driver) -> None:
    page = driver.window.lock_page
    assert page is not None
    driver.type(page.password.edit, PASSWORD)
    driver.press(Qt.Key.Key_Return, page.password.edit)


def open_page(driver: Driver, tile: str) -> None:
    driver.click(tile)


# --- the own pages ----------------------------------------------------------------------------


def test_the_first_page_greets_and_shows_help(inside: Driver, home: PatientHomeScreen) -> None:
    words = inside.words()
    assert "Hello, Chidi" in words
    assert "Night line  0800 111 222" in words
    assert "2 questionnaires wait for you." in words


def test_consent_is_changed_by_the_person(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    open_page(inside, "What may be done")
    assert not home.consent.save.isEnabled()
    inside.click("Taking a picture: no")
    assert "A picture in a screening that is not finished is removed now." in inside.words()
    inside.click("Save my answers")
    assert "Your answers are kept." in inside.words()
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    answer = inside.clinic.services.consents.history(me.id)[-1]
    assert (answer.purpose, answer.granted) == (Purpose.CAPTURE, False)
    assert answer.shown == shown_now()[Purpose.CAPTURE]


def test_other_clinics_are_asked_about_where_this_one_learns_with_some(
    inside: Driver, me: Patient
) -> None:
    clinic = inside.clinic
    with clinic.store.unit_of_work() as work:
        join(work, clinic.services.session.user.id)
        work.commit()
    inside.desk.show_patient(me.id)
    inside.settle()
    inside.click("Hand the laptop over")
    open_page(inside, "What may be done")
    inside.click("Improving the program together with other clinics: yes")
    inside.click("Save my answers")
    answer = clinic.store.tables.consents[-1]
    assert (answer.purpose, answer.granted) == (Purpose.JOINT_LEARNING, True)
    assert answer.shown == shown_now()[Purpose.JOINT_LEARNING]


def test_where_this_clinic_learns_with_none_nobody_is_asked_about_others(
    inside: Driver, home: PatientHomeScreen
) -> None:
    open_page(inside, "What may be done")
    assert not home.consent.purposes[Purpose.JOINT_LEARNING].isVisible()


@pytest.mark.parametrize("named", [True, False])
def test_feedback_is_unnamed_unless_the_person_says_otherwise(
    inside: Driver, home: PatientHomeScreen, me: Patient, named: bool
) -> None:
    open_page(inside, "How was it?")
    assert not home.feedback.send.isEnabled()
    inside.click("4")
    inside.type(home.feedback.text, "Kind people")
    if named:
        home.feedback.named.click()
    inside.click("Send")
    assert "Your words have arrived." in inside.words()
    (kept,) = inside.clinic.store.tables.ratings.values()
    assert (kept.rating, kept.text) == (4, "Kind people")
    assert kept.patient_id == (me.id if named else None)
    open_page(inside, "How was it?")
    assert home.feedback.text.toPlainText() == ""


def test_an_appointment_is_asked_for_on_the_wait_list(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    open_page(inside, "Appointments")
    assert "You have no appointment yet." in inside.words()
    home.appointment.times[-1].click()
    inside.type(home.appointment.reason, "Sleep")
    inside.click("Ask for this appointment")
    assert "The clinic has your request" in inside.words()
    open_page(inside, "Appointments")
    assert "Without a time yet" in inside.words()
    inside.click("Back")
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    (row,) = inside.clinic.services.appointments.of_patient(me.id)
    assert row.appointment.reason == "Sleep"


def test_a_free_time_can_be_asked_for(inside: Driver, home: PatientHomeScreen) -> None:
    open_page(inside, "Appointments")
    assert len(home.appointment.times) > 1
    home.appointment.times[0].click()
    inside.click("Ask for this appointment")
    open_page(inside, "Appointments")
    assert "asked for, the clinic answers soon" in inside.words()


def test_a_reviewed_result_is_read_and_answered(inside: Driver, home: PatientHomeScreen) -> None:
    open_page(inside, "My results")
    words = inside.words()
    assert "The doctor sees a mild burden at the moment." in words
    assert "GAD-7: 7 of 21 points." in words
    assert "affect" not in words
    assert "risk" not in words.lower()
    partly = next(
        one for one in home.results.findChildren(QWidget) if "Partly" in one.accessibleName()
    )
    QTest.mouseClick(partly, Qt.MouseButton.LeftButton)
    inside.settle()
    (kept,) = inside.clinic.store.tables.agreements.values()
    assert kept.agreement.value == "partly"
    still_home(inside)


def answer_all(driver: Driver, home: PatientHomeScreen, value: int) -> None:
    for _ in range(40):
        if home._stack.currentWidget() is not home.questions:
            return
        if home.questions.calm:
            return
        driver.press(Qt.Key(Qt.Key.Key_1 + value), home.questions)
        driver.press(Qt.Key.Key_Return, home.questions)


def test_a_double_press_on_a_result_is_one_answer(inside: Driver, home: PatientHomeScreen) -> None:
    open_page(inside, "My results")
    (screening,) = inside.clinic.store.tables.screenings
    for _ in range(2):
        home.presenter.agree(screening, Agreement.AGREE)
    inside.settle()
    assert len(inside.clinic.store.tables.agreements) == 1


def test_questionnaires_are_answered_and_lead_back_to_the_first_page(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    open_page(inside, "Questions about how you are")
    answer_all(inside, home, 0)
    assert "Thank you. Your answers are kept." in inside.words()
    assert "Everything is handed in." in inside.words()
    draft = next(iter(inside.clinic.store.tables.drafts.values()))
    assert {one.instrument for one in draft.responses} == set(InstrumentName)
    assert draft.patient_id == me.id


def test_item_nine_ends_calmly_and_alerts_the_staff(
    inside: Driver, home: PatientHomeScreen
) -> None:
    open_page(inside, "Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_3, home.questions)
    inside.press(Qt.Key.Key_Return, home.questions)
    words = inside.words()
    assert "Somebody will take a moment to talk with you." in words
    assert "safety" not in words.lower()
    inside.window.lock()
    inside.settle()
    unlock(inside)
    assert "Somebody will take a moment to talk with you." in inside.words()
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    sheet = inside.desk.sheet
    assert sheet is not None
    assert not sheet.dismissible
    assert isinstance(inside.desk.present, PatientScreen)


@pytest.mark.parametrize("changed", [False, True])
def test_a_lock_before_the_next_question_still_ends_calmly(
    inside: Driver, home: PatientHomeScreen, changed: bool
) -> None:
    open_page(inside, "Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_3, home.questions)
    if changed:
        inside.press(Qt.Key.Key_1, home.questions)
    for _ in range(2):
        inside.window.lock()
        inside.settle()
        unlock(inside)
        assert "Somebody will take a moment to talk with you." in inside.words()
        assert "Hello" not in inside.words()
    still_home(inside)
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    assert inside.desk.sheet is not None
    assert not inside.desk.sheet.dismissible


def test_no_answer_under_way_covers_the_request_to_hand_the_laptop_back(
    inside: Driver, home: PatientHomeScreen
) -> None:
    open_page(inside, "Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_2, home.questions)
    inside.press(Qt.Key.Key_Return, home.questions)
    for late in (
        home.presenter.look,
        home.presenter.open_results,
        home.presenter.open_appointments,
    ):
        late()
        inside.settle()
        assert "Somebody will take a moment to talk with you." in inside.words()


# --- no way out -------------------------------------------------------------------------------

PAGES = ["", "What may be done", "How was it?", "Appointments", "My results"]


def press_keys(driver: Driver, keys: str) -> None:
    pressed = QKeySequence(keys)[0]
    target = QApplication.focusWidget() or driver.window
    QTest.keyClick(target, pressed.key(), pressed.keyboardModifiers())
    driver.settle()


@pytest.mark.parametrize("page", PAGES)
def test_no_key_of_the_window_leads_anywhere(
    inside: Driver, home: PatientHomeScreen, page: str
) -> None:
    if page:
        open_page(inside, page)
    shown = home._stack.currentWidget()
    look = inside.appearance.choice
    foreign = ("F10", "Alt", "Ctrl+P", "Ctrl+S", "Ctrl+O", "Ctrl+W", "Ctrl+Q", "Shift+F1", "F11")
    for keys in [*(one for key in KEYS for one in key.keys), *foreign, "Esc"]:
        press_keys(inside, keys)
        assert still_home(inside) is home
        assert home._stack.currentWidget() is shown, keys
        assert inside.desk.sheet is None, keys
    assert inside.appearance.choice == look
    assert not inside.window.locked


def test_no_place_of_the_navigation_and_no_way_of_a_screen_leads_out(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    desk, window = inside.desk, inside.window
    places: list[Callable[[], object]] = [
        lambda name=place[0]: desk.go_to(name) for place in PLACES
    ]
    ways: list[Callable[[], object]] = [
        *places,
        desk.show_today,
        desk.show_worklist,
        desk.show_tasks,
        desk.show_appointments,
        desk.show_patients,
        desk.show_register,
        desk.show_duplicates,
        desk.show_feedback,
        desk.show_models,
        desk.find_patient,
        desk.go_back,
        desk.change_password,
        lambda: desk.show_patient(me.id),
        lambda: desk.show_report(me.id),
        lambda: desk.show_screening(me.id),
        lambda: desk.show_safety(me.id, me.id),
        lambda: desk.show_patient_home(me.id),
        window.sign_out,
        window.close,
    ]
    for way in ways:
        way()
        inside.settle()
        assert still_home(inside) is home
        assert desk.sheet is None
        assert window.isVisible()


def test_there_is_no_menu_and_none_comes_up(inside: Driver, home: PatientHomeScreen) -> None:
    open_page(inside, "How was it?")
    assert inside.window.findChildren(QMenuBar) == []
    for target in (home.feedback.text, home.feedback.text.viewport(), inside.window, home):
        for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
            event = QContextMenuEvent(reason, QPoint(5, 5), target.mapToGlobal(QPoint(5, 5)))
            QApplication.sendEvent(target, event)
            assert QApplication.activePopupWidget() is None
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu)]
    assert not any(one.isVisible() for one in shown)


def test_what_staff_copied_cannot_be_pasted_and_nothing_dropped(
    inside: Driver, home: PatientHomeScreen
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(f"{SOMEBODY_ELSE}, record 12")
    open_page(inside, "How was it?")
    text = home.feedback.text
    text.setFocus()
    for keys in ("Ctrl+V", "Shift+Ins"):
        press_keys(inside, keys)
        assert text.toPlainText() == ""
    data = QMimeData()
    data.setText(SOMEBODY_ELSE)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    for target in (text, text.viewport(), inside.window):
        entered = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
        QApplication.sendEvent(target, entered)
        QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), copy, data, left, none))
        assert text.toPlainText() == ""
    inside.type(text, "mine")
    text.selectAll()
    press_keys(inside, "Ctrl+C")
    assert SOMEBODY_ELSE in clipboard.text()
    clipboard.clear()


def test_the_window_does_not_close_and_only_the_password_takes_it_back(
    inside: Driver, home: PatientHomeScreen
) -> None:
    QApplication.sendEvent(inside.window, QEvent(QEvent.Type.Close))
    inside.settle()
    assert inside.window.isVisible()
    inside.click("I am staff: take the laptop back")
    take_back(inside, "a guess")
    assert inside.desk.sheet is not None
    inside.click("Stay here", inside.desk.sheet)
    still_home(inside)
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    assert isinstance(inside.desk.present, PatientScreen)
    assert inside.desk.navigation.isVisible()
    services = inside.window._services
    assert services is not None
    assert services.session.state is SessionState.ACTIVE


@pytest.mark.parametrize("page", PAGES)
def test_the_lock_takes_everything_about_the_person_away(
    inside: Driver, home: PatientHomeScreen, page: str
) -> None:
    if page:
        open_page(inside, page)
    if page == "How was it?":
        inside.type(home.feedback.text, "Private words")
    inside.window._idle.idle.emit()
    inside.settle()
    assert inside.window.locked
    every = [*inside.window.findChildren(QPlainTextEdit), home]
    assert home.feedback.text.toPlainText() == ""
    assert all("Private" not in one.accessibleName() for one in every)
    hidden = "\n".join(one.text() for one in home.findChildren(type(home._greeting)))
    for word in ("Chidi", "GAD-7:", "burden", "Okafor"):
        assert word not in hidden
    unlock(inside)
    assert "Hello, Chidi" in inside.words()
    still_home(inside)


def test_tab_reaches_every_control_and_each_has_a_name(
    inside: Driver, home: PatientHomeScreen
) -> None:
    reached: set[str] = set()
    for _ in range(12):
        widget = QApplication.focusWidget()
        assert widget is not None
        assert home.isAncestorOf(widget)
        reached.add(widget.accessibleName() or widget.property("text") or "")
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    assert "" not in reached
    assert reached >= {
        "Questions about how you are",
        "What may be done",
        "My results",
        "Appointments",
        "How was it?",
        "I am staff: take the laptop back",
    }


def test_a_place_chosen_while_the_note_is_kept_does_not_follow_the_hand_over(
    inside: Driver, me: Patient
) -> None:
    inside.desk.show_patient(me.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientScreen)
    screen.notes.editor.setPlainText("some words")
    screen.hand_over.click()
    inside.desk.go_to("patients")
    inside.settle()
    assert inside.desk.patient_at_laptop == me.id
    assert isinstance(inside.desk.present, PatientHomeScreen)


def test_a_sheet_of_the_staff_does_not_stay_over_the_persons_pages(
    inside: Driver, me: Patient
) -> None:
    inside.desk.show_patient(me.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientScreen)
    screen.notes.editor.setPlainText("some words")
    screen.hand_over.click()
    screen._correct()
    inside.settle()
    assert inside.desk.patient_at_laptop == me.id
    assert inside.desk.sheet is None
