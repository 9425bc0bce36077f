"""The idle time: whatever minutes arrive, and without a touch after the lid was closed."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_app.domain.clock import seconds_up
from clinic_app.ui.shell.idle import IdleWatch
from tests.fakes.clock import FakeUptime


@pytest.mark.parametrize(("sent", "held"), [(10**12, 60), (0, 1), (-5, 1), (7, 7)])
def test_minutes_that_nobody_can_enter_neither_keep_people_out_nor_the_window_open(
    qtbot: QtBot, qapp: QApplication, sent: int, held: int
) -> None:
    idle = IdleWatch(qapp)
    idle.start(sent)
    try:
        assert idle._timer.interval() == held * 60_000
    finally:
        idle.stop()


def test_after_the_lid_was_closed_the_window_locks_before_anybody_touches_it(
    qtbot: QtBot, qapp: QApplication
) -> None:
    up = FakeUptime()
    idle = IdleWatch(qapp, up)
    locked: list[bool] = []
    idle.idle.connect(lambda: locked.append(True))
    idle.start(10)
    idle._look.timeout.emit()
    assert locked == []
    up.advance(hours=8)
    idle._look.timeout.emit()
    assert locked == [True]
    assert not idle.running


def test_a_clock_that_can_be_set_is_not_asked(qtbot: QtBot, qapp: QApplication) -> None:
    assert IdleWatch(qapp)._now is seconds_up
