"""First run, sign-in and sign-out: the way from a closed folder to a signed-in member of staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput, NotSignedIn
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Role,
    StaffUser,
    check_password,
    checked_contacts,
    clean_name,
    clean_text,
)
from clinic_app.services.clinic import ClinicService
from clinic_app.services.notes import NoteService
from clinic_app.services.patients import ConsentService, PatientService
from clinic_app.services.reading import FaceReader, ModelShelf
from clinic_app.services.report_data import ReportRenderer
from clinic_app.services.reports import ReportService
from clinic_app.services.safety import SafetyService
from clinic_app.services.screenings import ScreeningService
from clinic_app.services.session import Desk, Session
from clinic_app.services.storage import OpenStore, Vault, VaultState
from clinic_app.services.timeline import TimelineService


@dataclass(frozen=True, slots=True)
class SetUpAnswers:
    """What the first run asks for; at least one crisis contact is required."""

    clinic_name: str
    crisis_contacts: tuple[CrisisContact, ...]
    deployment_context: DeploymentContext
    user_name: str
    password: str
    display_name: str = ""
    address: str = ""
    phone: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class ClinicServices:
    """Everything a signed-in member of staff works with."""

    session: Session
    clinic: ClinicService
    patients: PatientService
    consents: ConsentService
    screenings: ScreeningService
    safety: SafetyService
    notes: NoteService
    timeline: TimelineService
    reports: ReportService
    face_reader: FaceReader
    models: ModelShelf


@dataclass(frozen=True, slots=True)
class SetUpDone:
    """``recovery_key`` is shown once and kept nowhere."""

    services: ClinicServices
    recovery_key: str


class FrontDoor:
    """One clinic folder. Cheap to make: nothing is opened before it is needed."""

    def __init__(
        self,
        vault: Vault,
        face_reader: FaceReader,
        models: ModelShelf,
        renderer: ReportRenderer,
        *,
        now: Callable[[], datetime] = utc_now,
        time_zone: str = "UTC",
    ) -> None:
        self._vault = vault
        self._face_reader = face_reader
        self._models = models
        self._renderer = renderer
        self._now = now
        self._time_zone = time_zone
        self._store: OpenStore | None = None

    def state(self) -> VaultState:
        return self._vault.state()

    def set_up(self, answers: SetUpAnswers) -> SetUpDone:
        """Make the store, the clinic and its administrator, and sign in.

        Raises ``InvalidInput`` before anything is made, ``StoreAlreadySetUp``, ``StoreFull``,
        ``StoreUnwritable``, ``StoreInUse``.
        """
        user_name = check_user_name(answers.user_name)
        check_password(answers.password, user_name)
        profile = ClinicProfile(
            id=new_id(),
            name=clean_name(answers.clinic_name, "clinic_name", required=True),
            crisis_contacts=checked_contacts(answers.crisis_contacts),
            deployment_context=answers.deployment_context,
            address=clean_text(answers.address, 200, "address"),
            phone=clean_text(answers.phone, 40, "phone"),
            demo=answers.demo,
        )
        display_name = clean_name(answers.display_name, "display_name", required=False)
        user = StaffUser(new_id(), user_name, display_name or user_name, Role.ADMINISTRATOR)

        def furnish(store: OpenStore) -> None:
            with store.unit_of_work() as work:
                work.clinic.add(profile)
                work.users.add(user)
                work.audit.record(AuditKind.SET_UP, user.id, "clinic", profile.id)
                work.commit()

        created = self._vault.create(user_name, answers.password, furnish)
        self._store = created.store
        return SetUpDone(self._open_desk(created.store, user), created.recovery_key)

    def sign_in(self, user_name: str, password: str) -> ClinicServices:
        """Raises what ``Vault.unlock`` raises; failed attempts reach the audit trail afterwards."""
        name = user_name.strip()
        failed = self._vault.failed_attempts_since(name)
        store = self._vault.unlock(name, password)
        self._store = store
        with store.unit_of_work() as work:
            user = work.users.by_user_name(name)
            if user is None or not user.active:
                raise NotSignedIn("This account is switched off. Please ask your administrator.")
            if failed is not None:
                work.audit.record(
                    AuditKind.SIGN_IN_FAILED, user.id, "user", user.id, f"last {failed.isoformat()}"
                )
            work.audit.record(AuditKind.SIGNED_IN, user.id, "user", user.id)
            work.commit()
        return self._open_desk(store, user)

    def sign_out(self, services: ClinicServices) -> None:
        """End the session and close the store."""
        if self._store is not None:
            with self._store.unit_of_work() as work:
                user = services.session.user
                work.audit.record(AuditKind.SIGNED_OUT, user.id, "user", user.id)
                work.commit()
        services.session.end()
        self.close()

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open_desk(self, store: OpenStore, user: StaffUser) -> ClinicServices:
        session = Session(user, self._vault)
        desk = Desk(session, store.unit_of_work, self._now)
        return ClinicServices(
            session=session,
            clinic=ClinicService(desk),
            patients=PatientService(desk),
            consents=ConsentService(desk),
            screenings=ScreeningService(desk),
            safety=SafetyService(desk, self._vault),
            notes=NoteService(desk),
            timeline=TimelineService(desk),
            reports=ReportService(desk, self._renderer, self._time_zone),
            face_reader=self._face_reader,
            models=self._models,
        )


def check_user_name(text: str) -> str:
    """A user name of 2 to 40 letters, digits, dots, dashes or underscores."""
    name = text.strip()
    plain = name.replace(".", "").replace("-", "").replace("_", "")
    if not (2 <= len(name) <= 40 and plain.isalnum()):
        raise InvalidInput(
            "user_name",
            "The user name needs 2 to 40 letters or digits (also . - _), without spaces.",
        )
    return name
