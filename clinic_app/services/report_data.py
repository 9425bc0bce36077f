"""What a report is made of: frozen data in, PDF bytes out (rendered by ``clinic_app.reports``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, Patient
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Screening


class Standing(StrEnum):
    """What a printed screening is; a report says so when it is not a finished record.

    ``NOT_STORED``: a reading of a picture alone, of a person who is not named and not in any store;
    clinic, patient (also the birth date) and consent are then placeholders that are not printed.
    """

    FINISHED = "finished"
    DRAFT = "draft"
    NOT_STORED = "not_stored"


@dataclass(frozen=True, slots=True)
class SignedNote:
    note: Note
    signer: str


@dataclass(frozen=True, slots=True)
class ScreeningReport:
    """All a screening report says. ``images`` is set only with the consent to keep them.

    ``safety`` holds every flow of the screening, oldest first; ``staff`` names the members of staff
    that took part in these.
    ``printed_at`` is the data's time (the screening's finish), so equal data give equal bytes;
    ``audit_head`` is "number:first 16 hex digits" of the audit entry that recorded the screening.
    """

    clinic: ClinicProfile
    patient: Patient
    screening: Screening
    taken_by: str
    consent: dict[Purpose, bool]
    safety: tuple[SafetyFlow, ...]
    images: FaceImages | None
    notes: tuple[SignedNote, ...]
    previous: tuple[Screening, ...]
    program_version: str
    audit_head: str = ""
    time_zone: str = "UTC"
    standing: Standing = Standing.FINISHED
    staff: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def age(self) -> int:
        return self.patient.age_on(self.day)

    @property
    def day(self) -> date:
        return self.screening.finished_at.date()

    @property
    def printed_at(self) -> datetime:
        return self.screening.finished_at


class ReportRenderer(Protocol):
    def screening(self, report: ScreeningReport) -> bytes:
        """The PDF; equal data give equal bytes."""

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        """(number of pages, PNG of ``page`` from 0 at ``width`` pixels)."""
