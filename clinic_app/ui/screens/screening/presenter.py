"""The screen as a whole: which step is shown, what the store says, who holds the laptop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import NotFound
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.domain.screening import Draft
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.session import SessionState
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.screening.case import (
    SHEET_STEPS,
    STEPS,
    Case,
    Step,
    done_steps,
    first_unfinished,
    open_to_visit,
    read_case,
)
from clinic_app.ui.screens.screening.host import StepPresenter
from clinic_app.ui.screens.screening.questionnaire.patient import PatientPresenter
from clinic_app.ui.screens.screening.questionnaire.presenter import NOT_STORED
from clinic_app.ui.strings import tr
from clinic_app.ui.workspace import Workspace

Answer = TypeVar("Answer")

_ENDED = (
    "This screening has ended: the person's record was erased on another laptop, and what was begun"
    " here went with it."
)
_PICTURE_GONE = (
    "The consent to the picture was withdrawn on another laptop: the picture and its reading were"
    " removed from this screening."
)


class ScreeningView(Protocol):
    def show_busy(self) -> None: ...
    def show_failed(self, error: BaseException) -> None: ...
    def show_person(self, case: Case) -> None: ...
    def show_step(self, step: Step, done: Collection[Step], allowed: Collection[Step]) -> None: ...
    def show_patient_page(self) -> None: ...
    def safety_shown(self) -> bool:
        """Whether the safety steps lie over the screen already."""

    def once_uncovered(self, then: Callable[[], None]) -> bool:
        """Whether something lies over the screen; then ``then`` is called as soon as it goes."""

    def safety_opened(self) -> None:
        """The safety steps lie over the screen; ``presenter.check_flow`` follows their end."""


class ScreeningPresenter:
    """Hosts the steps; see ``host.Host``."""

    def __init__(self, workspace: Workspace, draft_id: UUID, view: ScreeningView) -> None:
        self.workspace = workspace
        self._draft_id = draft_id
        self._view = view
        self._case: Case | None = None
        self._steps: Mapping[Step, StepPresenter] = {}
        self._patient: PatientPresenter | None = None
        self._present: Step | None = None
        self._keep_note: Callable[[Callable[[BaseException | None], None]], None]
        self._closed = False
        self._ended = False
        self._away = False
        self._raise_later = False

    def furnish(
        self,
        steps: Mapping[Step, StepPresenter],
        patient: PatientPresenter,
        keep_note: Callable[[Callable[[BaseException | None], None]], None],
    ) -> None:
        """Give the screen its steps, once, before ``load``."""
        self._keep_note = keep_note
        self._steps = steps
        self._patient = patient
        patient.taken_back = self._taken_back

    # --- coming and going --------------------------------------------------------------------

    def load(self) -> None:
        """Read the draft and go to its first unfinished step."""
        self._view.show_busy()
        self.ask(
            lambda: read_case(self.services, self._draft_id), self._loaded, self._view.show_failed
        )

    def leave(self) -> None:
        """The shell switches away or locks: let go of the camera; everything is stored already."""
        self._away = True
        if self._present is not None and not self._with_patient:
            self._steps[self._present].leave()

    def come_back(self) -> None:
        """The screen is visible again (also after a lock)."""
        if self._closed or self._ended:
            return
        if not self._away:
            if self._case is not None and not self._with_patient:
                self.check_flow()
            return
        if self.services.session.state is SessionState.LOCKED:
            return
        self._away = False
        if self._case is None:
            self.load()
        elif not self._with_patient:  # a hand-over goes on behind the lock
            self._reload(self._reenter)

    def look_again(self) -> None:
        """Records came in from another laptop: the draft may have gone with an erasure, or the
        picture with the consent to it. Otherwise everything on the screen is left alone."""
        if self._case is not None and not (self._closed or self._ended or self._with_patient):
            self.ask(lambda: read_case(self.services, self._draft_id), self._seen_again, self._gone)

    def keep_typed(self, done: Callable[[BaseException | None], None]) -> None:
        """Keep a note that is still being typed, then call ``done`` with what went wrong."""
        if self._case is None or self._ended or self._with_patient:
            done(None)
        else:
            self._keep_note(done)

    def back_to_patient(self) -> None:
        if self._case is not None:
            self.workspace.navigator.show_patient(self._case.patient.id)

    def close(self) -> None:
        """The screen is gone: answers that still come are dropped."""
        self._closed = True

    # --- what the steps ask for (Host) --------------------------------------------------------

    @property
    def case(self) -> Case:
        if self._case is None:
            raise RuntimeError("The draft is not loaded yet.")
        return self._case

    @property
    def services(self) -> ClinicServices:
        return self.workspace.services

    @property
    def step(self) -> Step | None:
        """The step in view."""
        return self._present

    def ask(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._submit(Lane.DATABASE, work, done, failed)

    def read(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._submit(Lane.INFERENCE, work, done, failed)

    def keep(self, draft: Draft) -> None:
        self._renew(replace(self.case, draft=draft))

    def keep_consent(self, consent: Mapping[Purpose, bool]) -> None:
        """A withdrawal also changes the draft, so it is read again."""
        self._renew(replace(self.case, consent=dict(consent)))
        self.ask(lambda: self.services.screenings.draft(self._draft_id), self.keep)

    def go(self, step: Step) -> None:
        if step is self._present or step not in open_to_visit(self.case):
            return
        if self._present is not None:
            self._steps[self._present].leave()
        self._present = step
        self._show_present()
        self._steps[step].enter()

    def forward(self) -> None:
        """The next step that may be visited."""
        self._go_along(STEPS)

    def back(self) -> None:
        self._go_along(tuple(reversed(STEPS)))

    def check_flow(self) -> None:
        self.ask(lambda: self.services.safety.of_screening(self._draft_id), self._keep_flow)

    def check_safety(self, then: Callable[[], None] | None = None) -> None:
        def known(flow: SafetyFlow | None) -> None:
            if not self._closed:
                self._keep_flow(flow)
                if then is not None:
                    then()
            if flow is not None and flow.state is SafetyState.OPEN:
                self.open_safety(flow)

        # An alarm is never dropped, even when this screen is already gone.
        self.workspace.jobs.submit(
            Lane.DATABASE,
            lambda: self.services.safety.of_screening(self._draft_id),
            done=known,
            failed=self.workspace.notices.report,
        )

    def open_safety(self, flow: SafetyFlow) -> None:
        if self.services.session.state is not SessionState.ACTIVE:
            return  # follows when staff is back: see come_back and _taken_back
        if not self._closed and (self._view.safety_shown() or self._waits_for_cover()):
            return
        self.workspace.navigator.show_safety(flow.id, flow.patient_id)
        if not self._closed:
            self._view.safety_opened()

    def hand_over(self) -> None:
        """The laptop goes to the patient for every questionnaire that is not handed in, without
        those that staff left out: one of them is asked again only from its own page."""
        here = next((name for name, step in SHEET_STEPS if step is self._present), None)
        waiting = [
            name
            for name in InstrumentName
            if self.case.asked(name)
            and not self.case.completed(name)
            and (name is here or not self.case.dealt_with(name))
        ]
        if self._patient is None or not waiting:
            return
        patient = self._patient

        def handed_over(_: None) -> None:
            # Also when the lock has come over it meanwhile: behind it the laptop is the patient's.
            if self.services.session.patient_at_laptop is not None:
                patient.begin(waiting)
                self._view.show_patient_page()

        self.workspace.navigator.enter_patient_mode(self.case.patient.id)
        self.ask(lambda: None, handed_over)  # the lane is serial: this follows the hand-over

    # --- inside ------------------------------------------------------------------------------

    @property
    def _with_patient(self) -> bool:
        return self._patient is not None and self._patient.active

    def _submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None,
    ) -> None:
        def answered(answer: Answer) -> None:
            if not self._closed:
                done(answer)

        def went_wrong(error: BaseException) -> None:
            if self._closed or failed is None:
                self.workspace.notices.report(error)
            else:
                failed(error)

        self.workspace.jobs.submit(lane, work, done=answered, failed=went_wrong)

    def _loaded(self, case: Case) -> None:
        self._case = case
        self._view.show_person(case)
        self._present = first_unfinished(case)
        self._show_present()
        self._steps[self._present].enter()
        self._raise_open_flow()

    def _reload(self, then: Callable[[], None]) -> None:
        def known(case: Case) -> None:
            self._case = case
            then()

        self.ask(lambda: read_case(self.services, self._draft_id), known, self._gone)

    def _seen_again(self, case: Case) -> None:
        before = self.case
        lost = before.draft.finding is not None and case.draft.finding is None
        if not lost and case.consent == before.consent:
            return
        self._case = case
        if self._present is not None and lost:
            self._steps[self._present].leave()
            if self._present not in open_to_visit(case):
                self._present = first_unfinished(case)
            self._reenter()
            self.workspace.notices.warn(tr(_PICTURE_GONE))
        else:
            self._renew(case)

    def _gone(self, error: BaseException) -> None:
        """The draft cannot be read any more; nothing that was typed has a place to go to."""
        if not isinstance(error, NotFound):
            self.workspace.notices.report(error)
            return
        self._ended = True
        if self._present is not None:
            self._steps[self._present].leave()
        self.workspace.notices.warn(tr(_ENDED))
        self.back_to_patient()

    def _reenter(self) -> None:
        self._show_present()
        if self._present is not None:
            self._steps[self._present].enter()
        self._raise_open_flow()

    def _waits_for_cover(self) -> bool:
        """Under another sheet the alarm waits, and comes as soon as that sheet has gone."""

        def uncovered() -> None:
            self._raise_later = False
            self.check_safety()

        if not self._raise_later:
            self._raise_later = self._view.once_uncovered(uncovered)
        return self._raise_later

    def _raise_open_flow(self) -> None:
        """A flow that a crash, a lock or a hand-over left open comes before everything else."""
        flow = self.case.flow
        if flow is not None and flow.state is SafetyState.OPEN:
            self.open_safety(flow)

    def _taken_back(self) -> None:
        """Staff has the laptop again: store what could not be stored, then the safety steps."""
        if self._patient is None:
            return
        for work in self._patient.end():
            self.ask(work, self.keep, self._still_not_kept)
        self._reload(self._after_patient)

    def _after_patient(self) -> None:
        target = first_unfinished(self.case)
        if target is not self._present and target in open_to_visit(self.case):
            self._present = target
        self._reenter()

    def _still_not_kept(self, error: BaseException) -> None:
        self.workspace.notices.report(error)
        self.workspace.notices.warn(tr(NOT_STORED))

    def _renew(self, case: Case) -> None:
        self._case = case
        if self._with_patient:
            return
        self._show_present()
        if self._present is not None and not self._away:
            self._steps[self._present].refresh()

    def _keep_flow(self, flow: SafetyFlow | None) -> None:
        if flow != self.case.flow:
            self._renew(replace(self.case, flow=flow))

    def _show_present(self) -> None:
        if self._present is not None:
            self._view.show_step(self._present, done_steps(self.case), open_to_visit(self.case))

    def _go_along(self, order: Sequence[Step]) -> None:
        if self._present is None:
            return
        allowed = open_to_visit(self.case)
        after = order[order.index(self._present) + 1 :]
        target = next((step for step in after if step in allowed), None)
        if target is not None:
            self.go(target)
