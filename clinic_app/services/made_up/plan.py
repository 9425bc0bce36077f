"""The plan of the made-up clinic: who comes when and what they answer, from one seed.

Nothing here touches a store. The same seed and the same last moment give the same plan, so that a
filling that was cut short goes on with the same people. Times are UTC; totals walk up and down
between visits, and the answers are points dealt to the items one by one.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic_app.domain.consent import Purpose
from clinic_app.domain.questionnaires import GAD7, ITEM_NINE, PHQ9
from clinic_app.domain.schedule import to_local, to_utc
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.made_up.names import SCRIPTS
from clinic_app.services.patients import NewPatient
from clinic_app.services.translations import ENGLISH

PEOPLE = 300
DUPLICATES = 8
"""So many of the people stand in the records a second time."""
DAYS = 730
CLINICIANS = 5
"""Two doctors and three counselors see people."""
DOCTORS = 2
VISIT_MINUTES = 30
PICTURED_EVERY = 12
"""One person in so many agrees to pictures and keeps coming."""
_SHIFT = (time(9), 14)
"""The day's first appointment and how many half hours follow each other."""
_VISITS = ((0, 10), (1, 34), (2, 24), (3, 14), (4, 8), (6, 6), (9, 3), (14, 1))
_UNDER_AGE_EVERY = 50
_YOUNGEST, _OLDEST = 20.1, 93
_LONGEST = 30
"""Visits of the second person: a long course for the charts."""
Answers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One screening; ``clinician`` counts from 0, doctors first."""

    start: datetime
    clinician: int
    phq9: Answers
    gad7: Answers | None
    judgement: ClinicianSeverity
    pictured: bool


@dataclass(frozen=True, slots=True)
class Person:
    """``number`` counts from 1. ``twin`` is what the second record of the person says;
    ``language`` is the one in which consent was asked for."""

    number: int
    new: NewPatient
    registered_at: datetime
    purposes: tuple[Purpose, ...]
    visits: tuple[Visit, ...]
    twin: NewPatient | None
    withdraws: bool
    language: str


def local_number(number: int) -> str:
    """What tells a made-up person from everybody else."""
    return f"M-{number:03d}"


def plan(last: datetime, zone: str, people: int = PEOPLE) -> Iterator[Person]:
    """Everybody, in order, so that with second records there are ``people`` of them; nothing
    happens after ``last``."""
    diary = Diary(zone)
    for number in range(1, people - people * DUPLICATES // PEOPLE + 1):
        yield _person(number, last, diary)


class Diary:
    """Whose half hours are taken; made-up people come on weekdays, on the clinic's clocks."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._taken: dict[tuple[date, int], int] = {}

    def next_free(self, wanted: datetime, clinician: int) -> datetime:
        """The first free half hour on the day of ``wanted`` or a later one."""
        day = to_local(wanted, self._zone).date()
        begins, length = _SHIFT
        while day.weekday() > 4 or self._taken.get((day, clinician), 0) >= length:
            day += timedelta(days=1)
        place = self._taken.get((day, clinician), 0)
        self._taken[day, clinician] = place + 1
        local = datetime.combine(day, begins) + timedelta(minutes=VISIT_MINUTES * place)
        return to_utc(local, self._zone)


