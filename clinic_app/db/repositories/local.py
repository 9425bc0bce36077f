"""What stays on this workstation: drafts, begun forms, face images, the choice of models, where
exports are being written; none is in the log."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Delete, Select, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.repositories.base import of_person, read_record, require_patient, split_plain
from clinic_app.db.tables import draft, form_draft, image, image_pixels, meta, screening
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.model_choice import ModelChoice
from clinic_app.domain.operations import encode_fields
from clinic_app.domain.screening import Draft


class Drafts:
    """Screenings that are being taken."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def save(self, record: Draft) -> None:
        """Insert or replace; raises ``NotFound`` for a new one of an unknown patient.

        One that is kept already stays kept, and is emptied where it has to be, though its patient
        is known here no more (who registered the person was withdrawn before that).
        """
        draft_id, fields = split_plain(record)
        if self._db.row(select(draft.c.id).where(draft.c.id == draft_id)) is None:
            require_patient(self._db, record.patient_id)
        values = {
            "patient_id": record.patient_id,
            "changed_at": record.changed_at,
            "body": encode_fields(fields),
        }
        self._db.run(
            insert(draft)
            .values(id=draft_id, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def get(self, draft_id: UUID) -> Draft:
        found = self._drafts(_newest_first().where(draft.c.id == draft_id))
        if not found:
            raise NotFound("This draft is not on this workstation.")
        return found[0]

    def of_patient(self, patient_id: UUID) -> Draft | None:
        found = self._drafts(
            _newest_first().where(of_person(self._db, draft.c.patient_id, patient_id)).limit(1)
        )
        return found[0] if found else None

    def all(self) -> list[Draft]:
        return self._drafts(_newest_first())

    def remove(self, draft_id: UUID) -> None:
        self._db.run(delete(draft).where(draft.c.id == draft_id))

    def _drafts(self, statement: Select[tuple[UUID, bytes]]) -> list[Draft]:
        return [read_record(Draft, row.id, row.body) for row in self._db.rows(statement)]


def _newest_first() -> Select[tuple[UUID, bytes]]:
    return select(draft.c.id, draft.c.body).order_by(draft.c.changed_at.desc(), draft.c.id.desc())


class Forms:
    """Words of forms that are being filled in; ``removed`` is as for ``Images``."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self.removed = False

    def save(self, record: FormDraft) -> None:
        """Insert or replace; raises ``NotFound`` for an unknown patient."""
        if record.patient_id is not None:
            require_patient(self._db, record.patient_id)
        draft_id, fields = split_plain(record)
        values = {"changed_at": record.changed_at, "body": encode_fields(fields)}
        self._db.run(
            insert(form_draft)
            .values(
                id=draft_id,
                user_id=record.user_id,
                form=record.form.value,
                subject_id=record.subject_id,
                patient_id=record.patient_id,
                **values,
            )
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def get(self, user_id: UUID, form: FormKind, subject_id: UUID) -> FormDraft | None:
        own = (form_draft.c.user_id == user_id, form_draft.c.subject_id == subject_id)
        found = self._forms(_oldest_first().where(*own, form_draft.c.form == form.value))
        return found[0] if found else None

    def of_patient(self, patient_id: UUID) -> list[FormDraft]:
        return self._forms(
            _oldest_first().where(of_person(self._db, form_draft.c.patient_id, patient_id))
        )

    def all(self, form: FormKind) -> list[FormDraft]:
        return self._forms(_oldest_first().where(form_draft.c.form == form.value))

    def changed_before(self, moment: datetime) -> list[FormDraft]:
        return self._forms(_oldest_first().where(form_draft.c.changed_at < moment))

    def remove(self, draft_id: UUID) -> None:
        self._remove(delete(form_draft).where(form_draft.c.id == draft_id))

    def remove_of_subject(self, form: FormKind, subject_id: UUID) -> None:
        about = form_draft.c.subject_id == subject_id
        self._remove(delete(form_draft).where(about, form_draft.c.form == form.value))

    def _remove(self, statement: Delete) -> None:
        self.removed = self._db.run(statement) > 0 or self.removed

    def _forms(self, statement: Select[tuple[UUID, bytes]]) -> list[FormDraft]:
        return [read_record(FormDraft, row.id, row.body) for row in self._db.rows(statement)]


def _oldest_first() -> Select[tuple[UUID, bytes]]:
    order = (form_draft.c.changed_at, form_draft.c.id)
    return select(form_draft.c.id, form_draft.c.body).order_by(*order)


def _untold() -> ColumnElement[bool]:
    """Of an image: that nobody has told of its pixels since it was put here."""
    return ~select(image_pixels.c.image_id).where(image_pixels.c.image_id == image.c.id).exists()


class Images:
    """Face crops. ``removed`` tells the unit of work to clear the write-ahead log as well."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self.removed = False

    def put(self, screening_id: UUID, images: FaceImages, *, kept: bool) -> None:
        values = {
            "kept": kept,
            "face_png": images.face_png,
            "normalised_png": images.normalised_png,
        }
        self._db.run(delete(image_pixels).where(image_pixels.c.image_id == screening_id))
        self._db.run(
            insert(image)
            .values(id=screening_id, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def get(self, screening_id: UUID) -> FaceImages | None:
        row = self._db.row(
            select(image.c.face_png, image.c.normalised_png).where(image.c.id == screening_id)
        )
        return None if row is None else FaceImages(row.face_png, row.normalised_png)

    def holds(self, *digests: bytes) -> bool:
        c = image_pixels.c
        return self._db.row(select(c.digest).where(c.digest.in_(digests)).limit(1)) is not None

    def without_digests(self, limit: int) -> list[tuple[UUID, FaceImages]]:
        c = image.c
        wanted = select(c.id, c.face_png, c.normalised_png).where(_untold()).limit(limit)
        rows = self._db.rows(wanted)
        return [(row.id, FaceImages(row.face_png, row.normalised_png)) for row in rows]

    def count_without_digests(self) -> int:
        counted = select(func.count()).select_from(image).where(_untold())
        return int(self._db.scalar(counted))

    def put_digests(self, screening_id: UUID, digests: Collection[bytes]) -> None:
        rows = [{"digest": one, "image_id": screening_id} for one in set(digests)]
        self._db.run(insert(image_pixels), rows)

    def remove(self, screening_id: UUID) -> bool:
        """SQLite overwrites the freed pages with zeros (``secure_delete``)."""
        return self._remove(image.c.id == screening_id) > 0

    def remove_of_patient(self, patient_id: UUID) -> int:
        finished = select(screening.c.id).where(
            of_person(self._db, screening.c.patient_id, patient_id)
        )
        begun = select(draft.c.id).where(of_person(self._db, draft.c.patient_id, patient_id))
        return self._remove(or_(image.c.id.in_(finished), image.c.id.in_(begun)))

    def kept_before(self, moment: datetime, limit: int = 10_000) -> list[tuple[UUID, datetime]]:
        wanted = (
            select(screening.c.id, screening.c.finished_at)
            .join(image, image.c.id == screening.c.id)
            .where(screening.c.finished_at < moment)
            .order_by(screening.c.finished_at, screening.c.id)
        )
        return [(row.id, row.finished_at) for row in self._db.rows(wanted.limit(limit))]

    def _remove(self, which: ColumnElement[bool]) -> int:
        gone = select(image.c.id).where(which)
        self._db.run(delete(image_pixels).where(image_pixels.c.image_id.in_(gone)))
        count = self._db.run(delete(image).where(which))
        self.removed = self.removed or count > 0
        return count


_SET, _MANIFEST = "model_set", "model_manifest"
_BEGUN_EXPORT = "begun_export:"


class ModelChoices:
    """Two rows beside the store's identity."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def get(self) -> ModelChoice | None:
        rows = self._db.rows(select(meta).where(meta.c.name.in_((_SET, _MANIFEST))))
        found = {row.name: row.value for row in rows}
        return ModelChoice(found[_SET], found[_MANIFEST]) if found else None

    def put(self, choice: ModelChoice) -> None:
        for name, value in ((_SET, choice.name), (_MANIFEST, choice.manifest_sha256)):
            self._db.run(
                insert(meta)
                .values(name=name, value=value)
                .on_conflict_do_update(index_elements=["name"], set_={"value": value})
            )


class BegunExports:
    """A row each beside the store's identity: the bytes of a path, which need not be text."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def add(self, place: str) -> None:
        value = os.fsencode(place).hex()
        self._db.run(insert(meta).values(name=_begun_export(place), value=value))

    def remove(self, place: str) -> None:
        self._db.run(delete(meta).where(meta.c.name == _begun_export(place)))

    def all(self) -> list[str]:
        begun = meta.c.name.startswith(_BEGUN_EXPORT, autoescape=True)
        rows = self._db.rows(select(meta.c.value).where(begun).order_by(meta.c.name))
        return [os.fsdecode(bytes.fromhex(row.value)) for row in rows]


def _begun_export(place: str) -> str:
    return _BEGUN_EXPORT + hashlib.sha256(os.fsencode(place)).hexdigest()[:24]
