"""What a round brought is shown at once where nobody is disturbed, else later."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.services.sync_data import RoundResult
from clinic_app.ui.screens.base import Screen


class Freshness:
    """Whether the screen in front shows what the store holds, and when it may look again.

    ``undisturbed`` tells whether staff sees the screen and nothing lies on top of it.
    """

    def __init__(
        self, present: Callable[[], QWidget | None], undisturbed: Callable[[], bool]
    ) -> None:
        self._present, self._undisturbed = present, undisturbed
        self._stale = False

    def take(self, result: RoundResult) -> None:
        """A round has moved records."""
        screen = self._present()
        if result.pulled:
            self._renew()
        elif result.pushed and isinstance(screen, Screen) and self._quiet(screen):
            screen.renew_marks()

    def catch_up(self) -> None:
        """Look again where a round came at a bad moment."""
        if self._stale:
            self._renew()

    def begin(self) -> None:
        """Another screen is in front, which has just looked."""
        self._stale = False

    def _renew(self) -> None:
        screen = self._present()
        self._stale = not self._quiet(screen)
        if not self._stale and isinstance(screen, Screen):
            screen.renew()

    def _quiet(self, screen: QWidget | None) -> bool:
        typed = isinstance(screen, Screen) and bool(screen.unfinished())
        return self._undisturbed() and not typed
