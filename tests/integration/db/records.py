"""Records for the store's tests, and a set-up clinic in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.finding import (
    ActivationMap,
    Asymmetry,
    Band,
    Finding,
    Quality,
    SeverityReading,
    SourceKind,
    three_level,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Patient,
    Role,
    StaffUser,
)
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity, Draft, Judgement, Screening
from clinic_app.services.storage import OpenStore

ROUNDS = 10
"""PBKDF2 rounds in tests; the program asks for 600,000."""

USER = "Ann.Berg"
PASSWORD = "correct horse battery"
NOON = datetime(2026, 3, 2, 12, 0, 0, 250, tzinfo=UTC)


@dataclass
class Clinic:
    """A set-up clinic whose store is open; ``reopen`` closes and unlocks it again."""

    folder: Path
    vault: FolderVault
    store: OpenStore
    user: StaffUser
    recovery_key: str

    def reopen(self) -> OpenStore:
        self.store.close()
        self.store = self.vault.unlock(USER, PASSWORD)
        return self.store

    @property
    def encrypted(self) -> EncryptedStore:
        assert isinstance(self.store, EncryptedStore)
        return self.store


def set_up(folder: Path) -> Clinic:
    """Make a store with a clinic and its administrator."""
    vault = FolderVault(folder, rounds=ROUNDS)
    user = StaffUser(new_id(), USER, "Ann Berg", Role.ADMINISTRATOR)

    def furnish(store: OpenStore) -> None:
        with store.unit_of_work() as work:
            work.clinic.add(clinic_profile())
            work.users.add(user)
            work.audit.record(AuditKind.SET_UP, user.id, "clinic")
            work.commit()

    created = vault.create(USER, PASSWORD, furnish)
    return Clinic(folder, vault, created.store, user, created.recovery_key)


def clinic_profile() -> ClinicProfile:
    contacts = (CrisisContact("Crisis line", "112", "day and night"),)
    return ClinicProfile(new_id(), "Harbour clinic", contacts, DeploymentContext.CLINIC)


def a_patient(
    family_name: str = "García",
    given_name: str = "Zoë",
    *,
    birth_date: date = date(1980, 5, 17),
    phone: str = "",
    local_number: str = "",
    registered_at: datetime | None = NOON,
) -> Patient:
    return Patient(
        new_id(),
        family_name,
        given_name,
        birth_date,
        phone=phone,
        local_number=local_number,
        registered_at=registered_at,
    )


def a_finding() -> Finding:
    reading = SeverityReading(Band.MODERATE, (0.1, 0.2, 0.6, 0.1), 56.7, (40.0, 70.0), 0.9, 0.44)
    return Finding(
        source=SourceKind.WEBCAM,
        source_sha256="ab" * 32,
        captured_at=NOON,
        quality=Quality(True, (), {"sharpness": 0.8}),
        severity=reading,
        raw=reading,
        normalised=reading,
        three_level=three_level(0.3),
        emotions={"sadness": 0.5, "neutral": 0.5},
        asymmetry=Asymmetry(1.0, -0.5, 0.25, 0.5, 0.5, 0.5),
        activation_map=ActivationMap(2, 2, (0.0, 0.25, 0.5, 1.0)),
        embedding=tuple(index / 7 for index in range(512)),
        models={"severity": "1.0"},
        timings_ms={"severity": 4.2},
    )


def a_screening(
    patient_id: UUID, by: UUID, *, finished_at: datetime = NOON, finding: Finding | None = None
) -> Screening:
    phq9 = Response(InstrumentName.PHQ9, (1, 2, 3, 0, 1, 2, 3, 0, 0), AnsweredBy.PATIENT, NOON, 2)
    return Screening(
        id=new_id(),
        patient_id=patient_id,
        taken_by=by,
        started_at=finished_at - timedelta(minutes=9),
        finished_at=finished_at,
        responses=(phq9,),
        judgement=Judgement(ClinicianSeverity.MODERATE, by, NOON),
        finding=finding,
    )


def a_draft(patient_id: UUID, by: UUID, *, changed_at: datetime = NOON) -> Draft:
    return Draft(new_id(), patient_id, by, NOON, changed_at)


def a_consent(
    patient_id: UUID,
    by: UUID,
    *,
    purpose: Purpose = Purpose.CAPTURE,
    granted: bool = True,
    at: datetime = NOON,
) -> ConsentEvent:
    return ConsentEvent(new_id(), patient_id, purpose, granted, GivenBy.PATIENT, by, at)


def a_note(patient_id: UUID, by: UUID, text: str = "Sleeping better.") -> Note:
    return Note(new_id(), patient_id, by, NOON, text)


def a_safety_event(
    patient_id: UUID,
    by: UUID,
    *,
    kind: SafetyEventKind = SafetyEventKind.OPENED,
    flow_id: UUID | None = None,
    screening_id: UUID | None = None,
    at: datetime = NOON,
) -> SafetyEvent:
    opened = kind is SafetyEventKind.OPENED
    return SafetyEvent(
        id=new_id(),
        flow_id=flow_id or new_id(),
        patient_id=patient_id,
        screening_id=screening_id or new_id(),
        kind=kind,
        at=at,
        by=by,
        trigger=SafetyTrigger.ITEM_NINE_POSITIVE if opened else None,
        item_nine=2 if opened else None,
    )
