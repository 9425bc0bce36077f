"""After a safety flow was closed: what opens another one, and what does not."""

from __future__ import annotations

import pytest

from clinic_app.domain.safety import SafetyEventKind, SafetyTrigger
from clinic_app.domain.screening import Draft
from tests.fakes.clinic import FakeClinic
from tests.unit.services.safety_steps import PHQ9, answer, close, flow_id, record


def test_a_higher_answer_opens_a_new_flow(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    first = close(clinic, draft)
    answer(clinic, draft, 3)
    second = flow_id(clinic, draft)
    assert second != first
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("later", [(0,), (1,), (1, 1), (None, 0)])
def test_an_unchanged_answer_or_zero_opens_nothing(
    clinic: FakeClinic, draft: Draft, later: tuple[int | None, ...]
) -> None:
    answer(clinic, draft, 1)
    close(clinic, draft)
    for value in later:
        answer(clinic, draft, value)
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("later", [(0, 1), (None, 1), (2,), (3, 1)])
def test_an_answer_that_was_changed_after_the_assessment_opens_a_new_flow(
    clinic: FakeClinic, draft: Draft, later: tuple[int | None, ...]
) -> None:
    answer(clinic, draft, 1)
    first = close(clinic, draft)
    for value in later:
        answer(clinic, draft, value)
    (waiting,) = clinic.services.safety.unfinished()
    assert waiting.flow.id != first
    assert waiting.flow.highest_item_nine == max(value or 0 for value in later)


@pytest.mark.parametrize(
    ("first", "second", "trigger"),
    [
        (1, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (3, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (1, 3, SafetyTrigger.ITEM_NINE_POSITIVE),
        (None, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (None, None, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
        (2, None, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
    ],
)
def test_a_new_administration_is_never_taken_for_the_one_that_was_dealt_with(
    clinic: FakeClinic,
    draft: Draft,
    first: int | None,
    second: int | None,
    trigger: SafetyTrigger,
) -> None:
    record(clinic, draft, first)
    closed = close(clinic, draft)
    record(clinic, draft, second, replace=True)
    (waiting,) = clinic.services.safety.unfinished()
    assert waiting.flow.id != closed
    assert (waiting.flow.trigger, waiting.flow.highest_item_nine) == (trigger, second)


def test_a_new_administration_is_not_measured_by_an_answer_of_the_one_before(
    clinic: FakeClinic, draft: Draft
) -> None:
    record(clinic, draft, 3)
    close(clinic, draft)
    record(clinic, draft, 0, replace=True)
    assert clinic.services.safety.unfinished() == []
    answer(clinic, draft, 1)
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("second", [1, 2, None])
def test_a_new_administration_while_a_flow_is_open_is_kept_in_it(
    clinic: FakeClinic, draft: Draft, second: int | None
) -> None:
    record(clinic, draft, 1)
    record(clinic, draft, second, replace=True)
    (waiting,) = clinic.services.safety.unfinished()
    assert [(event.kind, event.item_nine) for event in waiting.flow.events] == [
        (SafetyEventKind.OPENED, 1),
        (SafetyEventKind.ANSWER_CHANGED, second),
    ]


def test_zero_after_an_assessed_unanswered_item_opens_nothing(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    answer(clinic, draft, 0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


def test_handing_in_again_without_the_answer_opens_nothing_new(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("between", ["nothing", "another item", "the functional item"])
def test_an_item_nine_left_out_and_assessed_does_not_alarm_again_while_it_is_unchanged(
    clinic: FakeClinic, draft: Draft, between: str
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    if between == "another item":
        answer(clinic, draft, 2, item=0)
    elif between == "the functional item":
        clinic.services.screenings.answer_difficulty(draft.id, PHQ9, 1)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


def test_an_item_nine_answered_and_taken_back_after_the_assessment_is_asked_about_again(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    answer(clinic, draft, 0)
    answer(clinic, draft, None)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert len(clinic.services.safety.unfinished()) == 1


def test_handing_in_without_item_nine_is_kept_in_a_flow_that_is_open(
    clinic: FakeClinic, draft: Draft
) -> None:
    clinic.services.safety.raise_concern(draft.patient_id, draft.id)
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    clinic.services.screenings.complete(draft.id, PHQ9)
    (waiting,) = clinic.services.safety.unfinished()
    told = [(event.kind, event.trigger) for event in waiting.flow.events]
    assert told == [
        (SafetyEventKind.OPENED, SafetyTrigger.CLINICIAN),
        (SafetyEventKind.ANSWER_CHANGED, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
    ]
