"""Keeping the keyboard where it was while rows are built anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget


@contextmanager
def kept_focus(holder: QWidget) -> Iterator[None]:
    """Buttons inside ``holder`` may be replaced meanwhile: the keyboard goes to the new one of the
    same name, and stays where it was otherwise."""
    before = QApplication.focusWidget()
    inside = before is not None and holder.isAncestorOf(before)
    name = _name(before) if inside and isinstance(before, QAbstractButton) else ""
    yield
    if not name or QApplication.focusWidget() is before:
        return
    for one in holder.findChildren(QAbstractButton):
        if _name(one) == name and not one.isHidden() and one.isEnabled():
            one.setFocus(Qt.FocusReason.OtherFocusReason)
            return


def _name(button: QAbstractButton) -> str:
    return button.accessibleName() or button.text()
