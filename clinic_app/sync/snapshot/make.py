"""Making a snapshot from the private copy that the clinic's server tool folds from the log."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from clinic_app.db import replica
from clinic_app.db.files import file_access
from clinic_app.db.fold import FOLD
from clinic_app.db.image import write_image
from clinic_app.db.schema import REVISION
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import blanked, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import WrongState
from clinic_app.domain.operations import ERASED, SCHEMA_VERSION
from clinic_app.sync.centre import BLOB_PART_BYTES, Head, SnapshotHead
from clinic_app.sync.keys import RootKey
from clinic_app.sync.snapshot.manifest import Manifest
from clinic_app.sync.wire import ClinicCipher

IMAGE_FILE = "snapshot.image"
RENEWED_AFTER = 200_000
"""Operations beyond a snapshot, which a new workstation folds in less than a minute."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in a file of this machine."""

    head: SnapshotHead
    manifest: Manifest
    path: Path

    def parts(self) -> Iterator[bytes]:
        return file_parts(self.path)


@contextlib.contextmanager
def made_snapshot(
    store: EncryptedStore,
    root: RootKey,
    clinic_id: UUID,
    cipher: ClinicCipher,
    replaced: int = 0,
) -> Iterator[Snapshot]:
    """A snapshot of everything that this copy has pulled; its file goes with the block.

    ``replaced`` is the number of the one before: a later one has a greater number. Raises
    ``WrongState`` while the copy holds more than the centre, or nothing.
    """
    path = store.folder / IMAGE_FILE
    with store.transaction() as db:
        reaches = replica.reaches(db)
        revoked = tuple(
            (one.origin, one.revoked_epoch or 0, one.revoked_seq)
            for one in replica.peers(db)
            if one.revoked_seq is not None
        )
        erased = erased_operations(db)
    if not reaches:
        raise WrongState("There is nothing at the centre yet of which a snapshot could be made.")
    if any(one.acked != one.seq for one in reaches):
        raise WrongState(
            "The centre holds less than it did: it was restored. Please let the workstations sync"
            " first, then make the snapshot."
        )
    try:
        write_image(store, path, cipher.snapshot_key)
        parts = [hashlib.sha256(part).digest() for part in file_parts(path)]
        manifest = Manifest(
            clinic_id=clinic_id,
            made_at=store.now(),
            schema=SCHEMA_VERSION,
            rows=REVISION,
            fold=FOLD,
            vector=tuple(Head(one.origin, one.epoch, one.seq, one.wire_hash) for one in reaches),
            revoked=revoked,
            erased=erased,
            length=path.stat().st_size,
            parts=tuple(parts),
        )
        number = max(store.wall(), replaced + 1)
        yield Snapshot(manifest.signed(number, root), manifest, path)
    finally:
        path.unlink(missing_ok=True)


def is_outdated(db: Transaction, manifest: Manifest) -> bool:
    """Whether something that a snapshot holds was erased since, or much was added."""
    length = sum(one.acked for one in replica.reaches(db))
    return (
        (manifest.rows, manifest.fold) != (REVISION, FOLD)
        or erased_operations(db) != manifest.erased
        or length - manifest.operations >= RENEWED_AFTER
    )


def erased_operations(db: Transaction) -> int:
    """How many operations were blanked by an erasure; its cost follows those that were named."""
    named = (
        (blanked.c.origin == oplog.c.origin)
        & (blanked.c.epoch == oplog.c.epoch)
        & (blanked.c.seq == oplog.c.seq)
    )
    marked = func.substr(oplog.c.body, 1, 1) == ERASED
    found = select(func.count()).select_from(blanked).join(oplog, named).where(marked)
    return int(db.scalar(found))


def file_parts(path: Path) -> Iterator[bytes]:
    """A file in the parts in which it travels."""
    with file_access(), path.open("rb") as file:
        while part := file.read(BLOB_PART_BYTES):
            yield part
