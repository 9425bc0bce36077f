"""The Qt binding itself: what the lock has to keep out."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QApplication, QWidget


@pytest.mark.parametrize("single", [None, True, False])
def test_calls_into_qt_do_not_use_up_the_references_of(qapp: QApplication, single: object) -> None:
    # PySide6 6.12.0 on Python 3.11 lost one reference to None a call, until the program aborted.
    widget = QWidget()
    before = sys.getrefcount(single)
    for _ in range(1000):
        qapp.processEvents()
        widget.parentWidget()
        widget.isVisible()
        widget.isEnabled()
    assert sys.getrefcount(single) > before - 100
