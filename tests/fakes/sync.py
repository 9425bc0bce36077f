"""A centre in memory: rounds succeed, fail or wait as the test says; conflicts are made up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import StaffUser
from clinic_app.services.storage import OpenStore
from clinic_app.services.sync_data import (
    Alongside,
    Conflict,
    ConflictKind,
    HostStatus,
    Resolution,
    RoundProgress,
    RoundResult,
    SequenceHead,
    Stage,
    SyncStatus,
    SyncStopped,
    SyncTrouble,
    Version,
    Watch,
    unnoted,
)

ENROLMENT = b"made-up enrolment"
AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
ALONE = SyncStatus(False, "", "", 12, 0, None, None, None, (), 0)
JOINED = SyncStatus(
    joined=True,
    centre="centre.example",
    workstation="north-1",
    pending=0,
    pending_images=0,
    last_success=AT,
    last_try=AT,
    trouble=None,
    heads=(
        SequenceHead(1, 1_772_000_000_000, 240, True, "north-1"),
        SequenceHead(2, 1_772_100_000_000, 1180, False, "south-2"),
    ),
    conflicts=0,
    hosts=(HostStatus("centre.example", AT), HostStatus("spare.example")),
)


class FakeSync:
    """Tests set ``fails_with``, ``found`` and ``unsent``; with ``gate`` a round waits for it. What
    it ``brings`` is written before it fails or ends."""

    def __init__(self) -> None:
        self.now = ALONE
        self._store: OpenStore | None = None
        self._user: StaffUser | None = None
        self.fails_with: BaseException | None = None
        self.fails_after_joining: SyncTrouble | None = None
        self.result = RoundResult(0, 0, 0, 4, 0.1)
        self.found: list[Conflict] = []
        self.unsent: set[UUID] = set()
        self.brings: Callable[[], object] = lambda: None
        self.rounds = 0
        self.gate: threading.Event | None = None
        self.settled: list[tuple[str, Resolution, str, dict[str, str] | None]] = []

    def open(self, store: OpenStore, user: StaffUser) -> FakeSync:
        """The ``OpenSync`` of the front door."""
        self._store, self._user = store, user
        return self

    def status(self) -> SyncStatus:
        now = self.now
        if not now.joined and self._store is not None:
            now = replace(now, pending=self._store.pending_operations())
        return replace(now, conflicts=len(self.found))

    def join(
        self, enrolment: Path, watch: Watch, stop: Callable[[], bool], note: Alongside = unnoted
    ) -> RoundResult:
        if self.now.joined:
            raise WrongState("This laptop has joined a centre already.")
        if enrolment.read_bytes() != ENROLMENT:
            raise InvalidInput("file", "This is not an enrolment file of Clinic App.")
        assert self._store is not None
        with self._store.unit_of_work() as work:
            note(work)
            work.commit()
        if self.fails_after_joining is not None:
            self.now = JOINED
            raise self.fails_after_joining
        self._walk(watch, stop)
        self.now = JOINED
        return self.result

    def round(self, watch: Watch, stop: Callable[[], bool]) -> RoundResult:
        self.rounds += 1
        if not self.now.joined:
            raise WrongState("No central server is joined.")
        try:
            self._walk(watch, stop)
        except SyncStopped:
            raise
        except SyncTrouble as trouble:
            self.now = replace(self.now, last_try=AT + timedelta(hours=1), trouble=str(trouble))
            raise
        self.unsent.clear()
        self.now = replace(self.now, pending=0, trouble=None, last_success=AT, last_try=AT)
        self.now = replace(self.now, clock_off_seconds=self.result.clock_off_seconds)
        return self.result

    def marks(self, record_ids: tuple[UUID, ...]) -> dict[UUID, bool]:
        return {one: one not in self.unsent for one in record_ids} if self.now.joined else {}

    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(self.found)

    def resolve(
        self,
        conflict_id: str,
        how: Resolution,
        chosen: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        found = next((one for one in self.found if one.id == conflict_id), None)
        if found is None:
            raise WrongState("This has changed since it was shown.")
        assert self._store is not None
        assert self._user is not None
        with self._store.unit_of_work() as work:
            detail = f"{found.kind.value}: {how.value}"
            kind = AuditKind.CHANGED
            work.audit.record(kind, self._user.id, "conflict", found.record_id, detail)
            work.commit()
        self.settled.append((conflict_id, how, chosen, fields))
        self.found = [one for one in self.found if one.id != conflict_id]

    def _walk(self, watch: Watch, stop: Callable[[], bool]) -> None:
        watch(RoundProgress(Stage.CONNECTING, 0.0))
        watch(RoundProgress(Stage.PULLING, 0.5, pulled=40))
        while self.gate is not None and not self.gate.wait(0.005):
            if stop():
                raise SyncStopped("The round was stopped; what was sent and received stays.")
        if stop():
            raise SyncStopped("The round was stopped; what was sent and received stays.")
        self.brings()
        if self.fails_with is not None:
            raise self.fails_with
        watch(RoundProgress(Stage.PUSHING, 1.0, pulled=40, pushed=12))
        watch(RoundProgress(Stage.DONE, 1.0, pulled=40, pushed=12))


def conflict(
    kind: ConflictKind = ConflictKind.TEXT,
    *,
    record_id: UUID | None = None,
    patient_id: UUID | None = None,
    patient_name: str = "Chidi Okafor",
    title: str = "Progress note",
    texts: tuple[str, ...] = ("Sleeping better. Walks daily.", "Sleeping badly. Walks daily."),
) -> Conflict:
    """A made-up conflict with one version for each text."""
    versions = tuple(
        Version(
            stamp=f"{number}",
            author=("Amina Diallo", "Tomas")[number % 2],
            at=AT + timedelta(minutes=number),
            workstation=("north-1", "south-2")[number % 2],
            fields=(("text", text),),
        )
        for number, text in enumerate(texts)
    )
    record = record_id or new_id()
    return Conflict(str(record), kind, record, patient_id, patient_name, title, versions)
