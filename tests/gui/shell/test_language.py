"""The window changes its language where it stands, and remembers it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from clinic_app.domain.errors import SignInThrottled
from clinic_app.services.backup_data import Progress
from clinic_app.services.storage import OpenStore
from clinic_app.services.translations import catalogue
from clinic_app.ui.appearance import load_choice
from clinic_app.ui.language import speak, spoken
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.widgets.languages import Original
from tests.fakes.clinic import PASSWORD, USER, FakeClinic
from tests.gui.conftest import Driver

HINDI = catalogue("hi").text


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    before = QLocale()
    yield
    speak("en")
    QLocale.setDefault(before)


def press(driver: Driver, name: str) -> None:
    driver.click(name)
    driver.settle()


def test_the_first_page_changes_at_once_and_the_choice_is_kept(first_run: Driver) -> None:
    press(first_run, "हिन्दी")
    assert HINDI("Welcome") != "Welcome"
    assert HINDI("Welcome") in first_run.words()
    assert "Welcome" not in first_run.words()
    assert load_choice(first_run.appearance._path).language == "hi"
    press(first_run, "English")
    assert "Welcome" in first_run.words()


def test_the_next_start_speaks_the_kept_language(first_run: Driver) -> None:
    press(first_run, "हिन्दी")
    speak("en")
    first_run.appearance.choice = load_choice(first_run.appearance._path)
    first_run.appearance.apply()
    assert spoken().code == "hi"


def test_a_language_that_is_taken_as_the_lock_falls_does_not_lift_it(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping: list[Callable[[BaseException | None], None]] = []
    monkeypatch.setattr(inside.desk.present, "keep", keeping.append)
    inside.click("Language of the window")
    inside.click("हिन्दी")
    inside.window.lock()
    inside.settle()
    page = inside.window.lock_page
    for kept in keeping:  # what was typed: the language would follow
        kept(None)
    inside.settle()
    assert inside.window.locked
    assert inside.window.lock_page is page  # a new one would have been under the desk
    inside.unlock()
    assert not inside.window.locked
    assert spoken().code == "en"


def test_the_language_waits_while_somebody_is_signing_in(
    clinic: FakeClinic, outside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that shows how far the records are must not be made anew meanwhile."""
    may_go_on, real = threading.Event(), clinic.vault.unlock

    def unlock(user: str, password: str, progress: Progress) -> OpenStore:
        progress(0.1)
        assert may_go_on.wait(20)
        progress(0.5)
        return real(user, password)

    monkeypatch.setattr(clinic.vault, "unlock", unlock)
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    outside.type(page.sign_in.user_name, USER)
    outside.type(page.sign_in.password.edit, PASSWORD)
    page.sign_in.confirm.click()
    outside.until(lambda: page.sign_in.renewal.isVisible())
    assert "10 % done" in outside.words(page)
    outside.button("हिन्दी").click()
    outside.button("Forgot the password?").click()  # nor does it go where nobody looks for it
    page.sign_in.renewal.stop.click()
    may_go_on.set()
    outside.settle()
    assert outside.window.entry.page is page
    assert page.sign_in.confirm.isVisible()
    assert page.sign_in.confirm.isEnabled()
    assert "Stopped; nothing has changed." in outside.words(page)
    press(outside, "हिन्दी")
    assert HINDI("Forgot the password?") in [
        one.text() for one in outside.window.findChildren(QAbstractButton) if one.isVisible()
    ]


def test_nothing_typed_in_the_set_up_is_lost_to_a_change(first_run: Driver) -> None:
    press(first_run, "हिन्दी")
    press(first_run, HINDI("Set up this clinic"))
    page = first_run.window.entry.page
    assert isinstance(page, SetUpScreen)
    names = [one.text() for one in page.findChildren(QAbstractButton) if one.isVisible()]
    assert "English" not in names


def test_at_the_desk_the_language_is_chosen_on_a_sheet(inside: Driver) -> None:
    before = inside.desk
    press(inside, "Language of the window")
    assert inside.desk.sheet is not None
    assert tr("Not reviewed by a professional translator or a clinician yet.") in inside.words(
        inside.desk.sheet
    )
    press(inside, "हिन्दी")
    assert inside.desk is not before
    assert inside.button(HINDI("Sign out"), inside.desk.navigation).isVisible()
    assert inside.appearance.choice.language == "hi"


def test_an_error_from_below_is_told_in_the_language(inside: Driver) -> None:
    speak("hi")
    error = SignInThrottled(30)
    assert sentence_of(error) == HINDI(error.sentence.words).format(seconds=30)
    assert str(error).startswith("Too many failed attempts.")


def test_a_patients_choice_ends_when_staff_is_back(inside: Driver) -> None:
    patient = inside.clinic.add_patient()
    inside.desk.show_patient_home(patient.id)
    inside.settle()
    desk = inside.desk
    press(inside, "हिन्दी")
    screen = desk.present
    assert isinstance(screen, PatientHomeScreen)
    assert HINDI("How was it?") in inside.words()
    assert desk.patient_at_laptop == patient.id
    screen.hand_back.click()
    inside.settle()
    sheet = desk.sheet
    assert sheet is not None
    field = sheet.findChild(QLineEdit)
    inside.type(field, PASSWORD)
    inside.press(Qt.Key.Key_Return, field)
    assert spoken().code == "en"
    assert inside.desk is desk
    assert inside.appearance.choice.language == "en"
    assert "How was it?" not in inside.words()


def test_the_english_of_unreviewed_clinical_words_is_one_press_away(
    qtbot: QtBot,
) -> None:
    text = "Keeping the picture"
    plain = Original([text])
    qtbot.addWidget(plain)
    assert plain.isHidden()
    speak("hi")
    shown = Original([text, "A text of nobody"])
    qtbot.addWidget(shown)
    shown.show()
    words = [one for one in shown.findChildren(QLabel) if one.text() == text]
    assert [one.isVisible() for one in words] == [False]
    qtbot.mouseClick(shown.show_english, Qt.MouseButton.LeftButton)
    assert [one.isVisible() for one in words] == [True]
