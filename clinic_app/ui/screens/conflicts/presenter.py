"""Reads what has to be settled, and settles it as a person says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import Conflict, Resolution
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.conflicts.differences import Compared, compared


class ConflictsView(Protocol):
    def show_conflicts(self, found: Sequence[Compared]) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_settled(self, conflict: Conflict) -> None: ...
    def show_trouble(self, conflict: Conflict, error: BaseException) -> None:
        """It could not be settled; the page is read again."""


class ConflictsPresenter:
    """``settled`` is called after each one, so that counts elsewhere follow."""

    def __init__(
        self, view: ConflictsView, sync: SyncService, jobs: Jobs, settled: Callable[[], object]
    ) -> None:
        self._view = view
        self._sync = sync
        self._jobs = jobs
        self._settled = settled
        self._latest = 0
        self._settling: set[str] = set()

    def look(self) -> None:
        """Read again; an older, slower answer is dropped."""
        self._latest = asked = self._latest + 1

        def read() -> list[Compared]:
            return [compared(one) for one in self._sync.conflicts()]

        def show(found: list[Compared]) -> None:
            if asked == self._latest:
                self._view.show_conflicts(found)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, read, done=show, failed=fail)

    def choose(self, conflict: Conflict, stamp: str) -> None:
        """The words of one version hold."""
        self._settle(conflict, Resolution.CHOOSE, stamp, None)

    def merge(self, conflict: Conflict, fields: dict[str, str]) -> bool:
        """These words hold; False while it is being settled in another way."""
        return self._settle(conflict, Resolution.MERGE, "", fields)

    def keep_both(self, conflict: Conflict) -> None:
        """All versions stand."""
        self._settle(conflict, Resolution.KEEP_BOTH, "", None)

    def _settle(
        self, conflict: Conflict, how: Resolution, chosen: str, fields: dict[str, str] | None
    ) -> bool:
        if conflict.id in self._settling:  # pressed twice
            return False
        self._settling.add(conflict.id)

        def done(_: None) -> None:
            self._settling.discard(conflict.id)
            self._view.show_settled(conflict)
            self._settled()
            self.look()

        def failed(error: BaseException) -> None:
            self._settling.discard(conflict.id)
            self._view.show_trouble(conflict, error)
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._sync.resolve(conflict.id, how, chosen, fields),
            done=done,
            failed=failed,
        )
        return True
