"""An in-memory `Vault`, `OpenStore` and `UnitOfWork` with the behaviour of the encrypted store.

A unit of work sees its own copy of the tables; ``commit`` puts the copy in the place of the shared
tables, leaving the block without it changes nothing. One unit of work at a time: a second one
opened by the same thread inside the first fails the test at once, as it could wait for ever on
disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind, entry_mac, verify_chain
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.duplicates import IdentityKey
from clinic_app.domain.errors import (
    NotFound,
    SignInThrottled,
    StoreAlreadySetUp,
    StoreError,
    StoreNotSetUp,
    WrongPassword,
)
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.merges import merged_into
from clinic_app.domain.notes import Note
from clinic_app.domain.paging import Position
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser, search_key
from clinic_app.domain.safety import SafetyEvent, SafetyFlow, SafetyState, fold_flow
from clinic_app.domain.screening import Draft, Screening
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.backup_data import Progress, unheard
from clinic_app.services.storage import CreatedStore, LogSequence, OpenStore, VaultState
from tests.fakes import calendar, care, learning, studio, worklist
from tests.fakes.backups import FakeBackups
from tests.fakes.clock import START

Record = TypeVar("Record")
AUDIT_KEY = b"audit key of the in-memory store"


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
    safety: list[SafetyEvent] = field(default_factory=list)
    notes: dict[UUID, Note] = field(default_factory=dict)
    users: dict[UUID, StaffUser] = field(default_factory=dict)
    clinic: list[ClinicProfile] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    def copy(self) -> Tables:
        return Tables(**{name: value.copy() for name, value in vars(self).items()})


def _found(table: dict[UUID, Record], key: UUID, what: str) -> Record:
    try:
        return table[key]
    except KeyError as error:
        raise NotFound(f"This {what} is not in the store.") from error


def _add(table: dict[UUID, Record], key: UUID, record: Record) -> None:
    if key in table:
        raise AssertionError("added twice")
    table[key] = record


class Patients:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.patients

    def add(self, patient: Patient) -> None:
        _add(self._rows, patient.id, patient)

    def save(self, patient: Patient) -> None:
        self.get(patient.id)
        self._rows[patient.id] = patient

    def get(self, patient_id: UUID) -> Patient:
        return _found(self._rows, patient_id, "patient")

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


class Drafts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.drafts

    def save(self, draft: Draft) -> None:
        self._rows[draft.id] = draft

    def get(self, draft_id: UUID) -> Draft:
        return _found(self._rows, draft_id, "draft")

    def of_patient(self, patient_id: UUID) -> Draft | None:
        ids = self._tables.identities(patient_id)
        return next((one for one in self.all() if one.patient_id in ids), None)

    def all(self) -> list[Draft]:
        return sorted(self._rows.values(), key=lambda one: (one.changed_at, one.id), reverse=True)

    def remove(self, draft_id: UUID) -> None:
        self._rows.pop(draft_id, None)


class Forms:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.forms

    def save(self, record: FormDraft) -> None:
        self._rows[record.id] = record

    def get(self, user_id: UUID, form: FormKind, subject_id: UUID) -> FormDraft | None:
        wanted = (user_id, form, subject_id)
        own = (one for one in self._all() if (one.user_id, one.form, one.subject_id) == wanted)
        return next(own, None)

    def of_patient(self, patient_id: UUID) -> list[FormDraft]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._all() if one.patient_id in ids]

    def all(self, form: FormKind) -> list[FormDraft]:
        return [one for one in self._all() if one.form is form]

    def changed_before(self, moment: datetime) -> list[FormDraft]:
        return [one for one in self._all() if one.changed_at < moment]

    def remove(self, draft_id: UUID) -> None:
        self._rows.pop(draft_id, None)

    def remove_of_subject(self, form: FormKind, subject_id: UUID) -> None:
        for one in self._all():
            if (one.form, one.subject_id) == (form, subject_id):
                self.remove(one.id)

    def _all(self) -> list[FormDraft]:
        return sorted(self._rows.values(), key=lambda one: (one.changed_at, one.id))


class Screenings:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.screenings

    def add(self, screening: Screening) -> None:
        _add(self._rows, screening.id, screening)

    def get(self, screening_id: UUID) -> Screening:
        return _found(self._rows, screening_id, "screening")

    def of_patient(
        self, patient_id: UUID, limit: int = 200, after: Position | None = None
    ) -> list[Screening]:
        ids = self._tables.identities(patient_id)
        own = [one for one in self._rows.values() if one.patient_id in ids]
        if after is not None:
            own = [one for one in own if (one.finished_at, one.id) < (after.at, after.id)]
        return sorted(own, key=lambda one: (one.finished_at, one.id), reverse=True)[:limit]

    def newest(self, limit: int = 50) -> list[Screening]:
        every = sorted(self._rows.values(), key=lambda one: (one.finished_at, one.id))
        return every[::-1][:limit]

    def count(self) -> int:
        return len(self._rows)

    def count_of_patient(self, patient_id: UUID) -> int:
        ids = self._tables.identities(patient_id)
        return sum(one.patient_id in ids for one in self._rows.values())


class Images:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, screening_id: UUID, images: FaceImages, *, kept: bool) -> None:
        self._tables.images[screening_id] = images
        self._tables.kept_images.discard(screening_id)
        if kept:
            self._tables.kept_images.add(screening_id)

    def get(self, screening_id: UUID) -> FaceImages | None:
        return self._tables.images.get(screening_id)

    def remove(self, screening_id: UUID) -> bool:
        self._tables.kept_images.discard(screening_id)
        return self._tables.images.pop(screening_id, None) is not None

    def remove_of_patient(self, patient_id: UUID) -> int:
        own = {
            one.id
            for table in (self._tables.drafts, self._tables.screenings)
            for one in table.values()
            if one.patient_id in self._tables.identities(patient_id)
        }
        return sum(self.remove(screening_id) for screening_id in own)

    def kept_before(self, moment: datetime, limit: int = 10_000) -> list[tuple[UUID, datetime]]:
        old = [one for one in self._tables.screenings.values() if one.finished_at < moment]
        kept = [(one.id, one.finished_at) for one in old if one.id in self._tables.images]
        return sorted(kept, key=lambda one: (one[1], one[0]))[:limit]


class Safety:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.safety

    def add(self, event: SafetyEvent) -> None:
        self._rows.append(event)

    def flow(self, flow_id: UUID) -> SafetyFlow:
        events = [one for one in self._rows if one.flow_id == flow_id]
        if not events:
            raise NotFound("This safety flow is not in the store.")
        return fold_flow(events)

    def of_screening(self, screening_id: UUID) -> SafetyFlow | None:
        own = [flow for flow in self._flows() if flow.screening_id == screening_id]
        return next((flow for flow in own if flow.state is not SafetyState.CLOSED), None) or (
            own[0] if own else None
        )

    def of_patient(self, patient_id: UUID) -> list[SafetyFlow]:
        ids = self._tables.identities(patient_id)
        return [flow for flow in self._flows() if flow.patient_id in ids]

    def unfinished(self) -> list[SafetyFlow]:
        flows = [flow for flow in self._flows() if flow.state is not SafetyState.CLOSED]
        return list(reversed(flows))

    def _flows(self) -> list[SafetyFlow]:
        """Newest first."""
        flows = [self.flow(flow_id) for flow_id in {one.flow_id for one in self._rows}]
        return sorted(flows, key=lambda flow: (flow.opened_at, flow.id), reverse=True)


class Notes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.notes

    def add(self, note: Note) -> None:
        _add(self._rows, note.id, note)

    def save(self, note: Note, over: Note | None = None) -> None:
        self.get(note.id)
        self._rows[note.id] = note

    def get(self, note_id: UUID) -> Note:
        return _found(self._rows, note_id, "note")

    def blank(self, note: Note, at: datetime, by: UUID) -> None:
        """There is no log of earlier words here."""
        assert self.get(note.id).discarded_at is not None

    def unsigned(self, author: UUID, limit: int = 200) -> list[Note]:
        own = [
            one
            for one in self._rows.values()
            if one.author == author and one.signed_at is None and one.discarded_at is None
        ]
        return sorted(own, key=lambda one: (one.written_at, one.id), reverse=True)[:limit]

    def of_patient(self, patient_id: UUID) -> list[Note]:
        ids = self._tables.identities(patient_id)
        own = [one for one in self._rows.values() if one.patient_id in ids]
        return sorted(own, key=lambda one: (one.written_at, one.id), reverse=True)

    def signed_beside(self, notes: Iterable[Note]) -> dict[UUID, tuple[Note, ...]]:
        own = {one.id for one in notes}
        return {key: others for key, others in self._tables.signed_beside.items() if key in own}


class Users:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.users

    def add(self, user: StaffUser) -> None:
        _add(self._rows, user.id, user)

    def save(self, user: StaffUser) -> None:
        self.get(user.id)
        self._rows[user.id] = user

    def get(self, user_id: UUID) -> StaffUser:
        return _found(self._rows, user_id, "user")

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


class Audit:
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._tables = tables
        self._rows = tables.audit
        self._now = now

    def record(
        self,
        kind: AuditKind,
        by: UUID | None,
        subject: str,
        subject_id: UUID | None = None,
        detail: str = "",
    ) -> None:
        number, previous = self.head()
        entry = AuditEntry(number + 1, self._now(), kind, by, subject, subject_id, detail, "")
        self._rows.append(replace(entry, mac=entry_mac(AUDIT_KEY, previous, entry)))

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        return self._rows[after : after + limit]

    def search(self, query: AuditQuery, limit: int = 100) -> list[AuditEntry]:
        about = None if query.patient_id is None else self._about(query.patient_id)

        def wanted(one: AuditEntry) -> bool:
            return (
                (not query.kinds or one.kind in query.kinds)
                and (query.by is None or one.by == query.by)
                and (not query.subjects or one.subject in query.subjects)
                and (about is None or one.subject_id in about)
                and (query.since is None or one.at >= query.since)
                and (query.until is None or one.at < query.until)
                and (query.before is None or one.number < query.before)
            )

        return [one for one in reversed(self._rows) if wanted(one)][:limit]

    def _about(self, patient_id: UUID) -> set[UUID]:
        tables = (self._tables.screenings, self._tables.drafts, self._tables.notes)
        own = {one.id for table in tables for one in table.values() if one.patient_id == patient_id}
        return {patient_id} | own

    def verify(self) -> AuditCheck:
        return verify_chain(AUDIT_KEY, self._rows)

    def told(self) -> dict[str, AuditHead]:
        """Nothing is joined here."""
        return {}

    def head(self) -> tuple[int, str]:
        return (self._rows[-1].number, self._rows[-1].mac) if self._rows else (0, "")

    def entry_of(self, kind: AuditKind, subject: str, subject_id: UUID) -> tuple[int, str] | None:
        wanted = (kind, subject, subject_id)
        found = (one for one in self._rows if (one.kind, one.subject, one.subject_id) == wanted)
        return next(((one.number, one.mac) for one in found), None)


class FakeUnitOfWork:
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def __enter__(self) -> Self:
        self._store.begin()
        tables = self._tables = self._store.tables.copy()
        self.patients = Patients(tables)
        self.consents = Consents(tables)
        self.drafts = Drafts(tables)
        self.forms = Forms(tables)
        self.screenings = Screenings(tables)
        self.images = Images(tables)
        self.safety = Safety(tables)
        self.notes = Notes(tables)
        self.appointments = calendar.Appointments(tables, tables.appointments)
        self.availability = calendar.Hours(tables, tables.availability)
        self.absences = calendar.Absences(tables, tables.absences)
        self.tasks = care.Tasks(tables, tables.tasks)
        self.interventions = care.Interventions(tables, tables.interventions)
        self.reviews = care.Reviews(tables, tables.reviews)
        self.handovers = care.Handovers(tables, tables.handovers)
        self.ratings = care.ServiceRatings(tables, tables.ratings)
        self.agreements = care.ResultAgreements(tables, tables.agreements)
        self.incidents = care.Incidents(tables, tables.incidents)
        self.merges = care.Merges(tables)
        self.issued = care.IssuedReports(tables, tables.issued)
        self.erasures = care.Erasures(tables, tables.erasures)
        self.worklist = worklist.Worklist(tables)
        self.face_cases = learning.FaceCases(tables)
        self.adjudications = learning.Adjudications(tables)
        self.heads = learning.LocalHeads(tables)
        self.head_events = learning.HeadEvents(tables)
        self.learning_keys = learning.LearningKeys(tables)
        self.model_choice = learning.ModelChoices(tables)
        self.look_events = studio.LookEvents(tables)
        self.gallery = studio.Gallery(tables)
        self.begun_transfers = studio.BegunTransfers(tables)
        self.users = Users(tables)
        self.clinic = Clinic(tables)
        self.audit = Audit(tables, self._store.now)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.end()

    def commit(self) -> None:
        """Make the changes so far visible to all; fails as ``store.commit_fails_with`` says."""
        if self._store.commit_fails_with is not None:
            raise self._store.commit_fails_with
        self._store.tables = self._tables
        self._tables = self._tables.copy()
        self._store.commits += 1


class FakeStore:
    """An open store. Tests may read ``tables`` and set ``commit_fails_with``."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.tables = Tables()
        self.now = now
        self.closed = False
        self.commits = 0
        self.commit_fails_with: Exception | None = None
        self._turn = threading.Lock()
        self._holder: int | None = None

    def unit_of_work(self) -> FakeUnitOfWork:
        if self.closed:
            raise StoreError("The store is closed.")
        return FakeUnitOfWork(self)

    def sequences(self) -> tuple[LogSequence, ...]:
        return (LogSequence(0, 1, self.commits, 0, self.now(), own=True),)

    def pending_operations(self) -> int:
        return self.commits

    def close(self) -> None:
        self.closed = True

    def begin(self) -> None:
        if self._holder == threading.get_ident():
            raise AssertionError("A unit of work was opened inside another one.")
        self._turn.acquire()
        self._holder = threading.get_ident()

    def end(self) -> None:
        self._holder = None
        self._turn.release()


