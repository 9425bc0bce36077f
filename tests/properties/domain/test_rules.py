"""Names, consent and safety flows under arbitrary input."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose, current_consent
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.finding import ThreeLevelClass, three_level
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import NAME_LIMIT, clean_name, clean_text, search_key
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind, SafetyTrigger, fold_flow
from tests.fakes.clock import START

any_text = st.text(max_size=120)
PATIENT, STAFF, FLOW, SCREENING = (new_id() for _ in range(4))


@given(any_text)
def test_a_cleaned_name_stays_the_same_and_can_be_stored(text: str) -> None:
    try:
        name = clean_name(text, "family_name", required=True)
    except InvalidInput:
        return
    assert clean_name(name, "family_name", required=True) == name
    assert 1 <= len(name) <= NAME_LIMIT
    assert name == name.strip()
    name.encode()
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)


@given(any_text)
def test_a_cleaned_note_stays_the_same_and_can_be_stored(text: str) -> None:
    try:
        note = clean_note(text)
    except InvalidInput:
        return
    assert clean_note(note) == note
    note.encode()


@given(st.text(max_size=60))
def test_a_search_key_is_found_again(text: str) -> None:
    key = search_key(clean_text(text))
    assert "  " not in key
    assert search_key(key) == key


@given(st.floats(0, 1))
def test_the_three_levels_cover_every_probability(probability: float) -> None:
    reading = three_level(probability)
    if reading.level is ThreeLevelClass.NONE:
        assert probability >= 0.7
    elif reading.level is ThreeLevelClass.MILD:
        assert 0.4 <= probability < 0.7
    else:
        assert probability < 0.4


@given(st.lists(st.tuples(st.sampled_from(Purpose), st.booleans()), max_size=12), st.randoms())
def test_consent_is_what_was_answered_last(
    answers: list[tuple[Purpose, bool]], chance: st.randoms
) -> None:
    events = [
        ConsentEvent(
            new_id(),
            PATIENT,
            purpose,
            granted,
            GivenBy.PATIENT,
            STAFF,
            START + timedelta(seconds=second),
        )
        for second, (purpose, granted) in enumerate(answers)
    ]
    chance.shuffle(events)  # type: ignore[attr-defined]
    assert current_consent(events) == dict(answers)


steps = st.lists(
    st.tuples(
        st.sampled_from([SafetyEventKind.ANSWER_CHANGED, SafetyEventKind.HANDED_OVER]),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=8,
)


@given(st.integers(1, 3), steps)
def test_no_change_of_answer_closes_a_flow_or_lowers_what_it_remembers(
    first: int, later: list[tuple[SafetyEventKind, int | None]]
) -> None:
    opened = SafetyEvent(
        new_id(),
        FLOW,
        PATIENT,
        SCREENING,
        SafetyEventKind.OPENED,
        START,
        STAFF,
        SafetyTrigger.ITEM_NINE_POSITIVE,
        first,
    )
    events = [opened]
    highest = first
    for second, (kind, answer) in enumerate(later, start=1):
        at = START + timedelta(seconds=second)
        events.append(
            SafetyEvent(new_id(), FLOW, PATIENT, SCREENING, kind, at, STAFF, item_nine=answer)
        )
        highest = max(highest, answer or 0)
        flow = fold_flow(events)
        assert flow.blocks_finishing
        assert flow.highest_item_nine == highest
