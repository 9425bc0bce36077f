"""Labels, buttons and frames with a role that the style sheet knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from clinic_app.ui.icons import icon
from clinic_app.ui.theme import UNIT, scaled

ONCE = "pressed_once"
_LONG_WORD = 24
"""More letters than any word of the window has; a name or a number may."""
Box = TypeVar("Box", QHBoxLayout, QVBoxLayout)


def label(text: str, role: str = "", *, wrap: bool = True, selectable: bool = False) -> QLabel:
    """Plain text, never markup. Roles: title, heading, figure, muted, small, error."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role in ("title", "heading", "strong"):
        at_start(made)
    if wrap and any(len(word) > _LONG_WORD for word in text.split()):
        may_be_cut(made)
    return made


def may_be_cut(shown: QLabel) -> QLabel:
    """A name without a space can be wider than its place: it is cut there, and does not push what
    stands beside it out of the window."""
    shown.setMinimumWidth(1)
    return shown


def at_start(shown: QLabel) -> QLabel:
    """Let the words begin where the page does, also a name that is written from right to left: it
    stands under the others then."""
    leftward = shown.layoutDirection() is Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if leftward else Qt.AlignmentFlag.AlignLeft
    shown.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
    return shown


def button(text: str, role: str = "", on_click: Callable[[], object] | None = None) -> QPushButton:
    """Roles: primary, quiet, danger, nav, choice. Pressed by Enter as well as by Space."""
    made = QPushButton(text.replace("&", "&&"))
    made.setAutoDefault(True)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if role:
        made.setProperty("role", role)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def pressed_once(made: QPushButton) -> QPushButton:
    """``made`` brings the next page and stays in its place: a double click on it counts once."""
    made.setProperty(ONCE, True)
    return made


def icon_button(
    text: str,
    drawing: str,
    role: str = "",
    on_click: Callable[[], object] | None = None,
    tone: str = "",
) -> QPushButton:
    """A button with an icon before its words; without words give it an accessible name."""
    tones = {"primary": "on_accent", "quiet": "accent", "link": "accent", "danger": "danger"}
    made = button(f" {text}" if text else "", role, on_click)
    made.setIcon(icon(drawing, tone or tones.get(role, "text")))
    made.setIconSize(QSize(scaled(18), scaled(18)))
    made.setAccessibleName(text)
    return made


def frame(role: str = "card") -> QFrame:
    """Roles: card, sunken, danger, warning, info."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def column(parent: QWidget | None = None, *, margin: int = 0, gap: int = 1) -> QVBoxLayout:
    """A vertical layout; ``margin`` and ``gap`` in grid units."""
    return _spaced(QVBoxLayout(parent) if parent else QVBoxLayout(), margin, gap)


def row(parent: QWidget | None = None, *, margin: int = 0, gap: int = 1) -> QHBoxLayout:
    """A horizontal layout; ``margin`` and ``gap`` in grid units."""
    return _spaced(QHBoxLayout(parent) if parent else QHBoxLayout(), margin, gap)


def card(*, role: str = "card", margin: int = 3, gap: int = 2) -> tuple[QFrame, QVBoxLayout]:
    """A frame and the vertical layout inside it."""
    made = frame(role)
    return made, column(made, margin=margin, gap=gap)


def line() -> QFrame:
    """A thin rule."""
    made = frame("line")
    made.setFixedHeight(1)
    return made


def scrolling(content: QWidget) -> QScrollArea:
    """``content`` in a scroll area that follows its width."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area


def bring_into_view(widget: QWidget) -> None:
    """Scroll to it, once it has its place."""

    def scroll() -> None:
        above = widget.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)
            above = above.parentWidget()

    QTimer.singleShot(0, widget, scroll)


def restyle(widget: QWidget) -> None:
    """Let a changed property take effect."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def clear(layout: QLayout) -> None:
    """Remove and delete everything in ``layout``."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()  # a layout shows its widgets a little later: by then as windows
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def answer_row(*buttons: QWidget) -> QHBoxLayout:
    """What a sheet is answered with: buttons at the end of a line, the one that goes on last."""
    line = row()
    line.addStretch(1)
    for one in buttons:
        line.addWidget(one)
    return line


def _spaced(layout: Box, margin: int, gap: int) -> Box:
    layout.setContentsMargins(margin * UNIT, margin * UNIT, margin * UNIT, margin * UNIT)
    layout.setSpacing(gap * UNIT)
    return layout
