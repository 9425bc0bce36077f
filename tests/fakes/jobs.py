"""Jobs whose answers a test delivers in the order it likes, and views that remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic_app.ui.jobs import Lane


@dataclass
class HeldJob:
    """One job that was asked for; ``run`` does the work and delivers the answer."""

    lane: Lane
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]

    def run(self) -> None:
        try:
            answer = self.work()
        except Exception as error:  # noqa: BLE001 - as a future would
            self.failed(error)
        else:
            self.done(answer)


class HeldJobs:
    """Keeps every job until the test runs it; ``held[0]`` is the oldest."""

    def __init__(self) -> None:
        self.held: list[HeldJob] = []

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.held.append(HeldJob(lane, work, done, failed))

    def run(self, index: int = 0) -> None:
        """Run one job and deliver its answer."""
        self.held.pop(index).run()

    def run_all(self) -> None:
        """Run everything, also what is asked for meanwhile."""
        while self.held:
            self.run()


class RecordedView:
    """Stands in for any view: remembers each call as (name, arguments)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)

        def remember(*arguments: Any, **named: Any) -> None:
            self.calls.append((name, (*arguments, *named.values())))

        return remember

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def last(self, name: str) -> tuple[Any, ...]:
        """The arguments of the newest call of ``name``."""
        return next(arguments for called, arguments in reversed(self.calls) if called == name)
