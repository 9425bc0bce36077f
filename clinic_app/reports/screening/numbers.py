"""Times, percentages and sides in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Clock:
    """The clinic's time zone; an unknown name falls back to UTC and says so."""

    zone: tzinfo
    name: str

    @classmethod
    def named(cls, name: str) -> Clock:
        try:
            return cls(ZoneInfo(name), name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return cls(UTC, "UTC")

    def minute(self, moment: datetime) -> str:
        """Date and time to the minute."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def time(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%H:%M")

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def full(self, moment: datetime) -> str:
        """Date, time, zone and its offset from UTC."""
        offset = moment.astimezone(self.zone).strftime("%z")
        shift = f"UTC{offset[:3]}:{offset[3:5]}"
        zone = self.name if self.name == "UTC" else f"{self.name}, {shift}"
        return f"{self.minute(moment)} ({zone})"


def percent(share: float) -> str:
    """A probability in whole percent."""
    return f"{round(100 * share)} %"


def signed(value: float, decimals: int = 1) -> str:
    """With a sign, and a real minus."""
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else MINUS) + text
