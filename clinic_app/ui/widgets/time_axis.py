"""Which moments are named along a line of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinic_app.ui.moments import MONTHS, local_day
from clinic_app.ui.strings import tr

_DAY = 86_400.0
_YEAR = 330.0
"""Days after which the year has to be named."""


def time_ticks(moments: Sequence[datetime], most: int) -> list[tuple[datetime, str]]:
    """Which of these moments (in order) are named, each at least the ``most``-th part of the time
    from the next, the newest always: day and month within a year, month and year beyond."""
    days = [at.timestamp() / _DAY for at in moments]
    newest = len(days) - 1
    span = days[newest] - days[0]
    apart = span / max(most, 1)
    kept: list[int] = []
    for place, day in enumerate(days):
        after_last = not kept or day - days[kept[-1]] >= apart
        before_newest = place == newest or days[newest] - day >= apart
        if after_last and before_newest and (apart > 0 or place == newest):
            kept.append(place)
    return [(moments[place], _tick(moments[place], span)) for place in kept]


def _tick(at: datetime, span: float) -> str:
    day = local_day(at)
    month = tr(MONTHS[day.month - 1])
    return f"{day.day} {month}" if span < _YEAR else f"{month} {day.year}"
