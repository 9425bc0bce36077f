"""Face images that travel: only with consent to keep and to share them, encrypted for the clinic.

What should be at the centre and what should be here follows from consents and records alone, so a
transfer that is cut goes on with the parts that are missing, and a withdrawal is carried out on
every workstation when it arrives there.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import replica
from clinic_app.db.audit_heads import own_numbers
from clinic_app.db.histories import received_first
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import blob_part, erasure_event, image, screening, shared_image
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, Purpose, current_consent
from clinic_app.domain.convergence import SharedImage
from clinic_app.domain.erasure import ErasureState
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.operations import EntityKind, decode_fields
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.site import kept_since
from clinic_app.sync.centre import BLOB_PART_BYTES, OperationsForged
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.member import Membership
from clinic_app.sync.wire import forged

LONGEST = 64 * BLOB_PART_BYTES
"""Bytes of two pictures; what says it is longer is no image of ours."""

_LENGTH = struct.Struct(">I")
_NEEDED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)
"""Without one of these, an image stays nowhere."""


CHECKED = "images_checked"
"""Name of the fact under which a store keeps the answers on which the centre last held its images:
of those alone that may have been removed there, because something was refused."""

_NOWHERE = "-"
"""In the place of answers, while an image may not be shared."""


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
            agreed = Agreements(work)
            leaving, sending = withdrawn(work, agreed), unsent(work, agreed)
            fetching = missing(work, now, agreed)
            again, checked = sent_before(work, agreed)
            _drop_parts(work, fetching)
            work.commit()
        for one in leaving:
            self._remove(one)
        total = len(sending) + len(again) + len(fetching)
        for done, waiting in enumerate((*sending, *again), 1):
            self._send(waiting, known=done > len(sending))
            self._tell(done / total)
        self._note_checked(checked)
        for done, shared in enumerate(fetching, 1):
            try:
                self._fetch(shared)
            except OperationsForged as trouble:
                self.trouble = trouble
            self._tell((total - len(fetching) + done) / total)
        return len(sending)

    def _note_checked(self, checked: str) -> None:
        """All that the centre may have lacked is there again."""
        facts = {CHECKED: checked, replica.CENTRE_RESTORED: ""}
        with self._store.transaction() as db:
            kept = replica.remembered(db)
            if any(kept.get(name, "") != value for name, value in facts.items()):
                replica.remember(db, **facts)
                db.commit()

    def _send(self, waiting: Waiting, *, known: bool) -> None:
        """Send what the centre lacks of it, and tell of it unless the others ``know``."""
        with self._store.unit_of_work() as work:
            images = work.images.get(waiting.screening_id)
            free = Agreements(work).may_share(waiting.patient_id, waiting.screening_id)
        if images is None or not free:  # removed, or taken back, while others were on their way
            return
        blob = self._member.cipher.seal_image(framed(images), waiting.screening_id.bytes)
        digest = hashlib.sha256(blob).digest()
        parts = list(_parts(blob))
        for number in self._centre.missing_blob_parts(digest, len(parts)):
            self._centre.put_blob_part(digest, number, parts[number])
        if known:
            return
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
            if content is None:  # swept, or the centre was restored; who took it sends it again
                return
            if len(content) > BLOB_PART_BYTES:  # of no length that anybody has signed for
                raise forged("an image")
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
            kind, why = AuditKind.IMAGES_REMOVED, "withdrawn or erased"
            work.audit.record(kind, None, "screening", screening_id, why)
            work.commit()


class Agreements:
    """What people have agreed to, and who was erased, read once for each person."""

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work
        self._history: dict[UUID, Sequence[ConsentEvent]] = {}
        self._known: dict[UUID, dict[Purpose, bool]] = {}
        self._erased: dict[UUID, int | None] = {}

    @cached_property
    def own(self) -> frozenset[int]:
        """The numbers under which this laptop has sent images."""
        return own_numbers(self._work.db)

    def of(self, patient_id: UUID) -> dict[Purpose, bool]:
        if patient_id not in self._known:
            consents = self._work.consents.of_patient(patient_id)
            self._history[patient_id] = consents
            self._known[patient_id] = current_consent(consents)
        return self._known[patient_id]

    def answers(self, patient_id: UUID) -> str:
        """What stands for all answers on which an image's place at the centre depends; empty where
        none of them was a refusal, which alone removes it there."""
        self.of(patient_id)
        wanted = (*_NEEDED, Purpose.SHARING)
        given = [one for one in self._history[patient_id] if one.purpose in wanted]
        if all(one.granted for one in given):
            return ""
        return hashlib.sha256(b"".join(sorted(one.id.bytes for one in given))).hexdigest()[:16]

    def may_keep(self, patient_id: UUID, screening_id: UUID) -> bool:
        """Whether nothing that an image needs to be anywhere was refused, and the screening is not
        from before an erasure of the person."""
        state, erased = self.of(patient_id), self._erased_at(patient_id)
        refused = any(state.get(one) is False for one in _NEEDED)
        return not refused and (erased is None or self._added_at(screening_id) > erased)

    def may_share(self, patient_id: UUID, screening_id: UUID) -> bool:
        """Whether the person agrees that images are kept and shared."""
        state, wanted = self.of(patient_id), (Purpose.KEEP_IMAGES, Purpose.SHARING)
        return self.may_keep(patient_id, screening_id) and all(
            state.get(one, False) for one in wanted
        )

    def _added_at(self, screening_id: UUID) -> int:
        """The screening's stamp. By a slow clock of a laptop, a person who was erased and came back
        would have been screened before the erasure."""
        return received_first(self._work.db, EntityKind.SCREENING, screening_id)[0].stamp.hlc

    def _erased_at(self, patient_id: UUID) -> int | None:
        """The stamp of the last erasure of the person that was carried out: a clock that was years
        ahead must not go on removing images."""
        if patient_id not in self._erased:
            requests = self._work.erasures.of_patient(patient_id)
            done = [one.id for one in requests if one.state is ErasureState.COMPLETED]
            c = erasure_event.c
            newest = select(func.max(c.hlc)).where(c.subject_id.in_(done))
            self._erased[patient_id] = self._work.db.scalar(newest)
        return self._erased[patient_id]


def unsent(work: StoreUnitOfWork, agreed: Agreements) -> list[Waiting]:
    """Kept images that may be shared and are not yet."""
    known = select(shared_image.c.id)
    rows = work.db.rows(
        select(image.c.id, screening.c.patient_id)
        .join(screening, screening.c.id == image.c.id)
        .where(image.c.kept, image.c.id.not_in(known))
        .order_by(image.c.id)
    )
    return [
        Waiting(row.id, row.patient_id) for row in rows if agreed.may_share(row.patient_id, row.id)
    ]


def sent_before(work: StoreUnitOfWork, agreed: Agreements) -> tuple[list[Waiting], str]:
    """Images of this workstation that the centre may have lost though it was sent them: those about
    which there were other answers when this was looked at last, a refusal among them, and all when
    the centre was restored. A refusal counts though it was taken back before it was seen here: the
    centre has seen it. Also the answers of today, as they are remembered."""
    rows = work.db.rows(
        select(image.c.id, screening.c.patient_id)
        .join(screening, screening.c.id == image.c.id)
        .join(shared_image, shared_image.c.id == image.c.id)
        .where(image.c.kept)
        .order_by(image.c.id)
    )
    kept = replica.remembered(work.db)
    restored = bool(kept.get(replica.CENTRE_RESTORED))
    before = dict(one.split("=", 1) for one in kept.get(CHECKED, "").split())
    again, checked = [], []
    for row in rows:
        free = agreed.may_share(row.patient_id, row.id)
        answers = agreed.answers(row.patient_id) if free else _NOWHERE
        if answers:
            checked.append(f"{row.id}={answers}")
        lost = restored or answers != before.get(str(row.id), "")
        if free and lost and _origin(work, row.id) in agreed.own:
            again.append(Waiting(row.id, row.patient_id))
    return again, " ".join(checked)


def missing(work: StoreUnitOfWork, now: datetime, agreed: Agreements) -> list[SharedImage]:
    """Shared images of elsewhere that belong here too and are not here.

    What one's own laptop has removed, or what is older than images are kept, is not brought back.
    """
    rows = work.db.rows(
        select(
            shared_image.c.id,
            shared_image.c.body,
            screening.c.finished_at,
            screening.c.patient_id,
        )
        .join(screening, screening.c.id == shared_image.c.id)
        .where(shared_image.c.id.not_in(select(image.c.id)))
        .order_by(shared_image.c.id)
    )
    oldest = oldest_kept(work, now)
    found = []
    for row in rows:
        shared = shared_of(row)
        here = _origin(work, row.id) in agreed.own
        young = oldest is None or row.finished_at > oldest
        if here or not young or not possible(shared):
            continue
        # Whose picture it is the screening says, not who shared it: else somebody's agreement
        # would let a picture into the record of somebody who has not agreed.
        if agreed.may_share(row.patient_id, row.id):
            found.append(shared)
    return found


def shared_of(row: Row[Any]) -> SharedImage:
    """The record in a row of ``shared_image``."""
    return from_plain(SharedImage, {**decode_fields(row.body), "id": str(row.id)})


def oldest_kept(work: StoreUnitOfWork, now: datetime) -> datetime | None:
    """When a screening has to have been finished for its images to stay; None where they all do."""
    try:
        days = work.clinic.get().retention.kept_image_days
    except NotFound:
        return None
    return None if days is None else kept_since(now, days)


def _drop_parts(work: StoreUnitOfWork, fetching: list[SharedImage]) -> None:
    """Forget the parts of images that are not to be fetched any more."""
    wanted = {bytes.fromhex(one.sha256) for one in fetching}
    begun = {row.sha256 for row in work.db.rows(select(blob_part.c.sha256).distinct())}
    for digest in begun - wanted:
        work.db.run(delete(blob_part).where(blob_part.c.sha256 == digest))


def possible(shared: SharedImage) -> bool:
    """Whether an honest program may have written this: it is asked for part by part."""
    try:
        digest = bytes.fromhex(shared.sha256)
    except ValueError:
        return False
    return len(digest) == hashlib.sha256().digest_size and 0 < shared.length <= LONGEST


def withdrawn(work: StoreUnitOfWork, agreed: Agreements) -> list[UUID]:
    """Images here that a withdrawal somewhere else has taken the ground from."""
    rows = work.db.rows(
        select(
            image.c.id,
            screening.c.patient_id,
            shared_image.c.id.label("shared"),
        )
        .join(screening, screening.c.id == image.c.id)
        .outerjoin(shared_image, shared_image.c.id == image.c.id)
        .where(image.c.kept)
    )
    gone = []
    for row in rows:
        foreign = row.shared is not None and _origin(work, row.id) not in agreed.own
        unshared = foreign and not agreed.of(row.patient_id).get(Purpose.SHARING, False)
        if unshared or not agreed.may_keep(row.patient_id, row.id):
            gone.append(row.id)
    return gone


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
