"""A whole clinic in memory: front door, store, clock, reader, signed-in administrator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from clinic_app.domain.consent import Purpose
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import (
    CrisisContact,
    DeploymentContext,
    Patient,
    Role,
    StaffUser,
)
from clinic_app.inference.learning.learner import open_head_learner
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor, SetUpAnswers
from clinic_app.services.patients import NewPatient
from clinic_app.services.sites_data import WITHOUT_EXCHANGE, SitesExchange
from tests.fakes.clock import FakeClock, FakeUptime
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.store import FakeStore
from tests.fakes.studio import FakeLookBench, FakeStudioEngine
from tests.fakes.sync import FakeSync
from tests.fakes.vault import FakeVault

USER = "amina"
PASSWORD = "quiet-harbour-lamp"
COLLEAGUE = "tomas"
COLLEAGUE_PASSWORD = "violet-ladder-song"
CONTACT = CrisisContact("Night line", "0800 111 222", "day and night")


def set_up_answers(
    context: DeploymentContext = DeploymentContext.CLINIC, *, demo: bool = False
) -> SetUpAnswers:
    return SetUpAnswers(
        clinic_name="Harbour Clinic",
        crisis_contacts=(CONTACT,),
        deployment_context=context,
        user_name=USER,
        password=PASSWORD,
        display_name="Amina Diallo",
        demo=demo,
    )


@dataclass
class FakeClinic:
    """``front_door`` leads to the same records again and again; ``services`` are signed in."""

    context: DeploymentContext = DeploymentContext.CLINIC
    clock: FakeClock = field(default_factory=FakeClock)
    up: FakeUptime = field(default_factory=FakeUptime)
    reader: FakeFaceReader = field(default_factory=FakeFaceReader)
    shelf: FakeModelShelf = field(default_factory=FakeModelShelf)
    renderer: FakeRenderer = field(default_factory=FakeRenderer)
    sync: FakeSync = field(default_factory=FakeSync)
    bench: FakeLookBench = field(default_factory=FakeLookBench)
    engine: FakeStudioEngine = field(default_factory=FakeStudioEngine)
    exchange: SitesExchange = WITHOUT_EXCHANGE

    def __post_init__(self) -> None:
        self.vault = FakeVault(self.clock)
        self.front_door = FrontDoor(
            self.vault,
            self.reader,
            self.shelf,
            self.renderer,
            now=self.clock,
            up=self.up,
            learner=open_head_learner(),
            exchange=self.exchange,
            look_bench=self.bench,
            studio=lambda: self.engine,
            open_sync=self.sync.open,
        )
        done = self.front_door.set_up(set_up_answers(self.context))
        self.recovery_key = done.recovery_key
        self.services: ClinicServices = done.services

    @property
    def store(self) -> FakeStore:
        return self.vault.store

    def sign_in(self, user_name: str = USER, password: str = PASSWORD) -> ClinicServices:
        self.services = self.front_door.sign_in(user_name, password)
        return self.services

    def add_staff(
        self, user_name: str, password: str, role: Role, *, active: bool = True
    ) -> StaffUser:
        """One more member of staff, straight into the store."""
        user = StaffUser(new_id(), user_name, user_name.title(), role, active)
        with self.store.unit_of_work() as work:
            work.users.add(user)
            work.commit()
        self.vault.add_slot(user_name, password, user.id)
        return user

    def add_patient(
        self,
        family_name: str = "Okafor",
        given_name: str = "Chidi",
        birth_date: date = date(1990, 5, 17),
        consent: tuple[Purpose, ...] = (Purpose.CAPTURE, Purpose.ANALYSIS),
    ) -> Patient:
        """A registered patient who has agreed to ``consent``."""
        patient = self.services.patients.register(NewPatient(family_name, given_name, birth_date))
        if consent:
            self.services.consents.record(patient.id, dict.fromkeys(consent, True))
        return patient
