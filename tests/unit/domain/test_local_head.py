"""A local head: what it reads, when it may be promoted, and what it never touches."""

from __future__ import annotations

import math
from dataclasses import fields, make_dataclass, replace
from uuid import UUID

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import (
    EMBEDDING,
    Between,
    Champion,
    Comparison,
    Guard,
    HeadEvent,
    HeadEventKind,
    LocalHead,
    base_of,
    effective_size,
    figures_against,
    fold_heads,
    read_with,
    reasons_against,
    signed_reason,
)
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.sentence import together
from clinic_app.services.translations import catalogue
from tests.fakes.clock import START
from tests.fakes.reading import finding as a_finding

HEAD = LocalHead(
    id=UUID(int=7),
    number=3,
    base="",
    fitted_at=START,
    fitted_by=UUID(int=1),
    cuts=(-1.0, 0.0, 1.0),
    weights=(0.5, *[0.0] * (EMBEDDING - 1)),
    cases=(),
    people=120,
    people_by_band=(30, 30, 30, 30),
    effective_cases=112.0,
    effective_weights=7.0,
    penalty=30.0,
    slope=1.0,
    out_of_fold_kappa=0.5,
    out_of_fold_loss=1.1,
    reader_kappa=0.6,
)

HINDI = catalogue("hi")


def finding(first: float = 0.0):
    return replace(a_finding(), embedding=(first, *[0.0] * (EMBEDDING - 1)))


def fitting(first: float = 0.0) -> LocalHead:
    return replace(HEAD, base=base_of(finding(first)))


def test_a_program_that_knows_no_heads_of_several_clinics_finds_none_in_the_record() -> None:
    """It would read one without its left-out figures wrongly, and is the more careful for it."""
    known = [one for one in fields(LocalHead) if one.name not in ("sites", "all_cases", "round_id")]
    types = {one.name: one.type for one in known}
    types |= {"out_of_fold_kappa": float, "out_of_fold_loss": float}
    older = make_dataclass(
        "LocalHead", types.items(), namespace={"__module__": LocalHead.__module__}
    )
    assert from_plain(older, to_plain(HEAD))
    joint = replace(HEAD, sites=("A", "B", "C"), out_of_fold_kappa=None, out_of_fold_loss=None)
    assert from_plain(LocalHead, to_plain(joint)) == joint
    with pytest.raises(ValueError, match="no"):
        from_plain(older, to_plain(joint))


def comparison(**changed: object) -> Comparison:
    good = Between(0.2, 0.05, 0.35)
    found = Comparison(
        look=1,
        coverage=0.975,
        cases=60,
        people=60,
        people_by_band=(15, 15, 15, 15),
        left_out=0,
        kappa_local=Between(0.6, 0.4, 0.7),
        kappa_shipped=Between(0.4, 0.2, 0.5),
        kappa_gain=good,
        score_loss_local=0.10,
        score_loss_shipped=0.14,
        score_loss_gain=Between(0.04, -0.01, 0.08),
        calibration_error_local=0.05,
        calibration_error_shipped=0.11,
    )
    return replace(found, **changed)


OTHER = UUID(int=8)


def beside(**changed: object) -> Champion:
    """A head in use that the challenger is better than."""
    met = Champion(
        head_id=OTHER,
        version="local-2-0008",
        kappa=Between(0.5, 0.3, 0.6),
        kappa_gain=Between(0.1, 0.02, 0.2),
        score_loss=0.12,
        score_loss_gain=Between(0.02, -0.01, 0.05),
        calibration_error=0.07,
    )
    return replace(met, **changed)


def test_a_head_reads_what_its_formula_says() -> None:
    read = read_with(fitting(), finding(2.0)).local
    assert read is not None
    below = [1 / (1 + math.exp(-(cut - 1.0))) for cut in HEAD.cuts]
    assert read.probabilities[0] == pytest.approx(below[0])
    assert read.probabilities[3] == pytest.approx(1 - below[2])
    assert sum(read.probabilities) == pytest.approx(1.0)
    assert read.band is Band.MODERATE
    expected = sum(k * p for k, p in enumerate(read.probabilities))
    assert read.percent == pytest.approx(100 * expected / 3)
    assert (read.head, read.head_id) == ("local-3-0007", HEAD.id)


@pytest.mark.parametrize("first", [-1e300, -900.0, 0.0, 900.0, 1e300])
def test_probabilities_stay_probabilities_at_any_score(first: float) -> None:
    read = read_with(fitting(first), finding(first)).local
    assert read is not None
    assert all(0.0 <= one <= 1.0 for one in read.probabilities)
    assert sum(read.probabilities) == pytest.approx(1.0)


