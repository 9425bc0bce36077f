"""Reference looks: blending, what stands against one, and which is in use."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.reference_look import (
    OBJECTION_TEXTS,
    REFERENCES,
    LookEvent,
    LookEventKind,
    LookHistory,
    Measurement,
    Objection,
    ReferenceLook,
    Stability,
    checked_recipe,
    fold_looks,
    look_reason,
    objections,
)
from tests.fakes.clock import START
from tests.fakes.studio import STEADY

BY = UUID(int=1)
SHIPPED = LookHistory((), None, ())


def a_look(number: int = 1, **figures: object) -> ReferenceLook:
    found = replace(STEADY, **figures)  # type: ignore[arg-type]
    return ReferenceLook(
        UUID(int=100 + number),
        number,
        checked_recipe({"daylight": 1.0}, 0.5),
        START,
        BY,
        Measurement(found, None, different_people=True),
    )


def event(kind: LookEventKind, look: ReferenceLook | None, minutes: int = 0) -> LookEvent:
    told = look if kind is LookEventKind.MEASURED else None
    look_id = None if look is None else look.id
    at = START + timedelta(minutes=minutes)
    return LookEvent(UUID(int=1000 + minutes), kind, at, BY, look_id, told, "why")


def test_a_blend_is_the_weighted_mean_and_weights_add_up_to_one() -> None:
    recipe = checked_recipe({"daylight": 3.0, "ring light": 1.0, "soft window": 0.0}, 0.4)
    assert recipe.weights == {"daylight": 0.75, "ring light": 0.25}
    day, ring = REFERENCES["daylight"], REFERENCES["ring light"]
    assert recipe.aim.evenness == pytest.approx(0.75 * day.evenness + 0.25 * ring.evenness)
    assert recipe.aim.tones[0] == pytest.approx(0.75 * day.tones[0] + 0.25 * ring.tones[0])


@pytest.mark.parametrize(
    ("weights", "strength", "field"),
    [
        ({"candle": 1.0}, 0.5, "weights"),
        ({"daylight": -1.0}, 0.5, "weights"),
        ({"daylight": math.nan}, 0.5, "weights"),
        ({"daylight": 0.0}, 0.5, "weights"),
        ({}, 0.5, "weights"),
        ({"daylight": 1.0}, 0.0, "strength"),
        ({"daylight": 1.0}, 1.01, "strength"),
        ({"daylight": 1.0}, math.nan, "strength"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(
    weights: dict[str, float], strength: float, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_recipe(weights, strength)
    assert refused.value.field == field


def test_every_reference_keeps_the_middle_tone_and_rises() -> None:
    for one in REFERENCES.values():
        assert one.tones[2] == 0.0
        assert list(one.tones) == sorted(one.tones)
        assert 0 <= one.evenness <= 1


def test_a_steady_look_may_be_adopted_and_each_weakness_stands_against_it() -> None:
    assert objections(a_look(), SHIPPED, STEADY.models) == ()
    weak = {
        Objection.FEW_FACES: a_look(faces=4),
        Objection.BLIND_FACES: a_look(raw=Stability(0.0001, 0.0, 0.0)),
        Objection.SPREADS: a_look(candidate=Stability(0.0221, 0.06, 0.04)),
        Objection.FLIPS: a_look(candidate=Stability(0.018, 0.11, 0.04)),
        Objection.MOVES: a_look(shift=0.021),
        Objection.OTHER_MODELS: a_look(models="severity 0.2.0 style 0.1.0"),
        Objection.PEOPLE_UNSAID: replace(a_look(), measurement=Measurement(STEADY, None)),
    }
    for why, look in weak.items():
        assert objections(look, SHIPPED, STEADY.models) == (why,)
    within = a_look(candidate=Stability(0.018, 0.06, 0.07))
    assert objections(within, SHIPPED, STEADY.models) == (Objection.FLIPS,)
    at_the_margin = a_look(candidate=Stability(0.022, 0.1, 0.06))
    assert objections(at_the_margin, SHIPPED, STEADY.models) == ()
    assert set(OBJECTION_TEXTS) == set(Objection)


def test_models_read_with_the_look_in_use_only_when_it_was_measured_with_them() -> None:
    look = a_look()
    used = LookHistory((look,), look, (None,))
    assert used.read_with(STEADY.models) == look
    assert objections(look, used, STEADY.models) == (Objection.IN_USE,)
    assert used.read_with("severity 9.0.0") is None
    assert objections(look, used, "severity 9.0.0") == (Objection.OTHER_MODELS,)
    assert SHIPPED.read_with(STEADY.models) is None


def test_a_look_measured_against_another_one_is_measured_again_first() -> None:
    first, second = a_look(1), a_look(2)
    history = LookHistory((first, second), first, (None,))
    assert objections(first, history, STEADY.models) == (Objection.IN_USE,)
    assert objections(second, history, STEADY.models) == (Objection.OTHER_LOOK,)
    again = replace(second, measurement=Measurement(STEADY, first.id, different_people=True))
    assert objections(again, history, STEADY.models) == ()


def test_one_step_back_leads_to_the_look_before() -> None:
    first, second = a_look(1), a_look(2)
    measured, adopted, back = LookEventKind
    events = [
        event(measured, first, 1),
        event(measured, second, 2),
        event(adopted, first, 3),
        event(adopted, second, 4),
    ]
    history = fold_looks(events)
    assert (history.in_use, history.before) == (second, (None, first))
    once = fold_looks([*events, event(back, first, 5)])
    assert (once.in_use, once.before) == (first, (None,))
    twice = fold_looks([*events, event(back, first, 5), event(back, None, 6)])
    assert (twice.in_use, twice.before) == (None, ())
    assert history.find(first.id) == first
    assert history.find(UUID(int=9)) is None


def test_two_laptops_that_took_a_look_back_before_they_met_went_one_step_back() -> None:
    back, looks = LookEventKind.TAKEN_BACK, [a_look(number) for number in (1, 2, 3)]
    events = [event(LookEventKind.MEASURED, one) for one in looks]
    events += [event(LookEventKind.ADOPTED, one, at) for at, one in enumerate(looks, 1)]
    once = fold_looks([*events, event(back, looks[1], 5)])
    assert fold_looks([*events, event(back, looks[1], 5), event(back, looks[1], 6)]) == once
    assert (once.in_use, once.before) == (looks[1], (None, looks[0]))


def test_a_decision_about_a_look_that_never_came_changes_nothing() -> None:
    assert fold_looks([event(LookEventKind.ADOPTED, a_look(5))]).in_use is None


def test_a_stored_look_comes_back_as_it_was() -> None:
    told = event(LookEventKind.MEASURED, a_look())
    assert from_plain(LookEvent, to_plain(told)) == told
    assert a_look(3).version == "look-3-0067"


def test_a_reason_is_asked_for() -> None:
    with pytest.raises(InvalidInput):
        look_reason("  \n")
    assert look_reason(" steadier ") == "steadier"
