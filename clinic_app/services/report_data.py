"""What a report is made of: frozen data in, PDF bytes out (rendered by ``clinic_app.reports``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import AbstainReason, Band, FaceImages
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.sentence import Sentence
from clinic_app.services.audit_data import AuditRow
from clinic_app.services.feedback_analysis import FeedbackAnalysis
from clinic_app.services.translations import ENGLISH


class ReportKind(StrEnum):
    """What can be printed; the first five are about one person."""

    SCREENING = "screening"
    HISTORY = "history"
    SUMMARY = "summary"
    REFERRAL = "referral"
    PATIENT = "patient"
    WORKLIST = "worklist"
    AUDIT = "audit"
    FEEDBACK = "feedback"


PERSON_KINDS = (
    ReportKind.SCREENING,
    ReportKind.HISTORY,
    ReportKind.SUMMARY,
    ReportKind.REFERRAL,
    ReportKind.PATIENT,
)


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
    """``drafted_by`` wrote the unsigned draft that the note began with, where it began with one.
    ``beside``: the other texts under which the same note was signed elsewhere, while nobody has
    settled which holds."""

    note: Note
    signer: str
    drafted_by: str = ""
    beside: tuple[SignedNote, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A doctor's concluded review."""

    at: datetime
    by: str
    own: ClinicianSeverity
    verdict: Verdict
    text: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningReport:
    """All a screening report says. ``images`` is set only with the consent to keep them.

    ``safety`` holds every flow of the screening, oldest first; ``staff`` names the members of staff
    that took part in these.
    ``withheld``: the estimate is kept back (``finding`` is ``None``), because whoever prints this
    has to record an own judgement first; ``reviews`` by others are then left out as well.
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
    withheld: bool = False
    reviews: tuple[ReviewLine, ...] = ()

    @property
    def printed_at(self) -> datetime:
        return self.screening.finished_at


@dataclass(frozen=True, slots=True)
class Measured:
    """A questionnaire's total; ``total`` is ``None`` when too many items are missing.

    ``item_nine`` is the answer (0 to 3) to item 9 of a PHQ-9, ``None`` where it was left out.
    """

    instrument: InstrumentName
    scale: str
    total: int | None
    maximum: int
    band: str | None
    prorated: bool
    version: str
    language: str
    item_nine: int | None = None
    difficulty: int | None = None


@dataclass(frozen=True, slots=True)
class EstimatePoint:
    """A face estimate in percent with its interval; no band: the program could not tell.

    ``withheld``: kept back, because whoever prints this has to record an own judgement first.
    ``models`` names those that it comes from.
    """

    band: Band | None = None
    percent: float | None = None
    interval: tuple[float, float] | None = None
    coverage: float = 0.9
    abstained: AbstainReason | None = None
    withheld: bool = False
    models: str = ""


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One screening in a person's course."""

    screening_id: UUID
    at: datetime
    taken_by: str
    phq: Measured | None
    gad: Measured | None
    own: ClinicianSeverity | None
    flagged: bool
    estimate: EstimatePoint | None = None
    reviews: tuple[ReviewLine, ...] = ()

    def measured(self, name: InstrumentName) -> Measured | None:
        return self.phq if name is InstrumentName.PHQ9 else self.gad


@dataclass(frozen=True, slots=True)
class InterventionLine:
    performed_on: date
    kind: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """``start`` is ``None`` on the wait list."""

    start: datetime | None
    minutes: int
    state: AppointmentState
    clinician: str
    reason: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    title: str
    detail: str
    due_on: date | None
    owner: str
    open: bool


@dataclass(frozen=True, slots=True)
class Author:
    """Who answers for a document, as it stands under the signature line."""

    name: str
    title: str = ""
    registration_number: str = ""


