"""Long work: once at a time, told of in the window's thread, silent after a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from clinic_app.services.backup_data import Stop
from clinic_app.ui.jobs import JobRunner, Lane
from clinic_app.ui.long_work import LongWork
from clinic_app.ui.turns import Ahead, Turns
from tests.fakes.jobs import HeldJobs, RecordedView

Hear = Callable[[float], None]


def count(tell: Hear, stop: Stop) -> str:
    """Something of four steps."""
    for done in range(1, 5):
        if stop():
            raise InterruptedError
        tell(done / 4)
    return "counted"


def begin(work: LongWork, view: RecordedView, act: Callable[[Hear, Stop], str] = count) -> None:
    work.start(act, began=view.began, heard=view.heard, done=view.done, failed=view.failed)


def test_it_tells_that_it_began_how_far_it_is_and_what_came_of_it() -> None:
    jobs, view = HeldJobs(), RecordedView()
    work = LongWork(jobs, Lane.FILES)
    begin(work, view)
    assert work.running
    assert [job.lane for job in jobs.held] == [Lane.FILES]
    jobs.run_all()
    told = [("heard", (share,)) for share in (0.25, 0.5, 0.75, 1.0)]
    assert view.calls == [("began", ()), *told, ("done", ("counted",))]
    assert not work.running


def test_nothing_else_begins_meanwhile_and_the_next_may_afterwards() -> None:
    jobs, view = HeldJobs(), RecordedView()
    work = LongWork(jobs, Lane.FILES)
    begin(work, view)
    begin(work, view)
    assert view.names() == ["began"]
    work.stop()
    jobs.run_all()
    assert view.names() == ["began", "failed"]
    begin(work, view)
    jobs.run_all()
    assert view.last("done") == ("counted",)


def test_nobody_is_told_of_progress_after_a_stop() -> None:
    jobs, view = HeldJobs(), RecordedView()
    work = LongWork(jobs, Lane.FILES)

    def act(tell: Hear, stop: Stop) -> str:
        tell(0.5)
        work.stop()
        tell(0.75)
        return "went on all the same"

    begin(work, view, act)
    jobs.run_all()
    assert view.names() == ["began", "heard", "done"]


def test_progress_crosses_into_the_thread_of_the_window(qtbot: QtBot) -> None:
    runner, threads = JobRunner(), []
    work = LongWork(runner, Lane.FILES)

    def act(tell: Hear, stop: Stop) -> threading.Thread:
        tell(0.5)
        return threading.current_thread()

    with qtbot.waitSignal(runner.idle):
        work.start(
            act,
            began=lambda: None,
            heard=lambda share: threads.append(threading.current_thread()),
            done=threads.append,
            failed=pytest.fail,
        )
    runner.close()
    here, lane = threads
    assert here is threading.main_thread()
    assert lane is not threading.main_thread()


def wait_for(work: LongWork, view: RecordedView) -> None:
    work.start(
        count,
        began=view.began,
        heard=view.heard,
        done=view.done,
        failed=view.failed,
        waits=view.waits,
        given_up=view.given_up,
    )


def test_what_comes_second_is_told_whom_it_waits_for_and_begins_when_its_turn_comes() -> None:
    jobs, turns, view = HeldJobs(), Turns(), RecordedView()
    first = LongWork(jobs, Lane.STUDIO_LONG, turns, "first")
    second = LongWork(jobs, Lane.STUDIO_LONG, turns, "second")
    begin(first, RecordedView())
    wait_for(second, view)
    first.tell_left(90)
    assert view.calls == [("waits", (Ahead("first", None),)), ("waits", (Ahead("first", 90),))]
    assert len(jobs.held) == 1
    jobs.run_all()
    assert view.names()[2:] == ["began", "heard", "heard", "heard", "heard", "done"]
    assert not second.running


def test_what_waits_is_given_up_at_once_and_never_begins() -> None:
    jobs, turns, view = HeldJobs(), Turns(), RecordedView()
    first, second = (LongWork(jobs, Lane.STUDIO_LONG, turns, name) for name in ("a", "b"))
    begin(first, RecordedView())
    wait_for(second, view)
    second.stop()
    assert view.names() == ["waits", "given_up"]
    assert not second.running
    jobs.run_all()
    assert view.names() == ["waits", "given_up"]


def test_the_next_begins_also_when_the_one_before_fails_or_goes_for_good() -> None:
    jobs, turns = HeldJobs(), Turns()

    def fail(tell: Hear, stop: Stop) -> str:
        raise InterruptedError

    for leave in (LongWork.drop, lambda work: jobs.run_all()):
        view = RecordedView()
        first, second = (LongWork(jobs, Lane.STUDIO_LONG, turns, name) for name in ("a", "b"))
        begin(first, RecordedView(), fail)
        wait_for(second, view)
        leave(first)
        jobs.run_all()
        assert view.names()[-1] == "done"
