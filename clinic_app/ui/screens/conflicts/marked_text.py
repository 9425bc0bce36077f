"""Text in which the words that differ are underlined and tinted."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel

from clinic_app.ui.screens.conflicts.differences import Run
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import LOOK_CHANGES, current_palette, look


class MarkedText(QLabel):
    """Every character of the text is escaped: nothing that was written becomes markup."""

    def __init__(self, caption: str, runs: Sequence[Run]) -> None:
        super().__init__()
        self._runs = tuple(runs)
        self._drawn: tuple[str, int] | None = None
        self._heights: dict[int, int] = {}
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        plain = "".join(text for text, _ in runs)
        odd = "; ".join(text.strip() for text, differs in runs if differs and text.strip())
        self.setAccessibleName(f"{caption}: {plain}")
        self.setAccessibleDescription(tr("Differs: {words}").format(words=odd) if odd else "")
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() not in LOOK_CHANGES:
            return
        self._heights.clear()
        if self._drawn != look():
            self._draw()

    def heightForWidth(self, width: int) -> int:
        """Kept for each width: layouts ask many times, and Qt lays the whole text out for each."""
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def _draw(self) -> None:
        self._drawn = look()
        self._heights.clear()
        colours = current_palette()
        style = (
            f"background-color:{colours.warning_soft};color:{colours.text};"
            "text-decoration:underline"
        )
        parts = []
        for text, differs in self._runs:
            words = html.escape(text).replace("\n", "<br>")
            parts.append(f'<span style="{style}">{words}</span>' if differs else words)
        self.setText("".join(parts))
