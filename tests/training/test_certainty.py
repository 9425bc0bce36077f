"""What is told of how sure a reading is: on known cases, and on the shipped files."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference import metrics
from clinic_app.training import certainty, evaluate, skin
from clinic_app.training.chain import Passed
from clinic_app.training.evaluate import Truth
from tests.training.conftest import ROOT

pytestmark = pytest.mark.training
MODELS = ROOT / "models"


def test_refusing_is_told_by_what_is_read_and_what_is_left() -> None:
    certain = np.array([0.9, 0.8, 0.7, 0.6, 0.3])
    p = np.column_stack([certain, (1 - certain)[:, None] / 3 * np.ones((1, 3))])
    right = np.array([True, True, False, True, False])
    found = certainty.abstention(p, right, 0.5)
    assert found["refused"].value == pytest.approx(0.2)
    assert found["wrong_of_the_read"].value == pytest.approx(0.25)
    assert found["wrong_of_all"].value == pytest.approx(0.4)
    assert found["gained"].value == pytest.approx(0.15)
    assert found["gained"].low < 0.15 < found["gained"].high


def test_a_reading_is_right_where_the_band_that_is_shown_is_and_not_the_likeliest() -> None:
    votes = np.zeros((4, 10), dtype=int)
    votes[:, 0], votes[:, 3] = (10, 10, 2, 2), (0, 0, 8, 8)
    truth = Truth.of(votes)
    said = {
        "severity_logits": np.tile([3.0, 0.0, 0.0, 0.0], (4, 1)),
        "band": np.array([0, 0, 3, 3]),
    }
    found = certainty.certainty_figures({"raw": said, "normalised": said}, truth, [ROW], 0.2)
    assert found["risk_coverage"]["raw"][-1] == (1.0, 0.0)
    assert found["abstention"]["normalised"]["wrong_of_all"].value == 0.0
    assert set(found["percent_interval_covered"]) == {"raw", "normalised"}


ROW = certainty.calibrate.IntervalRow(0.0, 100.0, -10.0, 10.0, 50)


def test_the_trivial_answer_is_scored_like_any_other() -> None:
    rng = np.random.default_rng(0)
    votes = np.zeros((400, 10), dtype=int)
    votes[:, 3] = rng.binomial(10, rng.beta(0.4, 2.0, 400))
    votes[:, 1] = 10 - votes[:, 3]
    found = evaluate.baseline_figures(Truth.of(votes), votes)
    assert found["balanced_accuracy"].value == 0.5
    assert found["auc"].value == 0.5
    assert found["recall"].value == found["f1"].value == found["band_kappa"].value == 0.0
    happy = (metrics.emotion_shares(votes).argmax(axis=1) == 1).mean()
    assert found["emotion_accuracy"].value == pytest.approx(happy), "the most frequent, not neutral"
    assert found["emotion_accuracy"].low < happy < found["emotion_accuracy"].high
    assert "precision" not in found
    assert found["ece"].value < 0.01, "the frequencies of the bands are right of themselves"


def test_what_the_gate_takes_of_one_subject_is_not_independent() -> None:
    subject = np.repeat(np.arange(4), 25)
    rows = np.arange(50)
    seen = Passed(rows, np.zeros((50, 96, 96, 3), np.uint8), np.arange(90), {}, 100)
    alone, by_subject = seen.acceptance(), seen.acceptance(subject)
    assert alone["accepted"].value == by_subject["accepted"].value == 0.5
    assert alone["accepted"].high - alone["accepted"].low < 0.25
    assert (by_subject["accepted"].low, by_subject["accepted"].high) == (0.0, 1.0)
    assert by_subject["face_found"].value == pytest.approx(0.9)


def test_emotions_that_move_are_told_with_how_close_they_were() -> None:
    p = np.full((4, 8), 0.01)
    p[:, :2] = [[0.48, 0.46], [0.6, 0.34], [0.48, 0.46], [0.7, 0.24]]
    before = {"emotion_logits": np.log(p)}
    after = {"emotion_logits": np.log(p[:, [1, 0, 2, 3, 4, 5, 6, 7]])}
    after["emotion_logits"][3] = np.log(p[3])
    found = certainty.emotions_moved(before, after, np.array([0, 1, 1, 0]))
    assert found == {"n": 3, "close": 2, "right_before": 1, "right_after": 2}
    none = certainty.emotions_moved(before, before, np.zeros(4, np.int64))
    assert none == {"n": 0, "close": 0, "right_before": 0, "right_after": 0}


def test_how_far_points_moved_is_told_by_either_distance_of_the_eyes() -> None:
    truth = np.zeros((1, 68, 2))
    truth[0, 36:42, 0], truth[0, 42:48, 0] = np.linspace(0.1, 0.4, 6), np.linspace(0.6, 0.9, 6)
    truth[0, 45, 0], truth[0, 47, 0] = 0.9, 0.78  # the outer corner is the fourth of its eye
    said = truth + np.array([0.0, 0.008])
    assert evaluate.point_errors(said, truth)[0] == pytest.approx(1.0)
    assert evaluate.point_errors(said, truth, evaluate.EYES)[0] == pytest.approx(1.6)


def test_the_colour_of_a_face_moves_as_its_picture_does() -> None:
    faces = np.full((3, 96, 96, 3), (180, 130, 110), np.uint8)
    warmer = faces.copy()
    warmer[..., 2] -= 40
    darker = (faces * 0.8).astype(np.uint8)
    masks = {"group": {"all of them": np.ones(3, bool)}}
    same = skin.shifts(masks, faces, faces)["group all of them"]
    assert same["chroma"].value == same["hue"].value == same["lightness"].value == 0.0
    found = skin.shifts(masks, faces, warmer)["all"]
    assert found["chroma"].value > 5
    assert found["hue"].value > 10, "from red towards yellow"
    assert skin.shifts(masks, faces, darker)["all"]["lightness"].value < -8


def test_black_and_white_photographs_have_no_hue_to_change() -> None:
    faces = np.full((4, 96, 96, 3), (180, 130, 110), np.uint8)
    faces[2:] = (120, 119, 120)
    turned = faces.copy()
    turned[2:] = (119, 120, 120)  # across half of the circle, and not to be seen
    alike = {"sort": {"colour": np.arange(4) < 2, "gray": np.arange(4) >= 2}}
    found = skin.shifts(alike, faces, turned)
    assert (found["all"]["n"], found["all"]["hue_n"]) == (4, 2)
    assert found["all"]["hue"].value == 0.0
    assert found["sort gray"]["hue_n"] == 0
    assert "hue" not in found["sort gray"]
    assert found["sort gray"]["chroma_before"] < 2
