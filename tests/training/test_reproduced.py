"""A run's figures are held against the intervals of the shipped files."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from clinic_app.training import reproduced
from tests.training import figures as made_up

pytestmark = pytest.mark.training
PEARSON = "severity.raw.pearson"


@pytest.fixture
def shipped() -> dict[str, Any]:
    return made_up.everything()


def test_the_same_models_lie_within_their_own_intervals(shipped: dict[str, Any]) -> None:
    found = reproduced.pairs(shipped, shipped)
    assert PEARSON in found
    assert all(pair.within for pair in found.values())


@pytest.mark.parametrize(
    ("value", "within"), [(0.78, True), (0.82, True), (0.7799, False), (0.8201, False)]
)
def test_a_figure_beyond_the_interval_is_said_to_be(
    shipped: dict[str, Any], value: float, within: bool
) -> None:
    again = copy.deepcopy(shipped)
    again["severity"]["raw"]["pearson"] = [value, value - 0.1, value + 0.1]
    found = reproduced.pairs(shipped, again)
    assert found[PEARSON].within is within
    assert [place for place, pair in found.items() if not pair.within] == (
        [] if within else [PEARSON]
    )
    text = reproduced.section("9.9.9", shipped, again)
    verdict = "yes" if within else "no"
    assert f"| 0.800 [0.780, 0.820] | {value:.3f} | {verdict} |" in text


def test_what_no_training_moves_does_not_count(shipped: dict[str, Any]) -> None:
    places = reproduced.pairs(shipped, shipped)
    told = " ".join(places)
    for kept in ("training_mean_for_every_face", "fer2013_labels", "face_found", ".deviation"):
        assert kept not in told
    assert "landmarks.asymmetry_known_bends.measures.brow_height_percent.slope" in places
    assert not [place for place in places if place.endswith(".accepted")]
    assert not [place for place in places if ".people." in place and "human_panel" in place]
    assert "severity.human_panel.sizes.3.net.pearson" in places


def test_what_the_new_run_did_not_measure_is_left_out_and_said(shipped: dict[str, Any]) -> None:
    again = copy.deepcopy(shipped)
    del again["landmarks"]
    found, whole = (reproduced.pairs(shipped, other) for other in (again, shipped))
    left = [place for place in whole if place not in found]
    assert left == [place for place in whole if place.startswith("landmarks")]
    assert reproduced.missing(shipped, again) == left
    said = f" {len(left)} of 9.9.9 were not measured again."
    assert said in reproduced.section("9.9.9", shipped, again)
    assert "not measured again" not in reproduced.section("9.9.9", shipped, shipped)


def test_every_listed_figure_is_one_that_the_shipped_files_have() -> None:
    models = reproduced.ROOT / "models"
    figures = json.loads((models / "cards/figures.json").read_text("utf-8"))
    assert set(reproduced.MAIN) <= set(reproduced.pairs(figures, figures))


def test_a_folder_that_nothing_was_measured_in_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduced.main(["--again", str(tmp_path)]) == 1
    assert "figures.json" in capsys.readouterr().err
    assert reproduced.main(["--again", str(reproduced.ROOT / "models")]) == 0
    assert "| no |" not in capsys.readouterr().out
