"""Whose record is open, in one line."""

from __future__ import annotations

from datetime import date

from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import Patient
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.strings import tr


def person_text(patient: Patient, today: date | None = None) -> str:
    """As in "Okafor, Chidi · born 17 May 1990 (35 years)"."""
    age = patient.age_on(today or local_day(utc_now()))
    return tr("{name} · born {day} ({age} years)").format(
        name=patient.display_name, day=day_text(patient.birth_date), age=age
    )
