"""Moments of the tests of appointments, and the clinic's clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from clinic_app.domain.appointments import Appointment
from tests.fakes.clinic import FakeClinic

MONDAY = date(2026, 3, 2)
local = datetime.fromisoformat
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)


def in_zone(clinic: FakeClinic, zone: str) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone=zone))
        work.commit()


def starts(made: list[Appointment]) -> list[datetime]:
    return [one.slot.start for one in made if one.slot is not None]
