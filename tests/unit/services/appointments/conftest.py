"""A clinic's appointments, two who see people, and two people to be seen."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.services.appointments import AppointmentService
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic


@pytest.fixture
def book(clinic: FakeClinic) -> AppointmentService:
    return clinic.services.appointments


@pytest.fixture
def me(clinic: FakeClinic) -> UUID:
    return clinic.services.session.user.id


@pytest.fixture
def tomas(clinic: FakeClinic) -> StaffUser:
    return clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)


@pytest.fixture
def chidi(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


@pytest.fixture
def bo(clinic: FakeClinic) -> Patient:
    return clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))
