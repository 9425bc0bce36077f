"""The look, the size of text, the language: chosen once, kept in a small file by the store.

The file holds nothing about patients or staff, and one that cannot be read is simply replaced.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from clinic_app.services.translations import ENGLISH
from clinic_app.ui.language import speak
from clinic_app.ui.theme import CONTRAST, DARK, LIGHT, PALETTES, Palette, apply_theme

_LOG = logging.getLogger("window")
HINTS_FILE = "hints.json"
SCALES = (1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""Sizes of text on offer; WCAG 2.2 (1.4.4) asks for up to 200%."""


class Look(StrEnum):
    """``SYSTEM`` follows the desktop's own light, dark or high contrast."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Choice:
    look: Look = Look.SYSTEM
    scale: float = 1.0
    language: str = ENGLISH


def load_choice(path: Path) -> Choice:
    """The kept choice, or the first one when there is none that can be used."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        language = str(plain.get("language", ENGLISH))
        chosen = Choice(Look(plain["look"]), float(plain["scale"]), language)
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError),
        *(OverflowError, RecursionError),
    ):
        return Choice()
    return chosen if chosen.scale in SCALES else replace(chosen, scale=1.0)


class Appearance(QObject):
    """The look in use.

    Signals:
        changed: emitted after the look or the size of text has changed.
    """

    changed = Signal()

    def __init__(self, application: QApplication, path: Path) -> None:
        super().__init__()
        self._application = application
        self._path = path
        self.choice = load_choice(path)
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow_system)

    @property
    def palette(self) -> Palette:
        look = self.choice.look
        if look is not Look.SYSTEM:
            return PALETTES[look.value]
        hints = self._application.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return CONTRAST
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT

    @property
    def hints_path(self) -> Path | None:
        """Where dismissed hints are kept, beside the look; nowhere when that is not kept."""
        return None if self._path == Path(os.devnull) else self._path.with_name(HINTS_FILE)

    def apply(self) -> None:
        """Give the program the chosen look and language."""
        apply_theme(self._application, self.palette, self.choice.scale)
        speak(self.choice.language)

    def toggle_theme(self) -> None:
        """From light to dark, to high contrast, and back to light."""
        names = list(PALETTES)
        following = names[(names.index(self.palette.name) + 1) % len(names)]
        self._choose(replace(self.choice, look=Look(following)))

    def larger_text(self) -> None:
        self._step(1)

    def smaller_text(self) -> None:
        self._step(-1)

    def normal_text(self) -> None:
        self._choose(replace(self.choice, scale=1.0))

    def keep_language(self, code: str) -> None:
        """The window speaks this language from its next start on too."""
        self.choice = replace(self.choice, language=code)
        self._keep()

    def _step(self, by: int) -> None:
        index = min(max(SCALES.index(self.choice.scale) + by, 0), len(SCALES) - 1)
        self._choose(replace(self.choice, scale=SCALES[index]))

    def _choose(self, choice: Choice) -> None:
        if choice == self.choice:
            return
        self.choice = choice
        apply_theme(self._application, self.palette, self.choice.scale)
        self._keep()
        self.changed.emit()

    def _keep(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps(asdict(self.choice)), encoding="utf-8")
        except OSError as error:
            # The look still applies until the program closes.
            _LOG.warning("the look could not be kept: %s", type(error).__name__)

    def _follow_system(self) -> None:
        if self.choice.look is Look.SYSTEM:
            self.apply()
            self.changed.emit()
