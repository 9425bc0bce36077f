"""In-memory repositories of patients, their consent, the staff and the clinic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.duplicates import IdentityKey
from clinic_app.domain.errors import NotFound
from clinic_app.domain.merges import merged_into
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser, search_key
from tests.fakes.clock import START
from tests.fakes.tables import Tables, found, put_new


class Patients:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.patients

    def add(self, patient: Patient) -> None:
        put_new(self._rows, patient.id, patient)

    def save(self, patient: Patient) -> None:
        self.get(patient.id)
        self._rows[patient.id] = patient

    def get(self, patient_id: UUID) -> Patient:
        return found(self._rows, patient_id, "patient")

    def search(self, text: str, limit: int = 50) -> list[Patient]:
        words = search_key(text).split()
        newest = sorted(self._rows.values(), key=lambda one: (one.registered_at or START, one.id))
        newest.reverse()
        merged = merged_into(self._tables.merges)
        newest = [one for one in newest if one.id not in merged]
        return [one for one in newest if _matches(one, words)][:limit]

    def similar(self, family_name: str, given_name: str, birth_date: date) -> list[Patient]:
        return [
            one
            for one in self._rows.values()
            if one.id not in merged_into(self._tables.merges)
            and search_key(one.family_name) == search_key(family_name)
            and (
                one.birth_date == birth_date or search_key(one.given_name) == search_key(given_name)
            )
        ]

    def identity_keys(self) -> Iterator[IdentityKey]:
        merged = merged_into(self._tables.merges)
        for one in self._rows.values():
            if one.id not in merged:
                name = search_key(f"{one.family_name} {one.given_name}")
                phone = "".join(c for c in one.phone if c.isdecimal())
                yield IdentityKey(one.id.bytes, name, phone, one.birth_date.isoformat())

    def count(self) -> int:
        return len(self._rows.keys() - merged_into(self._tables.merges).keys())


def _matches(patient: Patient, words: list[str]) -> bool:
    places = (
        patient.family_name,
        patient.given_name,
        patient.phone,
        patient.local_number,
        patient.birth_date.isoformat(),
    )
    text = search_key(" ".join(places))
    return words == [str(patient.id)] or all(word in text for word in words)


class Consents:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.consents

    def add(self, event: ConsentEvent) -> None:
        self._rows.append(event)

    def of_patient(self, patient_id: UUID) -> list[ConsentEvent]:
        own = [one for one in self._rows if one.patient_id in self._tables.identities(patient_id)]
        return sorted(own, key=lambda one: (one.recorded_at, one.id))


class Users:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.users

    def add(self, user: StaffUser) -> None:
        put_new(self._rows, user.id, user)

    def save(self, user: StaffUser) -> None:
        self.get(user.id)
        self._rows[user.id] = user

    def get(self, user_id: UUID) -> StaffUser:
        return found(self._rows, user_id, "user")

    def by_user_name(self, user_name: str) -> StaffUser | None:
        return next((one for one in self._rows.values() if one.user_name == user_name), None)

    def all(self) -> list[StaffUser]:
        return sorted(self._rows.values(), key=lambda one: one.user_name)


class Clinic:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.clinic

    def add(self, clinic: ClinicProfile) -> None:
        assert not self._rows, "one clinic a store"
        self._rows.append(clinic)

    def save(self, clinic: ClinicProfile) -> None:
        self._rows[0] = clinic

    def get(self) -> ClinicProfile:
        if not self._rows:
            raise NotFound("No clinic has been set up.")
        return self._rows[0]
