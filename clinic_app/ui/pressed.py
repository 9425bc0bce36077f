"""What was pressed on a page and is not to be seen there yet."""

from __future__ import annotations

from collections.abc import Hashable


class Pressed:
    """Lets a second press of the same thing go by, from the first until the page was read anew:
    who presses twice because the store is slow means it once."""

    def __init__(self) -> None:
        self._sent: set[Hashable] = set()
        self._stored: set[Hashable] = set()

    def take(self, what: Hashable) -> bool:
        """Whether this press counts."""
        if what in self._sent:
            return False
        self._sent.add(what)
        return True

    def stored(self, what: Hashable) -> None:
        """It is done, and will be seen with the next reading."""
        self._stored.add(what)

    def refused(self, what: Hashable) -> None:
        """It was not done, and may be tried again."""
        self._sent.discard(what)

    def shown(self) -> None:
        """The page shows what is stored."""
        self._sent -= self._stored
        self._stored.clear()
