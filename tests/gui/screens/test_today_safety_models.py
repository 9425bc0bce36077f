"""The first screen, the safety steps and the models, by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument, QTextImageFormat
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import ModelRejected, StoreFull
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment, SafetyState
from clinic_app.ui.language import speak
from clinic_app.ui.screens.models.view import ModelsScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.today.view import TodayScreen
from clinic_app.ui.strings import tr
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.gui.conftest import Driver


@pytest.fixture
def flow_id(inside: Driver) -> UUID:
    """An open flow, seen on the first screen."""
    clinic = inside.clinic
    patient = clinic.add_patient()
    clinic.services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) * 8 + (2,), AnsweredBy.PATIENT
    )
    inside.desk.show_today()
    inside.settle()
    return clinic.services.safety.unfinished()[0].flow.id


@pytest.fixture
def steps(inside: Driver, flow_id: UUID) -> SafetySteps:
    inside.click("Open the safety steps for Okafor, Chidi")
    sheet = inside.sheet
    found = sheet.findChild(SafetySteps)
    assert isinstance(found, SafetySteps)
    return found


def state_of(driver: Driver, flow_id: UUID) -> SafetyState:
    with driver.clinic.store.unit_of_work() as work:
        return work.safety.flow(flow_id).state


def fill(driver: Driver, steps: SafetySteps) -> None:
    for name in ("clinical_assessment", "means_access", "who_was_told", "plan"):
        driver.type(steps.assessment.text(name), f"about {name}")
    steps.assessment.day.setText((utc_now() + timedelta(days=3)).date().isoformat())


# --- today -----------------------------------------------------------------------------------


def test_a_quiet_day_says_so(inside: Driver) -> None:
    assert "Nothing is waiting" in inside.words()


def test_open_safety_steps_stand_before_everything_else(inside: Driver, flow_id: UUID) -> None:
    words = inside.words()
    assert words.index("Safety steps to finish") < words.index("Screenings to finish")
    assert "safety steps come first" in words


def test_a_screening_is_continued_from_the_first_screen(inside: Driver) -> None:
    clinic = inside.clinic
    clinic.services.screenings.start(clinic.add_patient().id)
    inside.desk.show_today()
    inside.settle()
    inside.click("Continue the screening of Okafor, Chidi")
    assert inside.desk.header.title.text() == "Screening"


def test_a_name_typed_on_the_first_screen_is_looked_for(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = inside.desk.present
    assert isinstance(screen, TodayScreen)
    assert screen.wanted.hasFocus()
    inside.type(screen.wanted, "chidi")
    inside.press(Qt.Key.Key_Return, screen.wanted)
    found = inside.desk.present
    assert isinstance(found, PatientsScreen)
    assert found.rows.rowCount() == 1
    assert found.search.text() == "chidi"


@pytest.fixture(params=["en", "hi"])
def language(request: pytest.FixtureRequest, inside: Driver) -> Iterator[str]:
    speak(request.param)
    inside.settle()
    yield request.param
    speak("en")


def test_what_can_be_typed_to_find_somebody_is_read_whole(inside: Driver, language: str) -> None:
    inside.window.resize(1280, 800)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, TodayScreen)
    begins = screen.wanted.cursorRect().center().x()
    needed = screen.wanted.fontMetrics().horizontalAdvance(screen.wanted.placeholderText())
    assert begins + needed < screen.wanted.width() - 8
    assert tr("Name, phone, number or birth date") == screen.wanted.toolTip()


def test_a_name_written_from_right_to_left_begins_under_the_others(inside: Driver) -> None:
    clinic = inside.clinic
    arabic, latin = "مثال", "Sample"
    for family, given in ((arabic, "عينة"), (latin, "Ben")):
        clinic.services.screenings.start(clinic.add_patient(family, given).id)
    inside.desk.show_today()
    inside.settle()
    shown = inside.desk.present.findChildren(QLabel)
    (first,), (second,) = (
        [one for one in shown if one.text().startswith(name)] for name in (arabic, latin)
    )
    assert abs(left_ink(first) - left_ink(second)) <= 3


def left_ink(shown: QLabel) -> int:
    """The first column of the window in which something of this label is drawn."""
    image = shown.grab().toImage()
    paper = image.pixel(image.width() - 1, 0)
    columns = (
        x
        for x in range(image.width())
        if any(image.pixel(x, y) != paper for y in range(image.height()))
    )
    return shown.mapTo(shown.window(), QPoint(next(columns), 0)).x()


def test_trouble_on_the_first_screen_can_be_tried_again(inside: Driver) -> None:
    inside.clinic.store.closed = True
    inside.desk.refresh()
    inside.settle()
    assert "The store is closed." in inside.words()
    inside.clinic.store.closed = False
    inside.click("Try again")
    assert "Nothing is waiting" in inside.words()


# --- safety ----------------------------------------------------------------------------------


def test_the_steps_show_whom_to_call_and_no_label_of_risk(
    inside: Driver, steps: SafetySteps
) -> None:
    words = inside.words(steps)
    assert "Night line\n0800 111 222\nday and night" in words
    assert "risk" not in words.lower()


def test_open_steps_cannot_be_dismissed_left_or_closed_with_the_window(
    inside: Driver, steps: SafetySteps, flow_id: UUID
) -> None:
    inside.press(Qt.Key.Key_Escape)
    assert inside.desk.sheet is not None
    inside.shortcut(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert inside.desk.header.title.text() == "Today"
    assert not steps.leave.isVisible()
    inside.window.close()
    inside.settle()
    assert inside.window.isVisible()
    assert "finish what is open" in inside.window.notices.texts[0]
    assert state_of(inside, flow_id) is SafetyState.OPEN


def test_the_lock_still_works_over_open_steps(inside: Driver, steps: SafetySteps) -> None:
    inside.type(steps.assessment.first, "Passive thoughts")
    inside.shortcut(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert inside.window.locked
    inside.unlock("quiet-harbour-lamp")
    assert steps.isVisible()
    assert steps.assessment.first.toPlainText() == "Passive thoughts"


def kept_texts(driver: Driver) -> list[Mapping[str, str]]:
    return [one.texts for one in driver.clinic.store.tables.forms.values()]


def reopened(driver: Driver) -> SafetySteps:
    """The steps as the program shows them after it went away without a word."""
    assert driver.desk.sheet is not None
    driver.desk.sheet.dismiss()
    driver.desk.show_today()
    driver.settle()
    driver.click("Open the safety steps for Okafor, Chidi")
    assert driver.desk.sheet is not None
    found = driver.desk.sheet.findChild(SafetySteps)
    assert isinstance(found, SafetySteps)
    return found


def test_a_begun_assessment_is_kept_after_a_pause_and_there_again(
    inside: Driver, steps: SafetySteps, flow_id: UUID
) -> None:
    inside.type(steps.assessment.first, "Passive thoughts")
    assert "Not kept yet…" in inside.words(steps)
    inside.until(lambda: kept_texts(inside) == [{"clinical_assessment": "Passive thoughts"}])
    inside.settle()
    assert "not handed in." in inside.words(steps)
    again = reopened(inside)
    assert again.assessment.first.toPlainText() == "Passive thoughts"
    assert "You began this and have not handed it in." in inside.words(again)
    inside.click("Go on with it")
    assert "You began this" not in inside.words(again)
    inside.click("Start anew…")
    inside.click("Cancel")
    assert again.assessment.first.toPlainText() == "Passive thoughts"
    inside.click("Start anew…")
    inside.click("Start anew")
    assert again.assessment.first.toPlainText() == ""
    assert kept_texts(inside) == []
    assert "Kept at" not in inside.words(again)


def test_the_last_words_before_the_lock_are_in_the_store(
    inside: Driver, steps: SafetySteps
) -> None:
    inside.type(steps.assessment.text("plan"), "Call")
    inside.shortcut(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert inside.window.locked
    assert kept_texts(inside) == [{"plan": "Call"}]


def test_a_handed_in_assessment_leaves_no_words_behind(inside: Driver, steps: SafetySteps) -> None:
    fill(inside, steps)
    inside.until(lambda: len(kept_texts(inside)) == 1)
    inside.click("Document and close")
    assert inside.desk.sheet is None
    assert kept_texts(inside) == []


def test_words_that_cannot_be_kept_are_said_and_stay(inside: Driver, steps: SafetySteps) -> None:
    store = inside.clinic.store
    store.commit_fails_with = StoreFull("The disk is full.")
    inside.type(steps.assessment.first, "Passive")
    inside.until(lambda: "The disk is full." in steps.kept.state.text())
    store.commit_fails_with = None
    inside.type(steps.assessment.first, " thoughts")
    inside.until(lambda: kept_texts(inside) == [{"clinical_assessment": "Passive thoughts"}])


def test_a_documented_assessment_closes_the_steps(
    inside: Driver, steps: SafetySteps, flow_id: UUID
) -> None:
    fill(inside, steps)
    inside.click("Document and close")
    assert inside.desk.sheet is None
    assert state_of(inside, flow_id) is SafetyState.CLOSED
    assert "Safety steps to finish" not in inside.words()


def test_steps_that_another_laptop_has_completed_can_be_left(
    inside: Driver, steps: SafetySteps, flow_id: UUID
) -> None:
    fill(inside, steps)
    inside.clinic.services.safety.assess(  # as if a round had brought it
        flow_id, SafetyAssessment("a", "b", "c", "d", utc_now() + timedelta(days=3))
    )
    inside.click("Document and close")
    assert "completed on another laptop" in inside.words(steps)
    assert not steps.assessment.send.isEnabled()
    assert steps.assessment.first.toPlainText() == "about clinical_assessment"
    inside.settle()
    assert steps.leave.visibleRegion().boundingRect().size() == steps.leave.size()
    inside.click("Close", steps)
    assert inside.desk.sheet is None


def test_what_is_missing_in_the_assessment_is_told_beside_it(
    inside: Driver, steps: SafetySteps, flow_id: UUID
) -> None:
    fill(inside, steps)
    steps.assessment.text("plan").clear()
    inside.click("Document and close")
    field = steps.assessment.fields["plan"]
    assert field.message == "Please write down the plan."
    assert field.editor.hasFocus()
    assert state_of(inside, flow_id) is SafetyState.OPEN


def test_without_a_colleague_handing_over_says_what_to_do(
    inside: Driver, steps: SafetySteps
) -> None:
    inside.click("Hand over to a colleague")
    assert "no other member of staff" in inside.words(steps)


def test_handing_over_waits_for_the_colleagues_own_password(inside: Driver, flow_id: UUID) -> None:
    inside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    inside.click("Open the safety steps for Okafor, Chidi")
    inside.click("Hand over to a colleague")
    sheet = inside.sheet
    next(box for box in sheet.findChildren(QComboBox) if box.isVisible()).setCurrentIndex(1)
    inside.click("Hand over")
    assert state_of(inside, flow_id) is SafetyState.HANDED_OVER
    assert "Handed to Tomas" in inside.words(sheet)
    inside.click("Leave for now")
    assert inside.desk.sheet is None
    assert "Handed to Tomas, who has not taken over yet." in inside.words()
    inside.click("Open the safety steps for Okafor, Chidi")
    sheet = inside.sheet
    password = next(one for one in sheet.findChildren(QLineEdit) if one.isVisible())
    inside.type(password, "not the password")
    inside.click("Take over")
    assert "This password is not right." in inside.words(sheet)
    inside.type(password, COLLEAGUE_PASSWORD)
    inside.click("Take over")
    assert inside.desk.sheet is None
    assert state_of(inside, flow_id) is SafetyState.CLOSED


# --- models ----------------------------------------------------------------------------------


def open_models(driver: Driver) -> ModelsScreen:
    driver.desk.go_to("models")
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, ModelsScreen)
    return screen


def test_the_card_of_each_model_can_be_read(inside: Driver) -> None:
    screen = open_models(inside)
    assert "severity" in screen.text.toPlainText()
    inside.click("style, version 0.1.0")
    assert screen.text.toPlainText().startswith("style")
    assert screen.text.isReadOnly()


def shown_pictures(screen: ModelsScreen) -> list[QTextImageFormat]:
    found = []
    block = screen.text.document().begin()
    while block.isValid():
        found += [
            one.format.toImageFormat() for one in block.textFormats() if one.format.isImageFormat()
        ]
        block = block.next()
    return found


def test_the_pictures_of_a_card_fit_its_page(inside: Driver) -> None:
    wide = QImage(4000, 1000, QImage.Format.Format_RGB32)
    wide.fill(Qt.GlobalColor.darkGreen)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    wide.save(buffer, "PNG")
    shelf = inside.clinic.shelf
    shelf.drawn = {"light.png": buffer.data().data()}
    shelf.shown = "![Flips by angle](light.png)\n\n![not there](file:///etc/hostname)"
    screen = open_models(inside)
    drawn = {one.name(): one for one in shown_pictures(screen)}
    assert drawn["light.png"].width() <= screen.text.viewport().width()
    assert drawn["light.png"].width() == pytest.approx(4 * drawn["light.png"].height(), rel=0.02)
    colour = screen.text.grab().toImage()
    green = QColor(Qt.GlobalColor.darkGreen)
    assert any(
        colour.pixelColor(x, y) == green
        for x in range(0, colour.width(), 20)
        for y in range(0, colour.height(), 20)
    )
    image = QTextDocument.ResourceType.ImageResource.value
    assert screen.text.loadResource(image, QUrl("file:///etc/hostname")).width() == 1


def test_the_files_can_be_checked(inside: Driver) -> None:
    screen = open_models(inside)
    inside.click("Check the files")
    assert screen.result.text().startswith("All model files are as they were shipped.")


def test_a_changed_file_is_named(inside: Driver) -> None:
    inside.clinic.shelf.trouble = ModelRejected("“severity.onnx” was changed.")
    screen = open_models(inside)
    inside.click("Check the files")
    assert screen.result.text() == "“severity.onnx” was changed."


def test_the_page_says_what_the_program_is_not(inside: Driver) -> None:
    open_models(inside)
    words = inside.words()
    assert "Not a diagnosis" in words
    assert "Not a cleared medical device" in words