class FakeVault:
    """Key slots in memory. Five wrong passwords in a row mean waiting for 30 seconds."""

    RECOVERY_KEY = "AAAA-BBBB-CCCC-DDDD"

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.store = FakeStore(now)
        self.slots: dict[str, str] = {}
        self._failed: dict[str, list[datetime]] = {}
        self._openings: list[datetime] = []
        self.renewal: tuple[float, ...] = ()
        self.recovery_key = self.RECOVERY_KEY
        self.backups = FakeBackups(lambda: self.slots, lambda: self.recovery_key, now)

    def state(self) -> VaultState:
        return VaultState.READY if self.slots else VaultState.EMPTY

    def create(
        self, user_name: str, password: str, furnish: Callable[[OpenStore], None]
    ) -> CreatedStore:
        if self.slots:
            raise StoreAlreadySetUp("There is a clinic in this folder already.")
        self.store = FakeStore(self._now)
        furnish(self.store)
        self.slots[user_name] = password
        return CreatedStore(self.store, self.recovery_key)

    def unlock(self, user_name: str, password: str, progress: Progress = unheard) -> OpenStore:
        if not self.slots:
            raise StoreNotSetUp("There is no clinic in this folder yet.")
        try:
            self.check_password(user_name, password)
        except WrongPassword:
            self._openings.append(self._now())
            raise
        for share in self.renewal:
            progress(share)
        self.renewal = ()
        self.store.closed = False
        return self.store

    def unlock_with_recovery_key(
        self, recovery_key: str, progress: Progress = unheard
    ) -> OpenStore:
        if recovery_key != self.recovery_key:
            self._openings.append(self._now())
            raise WrongPassword("This recovery key does not open the store.")
        self.store.closed = False
        return self.store

    def check_password(self, user_name: str, password: str) -> None:
        failed = self._failed.setdefault(user_name, [])
        if len(failed) >= 5 and self._now() - failed[-1] < timedelta(seconds=30):
            raise SignInThrottled(30)
        if self.slots.get(user_name) != password:
            failed.append(self._now())
            raise WrongPassword("User name and password do not fit.")
        failed.clear()

    def failed_openings(self) -> tuple[int, datetime] | None:
        return (len(self._openings), self._openings[-1]) if self._openings else None

    def openings_reported(self) -> None:
        self._openings.clear()

    def add_slot(self, user_name: str, password: str) -> None:
        self.slots[user_name] = password

    def remove_slot(self, user_name: str) -> None:
        self.slots.pop(user_name, None)

    def renew_recovery_key(self) -> str:
        self.recovery_key = f"{self.recovery_key}-EEEE"
        return self.recovery_key
