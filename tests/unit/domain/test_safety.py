"""The fold of safety events: only a documented step closes a flow."""

from __future__ import annotations

import dataclasses
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import new_id
from clinic_app.domain.record_codec import is_kept
from clinic_app.domain.safety import (
    SafetyAssessment,
    SafetyEvent,
    SafetyEventKind,
    SafetyFlow,
    SafetyState,
    SafetyTrigger,
    after_known,
    fold_flow,
    foremost,
    is_closed,
)
from tests.fakes.clock import START

FLOW, PATIENT, SCREENING, STAFF, COLLEAGUE = (new_id() for _ in range(5))
CLOSING = {SafetyEventKind.ASSESSED, SafetyEventKind.ACKNOWLEDGED}
ASSESSMENT = SafetyAssessment(
    "Spoke about it", "none", "the doctor", "calls tomorrow", START + timedelta(days=1)
)


def event(minute: int, kind: SafetyEventKind, **details: object) -> SafetyEvent:
    at = START + timedelta(minutes=minute)
    made = SafetyEvent(new_id(), FLOW, PATIENT, SCREENING, kind, at, STAFF)
    return dataclasses.replace(made, **details)  # type: ignore[arg-type]


def opened(item_nine: int | None = 1) -> SafetyEvent:
    return event(
        0,
        SafetyEventKind.OPENED,
        trigger=SafetyTrigger.ITEM_NINE_POSITIVE,
        item_nine=item_nine,
    )


@pytest.mark.parametrize(
    "kinds", [kinds for length in (0, 1, 2, 3) for kinds in product(SafetyEventKind, repeat=length)]
)
def test_nothing_but_an_assessment_or_an_acknowledgement_closes(
    kinds: tuple[SafetyEventKind, ...],
) -> None:
    events = [opened(), *(event(n, kind) for n, kind in enumerate(kinds, start=1))]
    flow = fold_flow(events)
    last = max((n for n, kind in enumerate(kinds) if kind in CLOSING), default=None)
    since = kinds if last is None else kinds[last + 1 :]
    closed = last is not None and SafetyEventKind.CONCERN_RAISED not in since
    assert flow.blocks_finishing is not closed
    assert is_closed(events) is closed
    if closed:
        assert flow.state is SafetyState.CLOSED
    elif SafetyEventKind.HANDED_OVER in since:
        assert flow.state is SafetyState.HANDED_OVER
    else:
        assert flow.state is SafetyState.OPEN


@pytest.mark.parametrize(
    ("details", "again"),
    [
        ({"item_nine": 3}, True),
        ({"trigger": SafetyTrigger.ITEM_NINE_NOT_ANSWERED}, True),
        ({"item_nine": 0}, False),
        ({}, False),  # taken back
    ],
)
def test_an_answer_kept_later_elsewhere_is_not_closed_by_a_step_that_did_not_know_it(
    details: dict[str, object], again: bool
) -> None:
    assessed = event(1, SafetyEventKind.ASSESSED, assessment=ASSESSMENT)
    later = event(2, SafetyEventKind.ANSWER_CHANGED, **details)
    for arrived in permutations([opened(), assessed, later]):
        flow = fold_flow(arrived)
        assert flow.blocks_finishing is again
    after = event(3, SafetyEventKind.ASSESSED, assessment=ASSESSMENT)
    assert not fold_flow([opened(), assessed, later, after]).blocks_finishing


def test_what_is_done_in_sight_of_a_step_comes_after_it_though_a_clock_is_slow() -> None:
    flow = fold_flow([opened(), event(9, SafetyEventKind.CONCERN_RAISED)])
    slow = START - timedelta(hours=1)
    done = after_known(flow, slow)
    assert done > flow.events[-1].at
    assessed = event(0, SafetyEventKind.ASSESSED, assessment=ASSESSMENT)
    closing = dataclasses.replace(assessed, at=done)
    assert not fold_flow([*flow.events, closing]).blocks_finishing
    assert after_known(flow, START + timedelta(hours=1)) == START + timedelta(hours=1)


def test_a_step_at_the_end_of_all_years_keeps_none_from_being_kept_after_it() -> None:
    last = datetime(MAXYEAR - 1, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    concern = event(1, SafetyEventKind.CONCERN_RAISED, at=last)
    flow = fold_flow([opened(), concern])
    assert is_kept(after_known(flow, START))


def test_the_order_of_arrival_does_not_matter() -> None:
    events = [
        opened(),
        event(1, SafetyEventKind.ANSWER_CHANGED, item_nine=3),
        event(2, SafetyEventKind.HANDED_OVER, handed_to="Tomas", handed_to_user=COLLEAGUE),
        event(3, SafetyEventKind.ACKNOWLEDGED),
    ]
    flows = {fold_flow(arrived) for arrived in permutations(events)}
    assert len(flows) == 1


def test_the_highest_answer_is_kept_though_it_was_taken_back() -> None:
    flow = fold_flow([opened(3), event(1, SafetyEventKind.ANSWER_CHANGED, item_nine=0)])
    assert flow.highest_item_nine == 3
    assert flow.state is SafetyState.OPEN


def test_a_flow_on_an_unanswered_item_has_no_answer() -> None:
    assert fold_flow([opened(None)]).highest_item_nine is None


def test_the_newest_handover_names_who_is_asked() -> None:
    flow = fold_flow(
        [
            opened(),
            event(1, SafetyEventKind.HANDED_OVER, handed_to="Tomas", handed_to_user=COLLEAGUE),
            event(2, SafetyEventKind.HANDED_OVER, handed_to="Amina", handed_to_user=STAFF),
        ]
    )
    assert (flow.handed_to, flow.handed_to_user) == ("Amina", STAFF)
    assert flow.blocks_finishing


@pytest.mark.parametrize("empty", ["clinical_assessment", "means_access", "who_was_told", "plan"])
@pytest.mark.parametrize("blank", ["", "  \n"])
def test_every_part_of_the_assessment_is_required(empty: str, blank: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        dataclasses.replace(ASSESSMENT, **{empty: blank}).cleaned(START)
    assert caught.value.field == empty


def test_a_full_assessment_is_accepted() -> None:
    assert ASSESSMENT.cleaned(START) == ASSESSMENT


def test_an_assessment_is_kept_without_control_characters_and_never_endless() -> None:
    untidy = dataclasses.replace(ASSESSMENT, plan="Calls\r\non \x00Friday\udcff")
    assert untidy.cleaned(START).plan == "Calls\non Friday"
    with pytest.raises(InvalidInput, match="longer than") as caught:
        dataclasses.replace(ASSESSMENT, plan="x" * 100_001).cleaned(START)
    assert caught.value.field == "plan"


def test_of_several_flows_an_unfinished_one_comes_first_then_the_newest() -> None:
    def made(minute: int, *kinds: SafetyEventKind) -> SafetyFlow:
        steps = [event(minute, SafetyEventKind.OPENED), *(event(minute + 1, k) for k in kinds)]
        flow = new_id()
        return fold_flow(dataclasses.replace(step, flow_id=flow) for step in steps)

    old, new = made(0, SafetyEventKind.ASSESSED), made(10, SafetyEventKind.ACKNOWLEDGED)
    handed = made(5, SafetyEventKind.HANDED_OVER)
    assert foremost([]) is None
    assert foremost([new, old]) == foremost([old, new]) == new
    assert foremost([new, handed, old]) == handed
