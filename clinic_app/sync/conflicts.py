"""What two workstations wrote differently, and how a person settles it.

Words are settled by an operation that names every version it stands for. A signed note never
changes: what was written beside it becomes an addendum, and the versions are marked as seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, CompoundSelect, Select, and_, func, or_, select, union

from clinic_app.db import replica, tables
from clinic_app.db.histories import folded, history
from clinic_app.db.store import EncryptedStore
from clinic_app.db.transaction import Transaction
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.clock import stamp_ms
from clinic_app.domain.convergence import Settled
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, NoteSection
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.people import StaffUser
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.tasks import Task
from clinic_app.domain.versions import TEXTS, Change, Folded, words
from clinic_app.services.sync_data import Conflict, ConflictKind, Resolution, Version

_CHANGED = "This has been settled, or has changed, since it was shown."
_LONGEST = timedelta(days=1)
_HELD = AppointmentState.APPROVED.value
_WRITTEN_BY = ("signed_by", "author")
"""Whoever wrote a note wrote all of its versions. Anybody may change a task, and a change does not
say who did: only its first version has a name."""


def conflict_count(db: Transaction, now: datetime) -> int:
    """How many wait for a person."""
    waiting = int(db.scalar(select(func.count()).select_from(tables.open_conflict)))
    return waiting + len(db.rows(overlapping(now)))


def conflicts(store: EncryptedStore, user: StaffUser) -> tuple[Conflict, ...]:
    """Everything that waits: records with rival words, then overlapping bookings by their time."""
    with store.unit_of_work() as work:
        reader = _Reader(work)
        found = [reader.of_record(case) for case in _cases(work, user, store.now())]
        pairs = work.db.rows(overlapping(store.now()))
        return (*found, *(reader.overlap(pair.one, pair.other) for pair in pairs))


def settle(
    store: EncryptedStore,
    user: StaffUser,
    conflict_id: str,
    how: Resolution,
    chosen: str,
    fields: Mapping[str, str],
) -> None:
    """As ``SyncDesk.resolve``: settled and audited in one."""
    with store.unit_of_work() as work:
        for case in _cases(work, user, store.now()):
            if case.id == conflict_id:
                case.settle(how, chosen, fields)
                detail = f"{case.conflict.value}: {how.value}"
                kind = AuditKind.CHANGED
                work.audit.record(kind, user.id, "conflict", case.record_id, detail)
                work.commit()
                return
    raise WrongState(_CHANGED)


def _cases(work: StoreUnitOfWork, user: StaffUser, now: datetime) -> list[Case]:
    c = tables.open_conflict.c
    rows = work.db.rows(select(c.id, c.entity, c.kind).order_by(c.id))
    return [
        Case(
            work,
            user,
            now,
            EntityKind(row.entity),
            row.id,
            ConflictKind(row.kind),
            folded(work.db, EntityKind(row.entity), row.id),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Case:
    """One record with rivals, and what can be done about it."""

    work: StoreUnitOfWork
    user: StaffUser
    now: datetime
    kind: EntityKind
    record_id: UUID
    conflict: ConflictKind
    found: Folded

    @property
    def id(self) -> str:
        """Names record and versions, so that it changes whenever they do."""
        names = "|".join(sorted(one.name.text for one in self.found.leaves))
        return f"{self.record_id}:{hashlib.sha256(names.encode()).hexdigest()[:16]}"

    @property
    def versions(self) -> tuple[Change, ...]:
        return () if self.found.shown is None else (self.found.shown, *self.found.rivals)

    def settle(self, how: Resolution, chosen: str, fields: Mapping[str, str]) -> None:
        shown = self.versions[0]
        if how is Resolution.MERGE and self.found.final:
            # What is added stands by itself: it says nothing of the signed text again.
            said = {"text": "\n\n".join(text for text in fields.values() if text.strip())}
        elif how is Resolution.MERGE:
            said = _merged(self.said(shown), fields)
        else:
            wanted = chosen if how is Resolution.CHOOSE else shown.name.text
            picked = next((one for one in self.versions if one.name.text == wanted), None)
            if picked is None:
                raise WrongState(_CHANGED)
            said = self.said(picked)
        if self.found.final:
            self._settle_signed(how, said, said != self.said(shown))
        elif self.found.fields.get("discarded_at") is not None:
            self._settle_discarded(how, said)
        else:
            self._settle_open(how, said)

    def _settle_open(self, how: Resolution, said: dict[str, Any]) -> None:
        if how is Resolution.KEEP_BOTH:
            for rival in self.found.rivals:
                self._copy(self.said(rival))
        names = [one.name for one in self.found.leaves]
        self.work.log.write(self.kind, self.record_id, said, replaces=names)

    def _settle_signed(self, how: Resolution, said: dict[str, Any], other: bool) -> None:
        if how is Resolution.MERGE or (how is Resolution.CHOOSE and other):
            self._addendum(said)
        self._mark()

    def _settle_discarded(self, how: Resolution, said: dict[str, Any]) -> None:
        """The record stays discarded; words that hold come back as a record of their own."""
        if how is Resolution.CHOOSE:
            self._copy(said)
        self._mark()

    def said(self, change: Change) -> dict[str, Any]:
        """All words of a version; what an older program left out is taken from the record."""
        texts = TEXTS[self.kind]
        return {**{name: self.found.fields[name] for name in texts}, **words(change, texts)}

    def _mark(self) -> None:
        """These versions stand as they are."""
        names = tuple(sorted(one.name.text for one in self.found.leaves))
        record = Settled(new_id(), self.record_id, names, self.now, self.user.id)
        self.work.log.record(EntityKind.SETTLED, record)

    def _copy(self, said: Mapping[str, Any]) -> None:
        """The same record with other words, as one of its own."""
        plain = {**self.found.fields, **said, "id": str(new_id())}
        plain |= dict.fromkeys(("discarded_at", "discarded_by"))
        form: type[Any] = Note if self.kind is EntityKind.NOTE else Task
        self.work.log.record(self.kind, from_plain(form, plain))

    def _addendum(self, said: Mapping[str, Any]) -> None:
        """A draft that adds these words to the signed note."""
        note: Note = from_plain(Note, {**self.found.fields, "id": str(self.record_id)})
        draft = Note(
            new_id(),
            note.patient_id,
            self.user.id,
            self.now,
            _one_text(said),
            addendum_to=note.addendum_to or note.id,
        )
        self.work.notes.add(draft)


def _merged(before: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """The words of a record with those parts replaced that ``fields`` names."""
    said = dict(before)
    for name in said:
        if name == "sections":
            said[name] = [
                {**part, "text": fields.get(part["heading"], part["text"])} for part in said[name]
            ]
        else:
            said[name] = fields.get(name, said[name])
    return said


def _shown_fields(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Words part by part; the sections of a note under their headings."""
    parts = [(name, text) for name, text in sorted(said.items()) if name != "sections"]
    sections = said.get("sections") or []
    return (*parts, *((part["heading"], part["text"]) for part in sections))


