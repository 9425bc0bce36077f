from __future__ import annotations

import numpy as np
import pytest

from clinic_app.training import manifest
from clinic_app.training.agreement import compared, deviations, spread, with_known_bends
from clinic_app.training.card_asymmetry import asymmetry_judged
from clinic_app.training.landmarks import ROOM, WideCrops
from tests.unit.inference.tiny_models import standard_shape

pytestmark = pytest.mark.training

NAMES = ("eye_opening_percent", "brow_height_percent", "lip_corner_percent")


class Follows:
    """Tells what it is given in the pixels: the height of the bright spot at a lip corner."""

    def __init__(self, *, blind: bool = False) -> None:
        self._blind = blind

    def paired_points(self, faces: np.ndarray) -> np.ndarray:
        said = np.tile(np.asarray(standard_shape(), dtype=np.float64), (len(faces), 1, 1))
        if not self._blind:
            for row, face in enumerate(faces):
                mass = face[:, :, 0].astype(float) ** 2
                said[row, 54, 1] = (mass.sum(axis=1) * (np.arange(96) + 0.5)).sum()
                said[row, 54, 1] /= 96 * mass.sum()
        return said


@pytest.fixture
def crops() -> WideCrops:
    """Dark faces with one bright spot at the patient's left lip corner."""
    points = (np.asarray(standard_shape(), dtype=np.float32) - 0.5) / ROOM + 0.5
    images = np.zeros((40, 144, 144, 3), np.uint8)
    x, y = (round(float(v) * 144) for v in points[54])
    images[:, y - 3 : y + 3, x - 3 : x + 3] = 255
    return WideCrops(images, np.tile(points, (40, 1, 1)))


def test_a_net_that_follows_the_picture_agrees_with_known_bends(crops: WideCrops) -> None:
    seen = with_known_bends(Follows(), crops, np.arange(40))["measures"]["lip_corner_percent"]
    # The right corner moves as well, which this net does not look at.
    assert seen["correlation"].value > 0.5
    assert 0.3 < seen["slope"].value < 1.0


def test_a_net_that_answers_one_shape_for_every_face_does_not(crops: WideCrops) -> None:
    with np.errstate(invalid="ignore"):
        seen = with_known_bends(Follows(blind=True), crops, np.arange(40))["measures"]
    for name in NAMES:
        assert not seen[name]["correlation"].value > 0.1
        assert seen[name]["slope"].value == pytest.approx(0, abs=1e-6)
        assert seen[name]["error"].value == pytest.approx(seen[name]["deviation"].value, rel=1e-6)


def test_agreement_tells_slope_and_error_and_resamples_people() -> None:
    rng = np.random.default_rng(0)
    truth = {name: rng.normal(0, 2, 200) for name in NAMES}
    said = {name: 0.5 * value + rng.normal(0, 0.1, 200) for name, value in truth.items()}
    found = compared(said, truth, np.repeat(np.arange(20), 10))
    assert found["people"] == 20
    for name in NAMES:
        measure = found["measures"][name]
        assert measure["slope"].value == pytest.approx(0.5, abs=0.02)
        assert measure["slope"].low < measure["slope"].value < measure["slope"].high
        assert measure["correlation"].low > 0.95
        assert measure["error"].value == pytest.approx(truth[name].std() / 2, rel=0.1)
    # Ten pictures of a person that say the same are one, and one person alone has no slope.
    same = {name: np.repeat(np.arange(2.0), 10) for name in NAMES}
    assert deviations(same, np.repeat(np.arange(2), 10))[NAMES[0]].low == 0.0
    assert deviations(same, np.arange(20))[NAMES[0]].low > 0.3
    two = compared(same, same, np.repeat(np.arange(2), 10))["measures"][NAMES[0]]
    assert (two["slope"].low, two["slope"].value) == (1.0, 1.0)


def test_rows_are_spread_evenly_and_never_more_than_there_are() -> None:
    assert spread(np.arange(5), 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(np.arange(101), 3).tolist() == [0, 50, 100]
    assert len(spread(np.arange(50), None)) == 50


def test_the_card_shows_the_judges_there_were(crops: WideCrops) -> None:
    bends = with_known_bends(Follows(), crops, np.arange(40))
    measured = {"asymmetry_known_bends": bends, "asymmetry_second_opinion": {}}
    alone = "\n".join(asymmetry_judged(manifest.plain(measured)))
    assert "| lip corner |" in alone
    assert "Against" not in alone
    measured |= {"asymmetry_second_opinion": {"Some people": bends}, "second_opinion": "Judge"}
    both = "\n".join(asymmetry_judged(manifest.plain(measured)))
    assert "Against Judge" in both
    assert "Some people: 40 pictures" in both
