"""Questionnaires while they are being answered: every answer is durable at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import StaffUser
from clinic_app.domain.questionnaires import (
    INSTRUMENTS,
    ITEM_NINE,
    AnsweredBy,
    InstrumentName,
    asks_safety,
    check_answers,
    check_difficulty,
)
from clinic_app.domain.safety import SafetyTrigger
from clinic_app.domain.screening import AnswerSheet, Draft
from clinic_app.domain.wordings import ENGLISH, Wording, wording_in
from clinic_app.services.safety import note_answer, open_flow
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.withholding import draft_for, in_patients_hands


class Answering:
    """The part of taking a screening that a patient may do with the laptop in hand."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def answer(
        self,
        draft_id: UUID,
        instrument: InstrumentName,
        item: int,
        value: int | None,
        answered_by: AnsweredBy,
        language: str = ENGLISH,
        shown: Wording | None = None,
    ) -> Draft:
        """Keep one answer (``item`` from 0; ``None`` takes it back).

        ``shown`` are the words that were read, else those that the site has in ``language``. The
        first answer settles them, since one administration is never asked in two wordings,
        whatever is loaded, replaced or removed before it is handed in.

        An answer of 1 or more to item 9 of the PHQ-9 opens the safety flow in the same transaction,
        and no later change closes it.
        """
        self._allow_answers(draft_id)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            sheet = draft.sheet(instrument) or _empty_sheet(instrument, answered_by)
            if not sheet.begun:
                words = shown or wording_in(work.clinic.get().wordings, instrument, language)
                sheet = _asked_in(sheet, words)
            if not 0 <= item < len(sheet.answers):
                raise InvalidInput("item", "There is no such item.")
            answers = check_answers(
                instrument, (*sheet.answers[:item], value, *sheet.answers[item + 1 :])
            )
            changed = replace(
                sheet,
                answers=answers,
                answered_by=answered_by,
                completed_at=None,
                item_nine_left=sheet.item_nine_left
                and answers[ITEM_NINE:] == sheet.answers[ITEM_NINE:],
            )
            saved = self._save(work, _with_sheet(draft, changed))
            if answers != sheet.answers:
                self._heed_item_nine(work, saved, instrument, item, value)
            work.commit()
        return saved

    def answer_difficulty(
        self, draft_id: UUID, instrument: InstrumentName, value: int | None
    ) -> Draft:
        """Keep the answer to the functional item (0-3), which is never scored."""
        self._allow_answers(draft_id)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            sheet = draft.sheet(instrument)
            if sheet is None:
                raise WrongState("Please answer the questionnaire first.")
            changed = replace(sheet, difficulty=check_difficulty(value), completed_at=None)
            draft = self._save(work, _with_sheet(draft, changed))
            work.commit()
        return draft

    def complete(self, draft_id: UUID, instrument: InstrumentName) -> Draft:
        """Mark a questionnaire as handed in. An unanswered item 9 opens the safety flow."""
        user = self._allow_answers(draft_id)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            sheet = draft.sheet(instrument)
            if sheet is None or all(value is None for value in sheet.answers):
                raise InvalidInput("answers", "No question has been answered yet.")
            left = instrument is InstrumentName.PHQ9 and sheet.answers[ITEM_NINE] is None
            handed_in = replace(sheet, completed_at=self._desk.now(), item_nine_left=left)
            draft = self._save(work, _with_sheet(draft, handed_in))
            if left and not sheet.item_nine_left:
                self._open_flow(work, draft, SafetyTrigger.ITEM_NINE_NOT_ANSWERED, None)
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, instrument.value)
            work.commit()
        return draft

    def record_questionnaire(
        self,
        patient_id: UUID,
        instrument: InstrumentName,
        answers: Sequence[int | None],
        answered_by: AnsweredBy,
        difficulty: int | None = None,
        *,
        replace: bool = False,
    ) -> Draft:
        """A questionnaire filled in elsewhere, into the patient's draft, in one transaction.

        It is a new administration, so its item 9 counts whatever was dealt with before. Raises
        ``WrongState`` where the draft holds this questionnaire handed in already, unless it is to
        ``replace`` that; the replacing is audited.
        """
        user = self._desk.allow(Action.TAKE_SCREENING)
        checked = check_answers(instrument, answers)
        if all(value is None for value in checked):
            raise InvalidInput("answers", "No question has been answered.")
        now = self._desk.now()
        left = instrument is InstrumentName.PHQ9 and checked[ITEM_NINE] is None
        told = check_difficulty(difficulty)
        sheet = AnswerSheet(instrument, checked, answered_by, told, now, item_nine_left=left)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            draft = work.drafts.of_patient(patient_id)
            draft = draft or Draft(new_id(), patient_id, user.id, now, now)
            before = draft.sheet(instrument)
            handed_in = before is not None and before.completed_at is not None
            if handed_in and not replace:
                raise WrongState(
                    "This screening already holds a completed {title}; please finish or abandon it"
                    " first.",
                    title=INSTRUMENTS[instrument].title,
                )
            draft = self._save(work, _with_sheet(draft, sheet))
            detail = f"{instrument.value} replaced" if handed_in else instrument.value
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft.id, detail)
            if sheet.item_nine_left:
                self._open_flow(work, draft, SafetyTrigger.ITEM_NINE_NOT_ANSWERED, None)
            elif instrument is InstrumentName.PHQ9:
                self._heed_item_nine(work, draft, instrument, ITEM_NINE, checked[ITEM_NINE])
            work.commit()
        return draft

    def _allow_answers(self, draft_id: UUID) -> StaffUser:
        """Staff, or the patient who holds the laptop for the own draft alone.

        A draft of a record that is merged with the holder's is the holder's own.
        """
        self._desk.allow(Action.ANSWER_QUESTIONNAIRE)
        held = self._desk.session.patient_at_laptop
        with self._desk.unit_of_work() as work:
            owner = work.drafts.get(draft_id).patient_id
            if held is not None and owner in work.merges.identities(held):
                owner = held
        return self._desk.allow(Action.ANSWER_QUESTIONNAIRE, owner)

    def _heed_item_nine(
        self,
        work: UnitOfWork,
        draft: Draft,
        instrument: InstrumentName,
        item: int,
        value: int | None,
    ) -> None:
        """Open the safety flow on an answer that asks for it, or keep what became of the answer."""
        if asks_safety(instrument, item, value):
            self._open_flow(work, draft, SafetyTrigger.ITEM_NINE_POSITIVE, value)
        elif instrument is InstrumentName.PHQ9 and item == ITEM_NINE:
            note_answer(work, self._desk, draft.id, value)

    def _open_flow(
        self, work: UnitOfWork, draft: Draft, trigger: SafetyTrigger, item_nine: int | None
    ) -> None:
        open_flow(
            work,
            self._desk,
            patient_id=draft.patient_id,
            screening_id=draft.id,
            trigger=trigger,
            item_nine=item_nine,
        )

    def _save(self, work: UnitOfWork, draft: Draft) -> Draft:
        """Keep the draft; what comes back is what the person at work may see of it."""
        saved = replace(draft, changed_at=self._desk.now())
        work.drafts.save(saved)
        if self._desk.session.patient_at_laptop is not None:
            return in_patients_hands(saved)
        return draft_for(saved, self._desk.session.user)


def _asked_in(sheet: AnswerSheet, words: Wording) -> AnswerSheet:
    if words.instrument is not sheet.instrument:
        raise InvalidInput("answers", "These are the words of another questionnaire.")
    return replace(sheet, version=words.version, language=words.language, wording=words)


def _empty_sheet(instrument: InstrumentName, answered_by: AnsweredBy) -> AnswerSheet:
    return AnswerSheet(instrument, (None,) * len(INSTRUMENTS[instrument].items), answered_by)


def _with_sheet(draft: Draft, sheet: AnswerSheet) -> Draft:
    others = tuple(one for one in draft.sheets if one.instrument is not sheet.instrument)
    ordered = sorted((*others, sheet), key=lambda one: list(InstrumentName).index(one.instrument))
    left_out = tuple(name for name in draft.left_out if name is not sheet.instrument)
    return replace(draft, sheets=tuple(ordered), left_out=left_out)
