"""What the private copy of the log is kept for: the reporting tables, and the clinic's snapshot."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from clinic_app.db.store import EncryptedStore
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
from clinic_app.sync.snapshot.make import is_outdated, made_snapshot
from clinic_app.sync.snapshot.manifest import Manifest, read_manifest
from clinic_app.sync.wire import ClinicCipher


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
        self._renew()
        return done

    def sweep(self) -> tuple[int, int]:
        """Remove what was erased or withdrawn, also from the snapshot: how many bodies were
        emptied, how many images removed."""
        centre = self._centre()
        follow(self.store, centre, self.clinic_key, lambda share, pulled: None)
        done = tidy(self.connection, self.store, centre.facts().server_time)
        self._renew()
        return done

    def snapshot(self, tell: Callable[[float], None]) -> tuple[Manifest, tuple[SyncTrouble, ...]]:
        """Follow the log, then let a new snapshot take the place of the former one."""
        pull = follow(
            self.store, self._centre(), self.clinic_key, lambda share, pulled: tell(share / 2)
        )
        kept = kept_snapshot(self.connection)
        made = self._keep(0 if kept is None else kept.id, lambda share: tell((1 + share) / 2))
        return made, tuple(pull.troubles.values())

    def _keep(self, replaced: int, tell: Callable[[float], None]) -> Manifest:
        cipher = ClinicCipher(self.clinic_key)
        with made_snapshot(self.store, self.root, self.clinic_id, cipher, replaced) as made:
            count = len(made.manifest.parts)
            keep_snapshot(self.connection, made.head, made.parts(), count, tell)
            return made.manifest

    def _renew(self) -> None:
        """Replace a snapshot that holds what was erased since, or is far behind."""
        kept = kept_snapshot(self.connection)
        if kept is not None and self._is_outdated(kept):
            drop_snapshots(self.connection)
            self._keep(kept.id, lambda share: None)

    def _is_outdated(self, kept: SnapshotHead) -> bool:
        with suppress(OperationsForged, SnapshotUnusable), self.store.transaction() as db:
            return is_outdated(db, read_manifest(kept, self.root.public))
        return True  # whoever made it, it is not ours

    def _centre(self) -> MysqlCentre:
        return MysqlCentre(
            self.connection, origin=UNJOINED_ORIGIN, root_public_key=self.root.public
        )
