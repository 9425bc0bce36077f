"""Every name of the public JSON is there, with or without a reading."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from clinic_app.domain.finding import AbstainReason, Band, QualityReason, SourceKind
from clinic_app.services.screen_json import finding_json
from tests.fakes.reading import finding

NAMES = {
    "quality": {"accepted", "reasons", "scores"},
    "severity": {
        "class",
        "probabilities",
        "percent",
        "interval",
        "coverage",
        "sadness",
        "abstained",
        "reason",
    },
    "three_level": {"probability_none", "class", "grey_zone"},
    "asymmetry": {
        "eye_opening_percent",
        "brow_height_percent",
        "lip_corner_percent",
        "test_retest_error",
        "positive_side",
    },
}


def check_names(plain: dict[str, Any]) -> None:
    for part, names in NAMES.items():
        assert set(plain[part]) == names
    assert set(plain["severity"]["probabilities"]) == {"none", "mild", "moderate", "severe"}
    assert {"path", "emotions", "models", "timings_ms"} <= set(plain)
    json.dumps(plain, allow_nan=False)


@pytest.mark.parametrize("band", Band)
def test_a_reading_gives_its_band_and_probabilities(band: Band) -> None:
    plain = finding_json("a.png", finding(band))
    check_names(plain)
    severity = plain["severity"]
    assert severity["class"] == band.name.lower()
    assert sum(severity["probabilities"].values()) == pytest.approx(1)
    low, high = severity["interval"]
    assert 0 <= low <= severity["percent"] <= high <= 100
    assert (severity["abstained"], severity["reason"]) == (False, None)
    assert plain["three_level"]["class"] in ("none", "mild", "high")


@pytest.mark.parametrize("reason", AbstainReason)
def test_cannot_tell_has_every_name_and_no_number(reason: AbstainReason) -> None:
    plain = finding_json("a.png", finding(abstained=reason, reasons=(QualityReason.TOO_DARK,)))
    check_names(plain)
    severity = plain["severity"]
    assert (severity["abstained"], severity["reason"]) == (True, reason.value)
    assert severity["class"] is severity["percent"] is severity["interval"] is None
    assert set(severity["probabilities"].values()) == {None}
    assert set(plain["three_level"].values()) == {None}
    assert plain["quality"] == {**plain["quality"], "accepted": False, "reasons": ["too_dark"]}


def test_without_a_face_the_asymmetry_is_there_without_numbers() -> None:
    plain = finding_json("a.png", finding(abstained=AbstainReason.NO_FACE))
    assert plain["asymmetry"]["eye_opening_percent"] is None
    assert plain["emotions"] == {}


def test_what_is_not_a_number_is_none() -> None:
    made = finding()
    wrong = dataclasses.replace(made, emotions={"neutral": float("nan"), "sadness": float("inf")})
    assert finding_json("a", wrong)["emotions"] == {"neutral": None, "sadness": None}


def test_a_burst_tells_how_many_frames_were_good() -> None:
    plain = finding_json("a", finding(source=SourceKind.WEBCAM))
    assert plain["frames"]["accepted_frames"] == 9
    assert finding_json("a", finding())["frames"] is None