def test_nothing_else_in_a_finding_changes() -> None:
    before = finding(2.0)
    assert replace(read_with(fitting(), before), local=None) == before


def test_an_abstention_stays_one_and_is_not_read() -> None:
    abstained = replace(
        finding(), severity=None, three_level=None, abstained=AbstainReason.LOW_CONFIDENCE
    )
    assert read_with(fitting(), abstained) == abstained


def test_embeddings_of_other_models_or_cut_off_ones_are_not_read() -> None:
    assert read_with(HEAD, finding()).local is None
    short = replace(finding(), embedding=(1.0, 2.0))
    assert read_with(replace(HEAD, base=base_of(short)), short).local is None


def test_a_good_comparison_and_enough_people_have_nothing_against_them() -> None:
    assert reasons_against(HEAD, comparison()) == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kappa_gain": Between(0.1, 0.0, 0.2)}, "not better"),
        ({"kappa_local": Between(0.1, -0.1, 0.2)}, "above chance"),
        ({"score_loss_gain": Between(-0.01, -0.05, 0.02)}, "fit worse"),
        ({"people": 49}, "49 of 50 people"),
        ({"people_by_band": (20, 20, 20, 4)}, "“severe” there are 4 of 5"),
    ],
)
def test_each_shortcoming_of_a_comparison_is_said(changed: dict, said: str) -> None:
    (reason,) = reasons_against(HEAD, comparison(**changed))
    assert said in str(reason)


def test_who_is_better_than_the_head_in_use_too_may_replace_it() -> None:
    assert reasons_against(HEAD, comparison(champion=beside()), OTHER) == ()


@pytest.mark.parametrize(
    ("met", "said"),
    [
        (None, "not been compared with the head in use"),
        (beside(head_id=UUID(int=9)), "not been compared with the head in use"),
        (beside(kappa_gain=Between(0.1, 0.0, 0.2)), "not better than the head in use"),
        (beside(score_loss_gain=Between(-0.01, -0.05, 0.02)), "those of the head in use"),
    ],
)
def test_who_is_not_is_told_why(met: Champion | None, said: str) -> None:
    (reason,) = reasons_against(HEAD, comparison(champion=met), OTHER)
    assert said in str(reason)
    assert reason.text(HINDI.text).endswith("।")
    assert reasons_against(HEAD, comparison(champion=met)) == ()


def test_the_figures_of_a_comparison_alone_speak_against_a_head_too() -> None:
    assert figures_against(comparison()) == figures_against(comparison(champion=beside())) == ()
    worse = Between(-0.01, -0.05, 0.02)
    said = figures_against(
        comparison(score_loss_gain=worse, champion=beside(score_loss_gain=worse), people=49)
    )
    assert [str(one) for one in said] == [
        "Its probabilities fit worse than those of the shipped head.",
        "Its probabilities fit worse than those of the head in use.",
    ]


def test_comparisons_of_older_programs_are_read_and_kept_without_a_head_in_use() -> None:
    plain = to_plain(comparison())
    del plain["champion"]
    assert from_plain(Comparison, plain) == comparison()
    kept = comparison(champion=beside())
    assert from_plain(Comparison, to_plain(kept)) == kept


def test_too_few_people_or_too_many_weights_are_said() -> None:
    (few,) = reasons_against(replace(HEAD, people_by_band=(30, 30, 30, 19)), comparison())
    assert "“severe” there are 19 of 20" in str(few)
    (many,) = reasons_against(replace(HEAD, effective_weights=9.0), comparison())
    assert "too few cases" in str(many)
    assert reasons_against(HEAD, None)


def test_the_effective_size_is_that_of_equal_bands_and_falls_with_lopsided_ones() -> None:
    assert effective_size([25, 25, 25, 25]) == pytest.approx(100 * (1 - 1 / 16))
    assert effective_size([97, 1, 1, 1]) < 10
    assert effective_size([]) == 0.0


