"""Appointments with the names and local times that people read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.appointments import Appointment, AppointmentEvent
from clinic_app.domain.errors import NotFound
from clinic_app.domain.merges import survivor
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.schedule import Slot, to_local
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.services.storage import UnitOfWork

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment as a list or calendar shows it.

    ``starts`` and ``ends`` are on the clocks of the clinic, time-zone aware, ``None`` without a
    time. ``patient`` is ``None`` while the record has not reached this laptop.
    """

    appointment: Appointment
    patient: Patient | None
    clinician_name: str
    starts: datetime | None
    ends: datetime | None

    @property
    def patient_name(self) -> str:
        return self.patient.display_name if self.patient is not None else ""

    @property
    def clinician_id(self) -> UUID | None:
        return self.appointment.slot.clinician_id if self.appointment.slot is not None else None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of an appointment, with the name of who made it; a void one changed nothing."""

    event: AppointmentEvent
    by_name: str
    starts: datetime | None
    clinician_name: str
    void: bool


def clinicians_of(work: UnitOfWork) -> list[StaffUser]:
    """Members of staff who can be booked, by name."""
    found = [user for user in work.users.all() if may_be_booked(user)]
    return sorted(found, key=lambda user: (user.display_name.casefold(), user.id))


def may_be_booked(user: StaffUser) -> bool:
    return user.active and allows(user.role, Action.SEE_APPOINTMENTS)


def rows_of(work: UnitOfWork, found: Iterable[Appointment], zone: str) -> list[AppointmentRow]:
    """The appointments in the same order; merged people under the name of the kept record."""
    names = {user.id: user.display_name for user in work.users.all()}
    merged = work.merges.state()
    people: dict[UUID, Patient | None] = {}
    rows = []
    for one in found:
        patient_id = survivor(merged, one.patient_id)
        if patient_id not in people:
            people[patient_id] = None
            with suppress(NotFound):  # not synced to this laptop yet
                people[patient_id] = work.patients.get(patient_id)
        slot = one.slot
        clinician = slot.clinician_id if slot is not None else None
        rows.append(
            AppointmentRow(
                one,
                people[patient_id],
                names.get(clinician, "") if clinician is not None else "",
                to_local(slot.start, zone) if slot is not None else None,
                to_local(slot.end, zone) if slot is not None else None,
            )
        )
    return rows


def history_of(work: UnitOfWork, appointment: Appointment, zone: str) -> tuple[HistoryLine, ...]:
    """Every step, oldest first."""
    names = {user.id: user.display_name for user in work.users.all()}

    def line(event: AppointmentEvent) -> HistoryLine:
        clinician = event.slot.clinician_id if event.slot is not None else None
        return HistoryLine(
            event,
            names.get(event.by, ""),
            to_local(event.slot.start, zone) if event.slot is not None else None,
            names.get(clinician, "") if clinician is not None else "",
            event.id in appointment.void,
        )

    return tuple(line(event) for event in appointment.events)


def slot_text(slot: Slot, zone: str) -> Sentence:
    """As in "Monday, 23 Nov 2026, 10:00 to 10:50", on the clocks of ``zone``."""
    start, end = to_local(slot.start, zone), to_local(slot.end, zone)
    return sentence(
        "{weekday}, {day} {month} {year}, {start} to {end}",
        weekday=Sentence(_DAYS[start.weekday()]),
        day=start.day,
        month=Sentence(_MONTHS[start.month - 1]),
        year=start.year,
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
    )
