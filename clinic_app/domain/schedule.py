"""Time in a clinic's calendar: slots, local time over daylight saving, hours, recurrence, overlap.

Moments are UTC; what repeats (hours of a week, a series) is local wall-clock time in an IANA zone,
so that nine o'clock stays nine o'clock when the clocks change.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic_app.domain.errors import InvalidInput

LONGEST_MINUTES = 24 * 60
"""No appointment is longer than a day, so a look one day back finds whatever reaches into it."""

SERIES_LIMIT = 104
"""Most appointments in one series: two years of weekly ones."""

_AVAILABILITY = UUID("6c0f1f3e-0f4b-4f0e-9d55-6f0f4d1a7a10")
_YEARS = range(1900, 2201)


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; raises ``InvalidInput`` for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("time_zone", "This time zone is not known.") from error


def to_utc(local: datetime, zone: str) -> datetime:
    """The moment of a wall-clock time without a zone.

    A time that the clocks skip moves on by what they skip; one that comes twice is its first.
    Raises ``InvalidInput`` for a day at the very end of all years.
    """
    try:
        return local.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput("start", "This day is too far away.") from error


def to_local(moment: datetime, zone: str) -> datetime:
    """The moment on the clocks of ``zone``, time-zone aware."""
    return moment.astimezone(zone_of(zone))


@dataclass(frozen=True, slots=True)
class Slot:
    """When, how long and with whom; ``zone`` is the IANA name in which it was agreed."""

    start: datetime
    zone: str
    minutes: int
    clinician_id: UUID | None = None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @property
    def usable(self) -> bool:
        """1 to 1440 minutes long, and in a year that a calendar shows (1900 to 2200)."""
        return 1 <= self.minutes <= LONGEST_MINUTES and self.start.year in _YEARS


def checked_slot(slot: Slot) -> Slot:
    """The slot; raises ``InvalidInput`` for a zone, length or year that cannot be."""
    zone_of(slot.zone)
    if slot.start.tzinfo is None:
        raise InvalidInput("start", "The start needs a time zone.")
    if slot.start.year not in _YEARS:
        raise InvalidInput("start", "The appointment must lie between 1900 and 2200.")
    if not slot.usable:
        raise InvalidInput("minutes", "An appointment lasts between 1 minute and 24 hours.")
    return slot


def times_overlap(start: datetime, end: datetime, other: datetime, other_end: datetime) -> bool:
    """Whether two half-open spans share a moment; one that ends when the other starts does not."""
    return start < other_end and other < end


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Open on ``weekday`` (0 Monday to 6 Sunday) from ``opens`` to ``closes``, local time.

    ``closes`` at 00:00 means midnight at the end of the day.
    """

    weekday: int
    opens: time
    closes: time


WORKING_WEEK = tuple(WeeklyHours(day, time(9), time(17)) for day in range(5))
"""Monday to Friday, nine to five: what a new clinic starts with."""


def checked_hours(hours: Iterable[WeeklyHours]) -> tuple[WeeklyHours, ...]:
    """The hours in order; raises ``InvalidInput`` when one is empty or two of a day overlap."""
    ordered = tuple(sorted(hours, key=lambda one: (one.weekday, one.opens)))
    for one in ordered:
        if one.weekday not in range(7) or (one.closes != time(0) and one.closes <= one.opens):
            raise InvalidInput("hours", "Each opening time must end after it starts.")
    for one, following in itertools.pairwise(ordered):
        if one.weekday == following.weekday and (
            one.closes == time(0) or following.opens < one.closes
        ):
            raise InvalidInput("hours", "Two opening times of one day overlap.")
    return ordered


@dataclass(frozen=True, slots=True)
class Availability:
    """When a clinician sees people, week by week; ``id`` follows from the clinician."""

    id: UUID
    clinician_id: UUID
    zone: str
    hours: tuple[WeeklyHours, ...] = WORKING_WEEK


@dataclass(frozen=True, slots=True)
class Absence:
    """A clinician is away from ``start`` to ``end``; ``cancelled`` takes it back."""

    id: UUID
    clinician_id: UUID
    start: datetime
    end: datetime
    recorded_by: UUID
    reason: str = ""
    cancelled: bool = False


def availability_id(clinician_id: UUID) -> UUID:
    """The one identifier of a clinician's hours, whichever workstation writes them first."""
    return uuid5(_AVAILABILITY, str(clinician_id))


def open_spans(
    day: date, zone: str, hours: Iterable[WeeklyHours]
) -> list[tuple[datetime, datetime]]:
    """The spans of a local day that are open, in UTC and in order."""
    spans = []
    for one in hours:
        if one.weekday != day.weekday():
            continue
        until = day + timedelta(days=1) if one.closes == time(0) else day
        start = to_utc(datetime.combine(day, one.opens), zone)
        end = to_utc(datetime.combine(until, one.closes), zone)
        if start < end:
            spans.append((start, end))
    return sorted(spans)


def is_available(
    slot: Slot, availability: Availability | None, absences: Iterable[Absence] = ()
) -> bool:
    """Whether a slot lies within the clinician's hours and no absence; without hours, always."""
    if any(
        not away.cancelled and times_overlap(slot.start, slot.end, away.start, away.end)
        for away in absences
    ):
        return False
    if availability is None:
        return True
    day = to_local(slot.start, availability.zone).date()
    return any(
        start <= slot.start and slot.end <= end
        for start, end in open_spans(day, availability.zone, availability.hours)
    )


def free_starts(
    day: date,
    availability: Availability,
    taken: Iterable[tuple[datetime, datetime]],
    minutes: int,
    step_minutes: int = 15,
) -> Iterator[datetime]:
    """The UTC starts of a local day at which ``minutes`` fit; ``taken`` are spans in UTC."""
    busy = list(taken)
    length, step = timedelta(minutes=minutes), timedelta(minutes=step_minutes)
    for start, end in open_spans(day, availability.zone, availability.hours):
        while start + length <= end:
            if not any(times_overlap(start, start + length, *span) for span in busy):
                yield start
            start += step


class Frequency(StrEnum):
    """How a series repeats (RFC 5545 ``FREQ``, in small letters)."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def recurrence(
    first: datetime, zone: str, frequency: Frequency, interval: int, count: int
) -> list[datetime]:
    """The UTC starts of a series whose local time of day stays; ``first`` is local, naive.

    A month without the day is passed over (RFC 5545 section 3.3.10). Raises ``InvalidInput``.
    """
    if not 1 <= count <= SERIES_LIMIT:
        raise InvalidInput(
            "count", "A series has between 1 and {limit} appointments.", limit=SERIES_LIMIT
        )
    if not 1 <= interval <= 52:
        raise InvalidInput("interval", "A series repeats every 1 to 52 days, weeks or months.")
    starts: list[datetime] = []
    number = 0
    while len(starts) < count:
        local = _repeated(first, frequency, interval * number)
        number += 1
        if local is not None:
            starts.append(to_utc(local, zone))
    return starts


def _repeated(first: datetime, frequency: Frequency, steps: int) -> datetime | None:
    if frequency is not Frequency.MONTHLY:
        days = steps * (7 if frequency is Frequency.WEEKLY else 1)
        try:
            return first + timedelta(days=days)
        except OverflowError as error:
            raise InvalidInput("count", "This series reaches too far into the future.") from error
    year, month = divmod(first.year * 12 + first.month - 1 + steps, 12)
    if year not in _YEARS:
        raise InvalidInput("count", "This series reaches too far into the future.")
    if first.day > calendar.monthrange(year, month + 1)[1]:
        return None
    return first.replace(year=year, month=month + 1)
