"""What is still open, what will be kept, and saving the screening for good."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import SafetyFlowOpen
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.safety import SafetyState
from clinic_app.domain.screening import Screening
from clinic_app.ui.screens.screening.case import SHEET_STEPS, Case, Step
from clinic_app.ui.screens.screening.host import Host
from clinic_app.ui.strings import tr


class CheckState(StrEnum):
    DONE = "done"
    LEFT_OUT = "left_out"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list; ``step`` is where it can be completed."""

    state: CheckState
    text: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class FinishState:
    checks: tuple[Check, ...]
    kept: tuple[str, ...]
    safety: str
    may_save: bool


class FinishView(Protocol):
    def show_finish(self, state: FinishState) -> None: ...
    def show_saving(self) -> None: ...
    def ask_abandon(self) -> None:
        """A second look before a draft is thrown away; ``presenter.abandon`` may follow."""


class FinishPresenter:
    def __init__(self, host: Host, view: FinishView) -> None:
        self._host = host
        self._view = view

    def enter(self) -> None:
        self.refresh()
        self._host.check_flow()

    def leave(self) -> None:
        """Nothing waits here."""

    def refresh(self) -> None:
        self._view.show_finish(finish_state(self._host.case))

    def open_safety(self) -> None:
        host, flow = self._host, self._host.case.flow
        if flow is not None:
            host.open_safety(flow)

    def save(self) -> None:
        """Save for good and show the report; an open safety flow is opened instead.

        A note on the judgement that could not be kept before is kept first.
        """
        host, draft_id = self._host, self._host.case.draft.id
        self._view.show_saving()

        def saved(screening: Screening) -> None:
            host.workspace.notices.tell(tr("The screening is saved."))
            host.workspace.navigator.show_report(screening.id)

        def failed(error: BaseException) -> None:
            host.workspace.notices.report(error)
            self.refresh()
            if isinstance(error, SafetyFlowOpen):
                host.check_safety()

        def kept(error: BaseException | None) -> None:
            if error is None:
                host.ask(lambda: host.services.screenings.finish(draft_id), saved, failed)
            else:  # what went wrong was told where it happened
                self.refresh()

        host.keep_typed(kept)

    def abandon(self) -> None:
        """Throw the draft away; a safety flow it opened stays open."""
        host, case = self._host, self._host.case

        def gone(_: None) -> None:
            host.workspace.notices.tell(tr("The draft was thrown away."))
            host.workspace.navigator.show_patient(case.patient.id)

        host.ask(lambda: host.services.screenings.abandon(case.draft.id), gone)

    def go(self, step: Step) -> None:
        self._host.go(step)

    def back(self) -> None:
        self._host.back()


def finish_state(case: Case) -> FinishState:
    """Everything the last page says, from the case alone."""
    flow_open = case.flow is not None and case.flow.blocks_finishing
    enough = bool(case.draft.responses) or case.draft.judgement is not None
    checks = tuple(_checks(case))
    blocked = flow_open or any(check.state is CheckState.BLOCKS for check in checks)
    return FinishState(
        checks=checks,
        kept=tuple(_kept(case)),
        safety=_safety_sentence(case),
        may_save=enough and not blocked,
    )


def _checks(case: Case) -> list[Check]:
    checks = [_sheet_check(case, name, step) for name, step in SHEET_STEPS if case.asked(name)]
    if case.draft.judgement is not None:
        checks.append(Check(CheckState.DONE, tr("Your own judgement is recorded.")))
    elif _lacks_judgement(case):
        text = tr("Your own judgement is needed beside a picture; “cannot tell” is a valid one.")
        checks.append(Check(CheckState.BLOCKS, text, Step.JUDGEMENT))
    else:
        text = tr("Your own judgement is not recorded.")
        checks.append(Check(CheckState.LEFT_OUT, text, Step.JUDGEMENT))
    finding = case.draft.finding
    if finding is None:
        step = Step.PICTURE if case.may_capture else None
        checks.append(Check(CheckState.LEFT_OUT, tr("No picture was taken."), step))
    elif not case.revealed:  # what was read must not lead the own judgement
        checks.append(Check(CheckState.DONE, tr("A picture was taken.")))
    elif finding.severity is None:
        checks.append(Check(CheckState.DONE, tr("The picture was read: cannot tell.")))
    else:
        checks.append(Check(CheckState.DONE, tr("The picture was read.")))
    return checks


def _lacks_judgement(case: Case) -> bool:
    """The service refuses a picture that nobody judged beside it, whatever was read from it."""
    return case.draft.finding is not None and case.draft.judgement is None


def _sheet_check(case: Case, name: InstrumentName, step: Step) -> Check:
    title, sheet = INSTRUMENTS[name].title, case.draft.sheet(name)
    if sheet is None or sheet.completed_at is None:
        if sheet is not None and any(value is not None for value in sheet.answers):
            text = tr("{title} was begun but not handed in; please hand it in first.")
            return Check(CheckState.BLOCKS, text.format(title=title), step)
        return Check(CheckState.LEFT_OUT, tr("{title} was left out.").format(title=title), step)
    missing = sum(value is None for value in sheet.answers)
    if missing == 0:
        return Check(CheckState.DONE, tr("{title} is complete.").format(title=title))
    text = tr("{title} is handed in; questions not answered: {missing}.")
    return Check(CheckState.DONE, text.format(title=title, missing=missing), step)


def _safety_sentence(case: Case) -> str:
    if case.flow is None or case.flow.state is SafetyState.CLOSED:
        return ""
    if case.flow.state is SafetyState.HANDED_OVER:
        return tr(
            "The safety steps were handed to {name} and wait to be taken over. The screening can be"
            " saved after that."
        ).format(name=case.flow.handed_to)
    return tr(
        "The safety steps come first. The screening can be saved once they are documented or a"
        " colleague has taken them over."
    )


def _kept(case: Case) -> list[str]:
    lines = [tr("The answers, the totals and your judgement.")]
    finding = case.draft.finding
    if finding is None:
        return lines
    lines.append(tr("What was read from the picture, with the versions of the models."))
    if not case.draft.has_images:
        lines.append(tr("No picture is held."))
    elif case.consent.get(Purpose.KEEP_IMAGES, False):
        lines.append(tr("The cropped picture, encrypted: the patient has agreed."))
    else:
        lines.append(tr("Not the picture: it is removed when you save."))
    return lines
