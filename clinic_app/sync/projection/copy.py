"""What the private copy of the log is kept for: the reporting tables, and the clinic's snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from clinic_app.db import replica
from clinic_app.db.store import EncryptedStore
from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.domain.operations import UNJOINED_ORIGIN
from clinic_app.sync.centre import (
    OperationsForged,
    SnapshotHead,
    SnapshotUnusable,
    SyncTrouble,
)
from clinic_app.sync.keys import RootKey
from clinic_app.sync.mysql.centre import MysqlCentre
from clinic_app.sync.mysql.connection import Connection
from clinic_app.sync.mysql.snapshots import drop_snapshots, keep_snapshot, kept_snapshot
from clinic_app.sync.projection.project import Projected, project, tidy
from clinic_app.sync.projection.replica import follow
from clinic_app.sync.projection.unheard import unheard
from clinic_app.sync.snapshot.make import HEAD_FILE, forget_image, is_outdated, made_snapshot
from clinic_app.sync.snapshot.manifest import Manifest, read_head, read_manifest
from clinic_app.sync.wire import ClinicCipher

WANTED = "snapshot_wanted"
"""Name of the fact that a snapshot was removed and none has taken its place yet: its number."""


class Swept(NamedTuple):
    """How many bodies were emptied and images removed. ``troubles`` tells of workstations whose
    changes were not taken over, and of a snapshot that could not be replaced; ``held`` how many
    images stay on account of which of these workstations."""

    blanked: int
    removed: int
    troubles: tuple[ClinicError, ...]
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LogCopy:
    """The open copy and an administrator's way to the centre that it follows."""

    connection: Connection
    store: EncryptedStore
    clinic_id: UUID
    clinic_key: bytes = field(repr=False)
    root: RootKey = field(repr=False)

    def project(self, tell: Callable[[float, int], None]) -> Projected:
        """Bring the reporting tables up to date, and replace a snapshot that is outdated."""
        done = project(self.connection, self._centre(), self.store, self.clinic_key, tell)
        return replace(done, troubles=(*done.troubles, *self._renew()))

    def sweep(self) -> Swept:
        """Remove what was erased or withdrawn, also from the snapshot."""
        centre = self._centre()
        pull = follow(self.store, centre, self.clinic_key, lambda share, pulled: None)
        doubts = unheard(self.store, centre, ClinicCipher(self.clinic_key), pull)
        now = centre.facts().server_time
        emptied, swept = tidy(self.connection, self.store, now, doubts)
        troubles = (*pull.troubles.values(), *self._renew())
        return Swept(emptied, swept.removed, troubles, swept.held)

    def snapshot(self, tell: Callable[[float], None]) -> tuple[Manifest, tuple[SyncTrouble, ...]]:
        """Follow the log, then let a new snapshot take the place of the former one. Raises what was
        wrong with a workstation where that leaves nothing to make a snapshot of."""
        pull = follow(
            self.store, self._centre(), self.clinic_key, lambda share, pulled: tell(share / 2)
        )
        kept = kept_snapshot(self.connection)
        troubles = tuple(pull.troubles.values())
        try:
            made = self._keep(0 if kept is None else kept.id, lambda share: tell((1 + share) / 2))
        except WrongState as error:  # often but what follows from the trouble
            raise (troubles[0] if troubles else error) from None
        return made, troubles

    def _keep(self, replaced: int, tell: Callable[[float], None]) -> Manifest:
        cipher = ClinicCipher(self.clinic_key)
        with made_snapshot(self.store, self.root, self.clinic_id, cipher, replaced) as made:
            count = len(made.manifest.parts)
            keep_snapshot(self.connection, made.head, made.parts(), count, tell)
        self._want(None)
        return made.manifest

    def _renew(self) -> tuple[ClinicError, ...]:
        """Replace a snapshot that holds what was erased since, or is far behind, and go on with one
        whose sending was cut; what was wrong. One that was removed before the new one could be kept
        is made the next time."""
        try:
            kept = kept_snapshot(self.connection)
            if kept is not None:
                outdated = self._is_outdated(kept)
                self._want(kept.id if outdated else None)
                if outdated:
                    drop_snapshots(self.connection)
            wanted = self._wanted()
            if wanted is None and self._is_begun(kept):
                wanted = 0 if kept is None else kept.id
            if wanted is not None:
                self._keep(wanted, lambda share: None)
        except ClinicError as trouble:
            return (trouble,)
        return ()

    def _is_begun(self, kept: SnapshotHead | None) -> bool:
        """Whether a snapshot was made and not sent to its end."""
        head = read_head(self.store.folder / HEAD_FILE)
        if head is not None and kept is not None and head.id <= kept.id:
            forget_image(self.store.folder)  # it was, or another one has taken its place
            return False
        return head is not None

    def _want(self, replaced: int | None) -> None:
        with self.store.transaction() as db:
            told = "" if replaced is None else str(replaced)
            if replica.remembered(db).get(WANTED, "") != told:
                replica.remember(db, **{WANTED: told})
                db.commit()

    def _wanted(self) -> int | None:
        with self.store.transaction() as db:
            told = replica.remembered(db).get(WANTED, "")
        return int(told) if told else None

    def _is_outdated(self, kept: SnapshotHead) -> bool:
        with suppress(OperationsForged, SnapshotUnusable), self.store.transaction() as db:
            return is_outdated(db, read_manifest(kept, self.root.public))
        return True  # whoever made it, it is not ours

    def _centre(self) -> MysqlCentre:
        return MysqlCentre(
            self.connection, origin=UNJOINED_ORIGIN, root_public_key=self.root.public
        )
