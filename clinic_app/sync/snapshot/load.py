"""The first load: a new workstation begins from the clinic's snapshot where there is one.

Whatever is wrong with a snapshot, nothing has been changed by then, and the round goes on with the
log as if there were none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from clinic_app.db import replica
from clinic_app.db.fold import FOLD
from clinic_app.db.image import LoadedHead, opened_image, take_image
from clinic_app.db.schema import REVISION
from clinic_app.db.store import EncryptedStore
from clinic_app.domain.errors import StoreDamaged
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.domain.sentence import Sentence
from clinic_app.sync.centre import (
    Enrolled,
    Head,
    OperationsForged,
    SnapshotHead,
    SnapshotUnusable,
    SyncTrouble,
)
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.member import Membership
from clinic_app.sync.snapshot.check import RESTORED, checked_log, vouched
from clinic_app.sync.snapshot.fetch import FOLDER, fetched, forget
from clinic_app.sync.snapshot.manifest import (
    Manifest,
    forged_snapshot,
    other_form,
    read_manifest,
)

WORTH_FROM = 20_000
"""Operations; a shorter log is read in seconds."""

FETCHED, CHECKED = 0.4, 0.6
"""Shares of the work at which the file is here, and its log is checked."""

_FOREIGN = "The clinic's snapshot belongs to another clinic, so the whole log was read instead."
_REVOKED = (
    "The clinic's snapshot counts changes of a workstation that was withdrawn before them, so the"
    " whole log was read instead."
)


class FirstLoad:
    """``tell`` hears the share that is done.

    Attributes:
        loaded: how many operations came with a snapshot.
        trouble: a snapshot that somebody has made or altered; people have to be told.
        remark: why an honest one was not used.
    """

    def __init__(
        self,
        store: EncryptedStore,
        centre: CountedCentre,
        member: Membership,
        names: Mapping[int, Enrolled],
        tell: Callable[[float], None],
    ) -> None:
        self._store = store
        self._centre = centre
        self._member = member
        self._names = names
        self._tell = tell
        self._folder = store.folder / FOLDER
        self.loaded = 0
        self.trouble: SyncTrouble | None = None
        self.remark: Sentence | None = None

    def run(self, heads: Collection[Head]) -> None:
        """Load the clinic's snapshot if this store has pulled nothing yet and the log is long."""
        if sum(head.seq for head in heads) < WORTH_FROM or not self._is_new(heads):
            forget(self._folder)
            return
        head = self._centre.newest_snapshot()
        if head is None:
            forget(self._folder)
            return
        try:
            self._load(head)
        except OperationsForged as trouble:
            self.trouble = trouble
        except SnapshotUnusable as trouble:
            self.remark = trouble.sentence
        forget(self._folder)

    def _is_new(self, heads: Collection[Head]) -> bool:
        """Whether all that is here was written here and has not travelled; what the centre holds
        of it is an acknowledgement that was lost."""
        own = self._store.workstation.origin
        there = {(head.origin, head.epoch) for head in heads}
        return not self._here() & there and all(origin == own for origin, _ in self._here())

    def _here(self) -> set[tuple[int, int]]:
        """The sequences that this store has, or has had, something of."""
        with self._store.transaction() as db:
            return {(one.origin, one.epoch) for one in replica.reaches(db)}

    def _load(self, head: SnapshotHead) -> None:
        manifest = read_manifest(head, self._member.root_public_key)
        self._check_fits(manifest)
        image = fetched(self._folder, self._centre, head, manifest, self._telling(0, FETCHED))
        heads = self._checked(image, manifest)
        vouched(self._centre, heads, self._names)
        take_image(
            self._store,
            image,
            self._member.cipher.snapshot_key,
            heads,
            self._telling(CHECKED, 1.0),
        )
        self.loaded = manifest.operations

    def _check_fits(self, manifest: Manifest) -> None:
        """Raises ``SnapshotUnusable`` for what is signed and yet not for this store."""
        if manifest.clinic_id != self._member.clinic_id:
            raise SnapshotUnusable(_FOREIGN)
        own_rows = (manifest.rows, manifest.fold) == (REVISION, FOLD)
        if manifest.schema > SCHEMA_VERSION or not own_rows:
            raise other_form()
        if not manifest.vector:
            raise forged_snapshot()
        if self._here() & {(one.origin, one.epoch) for one in manifest.vector}:
            raise SnapshotUnusable(RESTORED)  # it knows ours, which the centre does not
        known = {origin: (epoch, seq) for origin, epoch, seq in manifest.revoked}
        for one in manifest.vector:
            end = self._revoked(one.origin)
            beyond = end is not None and (one.epoch, one.seq) > end
            if known.get(one.origin) != end and (beyond or one.origin in known):
                raise SnapshotUnusable(_REVOKED)

    def _revoked(self, origin: int) -> tuple[int, int] | None:
        writer = self._names.get(origin)
        if writer is None or writer.revoked_seq is None:
            return None
        return writer.revoked_epoch or 0, writer.revoked_seq

    def _checked(self, image: Path, manifest: Manifest) -> list[LoadedHead]:
        cipher = self._member.cipher
        try:
            with opened_image(image, cipher.snapshot_key) as db:
                return checked_log(db, manifest, cipher, self._telling(FETCHED, CHECKED))
        except StoreDamaged as error:  # not a file of ours, or not under the clinic's key
            raise forged_snapshot() from error

    def _telling(self, begin: float, end: float) -> Callable[[float], None]:
        """Shares of one step as shares of the whole; each is also a place to stop at."""

        def tell(share: float) -> None:
            self._centre.go_on()
            self._tell(begin + (end - begin) * share)

        return tell
