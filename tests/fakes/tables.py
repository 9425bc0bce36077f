"""What the in-memory store holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from clinic_app.domain.audit import AuditEntry
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormDraft
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.safety import SafetyEvent
from clinic_app.domain.screening import Draft, Screening
from tests.fakes import care, learning, studio

Record = TypeVar("Record")


@dataclass
class Tables(care.CareTables, learning.LearningTables, studio.StudioTables):
    """Everything the store holds; copied whole for each unit of work."""

    patients: dict[UUID, Patient] = field(default_factory=dict)
    consents: list[ConsentEvent] = field(default_factory=list)
    drafts: dict[UUID, Draft] = field(default_factory=dict)
    forms: dict[UUID, FormDraft] = field(default_factory=dict)
    screenings: dict[UUID, Screening] = field(default_factory=dict)
    signed_beside: dict[UUID, tuple[Note, ...]] = field(default_factory=dict)
    images: dict[UUID, FaceImages] = field(default_factory=dict)
    kept_images: set[UUID] = field(default_factory=set)
    image_pixels: dict[UUID, set[bytes]] = field(default_factory=dict)
    safety: list[SafetyEvent] = field(default_factory=list)
    notes: dict[UUID, Note] = field(default_factory=dict)
    users: dict[UUID, StaffUser] = field(default_factory=dict)
    clinic: list[ClinicProfile] = field(default_factory=list)
    begun_exports: list[str] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    def copy(self) -> Tables:
        return Tables(**{name: value.copy() for name, value in vars(self).items()})

    def changed_since(self, before: Tables) -> set[str]:
        """The names of the tables that hold something else than ``before``."""
        return {name for name, rows in vars(self).items() if rows != getattr(before, name)}


def found(table: dict[UUID, Record], key: UUID, what: str) -> Record:
    try:
        return table[key]
    except KeyError as error:
        raise NotFound(f"This {what} is not in the store.") from error


def put_new(table: dict[UUID, Record], key: UUID, record: Record) -> None:
    if key in table:
        raise AssertionError("added twice")
    table[key] = record
