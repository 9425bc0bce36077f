"""A clinic of made-up people, to look around in and to show the program with.

Nobody in it exists: the family names are words such as "Example" and "Sample". There are no faces.
The pass phrases are printed in the guide; the store is encrypted all the same, as a real one is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import CrisisContact, DeploymentContext, Patient, Role, SexAtBirth
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.consent_texts import shown_in
from clinic_app.services.front_door import FrontDoor, SetUpAnswers
from clinic_app.services.patients import NewPatient
from clinic_app.services.staff import NewStaff
from clinic_app.services.translations import ENGLISH
from clinic_app.services.vault_storage import VaultState

DEMO_CLINIC = "Harbour Clinic (demo)"
DEMO_USER = "demo"
DEMO_PHRASE = "made up people only"
DEMO_COLLEAGUE = "colleague"
DEMO_COLLEAGUE_PHRASE = "another made up person"

_FIRST_DAYS_AGO = 90
_PICTURE = (Purpose.CAPTURE, Purpose.ANALYSIS)
_ADA_PHQ9 = ((2, 2, 2, 3, 2, 2, 2, 1, 0), (2, 1, 2, 2, 1, 2, 1, 1, 0), (1, 1, 1, 2, 1, 1, 1, 0, 0))
_ADA_GAD7 = ((2, 2, 2, 2, 1, 1, 2), (1, 2, 1, 2, 1, 1, 1), (1, 1, 1, 1, 0, 1, 0))


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """The demo clinic, signed in. ``patients`` are newest first."""

    services: ClinicServices
    user_name: str
    phrase: str
    patients: tuple[Patient, ...]


def seed_demo(front_door: FrontDoor, *, now: Callable[[], datetime] = utc_now) -> DemoClinic:
    """Sign in to the demo clinic behind ``front_door``; made and filled the first time.

    A filling that was cut short goes on with the people who are not there yet.
    """
    if front_door.state() is VaultState.EMPTY:
        services = front_door.set_up(demo_answers()).services
    else:
        services = front_door.sign_in(DEMO_USER, DEMO_PHRASE)
    if DEMO_COLLEAGUE not in {user.user_name for user in services.staff.everybody()}:
        colleague = NewStaff(DEMO_COLLEAGUE, "Sam Sample", Role.DOCTOR, DEMO_COLLEAGUE_PHRASE)
        services.staff.add(colleague, DEMO_PHRASE)
    _People(front_door, services, now()).fill()
    patients = tuple(row.patient for row in services.patients.search(""))
    return DemoClinic(services, DEMO_USER, DEMO_PHRASE, patients)


def demo_answers() -> SetUpAnswers:
    """What a clinic of made-up people is set up with."""
    return SetUpAnswers(
        clinic_name=DEMO_CLINIC,
        crisis_contacts=(
            CrisisContact("Made-up crisis line", "000 111 222", "day and night"),
            CrisisContact("Clinic on call", "000 333 444", "08:00-20:00"),
        ),
        deployment_context=DeploymentContext.CLINIC,
        user_name=DEMO_USER,
        password=DEMO_PHRASE,
        display_name="Dana Demo",
        address="1 Made-up Quay",
        phone="000 123 456",
        demo=True,
    )


class _People:
    """Fills the clinic, person by person; who is there already is passed over."""

    def __init__(self, front_door: FrontDoor, services: ClinicServices, now: datetime) -> None:
        self._front_door = front_door
        self._now_services = services
        self._now = now

    def fill(self) -> None:
        people: Sequence[tuple[NewPatient, Callable[[UUID], None]]] = (
            (
                NewPatient(
                    "Example", "Ada", date(1984, 3, 7), "000 555 0101", SexAtBirth.FEMALE, "D-001"
                ),
                self._ada,
            ),
            (
                NewPatient(
                    "Sample", "Ben", date(1996, 11, 23), "000 555 0102", local_number="D-002"
                ),
                self._ben,
            ),
            (
                NewPatient("Specimen", "Chiara", date(1971, 6, 30), local_number="D-003"),
                self._chiara,
            ),
            (NewPatient("مثال", "نور", date(2001, 1, 15), local_number="D-004"), self._nur),
            (NewPatient("उदाहरण", "आशा", date(1959, 9, 2), local_number="D-005"), self._asha),
            (NewPatient("Example", "Emil", date(1990, 12, 12), "000 555 0106"), self._emil),
        )
        for number, (new, story) in enumerate(people):
            if not self._now_services.patients.similar(new):
                registered = self._at(_FIRST_DAYS_AGO - number).patients.register(new)
                story(registered.id)

    def _at(self, days_ago: float) -> ClinicServices:
        return self._front_door.at(self._now_services, self._now - timedelta(days=days_ago))

    def _consent(
        self,
        patient: UUID,
        purposes: Sequence[Purpose],
        days_ago: float,
        language: str = ENGLISH,
    ) -> None:
        answers = dict.fromkeys(Purpose, False) | dict.fromkeys(purposes, True)
        self._at(days_ago).consents.record(patient, answers, shown=shown_in(language))

    def _visit(
        self,
        patient: UUID,
        days_ago: float,
        phq9: Sequence[int | None],
        gad7: Sequence[int | None],
        judgement: ClinicianSeverity,
        remark: str = "",
    ) -> None:
        """One finished screening of the past, without a picture."""
        services = self._at(days_ago)
        take = services.screenings
        patient_answers = AnsweredBy.PATIENT
        draft = take.record_questionnaire(
            patient, InstrumentName.PHQ9, phq9, patient_answers, difficulty=1
        )
        take.record_questionnaire(patient, InstrumentName.GAD7, gad7, patient_answers)
        flow = services.safety.of_screening(draft.id)
        if flow is not None and flow.blocks_finishing:
            services.safety.assess(flow.id, _assessment(self._now - timedelta(days=days_ago - 2)))
        take.judge(draft.id, judgement, remark)
        take.finish(draft.id)

    def _ada(self, patient: UUID) -> None:
        """Getting better over three visits, with signed notes."""
        self._consent(patient, (*_PICTURE, Purpose.SHARING), 84)
        severities = (
            ClinicianSeverity.SEVERE,
            ClinicianSeverity.MODERATE,
            ClinicianSeverity.MILD,
        )
        for days_ago, phq9, gad7, severity in zip(
            (84, 42, 7), _ADA_PHQ9, _ADA_GAD7, severities, strict=True
        ):
            self._visit(patient, days_ago, phq9, gad7, severity)
        self._note(
            patient, 84, "Sleeps four hours a night since the spring. Agreed on weekly sessions."
        )
        self._note(patient, 7, "Sleeping better, back at work three days a week.")

    def _ben(self, patient: UUID) -> None:
        """In the middle of a screening."""
        self._consent(patient, _PICTURE, 0.2)
        self._at(0.1).screenings.record_questionnaire(
            patient, InstrumentName.PHQ9, (1, 1, 2, 2, 1, 0, 1, 0, 0), AnsweredBy.PATIENT, 1
        )

    def _chiara(self, patient: UUID) -> None:
        """Safety steps documented in the past; refused the picture."""
        self._consent(patient, (), 30)
        self._visit(
            patient,
            30,
            (2, 2, 1, 2, 1, 2, 1, 0, 1),
            (1, 1, 2, 1, 0, 1, 1),
            ClinicianSeverity.MODERATE,
        )
        self._visit(
            patient,
            12,
            (1, 1, 1, 1, 1, 1, 1, 0, 0),
            (1, 1, 1, 1, 0, 1, 0),
            ClinicianSeverity.MILD,
        )

    def _nur(self, patient: UUID) -> None:
        """A name written from right to left; two items left out."""
        self._consent(patient, _PICTURE, 5)
        self._visit(
            patient,
            5,
            (1, 0, None, 1, 0, 0, None, 0, 0),
            (0, 1, 0, 1, 0, 0, 0),
            ClinicianSeverity.NONE,
        )

    def _asha(self, patient: UUID) -> None:
        """Registered, asked for consent in Hindi, nothing else yet."""
        self._consent(patient, _PICTURE, 1, "hi")

    def _emil(self, patient: UUID) -> None:
        """Safety steps are open: always the first thing to be seen."""
        self._consent(patient, (Purpose.SHARING,), 0.03)
        self._at(0.02).screenings.record_questionnaire(
            patient, InstrumentName.PHQ9, (2, 3, 2, 2, 1, 2, 1, 1, 1), AnsweredBy.PATIENT, 2
        )

    def _note(self, patient: UUID, days_ago: float, text: str) -> None:
        notes = self._at(days_ago).notes
        notes.sign(notes.write(patient, text).id, DEMO_PHRASE)


def _assessment(next_contact: datetime) -> SafetyAssessment:
    return SafetyAssessment(
        clinical_assessment="Passive thoughts without intent or plan, asked in person.",
        means_access="None at home.",
        who_was_told="Sam Sample, with the patient's agreement.",
        plan="Crisis contacts handed over; weekly sessions; call if thoughts become more pressing.",
        next_contact_at=next_contact,
    )