def _person(number: int, last: datetime, diary: Diary) -> Person:
    chance = random.Random(f"clinic {number}")
    new = _identity(number, chance, last.date())
    # The first person was registered on the first day: that is how a later filling finds it again.
    days = DAYS if number <= 2 else chance.randrange(10, DAYS)
    registered = last - timedelta(days=days)
    pictured = number % PICTURED_EVERY == 0
    wanted = _LONGEST if number == 2 else chance.choices(*zip(*_VISITS, strict=True))[0]
    visits = tuple(_course(chance, diary, registered, last, max(wanted, 2 * pictured), pictured))
    purposes = [one for one in (Purpose.SHARING, Purpose.TRAINING_REUSE) if chance.random() < 0.5]
    if _under_age(number):
        purposes = [one for one in purposes if one is Purpose.SHARING]
    elif pictured or chance.random() < 0.3:
        purposes += [Purpose.CAPTURE, Purpose.ANALYSIS]
    if pictured and number % (2 * PICTURED_EVERY) == 0:
        purposes.append(Purpose.KEEP_IMAGES)
    twin = _twin(new, chance) if number % (PEOPLE // DUPLICATES) == 5 else None
    withdraws = bool(purposes) and not pictured and chance.random() < 0.08
    language = "hi" if "DEVANAGARI" in unicodedata.name(new.family_name[0]) else ENGLISH
    return Person(number, new, registered, tuple(purposes), visits, twin, withdraws, language)


def _under_age(number: int) -> bool:
    """Some are 16 or 17: a guardian consents, and no picture is read, for the models are not for
    minors."""
    return number % _UNDER_AGE_EVERY == _UNDER_AGE_EVERY - 1


def _age(number: int, chance: random.Random) -> float:
    """In years, today. Adults were 18 when they came first, two years ago at most."""
    if _under_age(number):
        return chance.uniform(16, 17.9)
    while True:
        years = chance.gauss(41, 17)
        if _YOUNGEST <= years <= _OLDEST:
            return years


def _identity(number: int, chance: random.Random, today: date) -> NewPatient:
    script = chance.choices(SCRIPTS, [one.weight for one in SCRIPTS])[0]
    born = today - timedelta(days=round(365.25 * _age(number, chance)))
    phone = f"000 555 {1000 + number}" if chance.random() < 0.85 else ""
    return NewPatient(
        chance.choice(script.families),
        chance.choice(script.given),
        born,
        phone,
        local_number=local_number(number),
    )


def _twin(new: NewPatient, chance: random.Random) -> NewPatient:
    """The same person written down once more, in a hurry."""
    given = f"{new.given_name} {chance.choice('ABEM')}."
    return NewPatient(new.family_name, given, new.birth_date, new.phone)


def _course(
    chance: random.Random,
    diary: Diary,
    registered: datetime,
    last: datetime,
    visits: int,
    pictured: bool,
) -> Iterator[Visit]:
    # A doctor reviews what a counselor took, so that every picture has its second opinion.
    clinician = chance.randrange(DOCTORS if pictured else 0, CLINICIANS)
    total = min(max(chance.gauss(11, 6), 0), 24)
    drift = chance.choice((-1.6, -1.2, -0.8, -0.3, 0.0, 0.5))
    wanted = registered + timedelta(days=chance.randrange(1, 10))
    for _ in range(visits):
        start = diary.next_free(wanted, clinician)
        if start + timedelta(hours=2) > last:
            return
        yield _visit(chance, start, clinician, total, pictured)
        total = min(max(total + drift + chance.gauss(0, 2), 0), 24)
        gap = 21 if visits == _LONGEST else chance.choice((14, 21, 28, 42, 60))
        wanted = start + timedelta(days=gap)


def _visit(
    chance: random.Random, start: datetime, clinician: int, total: float, pictured: bool
) -> Visit:
    safety = 1 if total >= 12 and chance.random() < 0.09 else 0
    if safety and chance.random() < 0.2:
        safety = 2
    phq9 = [*_dealt(chance, round(total), len(PHQ9.items) - 1), safety]
    anxious = min(max(round(total * 0.75 + chance.gauss(0, 2)), 0), GAD7.maximum)
    gad7 = _dealt(chance, anxious, len(GAD7.items)) if chance.random() < 0.92 else None
    if chance.random() < 0.04:
        phq9[chance.randrange(ITEM_NINE)] = None
    return Visit(
        start, clinician, tuple(phq9), tuple(gad7) if gad7 else None, _judged(total), pictured
    )


def _dealt(chance: random.Random, total: int, items: int) -> list[int | None]:
    points = [0] * items
    for _ in range(min(total, 3 * items)):
        open_items = [item for item in range(items) if points[item] < 3]
        points[chance.choice(open_items)] += 1
    return list(points)


def _judged(total: float) -> ClinicianSeverity:
    """Somebody's own impression, which is near the total as a rule."""
    cuts = (
        (5, ClinicianSeverity.NONE),
        (10, ClinicianSeverity.MILD),
        (17, ClinicianSeverity.MODERATE),
    )
    return next((word for cut, word in cuts if total < cut), ClinicianSeverity.SEVERE)


def last_moment(first_registered: datetime | None, now: datetime) -> datetime:
    """Where the plan ends: where it ended when the filling began, else now."""
    if first_registered is not None:
        return first_registered + timedelta(days=DAYS)
    return now.replace(microsecond=0)