def _one_text(said: Mapping[str, Any]) -> str:
    sections = [NoteSection(**part) for part in said.get("sections") or []]
    parts = [said.get("text", ""), *(f"{part.heading}\n{part.text}" for part in sections)]
    return "\n\n".join(part for part in parts if part.strip())


class _Reader:
    """Conflicts as people see them."""

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work
        self._stations = {one.origin: one.name for one in replica.peers(work.db)}

    def of_record(self, case: Case) -> Conflict:
        fields = case.found.fields
        patient_id = _id_in(fields, "patient_id")
        return Conflict(
            case.id,
            case.conflict,
            case.record_id,
            patient_id,
            self._patient(patient_id),
            _title(case.kind, fields),
            tuple(self._version(case, one) for one in case.versions),
        )

    def _version(self, case: Case, one: Change) -> Version:
        fields = {**case.found.fields, **one.fields}
        by = next((_id_in(fields, name) for name in _WRITTEN_BY if fields.get(name)), None)
        by = by or _id_in(one.fields, "created_by")
        return Version(
            one.name.text,
            self._person(by),
            _at(one),
            self._stations.get(one.stamp.origin, ""),
            _shown_fields(case.said(one)),
        )

    def overlap(self, one_id: UUID, other_id: UUID) -> Conflict:
        pair = [self._work.appointments.get(one_id), self._work.appointments.get(other_id)]
        named = hashlib.sha256(
            "|".join(f"{one.id} {one.slot}" for one in pair).encode()
        ).hexdigest()
        return Conflict(
            f"{one_id}:{named[:16]}",
            ConflictKind.OVERLAP,
            one_id,
            pair[0].patient_id,
            self._patient(pair[0].patient_id),
            "Two appointments at one time",
            tuple(map(self._booking, pair)),
        )

    def _booking(self, one: Appointment) -> Version:
        booked = one.events[-1]
        booking = history(self._work.db, EntityKind.APPOINTMENT, booked.id)[0]
        slot = one.slot
        assert slot is not None
        return Version(
            str(one.id),
            self._person(booked.by),
            one.changed_at,
            self._stations.get(booking.origin, ""),
            (
                ("patient", self._patient(one.patient_id)),
                ("clinician", self._person(slot.clinician_id)),
                ("start", slot.start.isoformat()),
                ("end", slot.end.isoformat()),
                ("reason", one.reason),
            ),
        )

    def _patient(self, patient_id: UUID | None) -> str:
        if patient_id is None:
            return ""
        try:
            return self._work.patients.get(patient_id).display_name
        except NotFound:
            return ""

    def _person(self, user_id: UUID | None) -> str:
        if user_id is None:
            return ""
        try:
            return self._work.users.get(user_id).display_name
        except NotFound:
            return ""


def overlapping(now: datetime) -> CompoundSelect[Any]:
    """Pairs of bookings of one clinician or one patient that share a moment still ahead.

    The later one of a pair begins within the earlier one, so each booking looks at a stretch of the
    index of its clinician and of its patient: the cost follows the bookings to come.
    """
    columns = tables.appointment.c
    return union(_meeting(columns.clinician_id, now), _meeting(columns.patient_id, now)).order_by(
        "start_at", "one", "other"
    )


def _meeting(of: Column[Any], now: datetime) -> Select[Any]:
    one, other = tables.appointment.alias(), tables.appointment.alias()
    a, b = one.c, other.c
    later = or_(b.start_at > a.start_at, b.id > a.id)
    meet = and_(a[of.name] == b[of.name], b.start_at >= a.start_at, b.start_at < a.end_at, later)
    # No booking is longer than a day; this keeps the past out by the index alone.
    ahead = and_(a.start_at > now - _LONGEST, a.end_at > now, b.end_at > now)
    held = and_(a.state == _HELD, b.state == _HELD, ahead)
    pair = select(a.id.label("one"), b.id.label("other"), a.start_at.label("start_at"))
    return pair.select_from(one.join(other, meet)).where(held)


def _title(kind: EntityKind, fields: Mapping[str, Any]) -> str:
    if kind is EntityKind.TASK:
        return str(fields.get("title", ""))
    return str(fields.get("kind", "note")).replace("_", " ").capitalize()


def _id_in(fields: Mapping[str, Any], name: str) -> UUID | None:
    value = fields.get(name)
    return None if value is None else UUID(value)


def _at(change: Change) -> datetime:
    return datetime.fromtimestamp(stamp_ms(change.stamp.hlc) / 1000, UTC)
