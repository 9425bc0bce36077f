"""Who is at work among pieces of long work that go one after the other, and who waits for whom.

Kept in the GUI thread: what waits is in no lane yet, so it can be taken back at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is waited for: a name that the waiting screen has words for, and for about how many
    seconds yet, if that is known."""

    name: str
    seconds: float | None


class Turn:
    """One place in the line."""

    def __init__(
        self, line: Turns, name: str, begin: Callable[[], object], wait: Callable[[Ahead], object]
    ) -> None:
        self._line = line
        self.name, self.begin, self.wait = name, begin, wait
        self.seconds: float | None = None

    @property
    def begun(self) -> bool:
        return self._line.first is self

    def tell(self, seconds: float) -> None:
        """For about how long it goes on yet; whoever waits is told."""
        self.seconds = seconds
        if self.begun:
            self._line.tell_waiting()

    def leave(self) -> None:
        """It has ended, or waits no more; leaving twice is harmless."""
        self._line.remove(self)


class Turns:
    """The line of one screen, in the order of coming."""

    def __init__(self) -> None:
        self._line: list[Turn] = []

    @property
    def first(self) -> Turn | None:
        return self._line[0] if self._line else None

    def take(self, name: str, begin: Callable[[], object], wait: Callable[[Ahead], object]) -> Turn:
        """A turn: ``begin`` is called when it comes, at once if nobody is ahead; ``wait`` is told
        what is waited for, now and as time goes on."""
        turn = Turn(self, name, begin, wait)
        self._line.append(turn)
        if turn.begun:
            begin()
        else:
            wait(self._ahead())
        return turn

    def remove(self, turn: Turn) -> None:
        if turn not in self._line:
            return
        was_first = turn.begun
        self._line.remove(turn)
        if was_first and self._line:
            self._line[0].begin()
            self.tell_waiting()

    def tell_waiting(self) -> None:
        for one in self._line[1:]:
            one.wait(self._ahead())

    def _ahead(self) -> Ahead:
        first = self._line[0]
        return Ahead(first.name, first.seconds)
