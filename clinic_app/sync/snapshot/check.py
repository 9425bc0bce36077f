"""Whether the log in a snapshot is the one that its workstations wrote.

The wire form of an operation depends on nothing but the operation, so the chains can be worked out
again from what is in the file. They have to end in the vector that was signed, and the centre has
to hold the same operations there, under the signatures of their workstations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from clinic_app.db.image import LoadedHead, image_operations
from clinic_app.db.transaction import Transaction
from clinic_app.domain.operations import Operation, link_hash
from clinic_app.sync.centre import Enrolled, Head, SnapshotUnusable
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.snapshot.manifest import Manifest, forged_snapshot
from clinic_app.sync.wire import ClinicCipher, chain_hash, checked

TOLD_EVERY = 10_000
"""Operations."""

RESTORED = (
    "The clinic's snapshot holds changes that the central server no longer holds, so the whole log"
    " was read instead."
)


@dataclass(slots=True)
class _Chain:
    """One sequence while its operations pass."""

    origin: int
    epoch: int
    seq: int = 0
    hlc: int = 0
    hash: bytes = b""
    wire_hash: bytes = b""
    before: bytes = b""

    def follow(self, one: Operation, cipher: ClinicCipher) -> None:
        if one.seq != self.seq + 1 or one.received_at is None:
            raise forged_snapshot()
        self.seq, self.hlc = one.seq, max(self.hlc, one.stamp.hlc)
        self.before = self.wire_hash
        self.wire_hash = chain_hash(self.wire_hash, one, cipher.seal(one))
        # Of an erased operation nothing but its stored hash is left to go on from.
        if not one.erased and one.hash != link_hash(self.hash, one):
            raise forged_snapshot()
        self.hash = one.hash

    @property
    def head(self) -> LoadedHead:
        return LoadedHead(
            self.origin, self.epoch, self.seq, self.hlc, self.hash, self.wire_hash, self.before
        )


def checked_log(
    image: Transaction, manifest: Manifest, cipher: ClinicCipher, tell: Callable[[float], None]
) -> list[LoadedHead]:
    """The ends of all sequences in an image; raises ``OperationsForged`` unless their chains hold
    and are those that the manifest names. ``tell`` hears the share that is done."""
    found: list[LoadedHead] = []
    for chain in _chains(image, cipher, max(manifest.operations, 1), tell):
        found.append(chain.head)
    vector = [Head(one.origin, one.epoch, one.seq, one.wire_hash) for one in found]
    if vector != sorted(manifest.vector):
        raise forged_snapshot()
    return found


def _chains(
    image: Transaction, cipher: ClinicCipher, total: int, tell: Callable[[float], None]
) -> Iterator[_Chain]:
    chain: _Chain | None = None
    for count, one in enumerate(image_operations(image)):
        if chain is None or (one.origin, one.epoch) != (chain.origin, chain.epoch):
            if chain is not None:
                yield chain
            chain = _Chain(one.origin, one.epoch)
        chain.follow(one, cipher)
        if count % TOLD_EVERY == 0:
            tell(min(count / total, 1.0))
    if chain is not None:
        yield chain


def vouched(centre: CountedCentre, heads: list[LoadedHead], names: Mapping[int, Enrolled]) -> None:
    """Compare the ends with the centre, one statement a sequence.

    Raises ``SnapshotUnusable`` where the centre holds less or something else, as after a restore;
    ``OperationsForged`` where its workstation has not signed it.
    """
    for one in heads:
        writer = names.get(one.origin)
        if writer is None:
            raise forged_snapshot()
        page = centre.fetch(one.origin, one.epoch, one.seq - 1, 1)
        if page and page[0].signature is None:  # its batch ends further on
            page = centre.fetch(one.origin, one.epoch, one.seq - 1)
        if not page or page[0].hash != one.wire_hash:
            raise SnapshotUnusable(RESTORED)
        if not checked(page, one.seq - 1, one.before, writer.public_key, writer.name):
            raise forged_snapshot()
