"""The simulated centre's manners over a real MariaDB: workstations that join it can be cut at any
statement, and time passes as a test wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_app.sync.centre import Centre
from clinic_app.sync.member import Membership, read_membership
from tests.fakes.centre import Cut, uncut
from tests.support.centre import RealCentre


class RealRounds:
    """Stands where ``FakeCentre`` does for ``Workstation``."""

    def __init__(self, centre: RealCentre) -> None:
        self.centre = centre
        self.members: dict[int, Membership] = {}
        self._passed = timedelta(0)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._passed

    def pass_time(self, **span: float) -> None:
        """Time passes by itself here; a moment is enough to tell changes apart."""
        self._passed += timedelta(milliseconds=2)

    def enrol(self, name: str) -> Membership:
        enrolment = self.centre.enrol(name)
        member = read_membership(enrolment.to_bytes(self.centre.root))
        self.members[member.origin] = member
        return member

    def dial(self, origin: int, cut: Cut = uncut) -> Callable[[], Any]:
        return lambda: CutLine(self.members[origin].dial(), cut)


class CutLine:
    """A line that asks before and after each statement whether it is cut there."""

    def __init__(self, line: Centre, cut: Cut) -> None:
        self._line = line
        self._cut = cut

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._line, name)
        if name == "close":
            return call

        def asked(*arguments: Any) -> Any:
            self._cut(f"before {name}")
            found = call(*arguments)
            self._cut(f"after {name}")
            return found

        return asked
