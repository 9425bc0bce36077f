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
from clinic_app.sync.centre import (
    BLOB_PART_BYTES,
    Head,
    OperationsForged,
    SnapshotHead,
    SnapshotUnusable,
)
from clinic_app.sync.keys import RootKey
from clinic_app.sync.snapshot.manifest import Manifest, read_head, read_manifest, write_head
from clinic_app.sync.wire import ClinicCipher

IMAGE_FILE = "snapshot.image"
HEAD_FILE = "snapshot.head"
"""Beside the image once that is whole and signed: what its sending goes on with."""

RENEWED_AFTER = 200_000
"""Operations beyond a snapshot, which a new workstation folds in less than a minute."""

RESUMED_WITHIN = 20_000
"""Operations beyond a snapshot that was cut in its sending; with more a new one is made."""


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
    """A snapshot of everything that this copy has pulled, to be sent in the block. When that is
    cut, its files stay and the next call goes on with them, unless they have become outdated.

    ``replaced`` is the number of the one before: a later one has a greater number. Raises
    ``WrongState`` while the copy holds more than the centre, or nothing.
    """
    begun = _begun(store, root, clinic_id, replaced)
    yield begun or _made(store, root, clinic_id, cipher, replaced)
    forget_image(store.folder)


def forget_image(folder: Path) -> None:
    """Leave nothing of a snapshot behind in the folder of the copy."""
    with file_access():
        for name in (HEAD_FILE, IMAGE_FILE):  # the image is nothing without the other
            for file in folder.glob(f"{name}*"):
                file.unlink(missing_ok=True)


def _begun(store: EncryptedStore, root: RootKey, clinic_id: UUID, replaced: int) -> Snapshot | None:
    """The snapshot that was made before and not sent to its end, if it is still good."""
    path = store.folder / IMAGE_FILE
    head = read_head(store.folder / HEAD_FILE)
    if head is None or head.id <= replaced:
        return None
    try:
        manifest = read_manifest(head, root.public)
    except (OperationsForged, SnapshotUnusable):
        return None
    with store.transaction() as db:
        added = sum(one.acked for one in replica.reaches(db)) - manifest.operations
        good = (
            manifest.clinic_id == clinic_id
            and manifest.schema == SCHEMA_VERSION
            and manifest.revoked == _revoked(db)
            and not is_outdated(db, manifest)
            and 0 <= added <= RESUMED_WITHIN
        )
    if not good or not path.exists() or path.stat().st_size != manifest.length:
        return None
    if tuple(hashlib.sha256(part).digest() for part in file_parts(path)) != manifest.parts:
        return None
    return Snapshot(head, manifest, path)


def _revoked(db: Transaction) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (one.origin, one.revoked_epoch or 0, one.revoked_seq)
        for one in replica.peers(db)
        if one.revoked_seq is not None
    )


def _made(
    store: EncryptedStore, root: RootKey, clinic_id: UUID, cipher: ClinicCipher, replaced: int
) -> Snapshot:
    path = store.folder / IMAGE_FILE
    forget_image(store.folder)
    with store.transaction() as db:
        reaches = replica.reaches(db)
        revoked = _revoked(db)
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
        head = manifest.signed(max(store.wall(), replaced + 1), root)
        write_head(store.folder / HEAD_FILE, head)
    except BaseException:
        forget_image(store.folder)
        raise
    return Snapshot(head, manifest, path)


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
