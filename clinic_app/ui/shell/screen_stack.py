"""The screens of the desk, one in front."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from clinic_app.ui.screens.base import Screen


class ScreenStack(QStackedWidget):
    """Screens that stay alive between visits, and one that was made for a single visit.

    Signals:
        shown: a screen has come to the front: the place it belongs to, and whether it stays alive.
        heading_changed: the heading of a screen is another one.
    """

    shown = Signal(str, bool)
    heading_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Screen] = {}

    @property
    def present(self) -> QWidget | None:
        """The screen in front."""
        return self.currentWidget()

    @property
    def staying(self) -> Collection[Screen]:
        """The screens that stay alive between visits."""
        return self._kept.values()

    def kept(self, place: str) -> Screen | None:
        """The screen of ``place`` that is alive since an earlier visit."""
        return self._kept.get(place)

    def visit(self, place: str, make: Callable[[], Screen]) -> Screen:
        """Bring the screen of ``place`` to the front, made on the first visit and then kept."""
        screen = self._kept.get(place)
        if screen is None:
            screen = self._kept[place] = make()
            self._take_in(screen)
        self._bring_to_front(place, screen)
        return screen

    def enter(self, place: str, screen: QWidget) -> None:
        """Bring a screen to the front that goes when another comes."""
        self._take_in(screen)
        self._bring_to_front(place, screen)

    def forget_hidden(self) -> None:
        """Let the screens that are not in front go, unless something is typed in them that is not
        stored; the next visit makes them anew."""
        for place, screen in tuple(self._kept.items()):
            if screen is not self.currentWidget() and not screen.unfinished():
                del self._kept[place]
                self._discard(screen)

    def clear(self) -> None:
        """Let every screen stop what it runs, and go."""
        while (screen := self.widget(0)) is not None:
            self._discard(screen)
        self._kept.clear()

    def _take_in(self, screen: QWidget) -> None:
        if isinstance(screen, Screen):
            screen.heading_changed.connect(self.heading_changed)
        self.addWidget(screen)

    def _bring_to_front(self, place: str, screen: QWidget) -> None:
        before = self.currentWidget()
        self.setCurrentWidget(screen)
        if before is not None and before is not screen and before not in self._kept.values():
            self._discard(before)
        self.shown.emit(place, screen is self._kept.get(place))

    def _discard(self, screen: QWidget) -> None:
        if isinstance(screen, Screen):
            screen.drop()
        self.removeWidget(screen)
        screen.close()
        screen.deleteLater()
