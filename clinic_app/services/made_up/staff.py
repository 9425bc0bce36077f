"""The staff of the made-up clinic: two doctors, three counselors, and a colleague who has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clinic_app.domain.people import Role, StaffUser
from clinic_app.domain.schedule import WORKING_WEEK, WeeklyHours
from clinic_app.services.demo import DEMO_COLLEAGUE, DEMO_COLLEAGUE_PHRASE, DEMO_PHRASE, DEMO_USER
from clinic_app.services.past import Past
from clinic_app.services.staff import NewStaff

_LEFT = "left"
_COLLEAGUES = (
    (DEMO_COLLEAGUE, "Sam Sample", Role.DOCTOR),
    ("doctor", "Nora Muster", Role.DOCTOR),
    ("counselor", "Kofi Specimen", Role.COUNSELOR),
    ("counselor2", "Lea Beispiel", Role.COUNSELOR),
    ("counselor3", "Inés Ejemplo", Role.COUNSELOR),
    (_LEFT, "Alex Exemplo", Role.COUNSELOR),
)
_WEEKEND = tuple(WeeklyHours(day, time(9), time(13)) for day in (5, 6))


@dataclass(frozen=True, slots=True)
class Staff:
    """``clinicians`` see people, doctors first."""

    head: StaffUser
    clinicians: tuple[StaffUser, ...]

    def phrase_of(self, user: StaffUser) -> str:
        return DEMO_PHRASE if user.id == self.head.id else DEMO_COLLEAGUE_PHRASE


def hire(past: Past, head: StaffUser, now: datetime) -> Staff:
    """Everybody's account; who is there already stays as found."""
    services = past.at(now, head)
    known = {user.user_name: user for user in services.staff.everybody()}
    for user_name, name, role in _COLLEAGUES:
        if user_name not in known:
            new = NewStaff(user_name, name, role, DEMO_COLLEAGUE_PHRASE)
            known[user_name] = services.staff.add(new, DEMO_PHRASE)
    if known[_LEFT].active:
        services.staff.disable(known[_LEFT].id, DEMO_PHRASE)
    seeing = tuple(known[name] for name, _, _ in _COLLEAGUES if name != _LEFT)
    return Staff(known[DEMO_USER], seeing)


def open_doors(past: Past, staff: Staff, last: datetime) -> None:
    """Hours of everybody, two of them at weekends too, and two absences."""
    head = past.at(last, staff.head).availability
    for number, clinician in enumerate(staff.clinicians):
        weekend: Sequence[WeeklyHours] = _WEEKEND if number in (0, 2) else ()
        head.set_hours(clinician.id, (*WORKING_WEEK, *weekend))
    for number, days, reason in ((1, 6, "Course on sleep"), (3, 13, "Holiday")):
        start = last + timedelta(days=days)
        head.add_absence(staff.clinicians[number].id, start, start + timedelta(days=3), reason)
