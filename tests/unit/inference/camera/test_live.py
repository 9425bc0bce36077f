"""The preview and the burst of a camera."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.domain.errors import CameraTrouble
from clinic_app.domain.finding import AbstainReason, QualityReason, SourceKind
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera.live import BLACK_FRAMES, STEADY_FRAMES, FaceCamera
from clinic_app.inference.chain import FaceChain
from tests.unit.inference.camera.sources import BLACK, Frames, trouble


def test_a_good_preview_fills_the_ring(chain: FaceChain, large_portrait: RgbImage) -> None:
    camera = FaceCamera(chain, Frames([large_portrait], forever=True))
    views = [camera.look() for _ in range(STEADY_FRAMES)]
    assert [view.hint for view in views] == [None] * STEADY_FRAMES
    assert views[0].steadiness < views[5].steadiness < 1.0
    assert views[-1].steadiness == 1.0
    face = views[-1].face
    assert face is not None
    assert (face.left, face.width) == pytest.approx((453, 217), abs=12)
    assert (views[0].picture.width, views[0].picture.height) == (1280, 720)
    assert views[0].picture.rgb == large_portrait.tobytes()


def test_leaving_the_picture_is_noticed_and_empties_the_ring(
    chain: FaceChain, large_portrait: RgbImage
) -> None:
    nobody = np.full_like(large_portrait, 90)
    camera = FaceCamera(chain, Frames([large_portrait] * 5 + [nobody] * 2))
    for _ in range(5):
        camera.look()
    view = camera.look()
    assert (view.hint, view.face, view.steadiness) == (QualityReason.NO_FACE, None, 0.0)


def test_moving_is_a_hint(chain: FaceChain, large_portrait: RgbImage) -> None:
    frames = [np.roll(large_portrait, 15 * k, axis=1) for k in (0, 0, 0, 1, 2, 3, 4)]
    camera = FaceCamera(chain, Frames(frames))
    hints = [camera.look().hint for _ in frames]
    assert hints[:3] == [None] * 3
    assert hints[-1] is QualityReason.MOVING


def test_sensor_noise_is_no_movement(chain: FaceChain, large_portrait: RgbImage) -> None:
    random = np.random.default_rng(0)
    frames = [
        np.clip(large_portrait + random.normal(0, 5, large_portrait.shape), 0, 255).astype(np.uint8)
        for _ in range(12)
    ]
    camera = FaceCamera(chain, Frames(frames))
    assert [camera.look().hint for _ in frames] == [None] * 12


def test_too_far_is_a_hint(chain: FaceChain, portrait: RgbImage) -> None:
    room = np.full((720, 1280, 3), 100, np.uint8)
    room[100:612, 500:1012] = portrait
    assert FaceCamera(chain, Frames([room])).look().hint is QualityReason.TOO_SMALL


def test_the_best_frame_of_a_burst_counts(chain: FaceChain, large_portrait: RgbImage) -> None:
    nobody = np.full_like(large_portrait, 90)
    dark = large_portrait // 12
    camera = FaceCamera(chain, Frames([nobody, dark, large_portrait, nobody]))
    reading = camera.burst(4)
    finding = reading.finding
    assert finding.source is SourceKind.WEBCAM
    assert finding.abstained is None
    assert finding.frames is not None
    assert (finding.frames.frames, finding.frames.accepted_frames) == (4, 1)
    assert reading.images is not None


def test_a_burst_with_two_people_abstains(chain: FaceChain, portrait: RgbImage) -> None:
    pair = np.hstack([portrait[:300], portrait[:300]])
    reading = FaceCamera(chain, Frames([pair, pair, portrait[:300]])).burst(3)
    assert reading.finding.abstained is AbstainReason.SEVERAL_FACES
    assert reading.images is None


def test_unplugged_during_the_preview_and_during_the_burst(
    chain: FaceChain, portrait: RgbImage
) -> None:
    camera = FaceCamera(chain, Frames([portrait]), "Desk camera")
    camera.look()
    kind, sentence = trouble(camera.look)
    assert kind is CameraTrouble.UNPLUGGED
    assert "'Desk camera' stopped giving pictures" in sentence
    again = FaceCamera(chain, Frames([portrait] * 3), "Desk camera")
    assert trouble(again.burst)[0] is CameraTrouble.UNPLUGGED


def test_a_camera_that_goes_black(chain: FaceChain) -> None:
    camera = FaceCamera(chain, Frames([BLACK], forever=True), "Desk camera")
    for _ in range(BLACK_FRAMES - 1):
        camera.look()
    assert trouble(camera.look)[0] is CameraTrouble.BLACK


def test_closing_frees_the_source(chain: FaceChain) -> None:
    source = Frames([])
    FaceCamera(chain, source).close()
    assert source.released
