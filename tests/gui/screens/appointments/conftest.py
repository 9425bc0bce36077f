"""A patient, their appointment, and the calendar that shows it."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.appointments import Appointment
from clinic_app.domain.people import Patient
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.appointments.calendar import TEN, open_calendar


@pytest.fixture
def fakes(inside: Driver) -> FakeClinic:
    return inside.clinic


@pytest.fixture
def chidi(fakes: FakeClinic) -> Patient:
    return fakes.add_patient()


@pytest.fixture
def me(fakes: FakeClinic) -> UUID:
    return fakes.services.session.user.id


@pytest.fixture
def booked(fakes: FakeClinic, chidi: Patient, me: UUID) -> Appointment:
    return fakes.services.appointments.book(NewAppointment(chidi.id, "talk", TEN, clinician_id=me))


@pytest.fixture
def screen(inside: Driver) -> AppointmentsScreen:
    return open_calendar(inside)
