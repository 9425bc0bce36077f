"""What a round brought, and a new day, is shown at once where nobody is disturbed, else later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QWidget

from clinic_app.services.sync_data import RoundResult
from clinic_app.ui.screens.base import Screen


class Freshness:
    """Whether the screen in front shows what the store holds, and when it may look again.

    ``undisturbed`` tells whether staff sees the screen and nothing lies on top of it. ``today`` is
    the clinic's day: what was due yesterday is overdue after a night behind the lock.
    """

    def __init__(
        self,
        present: Callable[[], QWidget | None],
        undisturbed: Callable[[], bool],
        today: Callable[[], date],
    ) -> None:
        self._present, self._undisturbed, self._today = present, undisturbed, today
        self._stale = False
        self._day = today()

    def take(self, result: RoundResult) -> None:
        """A round has moved records."""
        screen = self._present()
        if result.pulled:
            self._renew()
        elif result.pushed and isinstance(screen, Screen) and self._quiet(screen):
            screen.renew_marks()

    def catch_up(self) -> None:
        """Look again where a round came at a bad moment, and on another day."""
        if self._stale or self._day != self._today():
            self._renew()

    def begin(self) -> None:
        """Another screen is in front, which has just looked."""
        self._stale, self._day = False, self._today()

    def _renew(self) -> None:
        screen = self._present()
        self._stale, self._day = not self._quiet(screen), self._today()
        if not self._stale and isinstance(screen, Screen):
            screen.renew()

    def _quiet(self, screen: QWidget | None) -> bool:
        typed = isinstance(screen, Screen) and bool(screen.unfinished())
        return self._undisturbed() and not typed
