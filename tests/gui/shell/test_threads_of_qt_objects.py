"""Qt objects, and what holds them, are let go of in the GUI thread alone."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures.thread import _WorkItem

import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from clinic_app.ui.garbage import GuiThreadCollector
from clinic_app.ui.jobs import JobRunner, Lane


class Told(QObject):
    """Notes the thread in which it is destroyed."""

    def __init__(self, threads: list[str]) -> None:
        super().__init__()
        self.destroyed.connect(
            lambda: threads.append(threading.current_thread().name),
            Qt.ConnectionType.DirectConnection,
        )


@pytest.fixture
def jobs() -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


def allocate() -> None:
    """What would start the automatic collector several times over."""
    kept = [[number] for number in range(200_000)]
    kept.clear()


def test_a_cycle_is_collected_in_the_gui_thread_whatever_a_lane_allocates(
    qtbot: QtBot, jobs: JobRunner
) -> None:
    collector = GuiThreadCollector(jobs, interval_ms=10)
    try:
        threads: list[str] = []
        one = Told(threads)
        one.itself = one
        del one
        with qtbot.waitSignal(jobs.idle):
            jobs.submit(Lane.DATABASE, allocate, done=lambda _: None, failed=lambda _: None)
        made: list[list[int]] = []

        def collected() -> bool:
            made.extend([number] for number in range(1_000))
            return bool(threads)

        qtbot.waitUntil(collected)
        assert threads == [threading.main_thread().name]
    finally:
        collector.stop()
    assert gc.isenabled()


def test_what_work_and_answers_hold_is_let_go_of_in_the_gui_thread(
    qtbot: QtBot, jobs: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = _WorkItem.run

    def lingering(item: _WorkItem) -> None:
        ran(item)
        time.sleep(0.02)  # the lane holds on to its work while the answer is delivered

    monkeypatch.setattr(_WorkItem, "run", lingering)
    threads: list[str] = []
    for _ in range(5):
        held = Told(threads)
        with qtbot.waitSignal(jobs.idle):
            jobs.submit(
                Lane.DATABASE,
                held.objectName,
                done=lambda _, held=held: None,
                failed=lambda _, held=held: None,
            )
            del held
    qtbot.waitUntil(lambda: len(threads) >= 4)
    assert set(threads) == {threading.main_thread().name}
