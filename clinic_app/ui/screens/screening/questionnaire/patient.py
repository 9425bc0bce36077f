"""The questionnaires in the patient's own hands: one question at a time, calm to the end.

An answer of 1 or more to item 9 (also one that is changed afterwards) ends the hand-over after the
present question with thanks and a plain request to hand the laptop back; the clinician's steps
follow the staff password. Answers that could not be stored are kept here and tried again then.

What was answered before the laptop was handed over is not shown, only that it was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from clinic_app.domain.people import ClinicProfile, CrisisContact
from clinic_app.domain.questionnaires import (
    INSTRUMENTS,
    ITEM_NINE,
    AnsweredBy,
    InstrumentName,
    asks_safety,
)
from clinic_app.domain.screening import Draft, Progress
from clinic_app.domain.wordings import Wording
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.screens.screening.questionnaire.presenter import wording_of
from clinic_app.ui.workspace import Workspace

Answer = TypeVar("Answer")


class Asked(Protocol):
    """What the questions are about."""

    @property
    def draft_id(self) -> UUID: ...
    @property
    def clinic(self) -> ClinicProfile: ...
    def progress(self, instrument: InstrumentName) -> Progress | None:
        """How far a questionnaire has come; ``None`` for one that was not begun."""


class Host(Protocol):
    """The screen around the questions: a screening's, or the patient's own pages."""

    @property
    def case(self) -> Asked: ...
    @property
    def services(self) -> ClinicServices: ...
    @property
    def workspace(self) -> Workspace: ...
    def ask(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run ``work`` on the store."""


@dataclass(frozen=True, slots=True)
class Question:
    """One page. ``place`` counts from 1; ``chosen`` is the answer given since the laptop was handed
    over, ``before``: there is an earlier one, which is not shown and stays unless it is changed."""

    stem: str
    text: str
    answers: tuple[str, ...]
    chosen: int | None
    place: int
    of: int
    first: bool
    before: bool = False


class PatientView(Protocol):
    def show_contacts(self, contacts: Sequence[CrisisContact]) -> None: ...
    def show_question(self, question: Question) -> None: ...
    def show_review(self, missing: int, *, first: bool) -> None:
        """All questions were seen, ``missing`` have no answer."""

    def show_thanks(self, *, calm: bool) -> None:
        """The end; ``calm``: a member of staff will talk with the patient now."""

    def show_trouble(self) -> None:
        """Something could not be kept: please hand the laptop back."""


@dataclass(slots=True)
class _Sheet:
    """One instrument as the patient sees it: ``answers`` given since the laptop was handed over,
    ``before``: which items have an earlier one."""

    name: InstrumentName
    wording: Wording
    before: tuple[bool, ...]
    problem_before: bool
    answers: list[int | None] = field(init=False)
    difficulty: int | None = None

    def __post_init__(self) -> None:
        self.answers = [None] * len(self.before)

    @property
    def open(self) -> list[int]:
        """Items (from 0) without an answer."""
        pairs = enumerate(zip(self.answers, self.before, strict=True))
        return [item for item, (value, before) in pairs if value is None and not before]

    @property
    def problem(self) -> bool:
        return self.problem_before or any(self.answers)


