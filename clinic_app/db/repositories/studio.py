"""Reference looks, and the gallery of the style studio."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Delete, delete, select

from clinic_app.db import tables
from clinic_app.db.repositories.base import (
    Log,
    of_person,
    read_record,
    require_patient,
    split_plain,
)
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import NotFound
from clinic_app.domain.operations import EntityKind, encode_fields
from clinic_app.domain.reference_look import LookEvent
from clinic_app.domain.studio import StudioPicture
from clinic_app.services.studio_storage import StudioImages

_GONE = "This picture is not in the gallery."


class LookEvents(Log[LookEvent]):
    kind = EntityKind.LOOK_EVENT
    table = tables.look_event
    record = LookEvent
    named = "decision about a look"

    def all(self) -> list[LookEvent]:
        c = self.table.c
        return self._records(self._select().order_by(c.hlc, c.origin, c.epoch, c.seq))


class Gallery:
    """Stays on this workstation; ``removed`` is as for ``Images``."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self.removed = False

    def add(self, record: StudioPicture, images: StudioImages) -> None:
        """Raises ``NotFound`` for an unknown patient."""
        require = record.patient_id
        if require is not None:
            require_patient(self._db, require)
        picture_id, fields = split_plain(record)
        self._db.run(
            tables.studio_picture.insert().values(
                id=picture_id,
                made_at=record.made_at,
                patient_id=record.patient_id,
                body=encode_fields(fields),
                content_png=images.content_png,
                result_png=images.result_png,
            )
        )

    def all(self) -> list[StudioPicture]:
        c = tables.studio_picture.c
        newest = select(c.id, c.body).order_by(c.made_at.desc(), c.id.desc())
        return [read_record(StudioPicture, row.id, row.body) for row in self._db.rows(newest)]

    def get(self, picture_id: UUID) -> StudioPicture:
        c = tables.studio_picture.c
        row = self._db.row(select(c.id, c.body).where(c.id == picture_id))
        if row is None:
            raise NotFound(_GONE)
        return read_record(StudioPicture, row.id, row.body)

    def images(self, picture_id: UUID) -> StudioImages:
        c = tables.studio_picture.c
        row = self._db.row(select(c.content_png, c.result_png).where(c.id == picture_id))
        if row is None:
            raise NotFound(_GONE)
        return StudioImages(row.content_png, row.result_png)

    def remove(self, picture_id: UUID) -> bool:
        """SQLite overwrites the freed pages with zeros (``secure_delete``)."""
        c = tables.studio_picture.c
        return self._remove(delete(tables.studio_picture).where(c.id == picture_id)) > 0

    def remove_of_patient(self, patient_id: UUID) -> int:
        theirs = of_person(self._db, tables.studio_picture.c.patient_id, patient_id)
        return self._remove(delete(tables.studio_picture).where(theirs))

    def _remove(self, statement: Delete) -> int:
        count = self._db.run(statement)
        self.removed = self.removed or count > 0
        return count
