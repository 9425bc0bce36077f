"""The steps of a screening without a window: real presenters and services, recorded views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.reading import LiveCamera
from clinic_app.services.worklist import EVERYBODY
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.screening.capture.presenter import CapturePresenter
from clinic_app.ui.screens.screening.case import STEPS, Step
from clinic_app.ui.screens.screening.consent.presenter import ConsentPresenter
from clinic_app.ui.screens.screening.finish.presenter import FinishPresenter
from clinic_app.ui.screens.screening.judgement.presenter import JudgementPresenter
from clinic_app.ui.screens.screening.presenter import ScreeningPresenter
from clinic_app.ui.screens.screening.questionnaire.patient import PatientPresenter
from clinic_app.ui.screens.screening.questionnaire.presenter import QuestionnairePresenter
from clinic_app.ui.screens.screening.result.presenter import ResultPresenter
from clinic_app.ui.workspace import Act, Workspace
from tests.fakes.clinic import PASSWORD, FakeClinic


class NowJobs:
    """Runs work at once; with ``held`` it waits until ``release`` is called."""

    def __init__(self) -> None:
        self.held = False
        self.lanes: list[Lane] = []
        self._waiting: list[Callable[[], None]] = []

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.lanes.append(lane)

        def run() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001 - as a future would
                failed(error)
            else:
                done(answer)

        if self.held:
            self._waiting.append(run)
        else:
            run()

    def release(self) -> None:
        self.held = False
        while self._waiting:
            self._waiting.pop(0)()


class RecordedNotices:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.warned: list[str] = []
        self.reported: list[BaseException] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def warn(self, text: str, act: Act | None = None) -> None:
        self.warned.append(text)

    def report(self, error: BaseException) -> None:
        self.reported.append(error)


class RecordedNavigator:
    """Remembers where it was sent; hands the laptop over and takes it back as the window does."""

    def __init__(self, clinic: FakeClinic) -> None:
        self._clinic = clinic
        self.shown: list[tuple[str, UUID]] = []
        self.safety: list[UUID] = []
        self._then: Callable[[], None] | None = None

    def show_today(self) -> None: ...
    def show_patients(self) -> None: ...
    def show_patient(self, patient_id: UUID) -> None:
        self.shown.append(("patient", patient_id))

    def show_screening(self, draft_id: UUID) -> None:
        self.shown.append(("screening", draft_id))

    def show_report(self, screening_id: UUID) -> None:
        self.shown.append(("report", screening_id))

    def show_reports(
        self, patient_id: UUID | None = None, wanted: WorklistFilter = EVERYBODY
    ) -> None:
        if patient_id is not None:
            self.shown.append(("reports", patient_id))

    def show_safety(self, flow_id: UUID, patient_id: UUID) -> None:
        self.safety.append(flow_id)

    def enter_patient_mode(self, patient_id: UUID) -> None:
        self._clinic.services.clinic.hand_over(patient_id)

    def leave_patient_mode(self, then: Callable[[], None]) -> None:
        self._then = then

    def take_back(self, password: str = PASSWORD) -> None:
        """Staff types the password that ``leave_patient_mode`` asked for."""
        assert self._then is not None, "nobody asked to take the laptop back"
        self._clinic.services.clinic.resume(password)
        then, self._then = self._then, None
        then()


class RecordedView:
    """Takes every ``show_…`` and remembers it; ``note`` is what a note field would hold."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.note = ""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *given, **named: self.calls.append((name, given, named))

    def pending_note(self) -> str:
        return self.note

    def safety_shown(self) -> bool:
        return False

    def once_uncovered(self, then: Callable[[], None]) -> bool:
        return False

    def last(self, name: str) -> tuple[Any, ...]:
        """What ``name`` was called with most recently."""
        return next(given for called, given, _ in reversed(self.calls) if called == name)

    def named(self, name: str) -> dict[str, Any]:
        return next(named for called, _, named in reversed(self.calls) if called == name)

    @property
    def names(self) -> list[str]:
        return [called for called, _, _ in self.calls]


class RecordedFeed:
    """The camera's thread, told but never started."""

    def __init__(self) -> None:
        self.started: list[Callable[[], LiveCamera]] = []
        self.taken = 0
        self.running = False

    def start(self, open_camera: Callable[[], LiveCamera]) -> None:
        self.started.append(open_camera)
        self.running = True

    def take(self) -> None:
        self.taken += 1

    def stop(self) -> None:
        self.running = False


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """One draft on the screening screen, with every view recorded."""

    def __init__(self, clinic: FakeClinic, patient: Patient, *, load: bool = True) -> None:
        self.clinic, self.patient = clinic, patient
        self.screenings = clinic.services.screenings
        self.draft_id = self.screenings.start(patient.id).id
        self.jobs, self.notices = NowJobs(), RecordedNotices()
        self.navigator = RecordedNavigator(clinic)
        workspace = Workspace(clinic.services, self.jobs, self.notices, self.navigator)
        self.view = RecordedView()
        self.screen = screen = ScreeningPresenter(workspace, self.draft_id, self.view)
        self.views = {step: RecordedView() for step in STEPS}
        self.feed, self.ticks = RecordedFeed(), Ticks()
        view = self.views
        self.consent = ConsentPresenter(screen, view[Step.CONSENT])
        self.capture = CapturePresenter(screen, view[Step.PICTURE], self.feed, self.ticks)
        self.phq9 = QuestionnairePresenter(screen, InstrumentName.PHQ9, view[Step.PHQ9])
        self.gad7 = QuestionnairePresenter(screen, InstrumentName.GAD7, view[Step.GAD7])
        self.judgement = JudgementPresenter(screen, view[Step.JUDGEMENT])
        self.result = ResultPresenter(screen, view[Step.RESULT])
        self.finish = FinishPresenter(screen, view[Step.FINISH])
        self.patient_view = RecordedView()
        self.at_laptop = PatientPresenter(screen, self.patient_view)
        steps = (
            self.consent,
            self.capture,
            self.phq9,
            self.gad7,
            self.judgement,
            self.result,
            self.finish,
        )
        screen.furnish(
            dict(zip(STEPS, steps, strict=True)),
            self.at_laptop,
            self.judgement.keep,
        )
        if load:
            screen.load()

    @property
    def draft(self):  # type: ignore[no-untyped-def]
        """The draft as the store has it."""
        return self.screenings.draft(self.draft_id)

    @property
    def flow(self):  # type: ignore[no-untyped-def]
        return self.clinic.services.safety.of_screening(self.draft_id)

    def fill(self, presenter: QuestionnairePresenter, answers: tuple[int | None, ...]) -> None:
        for item, value in enumerate(answers):
            if value is not None:
                presenter.answer(item, value)
