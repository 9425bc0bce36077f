"""The reading follows from the logits as the design says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.finding import Band
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.manifest import Calibration, PercentInterval
from clinic_app.inference.sessions import start
from clinic_app.inference.severity import (
    EMOTIONS,
    SeverityNet,
    interval_around,
    map_of,
    percent_of,
    softmax,
)
from clinic_app.inference.style import StyleNormaliser
from tests.unit.inference.tiny_models import style_model

INTERVAL = PercentInterval.model_validate(
    {
        "coverage": 0.9,
        "rows": [
            {"percent_from": 0, "low": 0, "high": 20},
            {"percent_from": 40, "low": -30, "high": 15},
        ],
    }
)


@given(st.lists(st.floats(-80, 80), min_size=4, max_size=4))
def test_probabilities_sum_to_one_and_the_percent_stays_in_range(logits: list[float]) -> None:
    p = softmax(np.array(logits))
    assert p.sum() == pytest.approx(1.0, abs=1e-12)
    assert 0 <= percent_of(p) <= 100 + 1e-9


@given(st.floats(0, 100), st.floats(1, 3))
def test_the_percent_lies_within_its_interval(percent: float, widening: float) -> None:
    low, high = interval_around(percent, INTERVAL, widening)
    assert 0 <= low <= percent <= high <= 100


def test_the_interval_is_the_one_measured_near_the_percent() -> None:
    assert interval_around(39.9, INTERVAL) == pytest.approx((34.9, 59.9))
    assert interval_around(40.0, INTERVAL) == pytest.approx((10.0, 55.0))
    assert interval_around(80.0, INTERVAL, 1.5) == pytest.approx((25.0, 100.0))


def test_the_interval_never_shrinks_to_a_point() -> None:
    sure = PercentInterval.model_validate(
        {"coverage": 0.9, "rows": [{"percent_from": 0, "low": 0, "high": 0}]}
    )
    assert interval_around(1.0, sure) == pytest.approx((0.0, 6.0))
    assert interval_around(1.0, sure, 1.5) == pytest.approx((0.0, 16.0))


def test_the_percent_weighs_the_bands() -> None:
    assert percent_of(np.array([1.0, 0, 0, 0])) == 0
    assert percent_of(np.array([0, 0, 0, 1.0])) == 100
    assert percent_of(np.array([0.5, 0.5, 0, 0])) == pytest.approx(100 / 6)


@pytest.mark.parametrize(("level", "band"), [(0.9, 0), (0.6, 1), (0.35, 2), (0.1, 3)])
def test_the_band_is_the_models_decision(chain: FaceChain, level: float, band: int) -> None:
    batch = np.full((2, 3, 96, 96), level, np.float32)
    batch[1] = 0.9
    first, second = chain.stages.severity.read(batch)
    assert first.reading.band is Band(band)
    assert second.reading.band is Band.NONE
    assert first.reading.coverage == 0.9
    assert sum(first.emotions.values()) == pytest.approx(1.0)
    assert tuple(first.emotions) == EMOTIONS
    assert len(first.embedding) == 512
    assert len(first.activation_map.values) == first.activation_map.width**2 == 144


class Sided:
    """A session that looks at the left half of a crop alone."""

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        face = feeds["face"]
        left = face[:, :, :, :48].mean(axis=(1, 2, 3))
        maps = np.repeat(face.mean(axis=1)[:, None, ::8, ::8], 4, axis=1)
        said = {
            "severity_logits": np.stack([6 * left, 0 * left, -left, -6 * left], axis=1),
            "emotion_logits": left[:, None] * np.linspace(-1, 1, 8)[None],
            "sadness": 1 - left,
            "band": np.round(3 * (1 - left)).astype(np.int64),
            "embedding": left[:, None] * np.ones((1, 512)),
            "activation_map": maps,
        }
        return [said[name] for name in outputs]


def sided_net(
    cuts: tuple[float, float, float] | None = None, *, mirrored: bool = True
) -> SeverityNet:
    stated = {
        "percent_interval": INTERVAL,
        "band_cuts_on_sadness": cuts,
        "with_mirror_image": mirrored,
    }
    return SeverityNet(Sided(), Calibration.model_validate(stated))


def half_lit() -> np.ndarray:
    batch = np.zeros((1, 3, 96, 96), np.float32)
    batch[..., :48] = 1.0
    return batch


def test_a_mirrored_crop_gets_the_same_answer() -> None:
    batch = half_lit()
    net = sided_net((0.2, 0.4, 0.6))
    (one,), (other,) = net.read(batch), net.read(batch[..., ::-1])
    assert one.reading == other.reading
    assert one.emotions == other.emotions
    assert one.embedding == other.embedding == (0.5,) * 512


def test_the_answer_is_the_mean_over_a_crop_and_its_mirror_image() -> None:
    (answer,) = sided_net((0.2, 0.4, 0.6)).read(half_lit())
    bright, dark = softmax(np.array([6.0, 0, -1, -6])), softmax(np.zeros(4))
    assert answer.reading.sadness == pytest.approx(0.5)
    assert answer.reading.probabilities == pytest.approx(tuple((bright + dark) / 2))


def test_the_map_of_the_mirror_image_is_turned_back() -> None:
    (answer,) = sided_net().read(half_lit())
    values = np.array(answer.activation_map.values).reshape(12, 12)
    assert (values[:, :6] == 1.0).all()
    assert (values[:, 6:] == 0.0).all()


@pytest.mark.parametrize(
    ("cuts", "band"),
    [((0.2, 0.4, 0.6), Band.MODERATE), ((0.6, 0.7, 0.8), Band.NONE), (None, Band.SEVERE)],
)
def test_the_cuts_decide_the_band_of_the_mean_and_without_them_the_graver_one(
    cuts: tuple[float, float, float] | None, band: Band
) -> None:
    (answer,) = sided_net(cuts).read(half_lit())
    assert answer.reading.band is band


def test_a_net_calibrated_on_single_crops_reads_them_so() -> None:
    net = sided_net((0.9, 0.95, 0.99), mirrored=False)
    (one,), (other,) = net.read(half_lit()), net.read(half_lit()[..., ::-1])
    assert (one.reading.sadness, other.reading.sadness) == (0.0, 1.0)
    assert (one.reading.band, other.reading.band) == (Band.NONE, Band.SEVERE)
    values = np.array(other.activation_map.values).reshape(12, 12)
    assert (values[:, 6:] == 1.0).all()


def test_the_map_runs_from_zero_to_one() -> None:
    values = map_of(np.array([[2.0, 4.0], [3.0, 6.0]], np.float32)).values
    assert values == (0.0, 0.5, 0.25, 1.0)
    assert map_of(np.full((2, 2), 7.0, np.float32)).values == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("any_size", [True, False])
def test_the_large_crop_is_evened_out_like_the_small_one(any_size: bool) -> None:
    style = StyleNormaliser(start(style_model(gain=1.5), "style", 1), any_size)
    large = np.full((256, 256, 3), 100, np.uint8)
    batch = np.full((1, 3, 96, 96), 100 / 255, np.float32)
    shown = style.display(large, batch, style.normalised(batch))
    assert shown.shape == large.shape
    assert np.abs(shown.astype(int) - 150).max() <= 1


def test_normalised_pixels_stay_in_range() -> None:
    style = StyleNormaliser(start(style_model(gain=3.0), "style", 1), True)
    assert style.normalised(np.full((1, 3, 96, 96), 0.8, np.float32)).max() == 1.0
