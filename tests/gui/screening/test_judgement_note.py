"""The note on the judgement is never lost: neither to a click nor to a full disk."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_app.domain.errors import StoreFull
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from tests.fakes.clinic import FakeClinic
from tests.gui.screening.conftest import Window


def _to_judgement(window: Window, clinic: FakeClinic) -> ScreeningScreen:
    patient = clinic.add_patient(consent=())
    screen = window.open(clinic.services.screenings.start(patient.id).id)
    window.click(screen.consent.only)
    for page in (screen.phq9, screen.gad7):
        window.click(page.skip)
    window.click(screen.judgement.choices[ClinicianSeverity.MILD])
    return screen


def test_a_concern_raised_right_after_typing_keeps_the_words(
    window: Window, clinic: FakeClinic
) -> None:
    screen = _to_judgement(window, clinic)
    QTest.keyClicks(screen.judgement.note, "Speaks of giving things away")
    QTest.mouseClick(screen.judgement.concern, Qt.MouseButton.LeftButton)
    window.settle()
    assert screen.judgement.note.toPlainText() == "Speaks of giving things away"
    window.until(lambda: _note(clinic, screen) == "Speaks of giving things away")


def test_a_note_that_a_full_disk_refuses_stays_in_view_and_is_kept_later(
    window: Window, clinic: FakeClinic
) -> None:
    screen = _to_judgement(window, clinic)
    QTest.keyClicks(screen.judgement.note, "Slept four hours")
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    window.click(screen.judgement.next)
    clinic.store.commit_fails_with = None
    assert _note(clinic, screen) == ""
    screen.presenter.go(Step.JUDGEMENT)
    window.settle()
    assert screen.judgement.note.toPlainText() == "Slept four hours"
    window.click(screen.judgement.next)
    assert _note(clinic, screen) == "Slept four hours"


def _note(clinic: FakeClinic, screen: ScreeningScreen) -> str:
    judgement = clinic.services.screenings.draft(screen.presenter.case.draft_id).judgement
    assert judgement is not None
    return judgement.note