def test_every_reason_is_a_whole_sentence_in_the_language_of_the_window() -> None:
    changed = {
        "kappa_gain": Between(0.1, 0.0, 0.2),
        "kappa_local": Between(0.1, -0.1, 0.2),
        "score_loss_gain": Between(-0.01, -0.05, 0.02),
        "people": 49,
        "people_by_band": (20, 20, 20, 4),
    }
    head = replace(HEAD, effective_weights=9.0, people_by_band=(30, 30, 30, 19))
    reasons = (*reasons_against(head, comparison(**changed)), *reasons_against(HEAD, None))
    assert len(reasons) == 8
    for one in reasons:
        assert str(one)[0].isupper()
        assert str(one).endswith(".")
        assert one.text(HINDI.text).endswith("।")
    whole = together(reasons[:2])
    assert str(whole) == f"{reasons[0]} {reasons[1]}"
    assert whole.text(HINDI.text).count("।") == 2
    assert str(together(())) == ""


def test_the_guard_says_what_is_missing() -> None:
    guard = Guard((20, 20, 20, 3), (5, 5, 5, 5), 60)
    (few,) = guard.missing_to_fit
    assert str(few) == "In the band “severe” there are 3 of 20 people to fit on."
    assert few.text(HINDI.text) == "“गंभीर” दायरे में सीखने के लिए 20 में से 3 लोग हैं।"
    assert guard.missing_to_judge == ()


def test_a_reason_is_needed() -> None:
    with pytest.raises(InvalidInput):
        signed_reason(" \n ")
    assert signed_reason(" Better here. ") == "Better here."


def event(kind: HeadEventKind, head: int | None) -> HeadEvent:
    chosen = None if head is None else UUID(int=head)
    compared = comparison() if kind is HeadEventKind.COMPARED else None
    return HeadEvent(new_id(), kind, START, UUID(int=1), chosen, "why", compared)


def test_rolling_back_leads_through_what_was_in_use_before() -> None:
    events = [
        event(HeadEventKind.COMPARED, 1),
        event(HeadEventKind.PROMOTED, 1),
        event(HeadEventKind.COMPARED, 2),
        event(HeadEventKind.PROMOTED, 2),
    ]
    history = fold_heads(events)
    assert (history.in_use, history.looks) == (UUID(int=2), 2)
    assert history.before == (None, UUID(int=1))
    back = fold_heads([*events, event(HeadEventKind.ROLLED_BACK, 1)])
    assert (back.in_use, back.before) == (UUID(int=1), (None,))
    none = fold_heads(
        [*events, event(HeadEventKind.ROLLED_BACK, 1), event(HeadEventKind.ROLLED_BACK, None)]
    )
    assert (none.in_use, none.before) == (None, ())
    over = fold_heads([*events, event(HeadEventKind.ROLLED_BACK, None)])
    assert (over.in_use, over.before) == (None, ())


def test_two_laptops_that_rolled_back_before_they_met_went_one_step_back() -> None:
    """And the step after that leads on to the head before, which is not forgotten."""
    events = [event(HeadEventKind.PROMOTED, one) for one in (1, 2, 3)]
    once = fold_heads([*events, event(HeadEventKind.ROLLED_BACK, 2)])
    both = fold_heads([*events, *[event(HeadEventKind.ROLLED_BACK, 2)] * 2])
    assert both == once
    assert (both.in_use, both.before) == (UUID(int=2), (None, UUID(int=1)))


def test_a_step_back_to_a_head_that_is_no_step_back_any_more_forgets_none() -> None:
    """One laptop went back to the second head when another had gone back to the first."""
    events = [event(HeadEventKind.PROMOTED, one) for one in (1, 2, 3)]
    met = fold_heads(
        [*events, event(HeadEventKind.ROLLED_BACK, 1), event(HeadEventKind.ROLLED_BACK, 2)]
    )
    assert (met.in_use, met.before) == (UUID(int=2), (None,))


def test_who_spent_a_look_that_was_spent_already_has_to_compare_again() -> None:
    """Two laptops that had not met both looked for the first time."""

    def look(head: int, number: int) -> HeadEvent:
        told = event(HeadEventKind.COMPARED, head)
        return replace(told, comparison=comparison(look=number))

    both = [look(1, 1), look(2, 1)]
    assert fold_heads(both).ahead_of_its_turn == {UUID(int=2)}
    assert fold_heads([*both, look(1, 3)]).ahead_of_its_turn == {UUID(int=2)}
    again = fold_heads([*both, look(2, 3)])
    assert (again.ahead_of_its_turn, again.looks) == (frozenset(), 3)


def test_an_export_decides_nothing_about_heads() -> None:
    events = [event(HeadEventKind.COMPARED, 1), event(HeadEventKind.PROMOTED, 1)]
    assert fold_heads([*events, event(HeadEventKind.EXPORTED, None)]) == fold_heads(events)
