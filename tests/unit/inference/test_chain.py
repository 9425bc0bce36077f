"""One frame through all stages, and every way not to have a result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinic_app.domain.finding import AbstainReason, QualityReason
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain, FrameReading
from clinic_app.inference.models import load_stages
from clinic_app.inference.native import cv2
from clinic_app.inference.timing import Stopwatch
from tests.unit.inference.tiny_models import (
    landmarks_model,
    manifest_of,
    severity_model,
    style_model,
    write_manifest,
    write_models,
)


def read(chain: FaceChain, image: RgbImage) -> FrameReading:
    return chain.read(np.ascontiguousarray(image), Stopwatch())


def scaled(image: RgbImage, factor: float) -> RgbImage:
    result: RgbImage = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return result


def test_a_good_portrait_is_read(chain: FaceChain, large_portrait: RgbImage) -> None:
    watch = Stopwatch()
    reading = chain.read(large_portrait, watch)
    assert reading.abstained is None
    assert reading.quality.accepted
    assert reading.raw is not None
    assert reading.normalised is not None
    assert reading.asymmetry is not None
    assert set(watch.milliseconds) == {
        "detect",
        "align",
        "landmarks",
        "quality",
        "style",
        "severity",
        "asymmetry",
    }
    assert not {"movement", "off_centre", "frame_height_share"} & set(reading.quality.scores)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_on_its_side_or_head_is_never_read(
    chain: FaceChain, large_portrait: RgbImage, quarters: int
) -> None:
    reading = read(chain, np.rot90(large_portrait, quarters))
    assert reading.abstained is not None
    assert {QualityReason.TILTED, QualityReason.NO_FACE} & set(reading.quality.reasons)


@pytest.mark.parametrize("angle", [-25, -15, 15, 25])
def test_a_tilted_head_is_not_taken_for_a_turned_picture(
    chain: FaceChain, portrait: RgbImage, angle: float
) -> None:
    turn = cv2.getRotationMatrix2D((220.0, 120.0), angle, 1.0)
    seen = chain.see(cv2.warpAffine(portrait, turn, (512, 512)), Stopwatch())
    assert seen is not None
    assert seen.scores["turned_gain"] < 0


def test_a_smaller_face_is_read_with_a_wider_interval_and_without_asymmetry(
    chain: FaceChain, portrait: RgbImage, large_portrait: RgbImage
) -> None:
    small, large = read(chain, portrait), read(chain, large_portrait)
    assert small.raw is not None
    assert large.raw is not None
    assert small.asymmetry is None

    def width(reading: FrameReading) -> float:
        assert reading.raw is not None
        return reading.raw.reading.interval[1] - reading.raw.reading.percent

    assert width(small) > width(large) * 1.2


def test_nobody_in_the_picture(chain: FaceChain) -> None:
    reading = read(chain, np.full((300, 400, 3), 127, np.uint8))
    assert reading.abstained is AbstainReason.NO_FACE
    assert reading.quality.reasons == (QualityReason.NO_FACE,)
    assert reading.single_face is None


def test_two_people(chain: FaceChain, portrait: RgbImage) -> None:
    reading = read(chain, np.hstack([portrait[:300], portrait[:300, ::-1]]))
    assert reading.abstained is AbstainReason.SEVERAL_FACES
    assert reading.quality.reasons[0] is QualityReason.SEVERAL_FACES
    assert reading.single_face is None
    assert reading.raw is None


def test_somebody_far_behind_does_not_count(chain: FaceChain, portrait: RgbImage) -> None:
    behind = scaled(portrait[20:300, 80:340], 0.35)
    picture = portrait.copy()
    picture[10 : 10 + behind.shape[0], 400 : 400 + behind.shape[1]] = behind
    reading = read(chain, picture)
    assert 0 < reading.quality.scores["second_face_share"] < 0.25
    assert reading.abstained is None


def test_a_face_of_forty_pixels(chain: FaceChain, portrait: RgbImage) -> None:
    reading = read(chain, scaled(portrait, 40 / 90))
    assert reading.abstained is AbstainReason.TOO_SMALL
    assert reading.quality.scores["between_eyes_px"] < 36
    assert reading.single_face is not None


def test_a_dark_picture(chain: FaceChain, portrait: RgbImage) -> None:
    reading = read(chain, portrait // 12)
    assert reading.abstained is AbstainReason.QUALITY
    assert QualityReason.TOO_DARK in reading.quality.reasons
    assert reading.raw is None


def test_a_blurred_picture(chain: FaceChain, large_portrait: RgbImage) -> None:
    reading = read(chain, cv2.GaussianBlur(large_portrait, (0, 0), 13))
    assert reading.abstained is AbstainReason.QUALITY
    assert reading.quality.reasons == (QualityReason.BLURRED,)


def test_a_cut_face(chain: FaceChain, large_portrait: RgbImage) -> None:
    reading = read(chain, large_portrait[:, 520:])
    assert reading.abstained is AbstainReason.QUALITY
    assert QualityReason.CUT_OFF in reading.quality.reasons


def test_a_picture_that_is_a_face_crop_is_read(chain: FaceChain, large_portrait: RgbImage) -> None:
    seen = chain.see(large_portrait, Stopwatch())
    assert seen is not None
    x, y = seen.face.centre
    half = int(seen.face.height * 0.55)
    crop = large_portrait[int(y) - half : int(y) + half, int(x) - half : int(x) + half]
    assert read(chain, crop).abstained is None


def test_closed_eyes(tmp_path: Path, portrait: RgbImage) -> None:
    folder = write_models(tmp_path, landmarks=landmarks_model(eye_opening=0.1))
    reading = read(FaceChain(load_stages(folder)), portrait)
    assert reading.quality.reasons == (QualityReason.EYES_CLOSED,)


def test_raw_and_normalised_more_than_a_band_apart(tmp_path: Path, portrait: RgbImage) -> None:
    folder = write_models(tmp_path, style=style_model(gain=0.2))
    reading = read(FaceChain(load_stages(folder)), portrait)
    assert reading.abstained is AbstainReason.DISAGREEMENT
    assert reading.raw is not None
    assert reading.normalised is not None
    assert reading.normalised.reading.band - reading.raw.reading.band > 1


def test_one_band_apart_is_no_disagreement(tmp_path: Path, portrait: RgbImage) -> None:
    folder = write_models(tmp_path, style=style_model(gain=0.6))
    reading = read(FaceChain(load_stages(folder)), portrait)
    assert reading.raw is not None
    assert reading.normalised is not None
    assert reading.normalised.reading.band - reading.raw.reading.band == 1
    assert reading.abstained is None


def chain_with(tmp_path: Path, threshold: float, counts: str, sure: float) -> FaceChain:
    severity = severity_model(sure=sure)
    folder = write_models(tmp_path, severity=severity)
    document = manifest_of(
        {name: (folder / f"{name}.onnx").read_bytes() for name in ("face", "landmarks", "style")}
        | {"severity": severity}
    )
    document["models"]["severity"]["calibration"]["abstain_below_max_probability"] = threshold
    document["models"]["severity"]["reading_that_counts"] = counts
    write_manifest(folder, document)
    return FaceChain(load_stages(folder))


def test_low_confidence(tmp_path: Path, portrait: RgbImage) -> None:
    assert read(chain_with(tmp_path, 0.5, "raw", 0.1), portrait).abstained is (
        AbstainReason.LOW_CONFIDENCE
    )
    assert read(chain_with(tmp_path, 0.2, "raw", 0.1), portrait).abstained is None


@pytest.mark.parametrize("counts", ["raw", "normalised"])
def test_the_manifest_says_which_reading_counts(
    tmp_path: Path, portrait: RgbImage, counts: str
) -> None:
    chain = chain_with(tmp_path, 0.0, counts, 40.0)
    reading = read(chain, portrait)
    assert reading.raw is not None
    assert reading.normalised is not None
    assert chain.counted(reading.raw, reading.normalised) is getattr(reading, counts)


def test_a_mirrored_picture_turns_the_signs_of_asymmetry(
    chain: FaceChain, large_portrait: RgbImage
) -> None:
    straight = read(chain, large_portrait).asymmetry
    turned = read(chain, large_portrait[:, ::-1]).asymmetry
    assert straight is not None
    assert turned is not None
    assert abs(straight.lip_corner_percent) > 0.2
    assert turned.lip_corner_percent == pytest.approx(-straight.lip_corner_percent, abs=0.15)
    assert turned.eye_opening_percent == pytest.approx(-straight.eye_opening_percent, abs=0.15)
    assert turned.brow_height_percent == pytest.approx(-straight.brow_height_percent, abs=0.15)
