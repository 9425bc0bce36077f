"""What the services need from the encrypted store (implemented by ``clinic_app.db``).

Every ``add``/``save`` of a travelling record appends its operation to the local op log in the same
transaction; ``commit`` makes record, operation and audit entry durable together, leaving the block
without it changes nothing. Repositories return domain records (frozen), never live rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.duplicates import IdentityKey
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.notes import Note
from clinic_app.domain.paging import Position
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.safety import SafetyEvent, SafetyFlow
from clinic_app.domain.screening import Draft, Screening
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.care_storage import (
    AbsenceRepository,
    AppointmentRepository,
    AvailabilityRepository,
    ErasureRepository,
    HandoverRepository,
    IncidentRepository,
    InterventionRepository,
    IssuedReportRepository,
    MergeRepository,
    ResultAgreementRepository,
    ReviewRepository,
    ServiceRatingRepository,
    TaskRepository,
    WorklistRepository,
)
from clinic_app.services.learning_storage import (
    AdjudicationRepository,
    FaceCaseRepository,
    HeadEventRepository,
    LearningKeyRepository,
    LocalHeadRepository,
    ModelChoiceRepository,
    SiteDeskRepository,
    SiteEventRepository,
)
from clinic_app.services.look_storage import LookEventRepository
from clinic_app.services.studio_storage import BegunTransferRepository, GalleryRepository


class PatientRepository(Protocol):
    def add(self, patient: Patient) -> None: ...
    def save(self, patient: Patient) -> None:
        """Record the fields that differ from the stored patient (only these go to the op log)."""

    def get(self, patient_id: UUID) -> Patient:
        """Raises ``NotFound``."""

    def search(self, text: str, limit: int = 50) -> list[Patient]:
        """Any part of name, phone or number, any script, case and accents aside; an ISO date finds
        the birth date, a full ID the record; empty text gives the newest registered. Records that
        are merged into another one are hidden."""

    def similar(self, family_name: str, given_name: str, birth_date: date) -> list[Patient]:
        """Possible duplicates: same folded family name and (same birth date or given name)."""

    def identity_keys(self) -> Iterable[IdentityKey]:
        """What every record is compared by to find duplicates; merged ones are left out."""

    def count(self) -> int:
        """Persons: merged duplicates count once."""


class ConsentRepository(Protocol):
    def add(self, event: ConsentEvent) -> None: ...
    def of_patient(self, patient_id: UUID) -> list[ConsentEvent]:
        """Oldest first."""


class DraftRepository(Protocol):
    """Local to this workstation; not in the op log."""

    def save(self, draft: Draft) -> None:
        """Insert or replace."""

    def get(self, draft_id: UUID) -> Draft:
        """Raises ``NotFound``."""

    def of_patient(self, patient_id: UUID) -> Draft | None: ...
    def all(self) -> list[Draft]:
        """Newest change first."""

    def remove(self, draft_id: UUID) -> None: ...


class FormRepository(Protocol):
    """Words of forms that are being filled in; local to this workstation, not in the op log."""

    def save(self, record: FormDraft) -> None:
        """Insert or replace."""

    def get(self, user_id: UUID, form: FormKind, subject_id: UUID) -> FormDraft | None: ...
    def of_patient(self, patient_id: UUID) -> list[FormDraft]:
        """Everybody's about this person, oldest change first."""

    def all(self, form: FormKind) -> list[FormDraft]:
        """Everybody's of this form, oldest change first."""

    def changed_before(self, moment: datetime) -> list[FormDraft]:
        """Everybody's that were left alone since ``moment``, oldest change first."""

    def remove(self, draft_id: UUID) -> None: ...
    def remove_of_subject(self, form: FormKind, subject_id: UUID) -> None:
        """Everybody's about this subject."""


class ScreeningRepository(Protocol):
    def add(self, screening: Screening) -> None: ...
    def get(self, screening_id: UUID) -> Screening:
        """Raises ``NotFound``."""

    def of_patient(
        self, patient_id: UUID, limit: int = 200, after: Position | None = None
    ) -> list[Screening]:
        """Newest first; ``after`` is where the page before ended (moment and ID)."""

    def newest(self, limit: int = 50) -> list[Screening]:
        """Of all patients, newest first."""

    def count(self) -> int: ...
    def count_of_patient(self, patient_id: UUID) -> int: ...
    def read_from(self, *sha256: str) -> bool:
        """Whether a finding was read from one of these files."""


