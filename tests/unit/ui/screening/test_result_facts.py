"""What the result page says: exact bands, neutral words, sides named, never a verdict."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from clinic_app.domain.finding import AbstainReason, Asymmetry, Band, LocalReading, three_level
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.ui.screens.screening.result import facts
from tests.fakes.reading import finding

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def _phq(*answers: int | None, difficulty: int | None = None) -> facts.TotalFacts:
    return facts.total_facts(
        Response(InstrumentName.PHQ9, answers, AnsweredBy.READ_ALOUD, NOW, difficulty)
    )


def test_total_band_and_scale_of_a_complete_phq9() -> None:
    total = _phq(2, 2, 1, 1, 1, 1, 1, 1, 0, difficulty=1)
    assert (total.scale, total.total, total.maximum, total.band) == ("PHQ-9", 10, 27, "moderate")
    assert [band.low for band in total.bands] == [0, 5, 10, 15, 20]
    assert total.remarks == ("Everyday life: somewhat difficult.",)


def test_item_nine_at_zero_is_never_commented_on() -> None:
    total = _phq(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert total.remarks == ()
    assert total.pattern == ""


def test_a_missing_item_nine_gives_the_phq8_labelled_as_such() -> None:
    total = _phq(2, 2, 1, 1, 1, 1, 1, 1, None)
    assert (total.scale, total.total, total.maximum) == ("PHQ-8", 10, 24)
    assert total.bands[-1].high == 24
    assert any("PHQ-8" in remark for remark in total.remarks)


def test_a_prorated_total_is_marked_and_too_many_missing_give_none() -> None:
    assert any("Prorated" in r for r in _phq(2, 2, None, None, 1, 1, 1, 1, 0).remarks)
    none = _phq(2, None, None, None, 1, 1, 1, 1, 0)
    assert none.total is None
    assert none.band == ""
    assert none.remarks[0] == "No total: 3 questions are not answered."


def test_the_estimate_names_band_interval_and_coverage() -> None:
    shown = facts.estimate_facts(finding(Band.MODERATE))
    assert shown.headline == "Moderate"
    assert shown.interval_text == "60 of 100, 90 % interval 48 to 72"


@pytest.mark.parametrize("reason", list(AbstainReason))
def test_every_reason_for_having_no_reading_has_its_sentence(reason: AbstainReason) -> None:
    shown = facts.estimate_facts(finding(abstained=reason))
    assert shown.headline == "Cannot tell"
    assert shown.cannot_tell.startswith("Cannot tell: ")
    assert shown.probabilities is None


def test_asymmetry_names_the_patients_own_side_and_its_error() -> None:
    measured = dataclasses.replace(finding(), asymmetry=Asymmetry(1.5, -2.0, 0.4, 0.8, 0.9, 0.7))
    eye, brow, lip = facts.asymmetry_facts(measured)
    assert eye.value == "patient's left larger by 1.5 % (± 0.8 %)"
    assert brow.value == "patient's right higher by 2.0 % (± 0.9 %)"
    assert "no difference beyond the error" in lip.value


def test_the_three_levels_say_their_direction_and_grey_zone() -> None:
    near = dataclasses.replace(finding(), three_level=three_level(0.42))
    level = facts.three_level_facts(near)[0]
    assert level.value == "mild (close to a cut point: unsure)"
    abstained = dataclasses.replace(
        finding(abstained=AbstainReason.DISAGREEMENT), three_level=three_level(0.9)
    )
    assert facts.three_level_facts(abstained)[0].value == "cannot tell"


FORBIDDEN = re.compile(r"\bdepressed\b|\bdiagnos|\brisk\b|\blow risk\b|\bnormal\b", re.IGNORECASE)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [t for f in dataclasses.fields(value) for t in _texts(getattr(value, f.name))]
    if isinstance(value, (tuple, list)):
        return [text for one in value for text in _texts(one)]
    return []


@pytest.mark.parametrize("band", list(Band))
def test_no_verdict_word_and_no_risk_word_is_ever_said(band: Band) -> None:
    seen = finding(band)
    said = [
        *_texts(facts.estimate_facts(seen)),
        *_texts(facts.about_lines(seen)),
        *_texts(facts.asymmetry_facts(seen)),
        *_texts(facts.three_level_facts(seen)),
        *_texts(facts.quality_facts(seen)),
        *_texts(_phq(3, 3, 3, 3, 3, 3, 3, 3, 3)),
        facts.MEANING,
        facts.DISAGREEMENT,
    ]
    assert said
    assert [text for text in said if FORBIDDEN.search(text)] == []


def test_a_local_head_stands_beside_the_estimate_under_its_own_name() -> None:
    shares = (0.1, 0.2, 0.3, 0.4)
    local = LocalReading("local-1-abcd", UUID(int=1), Band.SEVERE, shares, 66.7)
    shown = facts.estimate_facts(dataclasses.replace(finding(Band.MILD), local=local))
    plain = facts.estimate_facts(finding(Band.MILD))
    assert dataclasses.replace(shown, local_text="") == plain
    assert "Local head local-1-abcd: severe, 67 of 100" in shown.local_text
    assert plain.local_text == ""
