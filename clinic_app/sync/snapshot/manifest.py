"""What the clinic's root key signs about a snapshot: of which clinic, up to where, and its parts.

The signature covers the exact bytes, under a context of its own. Each part is named by its
SHA-256, so a transfer that was cut goes on with the parts that are missing, and no byte of the
file is looked into before all of it has been compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.db.files import file_access, write_atomically
from clinic_app.sync.centre import (
    BLOB_PART_BYTES,
    Head,
    OperationsForged,
    SnapshotHead,
    SnapshotUnusable,
)
from clinic_app.sync.keys import RootKey, is_signed

FORM = 1
"""Of the file and of this description; a program reads its own form alone."""

LONGEST = 64_000_000_000
"""Bytes; what says it is longer is no snapshot of ours."""

_CONTEXT = b"clinic-app snapshot 1\0"
_FORGED = (
    "The clinic's snapshot at the central server was not made with the clinic's root key, or was"
    " altered. It was not used; please tell whoever looks after the central server."
)
_OTHER_FORM = (
    "The clinic's snapshot was made by another version of the program, so the whole log was read"
    " instead. “clinic-app server snapshot” makes a new one."
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """``schema`` is the version of the operations' bodies, ``rows`` the revision of the store
    whose rows they are, ``fold`` the number of the rules by which the log made them. ``vector``
    holds the end of every sequence in the file, ``revoked`` the last operation that counts of each
    withdrawn workstation. ``erased`` operations were blanked.
    """

    clinic_id: UUID
    made_at: datetime
    schema: int
    rows: str
    fold: int
    vector: tuple[Head, ...]
    revoked: tuple[tuple[int, int, int], ...]
    erased: int
    length: int
    parts: tuple[bytes, ...]

    @property
    def operations(self) -> int:
        return sum(head.seq for head in self.vector)

    def to_bytes(self) -> bytes:
        plain = {
            "form": FORM,
            "clinic": str(self.clinic_id),
            "made_at": self.made_at.isoformat(),
            "schema": self.schema,
            "rows": self.rows,
            "fold": self.fold,
            "vector": [[*head[:3], head.hash.hex()] for head in self.vector],
            "revoked": [list(one) for one in self.revoked],
            "erased": self.erased,
            "length": self.length,
            "parts": [part.hex() for part in self.parts],
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")

    def signed(self, number: int, root: RootKey) -> SnapshotHead:
        content = self.to_bytes()
        return SnapshotHead(number, content, root.sign(_CONTEXT + content))


def read_manifest(head: SnapshotHead, root_public_key: bytes) -> Manifest:
    """Raises ``OperationsForged`` unless the clinic's root key has signed it, ``SnapshotUnusable``
    when it has another form."""
    if not is_signed(root_public_key, head.signature, _CONTEXT + head.manifest):
        raise forged_snapshot()
    try:
        plain = json.loads(head.manifest)
        if plain["form"] != FORM:
            raise other_form()
        found = _read(plain)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise forged_snapshot() from None
    count = -(-found.length // BLOB_PART_BYTES)
    if not 0 < found.length <= LONGEST or len(found.parts) != count:
        raise forged_snapshot()
    return found


def write_head(path: Path, head: SnapshotHead) -> None:
    """Keep what was signed while its parts are sent."""
    plain = [head.id, head.manifest.decode("ascii"), head.signature.hex()]
    write_atomically(path, json.dumps(plain).encode("ascii"))


def read_head(path: Path) -> SnapshotHead | None:
    """What ``write_head`` has kept; None for anything else."""
    if not path.exists():
        return None
    with file_access():
        content = path.read_bytes()
    try:
        number, manifest, signature = json.loads(content)
        return SnapshotHead(int(number), manifest.encode("ascii"), bytes.fromhex(signature))
    except (ValueError, TypeError, AttributeError):
        return None


def _read(plain: Mapping[str, Any]) -> Manifest:
    return Manifest(
        clinic_id=UUID(plain["clinic"]),
        made_at=datetime.fromisoformat(plain["made_at"]),
        schema=int(plain["schema"]),
        rows=str(plain["rows"]),
        fold=int(plain.get("fold", 0)),  # none before the rules had numbers
        vector=tuple(
            Head(int(origin), int(epoch), int(seq), bytes.fromhex(digest))
            for origin, epoch, seq, digest in plain["vector"]
        ),
        revoked=tuple((int(one), int(epoch), int(seq)) for one, epoch, seq in plain["revoked"]),
        erased=int(plain["erased"]),
        length=int(plain["length"]),
        parts=tuple(map(bytes.fromhex, plain["parts"])),
    )


def forged_snapshot() -> OperationsForged:
    return OperationsForged(_FORGED)


def other_form() -> SnapshotUnusable:
    return SnapshotUnusable(_OTHER_FORM)