class ImageRepository(Protocol):
    """Face crops, keyed by the screening (or draft) they belong to; not in the op log."""

    def put(self, screening_id: UUID, images: FaceImages, *, kept: bool) -> None:
        """Insert or replace; ``kept`` is False while only the draft needs them."""

    def get(self, screening_id: UUID) -> FaceImages | None: ...
    def holds(self, *digests: bytes) -> bool:
        """Whether one of the pictures has these very pixels, of those that were ``put_digests``."""

    def without_digests(self, limit: int) -> list[tuple[UUID, FaceImages]]:
        """Pictures whose pixels nobody has told of since they were put here."""

    def count_without_digests(self) -> int: ...
    def put_digests(self, screening_id: UUID, digests: Collection[bytes]) -> None:
        """Of both pictures, at least one (`Picture.digest`); they go with them."""

    def remove(self, screening_id: UUID) -> bool:
        """Overwrite and delete; True when there was something to remove."""

    def remove_of_patient(self, patient_id: UUID) -> int:
        """Number of image pairs removed."""

    def kept_before(self, moment: datetime, limit: int = 10_000) -> list[tuple[UUID, datetime]]:
        """Screenings finished before ``moment`` whose images are still kept, oldest first."""


class SafetyRepository(Protocol):
    def add(self, event: SafetyEvent) -> None: ...
    def flow(self, flow_id: UUID) -> SafetyFlow:
        """Raises ``NotFound``."""

    def of_screening(self, screening_id: UUID) -> SafetyFlow | None: ...
    def of_patient(self, patient_id: UUID) -> list[SafetyFlow]:
        """Newest first."""

    def unfinished(self) -> list[SafetyFlow]:
        """Every flow that is not closed, oldest first."""


class NoteRepository(Protocol):
    def add(self, note: Note) -> None: ...
    def save(self, note: Note, over: Note | None = None) -> None:
        """``over`` has the words that the writer saw, where they may not be those stored now."""

    def get(self, note_id: UUID) -> Note:
        """Raises ``NotFound``."""

    def blank(self, note: Note, at: datetime, by: UUID) -> None:
        """Remove from the log what a discarded draft said before, here and everywhere else."""

    def unsigned(self, author: UUID, limit: int = 200) -> list[Note]:
        """This author's drafts that are not discarded, newest first."""

    def of_patient(self, patient_id: UUID) -> list[Note]:
        """Newest first; discarded drafts too (see ``Note.discarded_at``)."""

    def signed_beside(self, notes: Iterable[Note]) -> dict[UUID, tuple[Note, ...]]:
        """Which of these were signed twice with other words: the other signed texts by the note's
        identifier. They stay also when somebody has settled it: what was signed is never hidden."""


class UserRepository(Protocol):
    def add(self, user: StaffUser) -> None: ...
    def save(self, user: StaffUser) -> None: ...
    def get(self, user_id: UUID) -> StaffUser:
        """Raises ``NotFound``."""

    def by_user_name(self, user_name: str) -> StaffUser | None: ...
    def all(self) -> list[StaffUser]: ...


class ClinicRepository(Protocol):
    def add(self, clinic: ClinicProfile) -> None: ...
    def save(self, clinic: ClinicProfile) -> None: ...
    def get(self) -> ClinicProfile:
        """Raises ``NotFound`` before set-up."""