class PatientPresenter:
    """Walks through the questions of ``instruments``; the last page of each is its review."""

    def __init__(self, host: Host, view: PatientView) -> None:
        self._host = host
        self._view = view
        self._sheets: list[_Sheet] = []
        self._sheet = 0
        self._item = 0
        self._calm = False
        self._unsaved: list[Callable[[], Draft]] = []
        self.active = False

    def begin(self, instruments: Sequence[InstrumentName]) -> None:
        """The laptop is in the patient's hands from now on."""
        case = self._host.case
        self._sheets = []
        for name in instruments:
            progress = case.progress(name)
            wording = wording_of(name, progress, case.clinic.wordings)
            before = progress.answered if progress else (False,) * len(INSTRUMENTS[name].items)
            problem = progress is not None and progress.problem
            self._sheets.append(_Sheet(name, wording, before, problem))
        self._sheet, self._calm, self._unsaved = 0, False, []
        self._item = self._first_open_item()
        self.active = True
        self._view.show_contacts(self._host.case.clinic.crisis_contacts)
        self._show()

    def end(self) -> list[Callable[[], Draft]]:
        """Staff has the laptop again; returns what could not be stored, to be tried once more."""
        unsaved, self._unsaved = self._unsaved, []
        self.active = False
        return unsaved

    @property
    def ends_calmly(self) -> bool:
        """An answer calls for a member of staff: no further question, whatever comes between."""
        return self.active and self._calm

    # --- what the patient does ---------------------------------------------------------------

    def choose(self, value: int) -> None:
        """Keep the answer at once; the patient may still change it."""
        sheet, item, draft_id = self._present, self._item, self._host.case.draft_id
        screenings = self._host.services.screenings
        if self._at_difficulty:
            sheet.difficulty = value
            self._keep(lambda: screenings.answer_difficulty(draft_id, sheet.name, value))
        else:
            sheet.answers[item] = value
            self._calm = self._calm or asks_safety(sheet.name, item, value)
            self._keep(
                lambda: screenings.answer(
                    draft_id, sheet.name, item, value, AnsweredBy.PATIENT, shown=sheet.wording
                )
            )
        self._show()

    def next(self) -> None:
        """The next question (also without an answer), the review, or the end."""
        if self._calm:
            self._view.show_thanks(calm=True)
            return
        items = len(self._present.answers)
        self._item += 1
        if self._item == items and not self._present.problem:
            self._item += 1  # without any problem there is no functional item
        if self._item > items:
            self._review()
        else:
            self._show()

    def back(self) -> None:
        if self._calm:
            self._view.show_thanks(calm=True)
            return
        if self._item > 0:
            self._item -= 1
        self._show()

    def look_again(self) -> None:
        """From the review back to the first question without an answer."""
        self._item = self._first_open_item()
        self._show()

    def hand_in(self) -> None:
        """Hand in this questionnaire; then the next one, or thanks."""
        sheet, draft_id = self._present, self._host.case.draft_id
        if len(sheet.open) == len(sheet.answers):
            self._proceed(item_nine_open=False)
            return
        screenings = self._host.services.screenings
        self._keep(lambda: screenings.complete(draft_id, sheet.name))
        unanswered = sheet.name is InstrumentName.PHQ9 and ITEM_NINE in sheet.open
        self._proceed(item_nine_open=unanswered)

    def hand_back(self) -> None:
        """Staff takes the laptop back with the password."""
        self._host.workspace.navigator.leave_patient_mode(self._taken_back)

    taken_back: Callable[[], None] = staticmethod(lambda: None)
    """Set by the screen: what follows the staff password."""

    # --- inside ------------------------------------------------------------------------------

    @property
    def _present(self) -> _Sheet:
        return self._sheets[self._sheet]

    @property
    def _at_difficulty(self) -> bool:
        return self._item == len(self._present.answers)

    def _taken_back(self) -> None:
        self.taken_back()

    def _first_open_item(self) -> int:
        return next(iter(self._present.open), 0)

    def _review(self) -> None:
        missing = len(self._present.open)
        if missing:
            self._view.show_review(missing, first=self._sheet == 0)
        else:
            self.hand_in()

    def _proceed(self, *, item_nine_open: bool) -> None:
        if item_nine_open or self._sheet + 1 == len(self._sheets):
            self._view.show_thanks(calm=item_nine_open)
            return
        self._sheet += 1
        self._item = self._first_open_item()
        self._show()

    def _keep(self, work: Callable[[], Draft]) -> None:
        def failed(_error: BaseException) -> None:
            self._unsaved.append(work)
            self._view.show_trouble()

        self._host.ask(work, lambda _: None, failed)  # what comes back tells nothing here

    def _show(self) -> None:
        sheet = self._present
        asked_before = sum(len(one.answers) for one in self._sheets[: self._sheet])
        if self._at_difficulty:
            stem, text = "", sheet.wording.difficulty_item
            answers = sheet.wording.difficulty_answers
            chosen = sheet.difficulty
        else:
            stem, text = sheet.wording.stem, sheet.wording.items[self._item]
            answers = sheet.wording.answers
            chosen = sheet.answers[self._item]
        before = chosen is None and not self._at_difficulty and sheet.before[self._item]
        place = asked_before + min(self._item + 1, len(sheet.answers))
        self._view.show_question(
            Question(
                stem=stem,
                text=text,
                answers=answers,
                chosen=chosen,
                place=place,
                of=sum(len(one.answers) for one in self._sheets),
                first=self._item == 0,
                before=before,
            )
        )
