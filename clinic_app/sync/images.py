"""Face images that travel: only with consent to keep and to share them, encrypted for the clinic.

What should be at the centre and what should be here follows from consents and records alone, so a
transfer that is cut goes on with the parts that are missing, and a withdrawal is carried out on
every workstation when it arrives there.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.fold import received_first
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import blob_part, image, screening, shared_image
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.convergence import SharedImage
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.operations import EntityKind, decode_fields
from clinic_app.domain.record_codec import from_plain
from clinic_app.sync.centre import BLOB_PART_BYTES, OperationsForged
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.member import Membership
from clinic_app.sync.wire import forged

LONGEST = 64 * BLOB_PART_BYTES
"""Bytes of two pictures; what says it is longer is no image of ours."""

_LENGTH = struct.Struct(">I")
_NEEDED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)
"""Without one of these, an image stays nowhere."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An image that is kept here and that the centre has not been told of."""

    screening_id: UUID
    patient_id: UUID


class ImageExchange:
    """Sends, fetches and removes images; ``tell`` hears the share that is done.

    Attributes:
        trouble: the last image that was not what it should be; it stops no other one.
    """

    def __init__(
        self,
        store: EncryptedStore,
        centre: CountedCentre,
        member: Membership,
        tell: Callable[[float], None],
    ) -> None:
        self._store = store
        self._centre = centre
        self._member = member
        self._tell = tell
        self.trouble: OperationsForged | None = None

    def run(self, now: datetime) -> int:
        """Returns how many images were sent, each of which is an operation to be pushed. ``now`` is
        the centre's: by a laptop's wrong clock everything may be old."""
        with self._store.unit_of_work() as work:
            leaving, sending, fetching = (
                withdrawn(work),
                unsent(work),
                missing(work, now),
            )
        for one in leaving:
            self._remove(one)
        for done, waiting in enumerate(sending, 1):
            self._send(waiting)
            self._tell(done / (len(sending) + len(fetching)))
        for done, shared in enumerate(fetching, 1):
            try:
                self._fetch(shared)
            except OperationsForged as trouble:
                self.trouble = trouble
            self._tell((len(sending) + done) / (len(sending) + len(fetching)))
        return len(sending)

    def _send(self, waiting: Waiting) -> None:
        with self._store.unit_of_work() as work:
            images = work.images.get(waiting.screening_id)
        if images is None:  # removed meanwhile
            return
        blob = self._member.cipher.seal_image(framed(images), waiting.screening_id.bytes)
        digest = hashlib.sha256(blob).digest()
        parts = list(_parts(blob))
        for number in self._centre.missing_blob_parts(digest, len(parts)):
            self._centre.put_blob_part(digest, number, parts[number])
        record = SharedImage(
            waiting.screening_id, waiting.patient_id, digest.hex(), len(blob), self._store.now()
        )
        with self._store.unit_of_work() as work:
            work.log.record(EntityKind.SHARED_IMAGE, record)
            work.commit()

    def _fetch(self, shared: SharedImage) -> None:
        """Part by part; those that are here already are not asked for again."""
        digest = bytes.fromhex(shared.sha256)
        count = -(-shared.length // BLOB_PART_BYTES)
        with self._store.transaction() as db:
            rows = db.rows(select(blob_part.c.part).where(blob_part.c.sha256 == digest))
            here = {row.part for row in rows}
        for number in sorted(set(range(count)) - here):
            content = self._centre.blob_part(digest, number)
            if content is None:  # the centre was restored; whoever has it sends it again
                return
            with self._store.transaction() as db:
                db.run(insert(blob_part).values(sha256=digest, part=number, content=content))
                db.commit()
        self._put_together(shared, digest)

    def _put_together(self, shared: SharedImage, digest: bytes) -> None:
        with self._store.unit_of_work() as work:
            parts = select(blob_part.c.content).where(blob_part.c.sha256 == digest)
            rows = work.db.rows(parts.order_by(blob_part.c.part))
            blob = b"".join(row.content for row in rows)
            genuine = hashlib.sha256(blob).digest() == digest
            if genuine:
                genuine = self._unpack(work, shared, blob)
            work.db.run(delete(blob_part).where(blob_part.c.sha256 == digest))
            work.commit()
        if not genuine:
            raise forged("an image")

    def _unpack(self, work: StoreUnitOfWork, shared: SharedImage, blob: bytes) -> bool:
        try:
            content = self._member.cipher.open_image(blob, shared.id.bytes)
            work.images.put(shared.id, unframed(content), kept=True)
        except (OperationsForged, struct.error):
            return False
        return True

    def _remove(self, screening_id: UUID) -> None:
        with self._store.unit_of_work() as work:
            work.images.remove(screening_id)
            work.commit()


def unsent(work: StoreUnitOfWork) -> list[Waiting]:
    """Kept images that may be shared and are not yet."""
    known = select(shared_image.c.id)
    rows = work.db.rows(
        select(image.c.id, screening.c.patient_id)
        .join(screening, screening.c.id == image.c.id)
        .where(image.c.kept, image.c.id.not_in(known))
        .order_by(image.c.id)
    )
    found = [Waiting(row.id, row.patient_id) for row in rows]
    return [one for one in found if may_share(work, one.patient_id)]


def missing(work: StoreUnitOfWork, now: datetime) -> list[SharedImage]:
    """Shared images of elsewhere that belong here too and are not here.

    What one's own laptop has removed, or what is older than images are kept, is not brought back.
    """
    rows = work.db.rows(
        select(shared_image.c.id, shared_image.c.body, screening.c.finished_at)
        .join(screening, screening.c.id == shared_image.c.id)
        .where(shared_image.c.id.not_in(select(image.c.id)))
        .order_by(shared_image.c.id)
    )
    days = _kept_days(work)
    oldest = None if days is None else now - timedelta(days=days)
    found = []
    for row in rows:
        shared = from_plain(SharedImage, {**decode_fields(row.body), "id": str(row.id)})
        here = _origin(work, row.id) == work.log.origin
        if not here and _possible(shared) and (oldest is None or row.finished_at > oldest):
            found.append(shared)
    return [one for one in found if may_share(work, one.patient_id)]


def _possible(shared: SharedImage) -> bool:
    """Whether an honest program may have written this: it is asked for part by part."""
    try:
        digest = bytes.fromhex(shared.sha256)
    except ValueError:
        return False
    return len(digest) == hashlib.sha256().digest_size and 0 < shared.length <= LONGEST


def withdrawn(work: StoreUnitOfWork) -> list[UUID]:
    """Images here that a withdrawal somewhere else has taken the ground from."""
    rows = work.db.rows(
        select(image.c.id, screening.c.patient_id, shared_image.c.id.label("shared"))
        .join(screening, screening.c.id == image.c.id)
        .outerjoin(shared_image, shared_image.c.id == image.c.id)
        .where(image.c.kept)
    )
    gone = []
    for row in rows:
        state = current_consent(work.consents.of_patient(row.patient_id))
        foreign = row.shared is not None and _origin(work, row.id) != work.log.origin
        refused = [one for one in _NEEDED if state.get(one) is False]
        if refused or (foreign and not state.get(Purpose.SHARING, False)):
            gone.append(row.id)
    return gone


def may_share(work: StoreUnitOfWork, patient_id: UUID) -> bool:
    """Whether the person agrees that images are kept and shared."""
    state = current_consent(work.consents.of_patient(patient_id))
    wanted = (Purpose.KEEP_IMAGES, Purpose.SHARING)
    refused = any(state.get(one) is False for one in _NEEDED)
    return not refused and all(state.get(one, False) for one in wanted)


def _kept_days(work: StoreUnitOfWork) -> int | None:
    try:
        return work.clinic.get().retention.kept_image_days
    except NotFound:
        return None


def _origin(work: StoreUnitOfWork, screening_id: UUID) -> int:
    return received_first(work.db, EntityKind.SHARED_IMAGE, screening_id)[0].origin


def framed(images: FaceImages) -> bytes:
    """Both pictures in one: the length of the first in four bytes, then the two."""
    return _LENGTH.pack(len(images.face_png)) + images.face_png + images.normalised_png


def unframed(content: bytes) -> FaceImages:
    (length,) = _LENGTH.unpack_from(content)
    start = _LENGTH.size
    return FaceImages(content[start : start + length], content[start + length :])


def _parts(blob: bytes) -> Iterator[bytes]:
    for start in range(0, len(blob), BLOB_PART_BYTES):
        yield blob[start : start + BLOB_PART_BYTES]