class AuditTrail(Protocol):
    def record(
        self,
        kind: AuditKind,
        by: UUID | None,
        subject: str,
        subject_id: UUID | None = None,
        detail: str = "",
    ) -> None:
        """The next link of the chain, in the transaction of what it tells of.

        ``by`` is ``None`` where nobody is signed in; ``subject`` says what ``subject_id`` is. No
        name and no text of a record goes into ``detail``.
        """

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        """In order of number."""

    def search(self, query: AuditQuery, limit: int = 100) -> list[AuditEntry]:
        """Newest first; raises ``StoreDamaged`` for an entry altered beyond reading."""

    def verify(self) -> AuditCheck: ...
    def told(self) -> dict[str, AuditHead]:
        """The last head that each workstation told of its trail, by the workstation's name."""

    def head(self) -> tuple[int, str]:
        """Number and mac of the newest entry; (0, "") when empty."""

    def entry_of(self, kind: AuditKind, subject: str, subject_id: UUID) -> tuple[int, str] | None:
        """Number and mac of the first such entry, to be printed on paper; None without one."""


class BegunExportRepository(Protocol):
    """Paths on this workstation where an export lies until it is whole; not in the log."""

    def add(self, place: str) -> None: ...
    def remove(self, place: str) -> None: ...
    def all(self) -> list[str]: ...


class UnitOfWork(Protocol):
    @property
    def patients(self) -> PatientRepository: ...
    @property
    def consents(self) -> ConsentRepository: ...
    @property
    def drafts(self) -> DraftRepository: ...
    @property
    def forms(self) -> FormRepository: ...
    @property
    def screenings(self) -> ScreeningRepository: ...
    @property
    def images(self) -> ImageRepository: ...
    @property
    def safety(self) -> SafetyRepository: ...
    @property
    def notes(self) -> NoteRepository: ...
    @property
    def appointments(self) -> AppointmentRepository: ...
    @property
    def availability(self) -> AvailabilityRepository: ...
    @property
    def absences(self) -> AbsenceRepository: ...
    @property
    def tasks(self) -> TaskRepository: ...
    @property
    def interventions(self) -> InterventionRepository: ...
    @property
    def reviews(self) -> ReviewRepository: ...
    @property
    def handovers(self) -> HandoverRepository: ...
    @property
    def ratings(self) -> ServiceRatingRepository: ...
    @property
    def agreements(self) -> ResultAgreementRepository: ...
    @property
    def incidents(self) -> IncidentRepository: ...
    @property
    def merges(self) -> MergeRepository: ...
    @property
    def issued(self) -> IssuedReportRepository: ...
    @property
    def erasures(self) -> ErasureRepository: ...
    @property
    def worklist(self) -> WorklistRepository: ...
    @property
    def face_cases(self) -> FaceCaseRepository: ...
    @property
    def adjudications(self) -> AdjudicationRepository: ...
    @property
    def heads(self) -> LocalHeadRepository: ...
    @property
    def head_events(self) -> HeadEventRepository: ...
    @property
    def learning_keys(self) -> LearningKeyRepository: ...
    @property
    def site_events(self) -> SiteEventRepository: ...
    @property
    def site_desk(self) -> SiteDeskRepository: ...
    @property
    def model_choice(self) -> ModelChoiceRepository: ...
    @property
    def begun_exports(self) -> BegunExportRepository: ...
    @property
    def look_events(self) -> LookEventRepository: ...
    @property
    def gallery(self) -> GalleryRepository: ...
    @property
    def begun_transfers(self) -> BegunTransferRepository: ...
    @property
    def users(self) -> UserRepository: ...
    @property
    def clinic(self) -> ClinicRepository: ...
    @property
    def audit(self) -> AuditTrail: ...
    def mark(self) -> object:
        """What this unit of work sees. Where that of an earlier one is equal, nothing was written
        since and what it read is still so; where it differs, something may have been."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LogSequence:
    """One workstation's operations since it was set up or restored; ``own`` is this one's.

    ``origin`` is 0 before a clinic joins a centre. ``changed_at`` is the time of the newest one.
    """

    origin: int
    epoch: int
    operations: int
    acknowledged: int
    changed_at: datetime
    own: bool


class OpenStore(Protocol):
    """An unlocked store: units of work may be opened from any thread, one thread each."""

    def unit_of_work(self) -> UnitOfWork: ...
    def sequences(self) -> tuple[LogSequence, ...]:
        """The sequences of the operation log, by workstation and epoch."""

    def pending_operations(self) -> int:
        """Operations of this workstation that no centre has acknowledged."""

    def close(self) -> None: ...
