"""Records that only sync needs: settled conflicts, blanked operations, shared images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Settled:
    """A person has seen exactly these versions of a record and lets them stand.

    ``versions`` are stamps as text; a version that is not among them makes a conflict again.
    """

    id: UUID
    record_id: UUID
    versions: tuple[str, ...]
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class Blanking:
    """The content of these operations, named as (origin, epoch, seq), is to be removed on every
    replica and at the centre. Origin 0 is that of the operation which carries this."""

    id: UUID
    patient_id: UUID
    operations: tuple[tuple[int, int, int], ...]
    at: datetime
    by: UUID

    def __post_init__(self) -> None:
        if any(not 0 <= number < 1 << 63 for name in self.operations for number in name):
            raise ValueError("No operation has such a number.")


@dataclass(frozen=True, slots=True)
class SharedImage:
    """The face crops of a screening as one encrypted blob at the centre; ``id`` is the
    screening's, ``sha256`` (hexadecimal) that of the blob, ``length`` its bytes."""

    id: UUID
    patient_id: UUID
    sha256: str
    length: int
    at: datetime
