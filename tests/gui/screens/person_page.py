"""A person with two screenings, and their page in the window."""

from __future__ import annotations

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import Band
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.screens.patient.view import PatientScreen
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading
from tests.gui.conftest import Driver

HIGH, LOW = (2, 2, 2, 2, 2, 2, 2, 2, 0), (1, 1, 1, 1, 1, 1, 1, 1, 0)


def screened(clinic: FakeClinic, *, by: ClinicServices | None = None) -> list[Screening]:
    """Two screenings of one person a month apart, with pictures, taken by the administrator."""
    services = by or clinic.services
    patient = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES))
    made = []
    for answers, band in ((HIGH, Band.SEVERE), (LOW, Band.MILD)):
        take = services.screenings
        draft = take.start(patient.id)
        take.attach(draft.id, reading(band))
        take.record_questionnaire(patient.id, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT)
        take.judge(draft.id, ClinicianSeverity.MODERATE)
        take.reveal(draft.id)
        made.append(take.finish(draft.id))
        clinic.clock.advance(days=30)
    return made


def open_page(driver: Driver) -> PatientScreen:
    clinic = driver.clinic
    driver.desk.show_patient(next(iter(clinic.store.tables.patients)))
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, PatientScreen)
    return screen
