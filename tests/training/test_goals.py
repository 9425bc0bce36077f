"""The table of goals says what was measured, and "no" where a goal was missed."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_app.training import goals
from tests.training import figures as made_up

pytestmark = pytest.mark.training
BENCHMARKS = """
| severity net with its map (int8) | 0.411 | 95 × ResNet50V2 |
| style net (int8), 224 × 224 | 0.941 | 19,810 × 100 steps of Gatys |
"""
BEFORE = {
    "version": "1.0.0",
    "group_shifts": {"raw": {"age": {"difference": [0.0581, 0.05, 0.07]}}},
}


def rows(figures: dict[str, Any], benchmarks: str = BENCHMARKS) -> dict[str, list[str]]:
    entries = made_up.entries(goals.EXPLAINED)
    entries["severity"]["bytes"] = 24_998_000
    text = goals.section(figures, entries, BEFORE, benchmarks)
    assert text.startswith(goals.BEGIN)
    assert text.rstrip().endswith(goals.END)
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return {
        cells[0]: cells[1:]
        for cells in ([c.strip() for c in x.strip("|").split("|")] for x in lines)
    }


@pytest.fixture
def figures() -> dict[str, Any]:
    return made_up.everything()


def test_every_goal_has_its_row(figures: dict[str, Any]) -> None:
    assert len(rows(figures)) == 1 + 22
    assert {cells[0] for name, cells in rows(figures).items() if name} >= {
        "≥ 0.85",
        "≥ 0.88",
        "≥ 0.957",
        "≥ 0.8",
        "≥ 0.72",
        "≥ 0.7",
        "≤ 0.03",
        "≤ 0.055",
        "≤ 0.028",
        "≥ 1.5",
        "≤ 1",
        "≥ 0.98",
        "≥ 85",
        "≥ 20,000",
        "≤ 25 MB",
    }


def test_what_is_missed_says_no_and_why(figures: dict[str, Any]) -> None:
    found = rows(figures)
    missed = found["correlation of `sadness` with the raters' share"]
    assert missed[1:4] == ["0.800 [0.780, 0.820]", "0.800 [0.780, 0.820]", "no"]
    assert missed[4] == goals.LABELS
    assert found["style net, times 100 steps of Gatys"][2:4] == ["19,810", "no"]
    assert found["recall of sadness"][3:] == ["yes", ""]


def test_the_reading_that_counts_decides(figures: dict[str, Any]) -> None:
    name = "correlation of `sadness` with the raters' share"
    figures["severity"]["normalised"]["pearson"] = [0.86, 0.84, 0.88]
    assert rows(figures)[name][3:] == ["yes", ""]
    figures["severity"]["normalised"]["pearson"] = [0.80, 0.78, 0.82]
    figures["severity"]["raw"]["pearson"] = [0.86, 0.84, 0.88]
    assert rows(figures)[name][3] == "no"


def test_edges_count_as_reached(figures: dict[str, Any]) -> None:
    figures["style"]["emotion_agreement_clean"] = [0.98, 0.97, 0.99]
    figures["severity"]["normalised"]["ece"] = [0.0301, 0.02, 0.04]
    found = rows(figures)
    assert found["emotion agreement before and after normalising"][3] == "yes"
    assert found["ECE of the bands"][3] == "no"
    assert found["all model files together"][2:4] == ["25 MB", "yes"]


def test_shifts_between_groups_are_judged_in_the_reading_that_counts_and_are_not_rounded(
    figures: dict[str, Any],
) -> None:
    name = "largest shift by age (UTKFace), at most that of 1.0.0, raw"
    shifts = figures["severity"]["group_shifts"]
    assert rows(figures)[name][0] == "≤ 0.0581"
    for raw, normalised, verdict in ((0.05, 0.05811, "no"), (0.06, 0.0581, "yes")):
        shifts["raw"] = {"age": {"difference": [raw, 0.04, 0.07]}}
        shifts["normalised"] = {"age": {"difference": [normalised, 0.04, 0.07]}}
        assert rows(figures)[name][3] == verdict


def test_a_time_that_was_not_measured_is_neither_reached_nor_missed(
    figures: dict[str, Any],
) -> None:
    found = rows(figures, benchmarks="# Benchmarks\n")
    assert found["severity net with its map, times ResNet50V2"][2:4] == ["not measured", "-"]
