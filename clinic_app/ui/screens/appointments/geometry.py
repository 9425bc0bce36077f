"""Where appointments stand in the calendar: columns, minutes of the day, and lanes side by side.

A day is drawn as the clocks show it, 24 hours from midnight; the hour that comes twice in autumn is
drawn once, with both its appointments in it side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.schedule import to_local
from clinic_app.services.appointment_reading import Calendar
from clinic_app.services.appointment_rows import AppointmentRow

STEP_MINUTES = 15
DAY_MINUTES = 24 * 60
SHOWN = (
    AppointmentState.REQUESTED,
    AppointmentState.APPROVED,
    AppointmentState.COMPLETED,
    AppointmentState.NO_SHOW,
)
_FROM, _UNTIL = 8, 18
"""Hours that are shown at least."""


@dataclass(frozen=True, slots=True)
class Column:
    """One day, or one clinician's day; ``clinician_id`` ``None`` for everybody."""

    day: date
    clinician_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its column, minutes from midnight, and lane ``lane`` of ``lanes``."""

    row: AppointmentRow
    column: int
    minute: int
    minutes: int
    lane: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where an appointment is to go: ``start`` is local, naive, on the clinic's clocks."""

    appointment_id: UUID
    start: datetime
    clinician_id: UUID | None


def columns_of(calendar: Calendar, clinician_id: UUID | None) -> list[Column]:
    """A column a day; for one day of everybody a column a clinician who has something to do."""
    if calendar.days > 1 or clinician_id is not None:
        return [Column(day, clinician_id) for day in _days_of(calendar)]
    made = [Column(calendar.first, one.id, one.display_name) for one in calendar.clinicians]
    known = {one.clinician_id for one in made}
    if any(row.clinician_id not in known for row in shown_rows(calendar)) or not made:
        made.append(Column(calendar.first))
    return made


def _days_of(calendar: Calendar) -> list[date]:
    """All days but a weekend at which nobody sees anybody, nothing stands and that is not now."""
    every = [calendar.first + timedelta(days=number) for number in range(calendar.days)]
    busy = {row.starts.date() for row in shown_rows(calendar) if row.starts is not None}
    busy |= {to_local(start, calendar.zone).date() for start, _ in calendar.open}
    busy.add(calendar.today)
    return [day for day in every if calendar.days == 1 or day.weekday() < 5 or day in busy]


def shown_rows(calendar: Calendar) -> list[AppointmentRow]:
    return [row for row in calendar.rows if row.appointment.state in SHOWN]


def places_of(calendar: Calendar, columns: Sequence[Column]) -> list[Place]:
    """Each row in its column, by start; what overlaps stands side by side."""
    by_column: dict[int, list[tuple[AppointmentRow, int, int]]] = {}
    for row in shown_rows(calendar):
        column = _column_of(row, columns)
        if column is not None:
            minute, minutes = _extent(row, columns[column].day)
            by_column.setdefault(column, []).append((row, minute, minutes))
    return [
        place for column, rows in sorted(by_column.items()) for place in _in_lanes(column, rows)
    ]


def hours_shown(calendar: Calendar, places: Iterable[Place]) -> tuple[int, int]:
    """First and last hour of the day that the calendar has to show."""
    first, last = _FROM, _UNTIL
    for start, end in calendar.open:
        opens, closes = to_local(start, calendar.zone), to_local(end, calendar.zone)
        past_midnight = closes.date() > opens.date()
        first = min(first, opens.hour)
        last = max(last, 24 if past_midnight else closes.hour + bool(closes.minute))
    for place in places:
        first = min(first, place.minute // 60)
        last = max(last, -(-(place.minute + place.minutes) // 60))
    return first, min(last, 24)


def open_minutes(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    """The spans of a day, in minutes from midnight, in which somebody sees people."""
    spans = []
    for start, end in calendar.open:
        opens, closes = to_local(start, calendar.zone), to_local(end, calendar.zone)
        if opens.date() == day:
            until = DAY_MINUTES if closes.date() > day else _minute(closes)
            spans.append((_minute(opens), until))
    return spans


def away_minutes(calendar: Calendar, column: Column) -> list[tuple[int, int, str]]:
    """Absences of the column's clinician on its day, with what was said."""
    if column.clinician_id is None:
        return []
    spans = []
    for away in calendar.absences:
        start, end = to_local(away.start, calendar.zone), to_local(away.end, calendar.zone)
        if away.clinician_id == column.clinician_id and start.date() <= column.day <= end.date():
            begins = _minute(start) if start.date() == column.day else 0
            ends = _minute(end) if end.date() == column.day else DAY_MINUTES
            if begins < ends:
                spans.append((begins, ends, away.reason))
    return spans


def target_at(place: Place, columns: Sequence[Column], column: int, minute: int) -> Target:
    """The row put into another column at another minute, snapped, within the day."""
    column = max(0, min(column, len(columns) - 1))
    snapped = round(minute / STEP_MINUTES) * STEP_MINUTES
    snapped = max(0, min(snapped, DAY_MINUTES - STEP_MINUTES))
    chosen = columns[column]
    start = datetime.combine(chosen.day, time(snapped // 60, snapped % 60))
    clinician = chosen.clinician_id or place.row.clinician_id
    return Target(place.row.appointment.id, start, clinician)


def _column_of(row: AppointmentRow, columns: Sequence[Column]) -> int | None:
    assert row.starts is not None
    first_day = row.starts.date()
    fallback = None
    for number, column in enumerate(columns):
        if column.day == first_day:
            if column.clinician_id == row.clinician_id:
                return number
            if column.clinician_id is None:
                fallback = number
    if fallback is None and columns and first_day < columns[0].day:
        return 0  # it began the evening before
    return fallback


def _extent(row: AppointmentRow, day: date) -> tuple[int, int]:
    assert row.starts is not None
    assert row.appointment.slot is not None
    if row.starts.date() < day:
        assert row.ends is not None
        return 0, max(_minute(row.ends), STEP_MINUTES)
    minute = _minute(row.starts)
    return minute, min(row.appointment.slot.minutes, DAY_MINUTES - minute)


def _in_lanes(column: int, rows: list[tuple[AppointmentRow, int, int]]) -> list[Place]:
    made: list[Place] = []
    group: list[tuple[AppointmentRow, int, int, int]] = []
    ends: list[int] = []

    def close() -> None:
        made.extend(
            Place(row, column, start, long, lane, len(ends)) for row, start, long, lane in group
        )
        group.clear()
        ends.clear()

    for row, start, long in sorted(rows, key=lambda one: (one[1], one[0].appointment.id)):
        if ends and start >= max(ends):
            close()
        lane = next((number for number, end in enumerate(ends) if end <= start), len(ends))
        if lane == len(ends):
            ends.append(0)
        ends[lane] = start + long
        group.append((row, start, long, lane))
    close()
    return made


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
