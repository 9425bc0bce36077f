"""A person whose laptop it is for now, and somebody else who must not be seen there."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.patient_home.hands import SOMEBODY_ELSE, still_home


def reviewed(clinic: FakeClinic, patient_id: UUID) -> None:
    draft = clinic.services.screenings.record_questionnaire(
        patient_id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.services.screenings.finish(draft.id)
    review = clinic.services.reviews.judge(draft.id, ClinicianSeverity.MILD)
    clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)


@pytest.fixture
def me(inside: Driver) -> Patient:
    inside.clinic.add_patient(SOMEBODY_ELSE, "Quentin")
    return inside.clinic.add_patient()


@pytest.fixture
def home(inside: Driver, me: Patient) -> PatientHomeScreen:
    """Handed over from the person's page, as staff do."""
    reviewed(inside.clinic, me.id)
    inside.desk.show_patient(me.id)
    inside.settle()
    inside.click("Hand the laptop over")
    return still_home(inside)
