"""An open screening whose ground another laptop has taken away ends, or loses its picture, and says
so; otherwise a round leaves it alone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from PySide6.QtWidgets import QLabel

from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.erased_elsewhere import take_back_readings
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.screening.case import Step
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading
from tests.gui.screening.conftest import Window


def words(window: Window) -> str:
    return "\n".join(one.text() for one in window.page.findChildren(QLabel) if one.isVisible())


def erased(clinic: FakeClinic, draft_id: UUID) -> None:
    """As a round does it that brings the erasure."""
    with clinic.store.unit_of_work() as work:
        work.drafts.remove(draft_id)
        work.commit()


def test_a_screening_of_somebody_who_was_erased_ends_and_says_so(
    window: Window, clinic: FakeClinic, patient: Patient
) -> None:
    draft = clinic.services.screenings.start(patient.id)
    screen = window.open(draft.id)
    erased(clinic, draft.id)
    screen.renew()
    window.settle()
    assert isinstance(window.desk.present, PatientScreen)
    window.until(
        lambda: "This screening has ended: the person's record was erased" in words(window)
    )


def test_a_note_that_was_being_typed_does_not_hold_anybody_back(
    window: Window, clinic: FakeClinic, patient: Patient
) -> None:
    services = clinic.services.screenings
    draft = services.start(patient.id)
    services.judge(draft.id, ClinicianSeverity.MILD)
    screen = window.open(draft.id)
    screen.presenter.go(Step.JUDGEMENT)
    window.settle()
    screen.judgement.note.setPlainText("half a sentence")
    erased(clinic, draft.id)
    screen.renew()
    window.settle()
    assert isinstance(window.desk.present, PatientScreen)


def test_a_picture_whose_consent_was_withdrawn_elsewhere_goes_from_the_screening(
    window: Window, clinic: FakeClinic, patient: Patient
) -> None:
    services = clinic.services.screenings
    draft = services.start(patient.id)
    services.attach(draft.id, reading())
    services.judge(draft.id, ClinicianSeverity.MILD)
    screen = window.open(draft.id)
    screen.presenter.go(Step.PICTURE)
    window.settle()
    with clinic.store.unit_of_work() as work:
        given = work.consents.of_patient(patient.id)
        asked = next(one for one in given if one.purpose is Purpose.ANALYSIS)
        taken_back = replace(asked, id=draft.id, granted=False, recorded_at=clinic.clock())
        work.consents.add(taken_back)
        assert take_back_readings(work, clinic.services.session.user.id)
        work.commit()
    screen.renew()
    window.settle()
    assert window.screen is screen
    assert screen.presenter.case.draft.finding is None
    window.until(
        lambda: "The consent to the picture was withdrawn on another laptop" in words(window)
    )
    assert "The patient has not agreed to a picture." in words(window)


def test_a_round_that_brings_nothing_about_it_leaves_the_screening_alone(
    window: Window, clinic: FakeClinic, patient: Patient
) -> None:
    draft = clinic.services.screenings.start(patient.id)
    screen = window.open(draft.id)
    screen.presenter.go(Step.PHQ9)
    window.settle()
    before = words(window)
    screen.renew()
    window.settle()
    assert window.screen is screen
    assert words(window) == before
