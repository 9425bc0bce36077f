"""What is told about the data before anything is trained, on faces whose labels are known."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from clinic_app.inference import metrics
from clinic_app.training import explore
from clinic_app.training.data import FerData
from clinic_app.training.splits import Split

pytestmark = pytest.mark.training
SAD, ANGRY = metrics.SADNESS, metrics.EMOTIONS.index("anger")
N = 12


@pytest.fixture
def work() -> SimpleNamespace:
    """Twelve faces: four all sad, four of whom six raters are angry, four neutral, one of them with
    four votes only; the first two are twins in two parts, with two labels."""
    votes = np.zeros((N, 10), np.int64)
    votes[:4, SAD] = 10
    votes[4:8, ANGRY], votes[4:8, 0] = 6, 4
    votes[8:, 0] = 9
    votes[8:, 9] = 1
    votes[11] = [4, 0, 0, 0, 0, 0, 0, 0, 6, 0]
    images = np.repeat(np.arange(N, dtype=np.uint8) * 20, 48 * 48).reshape(N, 48, 48)
    images[1] = images[0]
    twins = np.full(N, -1)
    twins[:2] = 5
    label = np.array([4, 0, 4, 4, 0, 0, 0, 3, 6, 6, 6, 6])
    split = np.zeros(N, np.int64)
    split[1] = 1
    leaks = np.zeros(N, bool)
    fer = FerData(images, votes, label, split, leaks, twins)
    parts = Split(np.array([2, 3, 4, 5, 6, 8, 9]), np.array([7, 10]), np.array([1]))
    people = SimpleNamespace(subject=np.array([1, 1, 2]), age=np.zeros(3), identity=np.array([7]))
    return SimpleNamespace(fer=fer, fer_split=parts, yale=people, utk=people, ytf=people, seed=0)


def test_classes_votes_bands_and_duplicates_are_counted(work: SimpleNamespace) -> None:
    counts = explore.count(work)
    assert counts["with_five_valid_votes"] == 11
    assert counts["ferplus_majority"] == {
        **dict.fromkeys(metrics.EMOTIONS, 0),
        "sadness": 4,
        "anger": 4,
        "neutral": 3,
    }
    assert counts["votes"]["sadness"] == 40
    assert counts["votes"]["neutral"] == 4 * 4 + 3 * 9 + 4
    assert (counts["votes"]["unknown"], counts["votes"]["not a face"]) == (6, 3)
    assert counts["raters_who_agree"] == {
        **{str(k): 0 for k in range(1, 11)},
        "6": 4,
        "9": 3,
        "10": 4,
    }
    assert counts["severity_band"] == {"none": 7, "mild": 0, "moderate": 0, "severe": 4}
    assert counts["duplicate_groups"] == 1
    assert counts["duplicate_groups_across_parts"] == 1
    assert counts["duplicate_groups_with_two_labels"] == 1
    assert counts["labels_that_agree_with_the_majority"] == pytest.approx(9 / 11)


def test_charts_and_sheets_are_drawn(work: SimpleNamespace, tmp_path: Path) -> None:
    counts = explore.explore(work, tmp_path)
    assert json.loads((tmp_path / "counts.json").read_text()) == counts
    for name in explore.CHARTS:
        assert cv2.imread(str(tmp_path / f"{name}.png")).min() < 150, f"nothing is drawn: {name}"
    shown = cv2.imread(str(tmp_path / "sample_severe.png"), cv2.IMREAD_GRAYSCALE)
    assert set(np.unique(shown)) == {0, 40, 60}, "the two sad faces that are trained on, and ground"
    twins = cv2.imread(str(tmp_path / "sample_duplicates.png"), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(twins[:48, :48], twins[:48, 48:96])
