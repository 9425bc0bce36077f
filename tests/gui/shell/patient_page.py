"""The page of a new patient, open in the window."""

from __future__ import annotations

from clinic_app.ui.screens.patient.view import PatientScreen
from tests.gui.conftest import Driver


def open_patient(driver: Driver) -> PatientScreen:
    patient = driver.clinic.add_patient()
    driver.desk.show_patient(patient.id)
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, PatientScreen)
    return screen
