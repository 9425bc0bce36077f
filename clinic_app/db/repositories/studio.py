"""Reference looks; the gallery and the begun transfers of the style studio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Delete, delete, select

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
from clinic_app.domain.studio import BegunTransfer, StudioPicture
from clinic_app.services.studio_storage import PutAway, StudioImages

_GONE = "This picture is not in the gallery."
_ENDED = "This transfer is not kept here any more."


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
                small_png=images.small_png,
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

    def small(self, picture_id: UUID) -> bytes | None:
        c = tables.studio_picture.c
        row = self._db.row(select(c.small_png).where(c.id == picture_id))
        if row is None:
            raise NotFound(_GONE)
        found: bytes | None = row.small_png
        return found

    def put_small(self, picture_id: UUID, png: bytes) -> None:
        here = tables.studio_picture.c.id == picture_id
        self._db.run(tables.studio_picture.update().where(here).values(small_png=png))

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


class BegunTransfers:
    """Stays on this workstation; ``removed`` is as for ``Images``."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self.removed = False

    def put(self, record: BegunTransfer, beside: PutAway) -> None:
        """Raises ``NotFound`` for an unknown patient."""
        if record.patient_id is not None:
            require_patient(self._db, record.patient_id)
        self._remove(tables.begun_transfer.c.user_id == record.begun_by)
        transfer_id, fields = split_plain(record)
        self._db.run(
            tables.begun_transfer.insert().values(
                id=transfer_id,
                user_id=record.begun_by,
                patient_id=record.patient_id,
                step=record.step,
                body=encode_fields(fields),
                content_png=beside.content_png,
                style_png=beside.style_png,
                state=beside.state,
            )
        )
        self._add_outputs(transfer_id, beside.outputs)

    def work_on(self, transfer_id: UUID, at: datetime) -> bool:
        here = tables.begun_transfer.c.id == transfer_id
        found = self._records(here)
        if not found:
            return False
        _, fields = split_plain(replace(found[0], changed_at=at))
        body = {"body": encode_fields(fields)}
        self._db.run(tables.begun_transfer.update().where(here).values(body))
        return True

    def put_away(
        self,
        transfer_id: UUID,
        step: int,
        state: bytes,
        outputs: Sequence[tuple[int, bytes]],
        at: datetime,
    ) -> bool:
        if not self.work_on(transfer_id, at):
            return False
        here = tables.begun_transfer.c.id == transfer_id
        values = {"step": step, "state": state}
        self._db.run(tables.begun_transfer.update().where(here).values(values))
        self._add_outputs(transfer_id, outputs)
        return True

    def of(self, user_id: UUID) -> BegunTransfer | None:
        found = self._records(tables.begun_transfer.c.user_id == user_id)
        return found[0] if found else None

    def all(self) -> list[BegunTransfer]:
        return self._records()

    def get(self, transfer_id: UUID) -> BegunTransfer:
        found = self._records(tables.begun_transfer.c.id == transfer_id)
        if not found:
            raise NotFound(_ENDED)
        return found[0]

    def beside(self, transfer_id: UUID) -> PutAway:
        c, out = tables.begun_transfer.c, tables.begun_output.c
        row = self._db.row(select(c.content_png, c.style_png, c.state).where(c.id == transfer_id))
        if row is None:
            raise NotFound(_ENDED)
        outputs = select(out.step, out.png).where(out.transfer_id == transfer_id)
        came = tuple((one.step, one.png) for one in self._db.rows(outputs.order_by(out.step)))
        return PutAway(row.content_png, row.style_png, row.state, came)

    def remove(self, transfer_id: UUID) -> bool:
        """SQLite overwrites the freed pages with zeros (``secure_delete``)."""
        return self._remove(tables.begun_transfer.c.id == transfer_id) > 0

    def remove_of_patient(self, patient_id: UUID) -> int:
        return self._remove(of_person(self._db, tables.begun_transfer.c.patient_id, patient_id))

    def _records(self, *where: ColumnElement[bool]) -> list[BegunTransfer]:
        c = tables.begun_transfer.c
        rows = self._db.rows(select(c.id, c.step, c.body).where(*where).order_by(c.id))
        return [
            replace(read_record(BegunTransfer, row.id, row.body), step=row.step) for row in rows
        ]

    def _add_outputs(self, transfer_id: UUID, outputs: Sequence[tuple[int, bytes]]) -> None:
        for step, png in outputs:
            self._db.run(
                tables.begun_output.insert().values(transfer_id=transfer_id, step=step, png=png)
            )

    def _remove(self, which: ColumnElement[bool]) -> int:
        gone = select(tables.begun_transfer.c.id).where(which)
        self._db.run(delete(tables.begun_output).where(tables.begun_output.c.transfer_id.in_(gone)))
        count = self._db.run(delete(tables.begun_transfer).where(which))
        self.removed = self.removed or count > 0
        return count
