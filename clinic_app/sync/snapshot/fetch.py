"""Fetching a snapshot part by part into a file beside the store; a fetch that was cut goes on."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from clinic_app.db.files import (
    SNAPSHOT_FOLDER,
    file_access,
    make_private_folder,
    write_atomically,
)
from clinic_app.sync.centre import BLOB_PART_BYTES, SnapshotHead, SnapshotUnusable
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.snapshot.make import file_parts
from clinic_app.sync.snapshot.manifest import Manifest, forged_snapshot

FOLDER = SNAPSHOT_FOLDER
"""Beside the store, while a snapshot is fetched."""

ROOM = 4
"""How many times its length a snapshot takes on the disk until it is loaded: the file, the store,
and the write-ahead log of both."""

_IMAGE, _MANIFEST = "image", "manifest"
_NO_ROOM = (
    "The disk has too little room for the clinic's snapshot, so the whole log is read instead,"
    " which takes longer."
)
_REPLACED = (
    "The clinic's snapshot was replaced while it was fetched, so the whole log was read instead."
)


def fetched(
    folder: Path,
    centre: CountedCentre,
    head: SnapshotHead,
    manifest: Manifest,
    tell: Callable[[float], None],
) -> Path:
    """The file of a snapshot, every part of which is what was signed.

    Raises ``OperationsForged`` for another one, ``SnapshotUnusable`` where there is no room or the
    snapshot is replaced meanwhile.
    """
    make_private_folder(folder)
    image, noted = folder / _IMAGE, folder / _MANIFEST
    with file_access():
        resumed = noted.exists() and noted.read_bytes() == head.manifest
    if not resumed:
        with file_access():
            image.unlink(missing_ok=True)
        write_atomically(noted, head.manifest)
    here = _whole_parts(image, manifest)
    missing = manifest.length - here * BLOB_PART_BYTES
    with file_access():
        free = shutil.disk_usage(folder).free
    if free < missing + (ROOM - 1) * manifest.length:
        raise SnapshotUnusable(_NO_ROOM)
    with file_access(), open(image, "ab", opener=_private) as file:
        file.truncate(min(here * BLOB_PART_BYTES, manifest.length))
        for number in range(here, len(manifest.parts)):
            content = centre.snapshot_part(head.id, number)
            if content is None:
                raise SnapshotUnusable(_REPLACED)
            if hashlib.sha256(content).digest() != manifest.parts[number]:
                raise forged_snapshot()
            file.write(content)
            tell((number + 1) / len(manifest.parts))
    with file_access():
        length = image.stat().st_size
    if length != manifest.length:
        raise forged_snapshot()
    return image


def _whole_parts(image: Path, manifest: Manifest) -> int:
    """How many parts at the beginning of the file are here already."""
    with file_access():
        if not image.exists():
            return 0
    here = 0
    for content, wanted in zip(file_parts(image), manifest.parts, strict=False):
        if hashlib.sha256(content).digest() != wanted:
            break
        here += 1
    return here


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def forget(folder: Path) -> None:
    """Remove what was fetched, if anything was; what cannot be removed waits for the next round."""
    shutil.rmtree(folder, ignore_errors=True)
