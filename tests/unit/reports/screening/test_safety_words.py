"""What the report says of item 9 and of the safety flows: all of it, and nothing that reassures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.safety import SafetyEventKind
from tests.unit.reports import builders as made
from tests.unit.reports.reading import text_of
from tests.unit.reports.screening.safety import an_hour_later, by_clinician, phq9


def test_item_nine_answered_not_at_all_gets_no_word_beyond_the_answer() -> None:
    text = text_of(made.report())
    assert text.count("Item 9") == 0
    assert "safety" not in text.lower()


def test_item_nine_without_documentation_is_stated() -> None:
    text = text_of(phq9(0, 0, 0, 0, 0, 0, 0, 0, 2))
    assert "Item 9 was answered with “More than half the days” (2 of 3)." in text
    assert "No documentation of a safety assessment" in text


def test_the_safety_flows_documentation_is_printed_in_full() -> None:
    text = text_of(made.full_report())
    for words in (
        "Item 9 was answered with “Several days” (1 of 3).",
        "Documented",
        "Passive thoughts since two weeks, no plan, no intent, no earlier attempt.",
        "the partner keeps the medicines.",
        "Partner (with consent), Dr. Lindqvist.",
        "daily contact until Friday.",
        "2026-03-10 09:30",
        "to Dr. Lindqvist",
        "Acknowledged",
    ):
        assert words in text


def test_an_open_flow_is_open_on_the_first_page() -> None:
    report = made.report(safety=(made.flow(SafetyEventKind.OPENED, item_nine=3),))
    text = text_of(report)
    assert "Item 9 was answered with “Nearly every day” (3 of 3)." in text
    assert "no assessment has been documented yet" in text


@pytest.mark.parametrize("value", [1, 2, 3])
@pytest.mark.parametrize("kinds", [(), (SafetyEventKind.ASSESSED,)])
def test_a_concern_of_the_clinician_never_hides_the_answer_to_item_nine(
    value: int, kinds: tuple[SafetyEventKind, ...]
) -> None:
    phq = phq9(0, 0, 0, 0, 0, 0, 0, 0, value)
    text = text_of(replace(phq, safety=(by_clinician(value, *kinds),)))
    assert text.count("Opened by the clinician.") == 2
    assert text.count(f"({value} of 3)") == 2  # near the top, and in the section
    assert "Item 9 and safety" in text
    assert "changed afterwards" not in text


def test_a_concern_of_the_clinician_never_hides_an_item_nine_that_is_unanswered() -> None:
    phq = phq9(1, 1, 1, 1, 1, 1, 1, 1, None)
    for flow in (by_clinician(None), by_clinician(2)):
        text = text_of(replace(phq, safety=(flow,)))
        assert text.count("Opened by the clinician.") == 2
        assert text.count("Item 9 was not answered.") >= 2
        assert ("(2 of 3)" in text) is (flow.highest_item_nine == 2)


def test_a_concern_of_the_clinician_alone_says_nothing_about_item_nine() -> None:
    text = text_of(made.report(safety=(by_clinician(None),)))
    assert "Opened by the clinician." in text
    assert "Item 9" not in text


def test_every_flow_of_the_screening_is_printed() -> None:
    first = made.flow(SafetyEventKind.OPENED, SafetyEventKind.ASSESSED, item_nine=1)
    second = an_hour_later(made.flow(SafetyEventKind.OPENED, SafetyEventKind.ASSESSED, item_nine=3))
    phq = phq9(0, 0, 0, 0, 0, 0, 0, 0, 3)
    text = text_of(replace(phq, safety=(first, second)))
    for opened in ("2026-03-09 09:40", "2026-03-09 10:40"):
        assert opened in text
    assert "(1 of 3)" in text
    assert text.count("(3 of 3)") == 2
    assert text.count("Passive thoughts since two weeks") == 2


def test_of_several_flows_the_open_one_is_told_near_the_top() -> None:
    closed = made.flow(SafetyEventKind.OPENED, SafetyEventKind.ASSESSED, item_nine=1)
    for later in (made.flow(SafetyEventKind.OPENED, item_nine=3), by_clinician(None)):
        text = text_of(made.report(safety=(closed, an_hour_later(later))))
        assert "Safety flow open: no assessment documented yet." in text
        assert "documented below" not in text
        highest = later.highest_item_nine or 1
        assert text.count(f"({highest} of 3)") == 2


def test_a_higher_answer_than_any_documented_one_is_stated_beside_the_flow() -> None:
    flow = made.flow(SafetyEventKind.OPENED, SafetyEventKind.ASSESSED, item_nine=1)
    text = text_of(replace(phq9(0, 0, 0, 0, 0, 0, 0, 0, 3), safety=(flow,)))
    assert text.count("(3 of 3)") == 2
    assert "No documentation of a safety assessment" in text
    assert "documented below" not in text


def test_a_concern_raised_while_the_flow_was_open_is_printed() -> None:
    flow = made.flow(SafetyEventKind.OPENED, SafetyEventKind.CONCERN_RAISED)
    text = text_of(made.report(safety=(flow,)))
    assert "Concern raised" in text


def test_a_lowered_answer_does_not_hide_the_higher_one() -> None:
    changed = made.flow(SafetyEventKind.OPENED, SafetyEventKind.ANSWER_CHANGED, item_nine=2)
    text = text_of(made.report(safety=(changed,)))
    assert "(2 of 3)" in text
    assert "the highest one given counts" in text


def test_steps_that_are_open_again_do_not_claim_that_nothing_is_documented() -> None:
    kinds = (SafetyEventKind.OPENED, SafetyEventKind.ASSESSED, SafetyEventKind.CONCERN_RAISED)
    text = text_of(made.report(safety=(made.flow(*kinds),)))
    assert text.count("Open again: a concern or an answer came after") == 2  # near the top as well
    assert "no assessment" not in text
    assert "Passive thoughts since two weeks" in text