@dataclass(frozen=True, slots=True)
class PersonReport:
    """All that a report about one person over time says; ``kind`` chooses what of it is printed.

    ``clinic`` holds only what is printed (see ``printed_profile``). ``course``, ``notes``,
    ``interventions`` and ``appointments`` come oldest first, ``notes`` are signed ones with their
    addenda; ``next_appointment`` lies in the future. ``at`` is the newest moment among the data,
    so equal data give equal bytes. ``staff`` names who took part in the safety flows;
    ``letter_headings`` stand over empty lines where no referral note was signed.
    """

    kind: ReportKind
    clinic: ClinicProfile
    patient: Patient
    also: tuple[UUID, ...]
    consent: Mapping[Purpose, bool]
    course: tuple[CourseRow, ...]
    safety: tuple[SafetyFlow, ...]
    notes: tuple[SignedNote, ...]
    interventions: tuple[InterventionLine, ...]
    appointments: tuple[AppointmentLine, ...]
    next_appointment: AppointmentLine | None
    tasks: tuple[TaskLine, ...]
    author: Author
    at: datetime
    program_version: str
    time_zone: str = "UTC"
    audit_head: str = ""
    staff: Mapping[UUID, str] = field(default_factory=dict)
    letter_headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorklistLine:
    """One person; ``reasons`` are the words of the screen, the first is why the row is here."""

    patient_id: UUID
    name: str
    local_number: str
    born: date
    heading: Sentence
    reasons: tuple[Sentence, ...]
    waiting_since: datetime
    last_screened_at: datetime | None
    phq9_total: int | None
    gad7_total: int | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class WorklistReport:
    """``total`` people are on the list, of whom the first are printed; ``narrowed`` says how, with
    nothing for everybody."""

    clinic: ClinicProfile
    lines: tuple[WorklistLine, ...]
    total: int
    narrowed: tuple[Sentence, ...]
    author: Author
    at: datetime
    program_version: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Entries oldest first, and what verifying the whole chain found."""

    clinic: ClinicProfile
    rows: tuple[AuditRow, ...]
    check: AuditCheck
    selection: tuple[Sentence, ...]
    author: Author
    at: datetime
    program_version: str
    time_zone: str = "UTC"
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """The figures of ``analysis``, in which small numbers are withheld already; no name and no
    text of a person is in here."""

    clinic: ClinicProfile
    analysis: FeedbackAnalysis
    author: Author
    at: datetime
    program_version: str
    time_zone: str = "UTC"


Report = ScreeningReport | PersonReport | WorklistReport | AuditReport | FeedbackReport


def fingerprint(report: Any) -> str:
    """SHA-256 over the report's data as canonical JSON (sorted keys, no blanks, UTF-8).

    The language is no part of the data: every language of the same data is the same document."""
    plain = json.dumps(to_plain(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate cannot be written as UTF-8; it is hashed as the code it is.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def document_id(sha256: str) -> UUID:
    """The document's ID: a UUID of version 8 (RFC 9562) from the hash of its data, so that the
    same data printed again are the same document."""
    number = int(sha256[:32], 16)
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (0x2 << 62))


def printed_profile(profile: ClinicProfile) -> ClinicProfile:
    """What of the profile reports print; another setting changes no document."""
    return ClinicProfile(
        id=profile.id,
        name=profile.name,
        crisis_contacts=profile.crisis_contacts,
        deployment_context=profile.deployment_context,
        address=profile.address,
        phone=profile.phone,
        email=profile.email,
        face_module=profile.face_module,
        page_size=profile.page_size,
        demo=profile.demo,
        reliable_change=profile.reliable_change,
        band_texts=profile.band_texts,
        wordings=profile.wordings,
    )


class ReportRenderer(Protocol):
    """Equal data in the same language give equal bytes; each raises ``ReportFailed``."""

    def screening(self, report: ScreeningReport, language: str = ENGLISH) -> bytes: ...
    def person(self, report: PersonReport, language: str = ENGLISH) -> bytes:
        """History, summary, referral letter or the version for the patient."""

    def worklist(self, report: WorklistReport, language: str = ENGLISH) -> bytes: ...
    def audit(self, report: AuditReport, language: str = ENGLISH) -> bytes: ...
    def feedback(self, report: FeedbackReport, language: str = ENGLISH) -> bytes: ...
    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        """(number of pages, PNG of ``page`` from 0 at ``width`` pixels)."""
