"""Drift for the guide: a demo clinic of its own whose people were photographed for seven months.

Every picture is the sample portrait under other light and framing, read by the shipped models. In
the last month only those come whose estimate is high, as if other people came.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from clinic_app.app import open_demo
from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import Purpose
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.inference.samples import SamplePictures
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.consent_texts import shown_in
from clinic_app.services.demo import DemoClinic
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.patients import NewPatient
from clinic_app.services.reading import Reading
from clinic_app.services.translations import ENGLISH
from clinic_app.ui.screens.learning.view import LearningScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.doors import Opened
from clinic_app.ui.shell.window import MainWindow

_AGREED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.TRAINING_REUSE)
_PICTURES = 60
_MONTHS = (64, 64, 64, 64, 48, 48, 48)
"""Pictures a month: the first 200 readings become what later months are compared with."""


def photographed_clinic(folder: Path) -> tuple[FrontDoor, DemoClinic]:
    """Made anew, and signed in."""
    door, clinic = open_demo(folder)
    me, past = clinic.services.session.user, door.past(clinic.services)
    read = SamplePictures(clinic.services.face_reader)
    now = utc_now()
    readings = [read(number, now) for number in range(_PICTURES)]
    chance = random.Random("drift")
    start = _months_before(now, len(_MONTHS))
    with past.together():
        people = _people(past.at(start, me), max(_MONTHS))
        for number, count in enumerate(_MONTHS):
            month = _months_before(now, len(_MONTHS) - number)
            last = number == len(_MONTHS) - 1
            shown = _highest(readings) if last else readings
            for place, patient in enumerate(people[:count]):
                moment = month + timedelta(hours=7 * place)
                _screen(past.at(moment, me), patient, chance.choice(shown), chance)
    return door, clinic


def drift_scenes(opened: Opened) -> list[Scene]:
    """The page, filled."""

    def enter(window: MainWindow) -> None:
        window.entry.entered.emit(opened)

    def look(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, LearningScreen)
        screen.open("drift")

    return [Scene("learning-drift", (enter, lambda window: desk_of(window).show_learning(), look))]


def _people(services: ClinicServices, count: int) -> list[UUID]:
    people = []
    for number in range(count):
        born = date(1960, 1, 1) + timedelta(days=150 * number)
        patient = services.patients.register(NewPatient("Sample", f"Person {number + 1}", born))
        shown = shown_in(ENGLISH)
        services.consents.record(patient.id, dict.fromkeys(_AGREED, True), shown=shown)
        people.append(patient.id)
    return people


def _screen(
    services: ClinicServices, patient: UUID, reading: Reading, chance: random.Random
) -> None:
    take = services.screenings
    draft = take.start(patient).id
    take.attach(draft, reading)
    answers = [*(chance.randrange(4) for _ in range(8)), 0]
    take.record_questionnaire(patient, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT, 1)
    take.judge(draft, ClinicianSeverity.CANNOT_TELL)
    take.reveal(draft)
    take.finish(draft)


def _highest(readings: Sequence[Reading]) -> list[Reading]:
    """The third with the highest estimates."""

    def percent(reading: Reading) -> float:
        estimate = reading.finding.severity
        return -1.0 if estimate is None else estimate.percent

    told = sorted((one for one in readings if percent(one) >= 0), key=percent)
    return told[-len(told) // 3 :]


def _months_before(now: datetime, months: int) -> datetime:
    """The morning of the second day of the month that lies so many months back."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=2, hour=8, minute=0)
