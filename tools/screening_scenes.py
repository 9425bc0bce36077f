"""A screening from consent to its review, a second record, and the laptop in a patient's hands."""

from __future__ import annotations

from uuid import UUID

from moves import Move, areas, go_to_step, scroll_to_end, sheet_of
from PySide6.QtWidgets import QLineEdit, QPushButton

from clinic_app.domain.notes import NoteKind
from clinic_app.domain.screening import Screening
from clinic_app.services.demo import DemoClinic
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.doors import Opened
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.strings import tr


def screening_scenes(draft_id: UUID) -> list[Scene]:
    def open_it(window: MainWindow) -> None:
        window.notices.clear()
        desk_of(window).show_screening(draft_id)

    return [
        Scene("screening-consent", (open_it, go_to_step(Step.CONSENT))),
        *(
            Scene(f"screening-{one.value}", (go_to_step(one),))
            for one in (Step.PICTURE, Step.JUDGEMENT)
        ),
        Scene("result", (go_to_step(Step.RESULT),)),
        Scene("result-estimate", (scroll_to_end,)),
        Scene("screening-finish", (go_to_step(Step.FINISH),)),
    ]


def report_scenes(opened: Opened, screening: Screening) -> list[Scene]:
    return [
        Scene(
            "report",
            (
                lambda window: window.entry.entered.emit(opened),
                lambda window: desk_of(window).show_report(screening.id),
            ),
        )
    ]


def review_scenes(screening: Screening) -> list[Scene]:
    """The page of whoever was screened, a note with headings, and a review on a sheet."""

    def page(window: MainWindow) -> PatientScreen:
        screen = desk_of(window).present
        assert isinstance(screen, PatientScreen)
        return screen

    def plan(window: MainWindow) -> None:
        notes = page(window).notes
        notes.kind.setCurrentIndex(list(NoteKind).index(NoteKind.SAFETY_PLAN))
        notes.kind.activated.emit(notes.kind.currentIndex())

    def show_plan(window: MainWindow) -> None:
        areas(window)[0].ensureWidgetVisible(page(window).notes.sign)

    def press(words: str) -> Move:
        def move(window: MainWindow) -> None:
            sheet = desk_of(window).sheet
            assert sheet is not None
            next(one for one in sheet.findChildren(QPushButton) if one.text() == tr(words)).click()

        return move

    return [
        Scene(
            "patient-plan",
            (lambda window: desk_of(window).show_patient(screening.patient_id), plan, show_plan),
        ),
        Scene("review", (scroll_to_end, lambda window: page(window).review(screening))),
        Scene("review-estimate", (press("Record and show the estimate"),)),
        Scene("patient-reviewed", (press("Agree"), scroll_to_end)),
    ]


def duplicate_scenes() -> list[Scene]:
    def compare(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert screen is not None
        next(
            one for one in screen.findChildren(QPushButton) if one.text() == tr("Compare…")
        ).click()

    return [
        Scene("duplicates", (lambda window: desk_of(window).show_duplicates(),)),
        Scene("duplicates-compare", (compare,)),
    ]


def patient_mode_scenes(opened: Opened, clinic: DemoClinic) -> list[Scene]:
    """The laptop in the patient's hands: the last pictures, for the session stays handed over."""
    ben = next(patient.id for patient in clinic.patients if patient.given_name == "Ben")
    draft = opened.services.screenings.start(ben)

    def hand_over(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, ScreeningScreen)
        screen.presenter.hand_over()

    def take_back(window: MainWindow) -> None:
        sheet = sheet_of(window)
        field = sheet.findChild(QLineEdit)
        assert field is not None
        field.setText(clinic.phrase)
        field.returnPressed.emit()

    def feedback(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, PatientHomeScreen)
        screen.said.click()

    def questionnaire(window: MainWindow) -> None:
        sheet = desk_of(window).sheet
        if sheet is not None:
            sheet.dismiss()
        desk_of(window).show_screening(draft.id)

    return [
        Scene("screening-questionnaire", (questionnaire, go_to_step(Step.GAD7))),
        Scene("patient-mode", (hand_over,)),
        Scene(
            "patient-mode-leave",
            (lambda window: desk_of(window).leave_patient_mode(lambda: None),),
        ),
        Scene(
            "patient-home",
            (take_back, lambda window: desk_of(window).show_patient_home(ben)),
        ),
        Scene("patient-home-feedback", (feedback,)),
    ]
