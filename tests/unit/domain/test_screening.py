"""Drafts and finished screenings."""

from __future__ import annotations

import dataclasses

import pytest

from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import WrongState
from clinic_app.domain.finding import AbstainReason
from clinic_app.domain.ids import new_id
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.screening import (
    AnswerSheet,
    ClinicianSeverity,
    Draft,
    Judgement,
    Screening,
    as_it_stands,
    finish,
)
from tests.fakes.clock import START
from tests.fakes.reading import finding

DRAFT = Draft(new_id(), new_id(), new_id(), START, START)
SHEET = AnswerSheet(InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT, completed_at=START)
JUDGEMENT = Judgement(ClinicianSeverity.MILD, new_id(), START)


def test_a_picture_alone_is_no_screening() -> None:
    with pytest.raises(WrongState, match="picture alone"):
        finish(dataclasses.replace(DRAFT, finding=finding()), START, images_kept=True)


def test_a_sheet_that_was_not_handed_in_is_no_questionnaire() -> None:
    started = dataclasses.replace(SHEET, completed_at=None)
    with pytest.raises(WrongState):
        finish(dataclasses.replace(DRAFT, sheets=(started,)), START, images_kept=False)


def test_a_questionnaire_makes_a_screening_without_any_picture() -> None:
    screening = finish(dataclasses.replace(DRAFT, sheets=(SHEET,)), START, images_kept=False)
    response = screening.response(InstrumentName.GAD7)
    assert response is not None
    assert response.answers == (1,) * 7
    assert screening.response(InstrumentName.PHQ9) is None
    assert screening.finding is None


def test_a_judgement_makes_a_screening() -> None:
    screening = finish(dataclasses.replace(DRAFT, judgement=JUDGEMENT), START, images_kept=False)
    assert screening.judgement == JUDGEMENT


def test_a_finished_screening_keeps_everything_of_its_draft() -> None:
    draft = dataclasses.replace(
        DRAFT,
        sheets=(SHEET,),
        judgement=JUDGEMENT,
        finding=finding(),
        revealed_at=START,
        cautions=(Caution.PALSY, Caution.EYELID),
    )
    screening = finish(draft, START, images_kept=True)
    assert (screening.id, screening.patient_id, screening.taken_by) == (
        draft.id,
        draft.patient_id,
        draft.started_by,
    )
    assert screening.finding == draft.finding
    assert screening.estimate_shown_at == START
    assert screening.cautions == as_it_stands(draft).cautions == draft.cautions
    assert screening.images_kept
    assert not as_it_stands(draft).images_kept


def test_a_finished_screening_cannot_be_changed() -> None:
    screening = finish(dataclasses.replace(DRAFT, judgement=JUDGEMENT), START, images_kept=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        screening.judgement = None  # type: ignore[misc]


@pytest.mark.parametrize("abstained", [None, AbstainReason.LOW_CONFIDENCE])
def test_a_picture_is_not_finished_before_the_own_judgement(
    abstained: AbstainReason | None,
) -> None:
    taken = dataclasses.replace(DRAFT, sheets=(SHEET,), finding=finding(abstained=abstained))
    with pytest.raises(WrongState, match="own judgement"):
        finish(taken, START, images_kept=False)


def test_records_from_before_the_cautions_were_kept_are_read_without_any() -> None:
    draft = dataclasses.replace(
        DRAFT,
        judgement=JUDGEMENT,
        cautions=(Caution.AUTISM,),
        left_out=(InstrumentName.GAD7,),
    )
    screening = finish(draft, START, images_kept=False)
    assert from_plain(Draft, to_plain(draft)) == draft
    assert from_plain(Screening, to_plain(screening)) == screening
    old_draft, old_screening = to_plain(draft), to_plain(screening)
    for name in ("cautions", "left_out"):
        del old_draft[name]
    del old_screening["cautions"]
    assert from_plain(Draft, old_draft) == dataclasses.replace(draft, cautions=(), left_out=())
    assert from_plain(Screening, old_screening) == dataclasses.replace(screening, cautions=())
