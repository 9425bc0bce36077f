"""Days and moments as people read and type them: the clinic's clocks on screen, UTC in records.

Until somebody has signed in, and for whoever runs no clinic, the clocks are the laptop's own.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic_app.domain.errors import InvalidInput
from clinic_app.ui.language import spoken
from clinic_app.ui.strings import tr

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SENTENCE = "Please type the date as day.month.year or year-month-day, e.g. {example}."


_zone: tzinfo | None = None


def use_clock_of(zone: str | None) -> None:
    """Show and take times as the clocks in ``zone`` (an IANA name) go; ``None``: this laptop's.

    A clinic's calendar and paper follow its own clocks wherever the laptop is, so every other
    screen does. A name that is not known here leaves the laptop's clock.
    """
    global _zone
    try:
        _zone = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _zone = None


def local(moment: datetime) -> datetime:
    """The moment on the clocks that the screens follow."""
    return moment.astimezone(_zone)


def local_day(moment: datetime) -> date:
    """The day on which the moment falls there."""
    return local(moment).date()


def day_text(day: date) -> str:
    """As in "7 Mar 1984"."""
    return f"{day.day} {tr(MONTHS[day.month - 1])} {day.year}"


def long_day_text(day: date) -> str:
    """As in "Saturday, 21 Nov 2026"."""
    return f"{tr(DAYS[day.weekday()])}, {day_text(day)}"


def short_day_text(day: date) -> str:
    """As in "Mon 23 Nov"."""
    return f"{tr(SHORT_DAYS[day.weekday()])} {day.day} {tr(MONTHS[day.month - 1])}"


def week_start(day: date) -> date:
    """The first day of this day's week: Monday in English, Sunday in Hindi."""
    return day - timedelta(days=(day.weekday() - spoken().first_weekday) % 7)


def clock_text(moment: datetime) -> str:
    """Local time of day, as in "09:05"."""
    return local(moment).strftime("%H:%M")


def moment_text(moment: datetime) -> str:
    """Local day and time, as in "21 Nov 2026, 09:05"."""
    return f"{day_text(local_day(moment))}, {clock_text(moment)}"


def near_text(moment: datetime, now: datetime) -> str:
    """ "today, 09:05", "yesterday, 09:05", else the day and time."""
    days = (local_day(now) - local_day(moment)).days
    if days == 0:
        return tr("today, {time}").format(time=clock_text(moment))
    if days == 1:
        return tr("yesterday, {time}").format(time=clock_text(moment))
    return moment_text(moment)


def parse_day(text: str, example: str = "7.3.1984") -> date:
    """A typed date: ``1984-03-07``, ``7.3.1984``, ``7 3 1984``, ``7 Mar 1984`` or ``19840307``.

    The month's name may be English or of the interface's language. With slashes a date is taken
    only when day and month cannot be mixed up. Raises ``InvalidInput`` (field ``birth_date``) in
    plain words, with ``example`` for a date.
    """
    typed = text.strip().lower()
    parts = [part for part in re.split(r"[\s.\-/,]+", typed) if part]
    if len(parts) == 1 and re.fullmatch(r"\d{8}", typed):
        parts = [typed[:4], typed[4:6], typed[6:]]
    if len(parts) != 3:
        raise InvalidInput("birth_date", _SENTENCE, example=example)
    if len(parts[0]) == 4:
        year, month, day = parts
    else:
        day, month, year = parts
    figures = (year, _month(month), day)
    if not all(one.isascii() and one.isdigit() for one in figures):
        raise InvalidInput("birth_date", _SENTENCE, example=example)
    numbers = int(figures[0]), int(figures[1]), int(figures[2])
    if len(year) != 4:
        raise InvalidInput("birth_date", "Please type the year with four digits, e.g. 1984.")
    if "/" in typed and len(parts[0]) != 4:
        numbers = _unmixed(numbers)
    try:
        return date(*numbers)
    except ValueError as error:
        raise InvalidInput("birth_date", "There is no such day in the calendar.") from error


def parse_clock(text: str) -> time:
    """A typed time of day: ``9:05``, ``09.05``, ``905`` or ``9``; raises ``InvalidInput``."""
    match = re.fullmatch(r"\s*(\d{1,2})(?:[:.h]?(\d{2}))?\s*", text)
    if match is None:
        raise InvalidInput("time", "Please type the time as hours:minutes, e.g. 14:30.")
    try:
        return time(int(match[1]), int(match[2] or 0))
    except ValueError as error:
        raise InvalidInput("time", "There is no such time of day.") from error


def to_utc(day: date, clock: time) -> datetime:
    """A local day and time as the moment it is, in UTC; raises ``InvalidInput`` (field ``day``)
    for one at the very end of all years."""
    try:
        return datetime.combine(day, clock, _zone).astimezone(UTC)
    except (OverflowError, ValueError, OSError) as error:  # the last two from the laptop's clock
        raise InvalidInput("day", "This day is too far away.") from error


def tomorrow(now: datetime) -> date:
    """The local day after ``now``."""
    return local_day(now) + timedelta(days=1)


def _month(text: str) -> str:
    """The number of a month that is given by its name; else ``text``."""
    if not any(character.isdigit() for character in text):
        for number, name in enumerate(MONTHS, start=1):
            if text.startswith((name.lower(), tr(name).lower().rstrip("."))):
                return str(number)
    return text


def _unmixed(numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    year, month, day = numbers
    if month <= 12 and day <= 12 and month != day:
        raise InvalidInput(
            "birth_date", "With slashes, day and month can be mixed up; please type 7.3.1984."
        )
    return (year, day, month) if month > 12 else numbers
