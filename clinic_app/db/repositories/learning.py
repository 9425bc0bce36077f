"""Adjudications, local heads and the cases that learning reads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from clinic_app.db import tables
from clinic_app.db.columns import identifier, moment
from clinic_app.db.projections import in_stamp_order
from clinic_app.db.repositories.base import Log, Repository, read_record, unreadable
from clinic_app.db.repositories.known_cases import known_cases
from clinic_app.db.screens import EXPORTS, NO_ROUND
from clinic_app.db.transaction import Transaction
from clinic_app.domain.adjudication import (
    Adjudication,
    AdjudicationEvent,
    fold_adjudication,
)
from clinic_app.domain.consent import Purpose
from clinic_app.domain.face_case import FaceCase, unpack_shares
from clinic_app.domain.finding import Band
from clinic_app.domain.joint_learning import SiteEvent
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, LocalHead
from clinic_app.domain.operations import EntityKind, decode_fields
from clinic_app.services.sites_data import Sent

Read = TypeVar("Read")

_AT_ONCE = 500
"""Identifiers in one question to the database."""


class FaceCases:
    def __init__(self, db: Transaction) -> None:
        self._db = db
        self._mark: object = None
        self._known: dict[str, Any] = {}

    def _once(self, name: str, read: Callable[[], Read]) -> Read:
        """What ``read`` returns, read again in this unit of work only after something was written:
        the answers and cases of a large clinic take a while each."""
        mark = self._db.mark()
        if mark != self._mark:
            self._mark, self._known = mark, {}
        if name not in self._known:
            self._known[name] = read()
        return cast(Read, self._known[name])

    def all(self) -> list[FaceCase]:
        return list(self._once("cases", self._cases))

    def _cases(self) -> list[FaceCase]:
        c = tables.face_case.c
        staff = functools.cache(identifier)
        wanted = select(*(one for one in c if one.name not in ("source_sha256", "embedding")))
        return [
            FaceCase(
                screening_id=identifier(screening_id),
                patient_id=identifier(patient_id),
                taken_by=staff(taken_by),
                judged_by=None if judged_by is None else staff(judged_by),
                finished_at=moment(finished_at),
                base=base,
                accepted=bool(accepted),
                usable=bool(usable),
                band=None if band is None else Band(band),
                shares=unpack_shares(shares),
                local_shares=unpack_shares(local_shares),
                phq9_total=phq9_total,
            )
            for (
                screening_id,
                patient_id,
                taken_by,
                judged_by,
                finished_at,
                base,
                accepted,
                usable,
                band,
                shares,
                local_shares,
                phq9_total,
            ) in self._db.plain(wanted.order_by(c.finished_at, c.id))
        ]

    def embeddings(self, screening_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        c = tables.face_case.c
        found: dict[UUID, bytes] = {}
        for start in range(0, len(screening_ids), _AT_ONCE):
            some = screening_ids[start : start + _AT_ONCE]
            wanted = select(c.id, c.embedding).where(c.id.in_(some), c.usable)
            found |= {row.id: row.embedding for row in self._db.rows(wanted)}
        return found

    def consenting(self, *purposes: Purpose) -> set[UUID]:
        survivors, answers = self._once("answers", self._answers)
        agreed = {
            identifier(person)
            for person, state in answers.items()
            if all(state.get(purpose, False) for purpose in purposes)
        }
        merged = {identifier(one): identifier(person) for one, person in survivors.items()}
        return agreed | {one for one, person in merged.items() if person in agreed}

    def _answers(self) -> tuple[dict[bytes, bytes], dict[bytes, dict[str, bool]]]:
        """The survivor of each merged record, and each survivor's answers as `current_consent`
        finds them: the rows come in its order, and no more of each is read than it needs."""
        alias, c = tables.patient_alias.c, tables.consent.c
        survivors = dict(self._db.plain(select(alias.patient_id, alias.survivor_id)))
        state: dict[bytes, dict[str, bool]] = {}
        ordered = select(c.patient_id, c.body).order_by(c.recorded_at, c.id)
        try:
            for patient, body in self._db.plain(ordered):
                said = decode_fields(body)
                given = state.setdefault(survivors.get(patient, patient), {})
                given[said["purpose"]] = said["granted"]
        except (ValueError, KeyError) as error:
            raise unreadable() from error
        return survivors, state

    def pictured(self) -> set[UUID]:
        c = tables.image.c
        return {row.id for row in self._db.rows(select(c.id).where(c.kept))}

    def known_to(self, user_id: UUID) -> set[UUID]:
        return {row[0] for row in self._db.rows(known_cases(user_id))}

    def knows(self, user_id: UUID, screening_id: UUID) -> bool:
        known = known_cases(user_id).subquery("known")
        found = select(known.c[0]).where(known.c[0] == screening_id).limit(1)
        return self._db.row(found) is not None


class Adjudications(Log[AdjudicationEvent]):
    kind = EntityKind.ADJUDICATION
    table = tables.adjudication_event
    record = AdjudicationEvent
    named = "reading of a picture"

    def find(self, screening_id: UUID) -> Adjudication | None:
        rows = self._db.rows(
            in_stamp_order(self.table).where(self.table.c.subject_id == screening_id)
        )
        return fold_adjudication(read_record(self.record, row.id, row.body) for row in rows)

    def all(self) -> list[Adjudication]:
        rows = self._db.plain(in_stamp_order(self.table))  # those of one case together
        cases = (fold_adjudication(map(self._event, some)) for _, some in groupby(rows, _SUBJECT))
        return [one for one in cases if one is not None]

    def _event(self, row: tuple[Any, ...]) -> AdjudicationEvent:
        return read_record(self.record, identifier(row[0]), row[1])


_SUBJECT = itemgetter(2)
"""In a row as ``in_stamp_order`` asks for it: identifier, body, subject."""


class LocalHeads(Repository[LocalHead]):
    kind = EntityKind.LOCAL_HEAD
    table = tables.local_head
    record = LocalHead
    named = "local head"

    def all(self) -> list[LocalHead]:
        c = self.table.c
        return self._records(self._select().order_by(c.number, c.id))


class HeadEvents(Log[HeadEvent]):
    kind = EntityKind.HEAD_EVENT
    table = tables.head_event
    record = HeadEvent
    named = "decision about a local head"

    def all(self) -> list[HeadEvent]:
        return self._where(self.table.c.subject_id < EXPORTS)

    def exports(self) -> list[HeadEvent]:
        found = self._where(self.table.c.subject_id == EXPORTS)
        return [one for one in found if one.kind is HeadEventKind.EXPORTED]  # a head may say it too

    def _where(self, wanted: ColumnElement[bool]) -> list[HeadEvent]:
        c = self.table.c
        ordered = self._select().where(wanted).order_by(c.hlc, c.origin, c.epoch, c.seq)
        return self._records(ordered)


class LearningKeys(Log[LearningKey]):
    kind = EntityKind.LEARNING_KEY
    table = tables.learning_key
    record = LearningKey
    named = "key"

    def oldest(self) -> LearningKey | None:
        c = self.table.c
        found = self._records(self._select().order_by(c.hlc, c.origin, c.epoch, c.seq).limit(1))
        return found[0] if found else None


class SiteEvents(Log[SiteEvent]):
    kind = EntityKind.SITE_EVENT
    table = tables.site_event
    record = SiteEvent
    named = "step of learning with other clinics"

    def all(self) -> list[SiteEvent]:
        c = self.table.c
        return self._records(self._select().order_by(c.hlc, c.origin, c.epoch, c.seq))

    def in_group(self) -> bool:
        c = self.table.c
        found = self._records(self._select().where(c.subject_id == NO_ROUND))
        return any(one.group is not None for one in found)


class SiteDesk:
    """Secrets and sent messages of learning among clinics; they stay on this workstation."""

    def __init__(self, db: Transaction, epoch: int) -> None:
        self._db, self._epoch = db, epoch

    def own(self, name: str) -> bytes | None:
        c = tables.site_own.c
        found: bytes | None = self._db.scalar(select(c.value).where(c.name == name))
        return found

    def put_own(self, name: str, value: bytes) -> None:
        self._db.run(delete(tables.site_own).where(tables.site_own.c.name == name))
        self._db.run(tables.site_own.insert().values(name=name, value=value))

    def begin(self, round_id: UUID, secret: bytes) -> None:
        values = {"round_id": round_id, "epoch": self._epoch, "secret": secret}
        self._db.run(tables.site_round.insert().values(values))

    def secret(self, round_id: UUID) -> bytes | None:
        c = tables.site_round.c
        here = (c.round_id == round_id, c.epoch == self._epoch)
        found: bytes | None = self._db.scalar(select(c.secret).where(*here))
        return found

    def sent(self, round_id: UUID, number: int) -> Sent | None:
        c = tables.site_message.c
        wanted = select(c.history, c.body).where(c.round_id == round_id, c.number == number)
        row = self._db.row(wanted)
        return None if row is None else Sent(row.history, row.body)

    def numbers(self, round_id: UUID) -> tuple[int, ...]:
        c = tables.site_message.c
        rows = self._db.rows(select(c.number).where(c.round_id == round_id).order_by(c.number))
        return tuple(row.number for row in rows)

    def keep(self, round_id: UUID, number: int, message: Sent) -> None:
        values = {"history": message.history, "body": message.body}
        self._db.run(
            tables.site_message.insert().values(round_id=round_id, number=number, **values)
        )

    def forget(self, round_id: UUID) -> None:
        """SQLite overwrites what was there with zeros (``secure_delete``)."""
        here = tables.site_round.c.round_id == round_id
        self._db.run(update(tables.site_round).where(here).values(secret=None))
