"""Calendar files (RFC 5545): appointments as events that any calendar program reads.

Times are written in UTC (form 2 of section 3.3.5), so that no time-zone table has to travel with
them. The identifier of an event is that of the appointment and ``SEQUENCE`` counts its steps: a
file that is read in again moves or cancels what it brought before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from clinic_app.domain.appointments import AppointmentState
from clinic_app.services.appointment_rows import AppointmentRow

FOLD_OCTETS = 75
"""Longest content line without its line break (RFC 5545 section 3.1)."""

_STATUS = {
    AppointmentState.REQUESTED: "TENTATIVE",
    AppointmentState.APPROVED: "CONFIRMED",
    AppointmentState.COMPLETED: "CONFIRMED",
    AppointmentState.NO_SHOW: "CONFIRMED",
    AppointmentState.DENIED: "CANCELLED",
    AppointmentState.CANCELLED: "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """``text`` with CRLF line ends, to be written as UTF-8; ``events`` stand in it."""

    text: str
    events: int


def calendar_file(
    rows: Iterable[AppointmentRow], clinic_name: str, address: str = "", *, with_names: bool = False
) -> CalendarFile:
    """The rows that have a time. A calendar is not encrypted and often lies with a stranger, so
    patients are named only ``with_names``; why they come is never written."""
    timed = [row for row in rows if row.appointment.slot is not None]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Clinic App//Appointments//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *(line for row in timed for line in _event(row, clinic_name, address, with_names)),
        "END:VCALENDAR",
    ]
    text = "".join(f"{piece}\r\n" for line in lines for piece in folded(line))
    return CalendarFile(text, len(timed))


def escaped(text: str) -> str:
    """A text value (RFC 5545 section 3.3.11); control characters other than line ends go."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in plain if c == "\n" or (ord(c) >= 32 and ord(c) != 127))
    for mark in ("\\", ";", ","):
        kept = kept.replace(mark, f"\\{mark}")
    return kept.replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never cut within a character; each piece after the
    first begins with a space, which counts."""
    room, piece = FOLD_OCTETS, ""
    for character in line:
        size = len(character.encode())
        if size > room:
            yield piece
            piece, room = " ", FOLD_OCTETS - 1
        piece += character
        room -= size
    yield piece


def stamp(moment: datetime) -> str:
    """As in ``20260329T013000Z``."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _event(row: AppointmentRow, clinic: str, address: str, with_names: bool) -> Iterator[str]:
    one = row.appointment
    assert one.slot is not None
    named = with_names and row.patient is not None
    summary = f"{row.patient_name} · {clinic}" if named else f"Appointment · {clinic}"
    yield "BEGIN:VEVENT"
    yield f"UID:{one.id}@appointments.clinic-app"
    yield f"DTSTAMP:{stamp(one.changed_at)}"
    yield f"CREATED:{stamp(one.requested_at)}"
    yield f"LAST-MODIFIED:{stamp(one.changed_at)}"
    yield f"SEQUENCE:{len(one.events) - len(one.void) - 1}"
    yield f"DTSTART:{stamp(one.slot.start)}"
    yield f"DTEND:{stamp(one.slot.end)}"
    yield f"STATUS:{_STATUS[one.state]}"
    yield f"SUMMARY:{escaped(summary)}"
    if row.clinician_name:
        yield f"DESCRIPTION:{escaped(f'With {row.clinician_name}')}"
    if address:
        yield f"LOCATION:{escaped(address)}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"
