"""One questionnaire read aloud: answers are kept one by one, missing ones pointed out gently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from clinic_app.domain.questionnaires import (
    INSTRUMENTS,
    ITEM_NINE,
    AnsweredBy,
    Instrument,
    InstrumentName,
    asks_safety,
)
from clinic_app.domain.screening import AnswerSheet, Draft, Progress
from clinic_app.domain.wordings import Wording, wording_in
from clinic_app.ui.language import spoken
from clinic_app.ui.screens.safety.presenter import TALK_NOW
from clinic_app.ui.screens.screening.host import Host
from clinic_app.ui.strings import tr

NOT_STORED = (
    "An answer of the patient could not be stored. Please ask the open questions again, question 9"
    " of the PHQ-9 first."
)


@dataclass(frozen=True, slots=True)
class SheetState:
    """``asks_difficulty``: the functional item follows once a problem was reported."""

    instrument: Instrument
    wording: Wording
    answers: tuple[int | None, ...]
    difficulty: int | None
    asks_difficulty: bool
    completed_at: datetime | None
    by_patient: bool

    @property
    def missing(self) -> tuple[int, ...]:
        """Items (from 0) without an answer."""
        return tuple(item for item, value in enumerate(self.answers) if value is None)


def sheet_state(
    name: InstrumentName, sheet: AnswerSheet | None, wordings: Iterable[Wording] = ()
) -> SheetState:
    """What a page shows of a sheet that may not have been begun."""
    instrument = INSTRUMENTS[name]
    answers = sheet.answers if sheet else (None,) * len(instrument.items)
    return SheetState(
        instrument=instrument,
        wording=wording_of(name, sheet, wordings),
        answers=answers,
        difficulty=sheet.difficulty if sheet else None,
        asks_difficulty=any(value for value in answers),
        completed_at=sheet.completed_at if sheet else None,
        by_patient=bool(sheet and sheet.answered_by is AnsweredBy.PATIENT),
    )


def wording_of(
    name: InstrumentName, sheet: AnswerSheet | Progress | None, wordings: Iterable[Wording]
) -> Wording:
    """The words to ask in: those that were begun with, else those of the window's language where
    the site has loaded an official translation."""
    if sheet is None or not sheet.begun:
        return wording_in(wordings, name, spoken().code)
    return sheet.wording or wording_in(wordings, name, sheet.language)


class QuestionnaireView(Protocol):
    def show_sheet(self, state: SheetState) -> None: ...
    def show_missing(self, state: SheetState) -> None:
        """Point out what is not answered; ``presenter.hand_in_anyway`` may follow."""


class QuestionnairePresenter:
    def __init__(self, host: Host, instrument: InstrumentName, view: QuestionnaireView) -> None:
        self._host = host
        self._name = instrument
        self._view = view
        self._in_view = self._handing_in = False

    def enter(self) -> None:
        self._in_view = True
        self.refresh()

    def leave(self) -> None:
        """Nothing waits: every answer is in the store already."""
        self._in_view = False

    def refresh(self) -> None:
        self._view.show_sheet(self._state)

    def answer(self, item: int, value: int | None) -> None:
        """Keep one answer. An item 9 of 1 or more opens the clinician's safety steps at once; where
        it cannot be stored, there are none to open, and the talk is asked for in words.
        """
        name, draft_id = self._name, self._host.case.draft.id
        screenings, by = self._host.services.screenings, AnsweredBy.READ_ALOUD
        shown = self._state.wording

        def not_kept(error: BaseException) -> None:
            self._not_kept(error)
            if value is not None and asks_safety(name, item, value):
                self._host.workspace.notices.warn(tr(NOT_STORED))
                self._host.workspace.notices.warn(tr(TALK_NOW))

        self._host.ask(
            lambda: screenings.answer(draft_id, name, item, value, by, shown=shown),
            self._host.keep,
            not_kept,
        )
        if name is InstrumentName.PHQ9 and item == ITEM_NINE:
            self._host.check_safety()  # the lane is serial: this follows the answer

    def answer_difficulty(self, value: int) -> None:
        draft_id = self._host.case.draft.id
        self._keep(
            lambda: self._host.services.screenings.answer_difficulty(draft_id, self._name, value)
        )

    def hand_in(self) -> None:
        """Hand in, unless something is missing: then that is pointed out first.

        Answers may still be on their way to the store; the lane is serial, so they are there when
        it has come to this.
        """

        def decide(_: None) -> None:
            if not self._in_view or self._host.case.completed(self._name):
                return
            state = self._state
            if state.missing:
                self._view.show_missing(state)
            else:
                self.hand_in_anyway()

        self._host.ask(lambda: None, decide)

    def hand_in_anyway(self) -> None:
        """Hand in as it is, once; an unanswered item 9 opens the safety steps."""
        host, name, draft_id = self._host, self._name, self._host.case.draft.id
        if self._handing_in:
            return
        self._handing_in = True

        def handed_in(draft: Draft) -> None:
            self._handing_in = False
            host.keep(draft)

        def refused(error: BaseException) -> None:
            self._handing_in = False
            self._not_kept(error)

        def checked() -> None:
            if self._in_view and host.case.completed(name):
                host.forward()

        host.ask(lambda: host.services.screenings.complete(draft_id, name), handed_in, refused)
        host.check_safety(then=checked)

    def hand_over(self) -> None:
        self._host.hand_over()

    def leave_out(self) -> None:
        """Go past this questionnaire, and remember that it was on purpose."""
        screenings, draft_id = self._host.services.screenings, self._host.case.draft.id
        self._keep(lambda: screenings.leave_out(draft_id, self._name))
        self._host.forward()

    def go_on(self) -> None:
        self._host.forward()

    def back(self) -> None:
        self._host.back()

    @property
    def _state(self) -> SheetState:
        case = self._host.case
        return sheet_state(self._name, case.draft.sheet(self._name), case.clinic.wordings)

    def _keep(self, work: Callable[[], Draft]) -> None:
        self._host.ask(work, self._host.keep, self._not_kept)

    def _not_kept(self, error: BaseException) -> None:
        """Show what is really stored, so that nobody relies on an answer that is not."""
        self._host.workspace.notices.report(error)
        self.refresh()
