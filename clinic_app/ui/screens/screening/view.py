"""The screening screen: person, steps, the step in view; or the patient's page alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.person import person_text
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.screening.capture.presenter import CapturePresenter
from clinic_app.ui.screens.screening.capture.view import CaptureStep
from clinic_app.ui.screens.screening.case import STEPS, Case, Step
from clinic_app.ui.screens.screening.consent.presenter import ConsentPresenter
from clinic_app.ui.screens.screening.consent.view import ConsentStep
from clinic_app.ui.screens.screening.finish.presenter import FinishPresenter
from clinic_app.ui.screens.screening.finish.view import FinishStep
from clinic_app.ui.screens.screening.host import StepPresenter
from clinic_app.ui.screens.screening.judgement.presenter import JudgementPresenter
from clinic_app.ui.screens.screening.judgement.view import JudgementStep
from clinic_app.ui.screens.screening.page import StepPage
from clinic_app.ui.screens.screening.presenter import ScreeningPresenter
from clinic_app.ui.screens.screening.questionnaire.patient import PatientPresenter
from clinic_app.ui.screens.screening.questionnaire.patient_view import PatientPage
from clinic_app.ui.screens.screening.questionnaire.presenter import QuestionnairePresenter
from clinic_app.ui.screens.screening.questionnaire.view import QuestionnaireStep
from clinic_app.ui.screens.screening.result.presenter import ResultPresenter
from clinic_app.ui.screens.screening.result.view import ResultStep
from clinic_app.ui.screens.screening.step_bar import StepBar
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.widgets.basics import clear, column, line
from clinic_app.ui.widgets.sheet import host_of, sheet_over
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.workspace import Workspace


class ScreeningScreen(Screen):
    """One draft from consent to saving."""

    def __init__(self, workspace: Workspace, draft_id: UUID) -> None:
        super().__init__(workspace.jobs, tr("Screening"))
        self.presenter = presenter = ScreeningPresenter(workspace, draft_id, self)
        self._build_steps()
        self._build_frame()
        self.destroyed.connect(lambda: presenter.close())
        presenter.load()

    def leave(self) -> None:
        """Stop the camera; called when the shell switches away or locks."""
        self.presenter.leave()

    def arrive(self) -> None:
        self.presenter.come_back()

    def renew(self) -> None:
        self.presenter.look_again()

    def go_back(self) -> None:
        self.presenter.back_to_patient()

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        self.presenter.keep_typed(done)

    def cover(self) -> None:
        """An answer that calls for the staff ends the questions, also when the lock cuts in."""
        if self.patient.presenter.ends_calmly:
            self.patient.show_thanks(calm=True)

    def drop(self) -> None:
        super().drop()
        self.presenter.leave()
        self.presenter.close()

    # --- what the presenter asks for ----------------------------------------------------------

    def show_busy(self) -> None:
        clear(self._message_box)
        self._message_box.addWidget(Busy(tr("Opening the screening…")))
        self._outer.setCurrentWidget(self._message)

    def show_failed(self, error: BaseException) -> None:
        clear(self._message_box)
        self._message_box.addWidget(Failure(sentence_of(error), self.presenter.load))
        self._outer.setCurrentWidget(self._message)

    def show_person(self, case: Case) -> None:
        self.set_heading(tr("Screening"), person_text(case.patient), tr("Patient"))

    def show_step(self, step: Step, done: Collection[Step], allowed: Collection[Step]) -> None:
        self.bar.show_steps(step, done, allowed)
        page = self.steps[step]
        came = self._pages.currentWidget() is not page or not self._staff.isVisible()
        self._pages.setCurrentWidget(page)
        self._outer.setCurrentWidget(self._staff)
        if came and page.start is not None:
            QTimer.singleShot(0, page, self._focus_start)

    def show_patient_page(self) -> None:
        self._outer.setCurrentWidget(self.patient)

    def covered(self) -> bool:
        return sheet_over(host_of(self)) is not None

    def safety_shown(self) -> bool:
        return any(
            one.isVisibleTo(host_of(self)) for one in host_of(self).findChildren(SafetySteps)
        )

    def once_uncovered(self, then: Callable[[], None]) -> bool:
        sheet = sheet_over(host_of(self))
        if sheet is not None:
            sheet.closed.connect(then)
        return sheet is not None

    def safety_opened(self) -> None:
        sheet = sheet_over(host_of(self))
        if sheet is not None:
            sheet.closed.connect(self.presenter.check_flow)

    def _focus_start(self) -> None:
        """Give the step its keyboard place, unless something lies over it or holds it already."""
        page = self._pages.currentWidget()
        free = self._staff.isVisible() and not self.covered()
        if free and isinstance(page, StepPage) and page.start is not None:
            page.start.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.presenter.come_back()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.presenter.leave()

    def _build_steps(self) -> None:
        host = self.presenter
        self.consent, self.capture = ConsentStep(), CaptureStep()
        self.phq9 = QuestionnaireStep(InstrumentName.PHQ9)
        self.gad7 = QuestionnaireStep(InstrumentName.GAD7)
        self.judgement, self.result, self.finish = JudgementStep(), ResultStep(), FinishStep()
        self.patient = PatientPage()
        self.consent.presenter = ConsentPresenter(host, self.consent)
        self.capture.presenter = CapturePresenter(host, self.capture, self.capture.camera)
        for page, name in ((self.phq9, InstrumentName.PHQ9), (self.gad7, InstrumentName.GAD7)):
            page.presenter = QuestionnairePresenter(host, name, page)
        self.judgement.presenter = JudgementPresenter(host, self.judgement)
        self.result.presenter = ResultPresenter(host, self.result)
        self.finish.presenter = FinishPresenter(host, self.finish)
        self.patient.presenter = PatientPresenter(host, self.patient)
        pages = (
            self.consent,
            self.capture,
            self.phq9,
            self.gad7,
            self.judgement,
            self.result,
            self.finish,
        )
        self.steps: dict[Step, StepPage] = dict(zip(STEPS, pages, strict=True))
        presenters: tuple[StepPresenter, ...] = (
            self.consent.presenter,
            self.capture.presenter,
            self.phq9.presenter,
            self.gad7.presenter,
            self.judgement.presenter,
            self.result.presenter,
            self.finish.presenter,
        )
        host.furnish(
            dict(zip(STEPS, presenters, strict=True)),
            self.patient.presenter,
            self.judgement.presenter.keep,
        )

    def _build_frame(self) -> None:
        self.bar = StepBar()
        self.bar.chosen.connect(self.presenter.go)
        self._pages = QStackedWidget()
        for step_page in self.steps.values():
            self._pages.addWidget(step_page)
        self._staff = QWidget()
        staff = column(self._staff, gap=0)
        staff.addWidget(self.bar)
        staff.addWidget(line())
        staff.addWidget(self._pages, 1)
        self._message = QWidget()
        self._message_box = column(self._message)
        self._outer = QStackedWidget()
        for page in (self._message, self._staff, self.patient):
            self._outer.addWidget(page)
        column(self).addWidget(self._outer)
