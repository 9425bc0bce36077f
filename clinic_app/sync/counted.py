"""A centre that counts its statements and asks before each whether the round is to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from clinic_app.sync.centre import (
    PAGE_OPERATIONS,
    Centre,
    CentreFacts,
    Head,
    SnapshotHead,
    SyncStopped,
    WireOperation,
)


class CountedCentre:
    """What a round uses of a ``Centre``. Raises ``SyncStopped`` once ``stop`` says so.

    Attributes:
        statements: how many statements were sent.
    """

    def __init__(self, centre: Centre, stop: Callable[[], bool]) -> None:
        self._real = centre
        self._stop = stop
        self.statements = 0

    def facts(self) -> CentreFacts:
        return self._next().facts()

    def heads(self) -> tuple[Head, ...]:
        return self._next().heads()

    def fetch(
        self, origin: int, epoch: int, after: int, limit: int = PAGE_OPERATIONS
    ) -> tuple[WireOperation, ...]:
        return self._next().fetch(origin, epoch, after, limit)

    def received(
        self, origin: int, epoch: int, after: int, until: int
    ) -> tuple[tuple[int, datetime], ...]:
        return self._next().received(origin, epoch, after, until)

    def push(self, operations: Sequence[WireOperation]) -> None:
        self._next().push(operations)

    def missing_blob_parts(self, sha256: bytes, parts: int) -> tuple[int, ...]:
        return self._next().missing_blob_parts(sha256, parts)

    def put_blob_part(self, sha256: bytes, part: int, content: bytes) -> None:
        self._next().put_blob_part(sha256, part, content)

    def blob_part(self, sha256: bytes, part: int) -> bytes | None:
        return self._next().blob_part(sha256, part)

    def newest_snapshot(self) -> SnapshotHead | None:
        return self._next().newest_snapshot()

    def snapshot_part(self, snapshot: int, part: int) -> bytes | None:
        return self._next().snapshot_part(snapshot, part)

    def go_on(self) -> None:
        """Raises ``SyncStopped`` where the round is to end; for long work between statements."""
        if self._stop():
            raise SyncStopped("Syncing was stopped; what was sent and received stays.")

    def _next(self) -> Centre:
        self.go_on()
        self.statements += 1
        return self._real
