"""First run, sign-in and sign-out: the way from a closed folder to a signed-in member of staff."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.clock import seconds_up, utc_now
from clinic_app.domain.errors import ClinicError, NotSignedIn, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Role,
    StaffUser,
    checked_contacts,
    clean_name,
    clean_text,
)
from clinic_app.domain.site import PasswordPolicy
from clinic_app.services.adjudication import AdjudicationService
from clinic_app.services.appointments import AppointmentService
from clinic_app.services.audit import AuditService
from clinic_app.services.availability import AvailabilityService
from clinic_app.services.backup import BackupService
from clinic_app.services.backup_data import BackupContent, Opening, Progress, Stop, never, unheard
from clinic_app.services.clinic import ClinicService
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.devices import DeviceService
from clinic_app.services.erased_elsewhere import remove_erased_left_behind
from clinic_app.services.erasure import ErasureService
from clinic_app.services.export import ExportService
from clinic_app.services.export_place import remove_exports_left_behind
from clinic_app.services.feedback import FeedbackService
from clinic_app.services.forms import FormService, remove_forms_left_behind
from clinic_app.services.handovers import HandoverService
from clinic_app.services.instruments import InstrumentService
from clinic_app.services.interventions import InterventionService
from clinic_app.services.keys import (
    administers,
    key_holder,
    name_key,
    remove_keys_left_behind,
    to_recover,
)
from clinic_app.services.learning import LearningService
from clinic_app.services.learning_data import WITHOUT_LEARNER, HeadLearner
from clinic_app.services.look_data import LookBench, WithoutLookBench
from clinic_app.services.looks import ClinicReader, LookService
from clinic_app.services.merges import MergeService
from clinic_app.services.model_sets import ModelSets, ModelSetService, follow_choice
from clinic_app.services.notes import NoteService
from clinic_app.services.passwords import check_new_password
from clinic_app.services.past import Past
from clinic_app.services.patient_home import PatientHomeService
from clinic_app.services.patient_page import PatientPageService
from clinic_app.services.patients import ConsentService, PatientService
from clinic_app.services.reading import FaceReader, ModelShelf
from clinic_app.services.report_data import ReportRenderer
from clinic_app.services.reports import ReportService
from clinic_app.services.retention import RetentionService, remove_images_left_behind
from clinic_app.services.reviews import ReviewService
from clinic_app.services.safety import SafetyService
from clinic_app.services.screenings import ScreeningService
from clinic_app.services.session import SWITCHED_OFF, Desk, Session
from clinic_app.services.sites import SitesService
from clinic_app.services.sites_data import WITHOUT_EXCHANGE, SitesExchange
from clinic_app.services.staff import (
    StaffService,
    check_by_policy,
    check_user_name,
    made_administrator,
)
from clinic_app.services.storage import LogSequence, OpenStore
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_consent import remove_studio_pictures_left_behind
from clinic_app.services.studio_data import StudioEngine, without_engine
from clinic_app.services.sync import SyncService, WithoutCentre
from clinic_app.services.sync_data import OpenSync
from clinic_app.services.tasks import TaskService
from clinic_app.services.timeline import TimelineService
from clinic_app.services.training_export import TrainingExportService
from clinic_app.services.vault_storage import Vault, VaultState
from clinic_app.services.worklist import WorklistService


@dataclass(frozen=True, slots=True)
class SetUpAnswers:
    """What the first run asks for; at least one crisis contact is required."""

    clinic_name: str
    crisis_contacts: tuple[CrisisContact, ...]
    deployment_context: DeploymentContext
    user_name: str
    password: str = field(repr=False)
    display_name: str = ""
    address: str = ""
    phone: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SetUpDone:
    """``recovery_key`` is shown once and kept nowhere."""

    services: ClinicServices
    recovery_key: str = field(repr=False)


class FrontDoor:
    """One clinic folder. Cheap to make: nothing is opened before it is needed."""

    def __init__(
        self,
        vault: Vault,
        face_reader: FaceReader,
        models: ModelShelf,
        renderer: ReportRenderer,
        *,
        learner: HeadLearner = WITHOUT_LEARNER,
        exchange: SitesExchange = WITHOUT_EXCHANGE,
        model_sets: ModelSets | None = None,
        look_bench: LookBench | None = None,
        studio: Callable[[], StudioEngine] = without_engine,
        now: Callable[[], datetime] = utc_now,
        up: Callable[[], float] = seconds_up,
        time_zone: Callable[[], str] = lambda: "UTC",
        open_sync: OpenSync = WithoutCentre,
    ) -> None:
        self._vault = vault
        self._face_reader = face_reader
        self._models = models
        self._renderer = renderer
        self._learner = learner
        self._exchange = exchange
        self._model_sets = model_sets
        self._look_bench = look_bench or WithoutLookBench()
        self._studio = studio
        self._now = now
        self._up = up
        self._time_zone = time_zone
        self._open_sync = open_sync
        self._store: OpenStore | None = None

    def state(self) -> VaultState:
        return self._vault.state()

    def set_up(self, answers: SetUpAnswers) -> SetUpDone:
        """Make the store, the clinic and its administrator, and sign in.

        Raises ``InvalidInput`` before anything is made, ``StoreAlreadySetUp``, ``StoreFull``,
        ``StoreUnwritable``, ``StoreInUse``.
        """
        user_name = check_user_name(answers.user_name)
        names = (answers.clinic_name, answers.display_name)
        check_new_password(answers.password, user_name, PasswordPolicy(), names)
        profile = ClinicProfile(
            id=new_id(),
            name=clean_name(answers.clinic_name, "clinic_name", required=True),
            crisis_contacts=checked_contacts(answers.crisis_contacts),
            deployment_context=answers.deployment_context,
            address=clean_text(answers.address, 200, "address"),
            phone=clean_text(answers.phone, 40, "phone"),
            time_zone=self._time_zone(),
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

        created = self._vault.create(user_name, answers.password, furnish, user.id)
        self._store = created.store
        return SetUpDone(self._open_desk(created.store, user), created.recovery_key)

    def restore(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> BackupContent:
        """Bring a backup back into this folder, where no clinic may be; then people sign in.

        Everything is checked before anything is put in place. Raises ``BackupRejected``,
        ``BackupStopped``, ``WrongPassword``, ``StoreAlreadySetUp``, ``StoreTooNew``,
        ``StoreFull``, ``StoreInUse``.
        """
        return self._vault.backups.restore(path, opening, progress, stop)

    def sign_in(
        self, user_name: str, password: str, progress: Progress = unheard
    ) -> ClinicServices:
        """Raises what ``Vault.unlock`` raises, with ``progress`` as there; failed attempts reach
        the audit trail afterwards."""
        name = user_name.strip()
        store = self._store = self._vault.unlock(name, password, progress)
        try:
            self._note_failed_openings(store)
            user = _note_sign_in(store, self._vault, name)
            name_key(self._vault, user, name, password)
            self._tidy(store, user)
            return self._open_desk(store, user)
        except BaseException:  # a store that nobody sits at would let nobody else in
            self.close()
            raise

    def _tidy(self, store: OpenStore, user: StaffUser) -> None:
        """Remove what is due. It keeps nobody out, not even where a record that it needs is not, or
        no more, known here: the next sign-in tries again, and one step waits for no other."""
        for step in (
            lambda: remove_images_left_behind(store, user.id, self._now()),
            lambda: remove_erased_left_behind(store, user.id),
            lambda: remove_forms_left_behind(store, user.id),
            lambda: remove_exports_left_behind(store, user.id),
            lambda: remove_studio_pictures_left_behind(store, user.id),
            lambda: remove_keys_left_behind(store, self._vault),
        ):
            with contextlib.suppress(ClinicError):
                step()

    def recover(
        self,
        user_name: str,
        recovery_key: str,
        new_password: str,
        progress: Progress = unheard,
    ) -> ClinicServices:
        """Sign the named administrator in with the recovery key and set a new password.

        Only an administrator can be helped this way; everybody else asks the administrator. Where
        none is left (two switched each other off on two laptops), there is nobody to ask, and the
        named member of staff becomes one. The password is checked before the key, and by the
        clinic's own policy once the key has shown it, so that a refused one changes nothing.

        Raises ``InvalidInput`` (password), what ``Vault.unlock_with_recovery_key`` raises, and
        ``NotSignedIn`` when there is no active administrator of that name.
        """
        name = user_name.strip()
        check_new_password(new_password, name, PasswordPolicy())
        store = self._vault.unlock_with_recovery_key(recovery_key, progress)
        self._store = store
        try:
            self._note_failed_openings(store)
            with store.unit_of_work() as work:
                user = to_recover(work, self._vault, name)
                nobody_left = not any(administers(one) for one in work.users.all())
            if user is None or not (administers(user) or nobody_left):
                known = user.id if user else None  # a name nobody has is not written down
                with store.unit_of_work() as work:
                    work.audit.record(AuditKind.REFUSED, known, "user", known, "recovery key")
                    work.commit()
                raise NotSignedIn("The recovery key helps administrators only; check the name.")
            with store.unit_of_work() as work:
                check_by_policy(work, new_password, user.user_name, user.display_name)
                if not administers(user):
                    user = made_administrator(work, user)
                # Audited first: a crash in between leaves the old password, never a way in that
                # was used unheard of.
                work.audit.record(AuditKind.CHANGED, user.id, "user", user.id, "recovery key")
                work.commit()
            self._vault.add_slot(user.user_name, new_password, user.id)
            with store.unit_of_work() as work:
                work.audit.record(AuditKind.SIGNED_IN, user.id, "user", user.id)
                work.commit()
            return self._open_desk(store, user)
        except BaseException:
            self.close()
            raise

    def _note_failed_openings(self, store: OpenStore) -> None:
        """Names are left out: people type passwords into the name field."""
        failed = self._vault.failed_openings()
        if failed is None:
            return
        count, last = failed
        with store.unit_of_work() as work:
            detail = f"{count} failed, last {last.isoformat()}"
            work.audit.record(AuditKind.SIGN_IN_FAILED, None, "store", None, detail)
            work.commit()
        self._vault.openings_reported()

    def at(self, services: ClinicServices, moment: datetime) -> ClinicServices:
        """The same session at another time, to give made-up people a past.

        Raises ``WrongState`` unless this is a demo clinic: real records are never back-dated.
        """
        store = self._made_up(services)
        return self._services(Desk(services.session, store.unit_of_work, lambda: moment))

    def past(self, services: ClinicServices) -> Past:
        """Everybody of a demo clinic at work at any moment; raises as ``at`` does."""
        return Past(self._made_up(services), self._vault, self._services)

    def _made_up(self, services: ClinicServices) -> OpenStore:
        if self._store is None or not services.clinic.profile().demo:
            raise WrongState("Only a demo clinic can be given a past.")
        return self._store

    def sign_out(self, services: ClinicServices) -> None:
        """End the session and close the store, though the disk may be too full to audit it."""
        try:
            services.studio.put_away()
            if self._store is not None:
                with self._store.unit_of_work() as work:
                    user = services.session.user
                    work.audit.record(AuditKind.SIGNED_OUT, user.id, "user", user.id)
                    work.commit()
        finally:
            services.session.end()
            self.close()

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open_desk(self, store: OpenStore, user: StaffUser) -> ClinicServices:
        if self._model_sets is not None:
            follow_choice(store, self._model_sets, user.id)
        return self._services(
            Desk(Session(user, self._vault, self._up), store.unit_of_work, self._now)
        )

    def _forget_keys(self, at_work: UUID) -> None:
        """A round may have brought that somebody was switched off."""
        if self._store is not None:
            remove_keys_left_behind(self._store, self._vault, at_work)

    def _sequences(self) -> tuple[LogSequence, ...]:
        return self._store.sequences() if self._store is not None else ()

    def _services(self, desk: Desk) -> ClinicServices:
        assert self._store is not None
        sync = self._open_sync(self._store, desk.session.user)
        reports = ReportService(desk, self._renderer)
        return ClinicServices(
            session=desk.session,
            clinic=ClinicService(desk, self._vault),
            staff=StaffService(desk, self._vault),
            patients=PatientService(desk),
            consents=ConsentService(desk),
            screenings=ScreeningService(desk),
            safety=SafetyService(desk),
            forms=FormService(desk),
            notes=NoteService(desk),
            timeline=TimelineService(desk),
            pages=PatientPageService(desk),
            interventions=InterventionService(desk),
            reviews=ReviewService(desk),
            merges=MergeService(desk),
            appointments=AppointmentService(desk),
            availability=AvailabilityService(desk),
            worklist=WorklistService(desk),
            tasks=TaskService(desk),
            handovers=HandoverService(desk),
            feedback=FeedbackService(desk),
            patient_home=PatientHomeService(desk, ConsentService(desk)),
            reports=reports,
            audit=AuditService(desk),
            backups=BackupService(desk, self._vault.backups),
            retention=RetentionService(desk),
            exports=ExportService(desk, reports.whole_screening),
            erasures=ErasureService(desk),
            devices=DeviceService(desk, self._sequences),
            instruments=InstrumentService(desk),
            adjudication=AdjudicationService(desk),
            learning=LearningService(desk, self._learner),
            sites=SitesService(desk, self._exchange),
            training_export=TrainingExportService(desk),
            looks=LookService(desk, self._look_bench),
            studio=StudioService(desk, self._studio),
            sync=SyncService(desk, sync, self._forget_keys),
            face_reader=ClinicReader(self._face_reader, desk),
            models=self._models,
            model_sets=ModelSetService(desk, self._model_sets),
        )


def _note_sign_in(store: OpenStore, vault: Vault, user_name: str) -> StaffUser:
    """The member of staff who signs in; raises ``NotSignedIn`` for an account switched off."""
    with store.unit_of_work() as work:
        user = key_holder(work, vault, user_name)
        known = user.id if user else None
        welcome = user is not None and user.active
        kind = AuditKind.SIGNED_IN if welcome else AuditKind.REFUSED
        work.audit.record(kind, known, "user", known)
        work.commit()
    if user is None or not user.active:
        raise NotSignedIn(SWITCHED_OFF)
    return user
