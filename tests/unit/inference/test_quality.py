"""The gate refuses what cannot be read and gives one hint at a time."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.domain.finding import QualityReason
from clinic_app.inference.alignment import AlignedFace
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.native import cv2
from clinic_app.inference.quality import (
    GATES,
    asymmetry_allowed,
    hint,
    interval_widening,
    judge,
    light_scores,
)
from clinic_app.inference.timing import Stopwatch

IDENTITY = np.array([[1.0, 0, 0], [0, 1.0, 0]])
GOOD = {
    "second_face_share": 0.0,
    "between_eyes_px": 110.0,
    "inside_share": 1.0,
    "yaw_degrees": 3.0,
    "pitch_degrees": -4.0,
    "roll_degrees": 2.0,
    "frame_height_share": 0.5,
    "off_centre": 0.05,
    "highlight": 190.0,
    "clipped_dark": 0.0,
    "clipped_bright": 0.0,
    "contrast": 110.0,
    "side_difference": 0.1,
    "movement": 1.0,
    "sharpness": 0.25,
    "eye_opening": 0.3,
}


def test_a_good_picture_passes_without_a_hint() -> None:
    assert judge(GOOD).accepted
    assert hint(GOOD) is None


@pytest.mark.parametrize(
    ("axis", "value", "reason"),
    [
        ("second_face_share", 0.5, QualityReason.SEVERAL_FACES),
        ("between_eyes_px", 35.9, QualityReason.TOO_SMALL),
        ("inside_share", 0.7, QualityReason.CUT_OFF),
        ("yaw_degrees", -40.0, QualityReason.NOT_FRONTAL),
        ("pitch_degrees", 40.0, QualityReason.NOT_FRONTAL),
        ("roll_degrees", -50.0, QualityReason.TILTED),
        ("highlight", 20.0, QualityReason.TOO_DARK),
        ("clipped_dark", 0.6, QualityReason.TOO_DARK),
        ("clipped_bright", 0.5, QualityReason.TOO_BRIGHT),
        ("contrast", 10.0, QualityReason.LOW_CONTRAST),
        ("side_difference", 1.6, QualityReason.UNEVEN_LIGHT),
        ("sharpness", 0.01, QualityReason.BLURRED),
        ("eye_opening", 0.02, QualityReason.EYES_CLOSED),
    ],
)
def test_each_axis_refuses_with_its_reason(axis: str, value: float, reason: QualityReason) -> None:
    quality = judge({**GOOD, axis: value})
    assert not quality.accepted
    assert quality.reasons == (reason,)
    assert quality.scores[axis] == value
    assert hint({**GOOD, axis: value}) is reason


@pytest.mark.parametrize(
    ("axis", "value", "reason"),
    [
        ("frame_height_share", 0.95, QualityReason.TOO_CLOSE),
        ("off_centre", 0.4, QualityReason.OFF_CENTRE),
        ("movement", 20.0, QualityReason.MOVING),
        ("between_eyes_px", 50.0, QualityReason.TOO_SMALL),
        ("yaw_degrees", 20.0, QualityReason.NOT_FRONTAL),
    ],
)
def test_what_can_be_better_is_a_hint_only(axis: str, value: float, reason: QualityReason) -> None:
    assert judge({**GOOD, axis: value}).accepted
    assert hint({**GOOD, axis: value}) is reason


def test_of_several_troubles_the_first_of_the_table_is_the_hint() -> None:
    troubled = {**GOOD, "sharpness": 0.01, "between_eyes_px": 20.0, "highlight": 10.0}
    assert hint(troubled) is QualityReason.TOO_SMALL
    assert judge(troubled).reasons == (
        QualityReason.TOO_SMALL,
        QualityReason.TOO_DARK,
        QualityReason.BLURRED,
    )


def test_every_gate_names_its_source_and_hints_no_later_than_it_refuses() -> None:
    for gate in GATES:
        assert gate.source
        assert gate.hint_below == -np.inf or gate.hint_below >= gate.refuse_below
        assert gate.hint_above == np.inf or gate.hint_above <= gate.refuse_above


def test_small_faces_get_a_wider_interval_and_no_asymmetry() -> None:
    assert interval_widening(120) == 1.0
    assert interval_widening(36) == pytest.approx(1.5)
    assert 1.0 < interval_widening(60) < 1.5
    assert asymmetry_allowed(GOOD)
    assert not asymmetry_allowed({**GOOD, "between_eyes_px": 89.0})
    assert not asymmetry_allowed({**GOOD, "yaw_degrees": -14.0})


def crop_scores(image: RgbImage) -> dict[str, float]:
    return light_scores(AlignedFace(image, IDENTITY))


@pytest.fixture(scope="module")
def face(chain: FaceChain, portrait: RgbImage) -> RgbImage:
    seen = chain.see(portrait, Stopwatch())
    assert seen is not None
    return seen.crop.image


def test_dark_skin_in_good_light_is_not_dark(face: RgbImage) -> None:
    """A third of the reflectance in the same light: lower mean, same clipping, still readable."""
    darker = (face * 0.4).astype(np.uint8)
    assert darker.mean() < 70  # a gate on the mean (70 to 190) would refuse this face
    assert judge({**GOOD, **crop_scores(darker)}).accepted


def test_darkness_is_refused(face: RgbImage) -> None:
    assert QualityReason.TOO_DARK in judge({**GOOD, **crop_scores(face // 16)}).reasons


def test_burnt_out_skin_is_refused(face: RgbImage) -> None:
    burnt = np.clip(face.astype(int) * 3, 0, 255).astype(np.uint8)
    assert QualityReason.TOO_BRIGHT in judge({**GOOD, **crop_scores(burnt)}).reasons


def test_fog_is_refused(face: RgbImage) -> None:
    foggy = (face * 0.1 + 120).astype(np.uint8)
    assert judge({**GOOD, **crop_scores(foggy)}).reasons == (QualityReason.LOW_CONTRAST,)


def test_light_from_one_side_is_noticed(face: RgbImage) -> None:
    shade = np.linspace(0.05, 1.0, 96)[None, :, None]
    scores = crop_scores((face * shade).astype(np.uint8))
    assert hint({**GOOD, **scores}) is QualityReason.UNEVEN_LIGHT


def test_blur_lowers_sharpness_whatever_the_contrast(face: RgbImage) -> None:
    sharp = crop_scores(face)["sharpness"]
    pale = crop_scores((face * 0.5).astype(np.uint8))["sharpness"]
    blurred = crop_scores(cv2.GaussianBlur(face, (0, 0), 5))["sharpness"]
    assert pale == pytest.approx(sharp, rel=0.1)
    assert blurred < 0.05 < sharp
