"""Keeping the keyboard where it was while rows are built anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget


@contextmanager
def kept_focus(holder: QWidget) -> Iterator[None]:
    """Buttons inside ``holder`` may be replaced meanwhile: the keyboard goes to the new one of the
    same name, and stays where it was otherwise. Two people, or two tasks, may have one name: then
    it goes to the same one of them, and to none where there are more or fewer than before."""
    before = QApplication.focusWidget()
    inside = before is not None and holder.isAncestorOf(before)
    name = _name(before) if inside and isinstance(before, QAbstractButton) else ""
    namesakes = _named(holder, name) if name else []
    yield
    if not name or QApplication.focusWidget() is before:
        return
    found = _named(holder, name)
    if before in namesakes and len(found) == len(namesakes):
        found[namesakes.index(before)].setFocus(Qt.FocusReason.OtherFocusReason)


def _name(button: QAbstractButton) -> str:
    return button.accessibleName() or button.text()


def _named(holder: QWidget, name: str) -> list[QAbstractButton]:
    """The buttons of this name that can have the keyboard, in the order of the page."""
    return [
        one
        for one in holder.findChildren(QAbstractButton)
        if _name(one) == name and not one.isHidden() and one.isEnabled()
    ]
