"""Patients, staff and the clinic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from clinic_app.db import tables
from clinic_app.db.audit_heads import own_numbers
from clinic_app.db.histories import history
from clinic_app.db.keyslots import slot_name
from clinic_app.db.repositories.base import ChangingRepository
from clinic_app.db.search import Query, identity_key, query
from clinic_app.domain.duplicates import IdentityKey
from clinic_app.domain.errors import NotFound
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser, search_key

_SIMILAR_LIMIT = 20
_MERGED = select(tables.patient_alias.c.patient_id)
_AFTER_ANY_TEXT = "\U0010ffff"


class Patients(ChangingRepository[Patient]):
    kind = EntityKind.PATIENT
    table = tables.patient
    record = Patient
    named = "patient"

    def search(self, text: str, limit: int = 50) -> list[Patient]:
        """Names that start with the text come first, then everything that contains its words."""
        typed = text.strip()
        if not typed:
            return self._newest(limit)
        exact = self._exact(typed)
        if exact is not None:
            return self._records(self._in_order().where(exact).limit(limit))
        wanted = query(typed)
        if not wanted.words:
            return []
        column = self.table.c.search_text
        starts = and_(column >= wanted.start, column < wanted.start + _AFTER_ANY_TEXT)
        found = self._records(self._in_order().where(starts).limit(limit))
        if len(found) < limit:
            # Asked for again and dropped here: "not in this range" would cost the index scan.
            first = {patient.id for patient in found}
            inside = self._in_order().where(_contains(wanted)).limit(limit + len(found))
            found += [patient for patient in self._records(inside) if patient.id not in first]
        if len(found) < limit and wanted.part_of_id:
            # The index of the identifiers alone is narrow enough to be read through.
            named = func.instr(func.lower(func.hex(self.table.c.id)), wanted.part_of_id) > 0
            listed = {patient.id for patient in found}
            parts = self._listed().where(named).limit(limit)
            found += [patient for patient in self._records(parts) if patient.id not in listed]
        return found[:limit]

    def similar(self, family_name: str, given_name: str, birth_date: date) -> list[Patient]:
        c = self.table.c
        return self._records(
            self._in_order()
            .where(
                c.family_key == search_key(family_name),
                or_(c.birth_date == birth_date, c.given_key == search_key(given_name)),
            )
            .limit(_SIMILAR_LIMIT)
        )

    def identity_keys(self) -> Sequence[IdentityKey]:
        c = self.table.c
        known = select(c.id, c.search_text).where(c.search_text.is_not(None), c.id.not_in(_MERGED))
        return [identity_key(*row) for row in self._db.plain(known)]

    def count(self) -> int:
        # The narrow search index has an entry for every known patient.
        found = select(func.count()).where(self.table.c.search_text.is_not(None))
        merged = select(func.count()).where(self.table.c.id.in_(_MERGED), self.table.c.known)
        return int(self._db.scalar(found) or 0) - int(self._db.scalar(merged) or 0)

    def _in_order(self) -> Select[Any]:
        return self._listed().order_by(self.table.c.search_text, self.table.c.id)

    def _listed(self) -> Select[Any]:
        return self._select().where(self.table.c.id.not_in(_MERGED))

    def _newest(self, limit: int) -> list[Patient]:
        c = self.table.c
        newest = self._listed().order_by(c.registered_at.desc(), c.id.desc())
        return self._records(newest.limit(limit))

    def _exact(self, typed: str) -> ColumnElement[bool] | None:
        """The condition for a full identifier or a birth date."""
        try:
            return self.table.c.id == UUID(typed)
        except ValueError:
            pass
        try:
            return self.table.c.birth_date == date.fromisoformat(typed)
        except ValueError:
            return None


def _contains(wanted: Query) -> ColumnElement[bool]:
    column = tables.patient.c.search_text
    words = and_(*(func.instr(column, word) > 0 for word in wanted.words))
    if not wanted.phone:
        return words
    return or_(words, func.instr(column, wanted.phone) > 0)


class Users(ChangingRepository[StaffUser]):
    kind = EntityKind.USER
    table = tables.staff_user
    record = StaffUser
    named = "member of staff"

    def by_user_name(self, user_name: str) -> StaffUser | None:
        """Without regard to case; an account of this workstation before one of the same name from
        elsewhere, an active one before one that is switched off."""
        named = self._select().where(self.table.c.user_name == slot_name(user_name))
        found = self._records(named.order_by(self.table.c.id))
        if len(found) > 1:
            found = [user for user in found if self._made_here(user)] or found
        return next((user for user in found if user.active), found[0] if found else None)

    def _made_here(self, user: StaffUser) -> bool:
        return history(self._db, self.kind, user.id)[0].origin in own_numbers(self._db)

    def all(self) -> list[StaffUser]:
        return self._records(self._select().order_by(self.table.c.user_name, self.table.c.id))


class Clinics(ChangingRepository[ClinicProfile]):
    """The one clinic of this store."""

    kind = EntityKind.CLINIC
    table = tables.clinic
    record = ClinicProfile
    named = "clinic"

    def current(self) -> ClinicProfile:
        """The centre's clinic once one is joined and known here."""
        state = tables.sync_state.c
        joined = self._db.scalar(select(state.value).where(state.name == "clinic_id"))
        found = self._records(self._select().order_by(self.table.c.id))
        found = [one for one in found if str(one.id) == joined] or found
        if not found:
            raise NotFound("This clinic is not set up yet.")
        return found[0]


class TheClinic:
    """The clinic's profile under its Protocol: there is exactly one, so ``get`` takes no ID."""

    def __init__(self, clinics: Clinics) -> None:
        self._clinics = clinics

    def add(self, clinic: ClinicProfile) -> None:
        self._clinics.add(clinic)

    def save(self, clinic: ClinicProfile) -> None:
        self._clinics.save(clinic)

    def get(self) -> ClinicProfile:
        return self._clinics.current()
