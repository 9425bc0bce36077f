"""What can be told of the clinic's snapshot at the centre without its file and without a secret."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_app.db.fold import FOLD
from clinic_app.db.schema import REVISION
from clinic_app.domain.errors import ClinicError
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.sync.centre import OperationsForged, SnapshotHead, SnapshotUnusable
from clinic_app.sync.snapshot.manifest import Manifest, other_form, read_manifest


@dataclass(frozen=True, slots=True)
class SnapshotStanding:
    """``manifest`` is what the clinic's root key has signed; None where the signature is not that
    key's, or the form another one. ``since`` operations came after it. ``trouble`` says why new
    workstations pass over it."""

    manifest: Manifest | None
    since: int
    trouble: ClinicError | None = None


def snapshot_standing(
    head: SnapshotHead, root_public_key: bytes, reached: dict[tuple[int, int], int]
) -> SnapshotStanding:
    """``reached`` is how far each (origin, epoch) is at the centre."""
    try:
        manifest = read_manifest(head, root_public_key)
    except (OperationsForged, SnapshotUnusable) as trouble:
        return SnapshotStanding(None, 0, trouble)
    held = {(one.origin, one.epoch): one.seq for one in manifest.vector}
    since = sum(max(seq - held.get(name, 0), 0) for name, seq in reached.items())
    other = (manifest.rows, manifest.fold) != (REVISION, FOLD) or manifest.schema > SCHEMA_VERSION
    return SnapshotStanding(manifest, since, other_form() if other else None)
