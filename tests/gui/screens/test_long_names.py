"""A name of eighty letters without a space pushes nothing out of the window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QScrollArea, QWidget

from clinic_app.domain.people import NAME_LIMIT
from clinic_app.ui.appearance import Choice, Look
from tests.gui.conftest import Driver
from tests.gui.screens.patient_home.hands import take_back

NAME = "Longname" * (NAME_LIMIT // 8)


@pytest.fixture(params=[1.0, 2.0], ids=["normal", "double"])
def sized(inside: Driver, request: pytest.FixtureRequest) -> Driver:
    inside.appearance.choice = Choice(Look.LIGHT, request.param)
    inside.appearance.apply()
    inside.settle()
    return inside


def too_wide(shown: QWidget) -> list[tuple[int, int]]:
    """Scrolled contents that are wider than the place they are seen through."""
    found = []
    for area in shown.findChildren(QScrollArea):
        content = area.widget()
        if area.isVisible() and content is not None:
            seen = area.viewport().width()
            if content.width() > seen:
                found.append((content.width(), seen))
    return found


def test_the_safety_steps_stay_within_their_sheet(sized: Driver) -> None:
    patient = sized.clinic.add_patient(NAME, "Ada")
    services = sized.clinic.services
    draft = services.screenings.start(patient.id)
    flow = services.safety.raise_concern(patient.id, draft.id)
    sized.desk.show_safety(flow.id, patient.id)
    sized.settle()
    sheet = sized.desk.sheet
    assert sheet is not None
    assert NAME in sized.words(sheet)
    assert too_wide(sheet) == []
    sheet.dismiss()


def test_the_first_screen_and_the_page_of_the_person_stay_within_the_window(sized: Driver) -> None:
    patient = sized.clinic.add_patient(NAME, NAME)
    sized.clinic.services.screenings.start(patient.id)
    for show in (sized.desk.show_today, lambda: sized.desk.show_patient(patient.id)):
        show()
        sized.settle()
        shown = sized.desk.present
        assert shown is not None
        assert NAME in sized.words(shown)
        assert too_wide(shown) == []


def test_a_booking_form_keeps_its_buttons_in_view(sized: Driver) -> None:
    patient = sized.clinic.add_patient(NAME, NAME)
    sized.desk.show_patient(patient.id)
    sized.settle()
    sized.click("New appointment")
    sheet = sized.desk.sheet
    assert sheet is not None
    assert NAME in sized.words(sheet)
    assert too_wide(sheet) == []


def test_the_patients_own_page_greets_within_the_window(sized: Driver) -> None:
    patient = sized.clinic.add_patient("Sample", NAME)
    sized.desk.show_patient_home(patient.id)
    sized.settle()
    shown = sized.desk.present
    assert shown is not None
    assert NAME in sized.words(shown)
    assert too_wide(shown) == []
    sized.click("I am staff: take the laptop back")
    take_back(sized)
