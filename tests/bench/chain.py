"""The chain on a 1280 x 720 frame, stage by stage, beside a ResNet50V2 forward pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera.live import FaceCamera
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.files import read_file
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.models import load_stages
from clinic_app.inference.native import cv2
from clinic_app.inference.sessions import start
from clinic_app.inference.timing import Stopwatch
from clinic_app.paths import MODELS, RESOURCES
from tests.bench.measure import Timing, in_turn
from tests.bench.resnet import SIDE, resnet50v2

PORTRAIT = RESOURCES / "samples" / "astronaut.png"


@dataclass(frozen=True)
class ChainFigures:
    """Medians by name; `stages` are those of the whole chain on the still frame."""

    threads: int
    whole: dict[str, Timing]
    stages: dict[str, Timing]


class OneFrame:
    """A camera that shows the same frame for ever."""

    def __init__(self, frame: RgbImage) -> None:
        self._frame = frame

    def read(self) -> RgbImage:
        return self._frame

    def release(self) -> None: ...


def frame_1280x720() -> RgbImage:
    """The sample portrait at webcam size: a face with 110 pixels between the eyes."""
    portrait = read_photo(PORTRAIT).image
    frame = np.full((720, 1280, 3), 90, np.uint8)
    frame[36:684, 26:1255] = cv2.resize(
        portrait[20:290], (1229, 648), interpolation=cv2.INTER_CUBIC
    )
    return frame


def measure_chain(threads: int, rounds: int) -> ChainFigures:
    """Everything in turn, `rounds` times, each session with `threads` threads."""
    chain = FaceChain(load_stages(MODELS, threads))
    frame = frame_1280x720()
    camera = FaceCamera(chain, OneFrame(frame))
    resnet = start(resnet50v2(), "resnet", threads)
    image = {"image": np.zeros((1, 3, SIDE, SIDE), np.float32)}
    stages: dict[str, list[float]] = {}

    def read() -> None:
        watch = Stopwatch()
        reading = chain.read(frame, watch)
        assert reading.abstained is None, reading.abstained
        for name, spent in watch.milliseconds.items():
            stages.setdefault(name, []).append(spent)

    whole = in_turn(
        {
            "resnet50v2": lambda: resnet.run(None, image),
            "chain": read,
            "preview": camera.look,
            "file": lambda: read_file(chain, PORTRAIT),
        },
        rounds,
    )
    return ChainFigures(threads, whole, {name: Timing.of(v) for name, v in stages.items()})
