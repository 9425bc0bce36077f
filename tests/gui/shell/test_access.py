"""For people who do not see the screen, or not well: names, keyboard, large text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.screens.learning.view import LearningScreen
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.gui.conftest import Driver

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


def today(driver: Driver) -> None:
    driver.desk.show_today()


def worklist(driver: Driver) -> None:
    driver.desk.show_worklist()


def tasks(driver: Driver) -> None:
    driver.desk.show_tasks()


def patients(driver: Driver) -> None:
    driver.desk.show_patients()


def register(driver: Driver) -> None:
    driver.desk.show_register("Okafor")


def patient(driver: Driver) -> None:
    driver.desk.show_patient(next(iter(driver.clinic.store.tables.patients)))


def safety(driver: Driver) -> None:
    flow = driver.clinic.services.safety.unfinished()[0].flow
    driver.desk.show_safety(flow.id, flow.patient_id)


def models(driver: Driver) -> None:
    driver.desk.go_to("models")


def admin(driver: Driver) -> None:
    driver.desk.go_to("admin")


def studio_transfer(driver: Driver) -> None:
    open_studio(driver, "transfer")


def studio_live(driver: Driver) -> None:
    open_studio(driver, "live")


def studio_look(driver: Driver) -> None:
    open_studio(driver, "look")


def open_studio(driver: Driver, page: str) -> None:
    driver.desk.go_to("studio")
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, StudioScreen)
    screen.open(page)


def other_clinics(driver: Driver) -> None:
    driver.desk.show_learning()
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, LearningScreen)
    screen.open("sites")


def lock(driver: Driver) -> None:
    driver.window.lock()


PLACES = [
    *(today, worklist, tasks, patients, register, patient, safety, models, admin, lock),
    *(studio_transfer, studio_live, studio_look, other_clinics),
]
Place = Callable[[Driver], None]


@pytest.fixture
def busy(inside: Driver) -> Driver:
    """A clinic with something on every screen."""
    somebody = inside.clinic.add_patient()
    inside.clinic.services.screenings.record_questionnaire(
        somebody.id, InstrumentName.PHQ9, (1,) * 9, AnsweredBy.PATIENT
    )
    inside.clinic.services.notes.write(somebody.id, "Begun")
    return inside


def go(driver: Driver, place: Place) -> None:
    place(driver)
    driver.settle()


def controls(driver: Driver) -> list[QWidget]:
    found = [one for kind in _CONTROLS for one in driver.window.findChildren(kind)]
    return [
        one
        for one in found
        if one.isVisible()
        and one.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(one.parentWidget(), (QComboBox, QLineEdit))
    ]


@pytest.mark.parametrize("place", PLACES)
def test_every_control_has_a_name(busy: Driver, place: Place) -> None:
    go(busy, place)
    shown = controls(busy)
    assert len(shown) >= 2
    nameless = [
        one
        for one in shown
        if not one.accessibleName().strip()
        and not (isinstance(one, QAbstractButton) and one.text().strip())
    ]
    assert nameless == []


@pytest.mark.parametrize("place", PLACES)
def test_no_two_buttons_in_view_have_the_same_name(busy: Driver, place: Place) -> None:
    go(busy, place)
    names = [
        one.accessibleName() or one.text()
        for one in controls(busy)
        if isinstance(one, QAbstractButton) and one.isEnabled()
    ]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice - {"Correct"}


@pytest.mark.parametrize("place", PLACES)
def test_twice_as_large_text_still_fits_the_width(busy: Driver, place: Place) -> None:
    busy.appearance.choice = Choice(Look.LIGHT, 2.0)
    busy.appearance.apply()
    go(busy, place)
    width = busy.window.width()
    assert width == 1280
    beyond = [
        f"{type(one).__name__} {one.accessibleName()}"
        for one in controls(busy)
        if one.mapTo(busy.window, one.rect().topRight()).x() > width
    ]
    assert beyond == []


@pytest.mark.parametrize("place", [today, patients, register, patient])
def test_tab_reaches_the_controls_of_a_screen(busy: Driver, place: Place) -> None:
    go(busy, place)
    screen = busy.desk.present
    assert screen is not None
    wanted = {
        one
        for one in controls(busy)
        if screen.isAncestorOf(one)
        and one.isEnabled()
        and one.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    }
    reached, widget = set(), screen.nextInFocusChain()
    while widget is not None and widget is not screen:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    assert wanted <= reached
    assert wanted
