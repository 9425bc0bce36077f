"""The feedback of a clinic, by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit

from clinic_app.domain.errors import StoreFull
from clinic_app.domain.feedback import Author
from clinic_app.domain.people import Role
from clinic_app.services.feedback import NewIncident
from clinic_app.services.feedback_table import FeedbackKind
from clinic_app.ui.screens.feedback.view import FeedbackScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.gui.conftest import Driver


def opened(driver: Driver) -> FeedbackScreen:
    driver.shortcut(Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    shown = driver.desk.present
    assert isinstance(shown, FeedbackScreen)
    return shown


def test_an_empty_clinic_says_what_is_missing(inside: Driver) -> None:
    screen = opened(inside)
    words = inside.words(screen)
    assert "Nobody has given a rating yet." in words
    assert "No incident was reported." in words
    assert "Ratings: 0" in words


def test_figures_are_painted_and_read_out_without_small_numbers(inside: Driver) -> None:
    feedback = inside.clinic.services.feedback
    for rating in (5, 5, 5, 5, 5, 5, 1, 2):
        feedback.rate(rating, "Kind staff")
    screen = opened(inside)
    assert "Ratings: 8 · mean 4.1" in inside.words(screen)
    assert "1 · poor: withheld" in screen.figures.distribution.accessibleName()
    assert ": 4.1 from 8 ratings" in screen.figures._clinics.accessibleName()
    assert "kind staff: 8 people" in screen.figures.themes.accessibleName()
    assert "was not measured" in inside.words(screen)
    assert not screen.figures.distribution.grab().isNull()


def test_staff_keep_a_rating_from_paper(inside: Driver) -> None:
    screen = opened(inside)
    assert not screen.add.isEnabled()
    screen.choices.buttons[3].click()
    inside.type(screen.rating_text, "Long wait")
    screen.author.setCurrentIndex(1)
    screen.add.click()
    inside.settle()
    (kept,) = inside.clinic.store.tables.ratings.values()
    assert (kept.rating, kept.text, kept.author) == (4, "Long wait", Author.STAFF)
    assert screen.rating_text.toPlainText() == ""
    assert not screen.add.isEnabled()


def test_an_incident_is_reported_and_closed_with_what_was_done(inside: Driver) -> None:
    screen = opened(inside)
    inside.type(screen.incident_text, "A chair broke.")
    screen.report.click()
    inside.settle()
    assert "A chair broke." in inside.words(screen)
    (made,) = inside.clinic.services.feedback.incidents().rows
    screen._ask_to_close(made.id)
    sheet = inside.sheet
    inside.click("Close the incident", sheet)
    assert inside.desk.sheet is sheet  # nothing was written yet
    inside.type(sheet.findChild(QPlainTextEdit), "Mended.")
    inside.click("Close the incident", sheet)
    assert "Mended." in inside.words(screen)
    assert not inside.clinic.services.feedback.incident(made.id).open


def test_what_was_done_about_an_incident_stays_until_it_is_stored(inside: Driver) -> None:
    screen = opened(inside)
    inside.type(screen.incident_text, "A chair broke.")
    screen.report.click()
    inside.settle()
    (made,) = inside.clinic.services.feedback.incidents().rows
    screen._ask_to_close(made.id)
    sheet = inside.sheet
    edit = sheet.findChild(QPlainTextEdit)
    inside.type(edit, "Mended.")
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Close the incident", sheet)
    inside.clinic.store.commit_fails_with = None
    assert inside.desk.sheet is sheet
    assert "The disk is full." in inside.words(sheet)
    assert edit.toPlainText() == "Mended."
    inside.click("Close the incident", sheet)
    assert inside.desk.sheet is None
    assert not inside.clinic.services.feedback.incident(made.id).open


def test_a_refused_rating_is_told_on_the_page_not_in_the_form_of_an_incident(
    inside: Driver,
) -> None:
    feedback = inside.clinic.services.feedback
    made = feedback.report_incident(NewIncident("A chair broke."))
    screen = opened(inside)
    screen.choices.buttons[3].click()
    inside.settle()
    gate = inside.hold_the_store()
    screen.add.click()
    screen._ask_to_close(made.id)
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    gate.set()
    inside.settle()
    inside.clinic.store.commit_fails_with = None
    assert "The disk is full." not in inside.words(inside.sheet)
    assert inside.window.notices.texts == ["The disk is full."]


def test_words_that_stay_on_the_page_are_asked_about_only_when_the_window_closes(
    inside: Driver,
) -> None:
    screen = opened(inside)
    inside.type(screen.rating_text, "Long wait")
    inside.desk.go_to("today")
    inside.settle()
    assert inside.desk.present is not screen
    assert inside.desk.sheet is None
    assert "not kept yet" in inside.words()
    inside.window.close()
    inside.settle()
    assert inside.window.isVisible()
    assert "What was typed as feedback is not kept yet." in inside.words(inside.sheet)
    inside.click("Stay here")
    assert opened(inside) is screen
    assert screen.rating_text.toPlainText() == "Long wait"


def test_an_incident_without_words_is_told(inside: Driver) -> None:
    screen = opened(inside)
    screen.report.click()
    inside.settle()
    assert inside.window.notices.texts
    assert inside.clinic.services.feedback.incidents().rows == ()


def test_months_are_chosen_and_nonsense_is_told_beside_the_field(inside: Driver) -> None:
    for _ in range(5):
        inside.clinic.services.feedback.rate(3)
    screen = opened(inside)
    assert "Ratings: 5" in inside.words(screen)
    inside.type(screen.first, "2001-01")
    inside.type(screen.last, "2001-12")
    inside.press(Qt.Key.Key_Return, screen.last)
    assert "Ratings: 0" in inside.words(screen)
    screen.first.setText("May")
    screen.show_span.click()
    assert "YYYY-MM" in screen._first.message


def test_the_export_asks_for_the_password(inside: Driver, tmp_path: Path) -> None:
    inside.clinic.services.feedback.rate(2, "cold")
    screen = opened(inside)
    inside.click("Export ratings…")
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()
    out = tmp_path / "said.csv"
    screen.ask_export(FeedbackKind.RATINGS, str(out))
    sheet = inside.sheet
    field = sheet.findChild(QLineEdit)
    inside.type(field, PASSWORD)
    inside.press(Qt.Key.Key_Return, field)
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["cold"]


@pytest.mark.parametrize("role", [Role.COUNSELOR])
def test_counselors_see_figures_but_neither_export_nor_close(outside: Driver, role: Role) -> None:
    clinic = outside.clinic
    clinic.services.feedback.report_incident(NewIncident("A chair broke."))
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    screen = opened(outside)
    assert "A chair broke." in outside.words(screen)
    for words in ("Export ratings…", "Close…"):
        with pytest.raises(AssertionError):
            outside.button(words, screen)


def test_a_double_press_keeps_one_record_and_leaves_the_other_form_alone(inside: Driver) -> None:
    screen = opened(inside)
    inside.type(screen.incident_text, "A form went missing")
    screen.choices.buttons[3].click()
    inside.type(screen.rating_text, "Long wait")
    for _ in range(2):
        screen._add()
    inside.settle()
    assert len(inside.clinic.store.tables.ratings) == 1
    assert screen.rating_text.toPlainText() == ""
    assert screen.incident_text.toPlainText() == "A form went missing"
    inside.type(screen.rating_text, "More words")
    for _ in range(2):
        screen._report()
    inside.settle()
    assert len(inside.clinic.services.feedback.incidents().rows) == 1
    assert screen.incident_text.toPlainText() == ""
    assert screen.rating_text.toPlainText() == "More words"
    assert screen.report.isEnabled()
