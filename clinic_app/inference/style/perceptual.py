"""The perceptual step: losses of a picture against an aim, and their gradient, in ONNX Runtime.

ONNX Runtime has no automatic differentiation; `models/perceptual.onnx` holds the backward pass as
ordinary operations (`training/perceptual_export.py`).
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, cast

import numpy as np

from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.sessions import Session

STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
MULTIPLE = 16
"""Sides of pictures are multiples of this many pixels."""
View = tuple[int, int]
"""Steps down and across in which pixels are read: 1, or -1 for mirrored."""
AS_IT_IS: tuple[View, ...] = ((1, 1),)
MIRRORED: tuple[View, ...] = ((1, 1), (1, -1), (-1, 1), (-1, -1))
KEPT_SIZES = 3
KEPT_PIXELS = KEPT_SIZES * 400 * 400
"""How many sessions stay open for sizes of pictures, and of how many pixels together: a session
keeps some 2 kB for each. A picture that is larger by itself has the only one."""
_GRAMS = tuple(f"gram_{name}" for name in STYLE_LAYERS)
_PARTS = ("content_of", *(f"{name}_of" for name in _GRAMS))


@dataclass(frozen=True, slots=True)
class Aim:
    """What a picture is pulled towards, in the net's own channels."""

    content: FloatArray  # [1, c, h/8, w/8]
    grams: tuple[FloatArray, ...]  # [c, c] for each style layer


class StepSession(Session, Protocol):
    """A session that tells what it takes, and can be ended while it runs."""

    def get_inputs(self) -> Sequence[Any]: ...
    def run(
        self,
        output_names: Sequence[str] | None,
        input_feed: Mapping[str, FloatArray],
        run_options: Any = None,
    ) -> Sequence[Any]: ...


def mirrored(picture: FloatArray, view: View) -> FloatArray:
    """[1, 3, h, w] in a view of it; what was mirrored is mirrored back."""
    down, across = view
    return np.ascontiguousarray(picture[:, :, ::down, ::across])


class BrokenOff(Exception):
    """The step was ended while it ran."""


class Halt:
    """Ends a step from another thread: at its next operation, and before it has begun."""

    def __init__(self) -> None:
        import onnxruntime

        self.options = onnxruntime.RunOptions()

    def now(self) -> None:
        self.options.terminate = True

    @property
    def asked(self) -> bool:
        return bool(self.options.terminate)


class _OfTheirSize:
    """Sessions for pictures of one size each; those used last stay open, as `KEPT_PIXELS` says.

    Where ONNX Runtime knows the size, it keeps large maps in one layout from the first convolution
    to the last: an eighth less time a step at 400 x 711. Opening takes a tenth of a second.
    """

    def __init__(self, opened: Callable[[Mapping[str, int]], StepSession]) -> None:
        self._opened = opened
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], StepSession] = OrderedDict()

    def __call__(self, height: int, width: int) -> StepSession:
        size = (height, width)
        with self._lock:
            if size not in self._kept:
                self._make_room(height * width)  # before opening: memory is what they cost
                self._kept[size] = self._opened(_dimensions(height, width))
            self._kept.move_to_end(size)
            return self._kept[size]

    def _make_room(self, pixels: int) -> None:
        while self._kept and (
            len(self._kept) >= KEPT_SIZES
            or pixels + sum(high * wide for high, wide in self._kept) > KEPT_PIXELS
        ):
            self._kept.popitem(last=False)


def _dimensions(height: int, width: int) -> dict[str, int]:
    return {"height": height, "width": width, "height8": height // 8, "width8": width // 8}


class PerceptualStep:
    """Over a session of the `perceptual` model for pictures of any size, which `opened` opens, with
    sizes fixed where it is given some. `model` is what tells it from other versions, `views` how a
    transfer has its picture looked at, in turn."""

    model = ""
    views = MIRRORED
    _halt: Halt | None = None

    def __init__(self, opened: Callable[[Mapping[str, int]], StepSession], model: str = "") -> None:
        self.model = model
        session = opened({})
        self._session = session
        self._of_size = _OfTheirSize(opened)
        shapes = {tensor.name: tensor.shape for tensor in session.get_inputs()}
        self._channels = int(shapes["content"][1])
        self._sizes = [int(shapes[name][0]) for name in _GRAMS]

    def aim(self, content: FloatArray, style: FloatArray) -> Aim:
        """The content maps of one picture and the Gram matrices of another, both [1, 3, h, w] in
        [0, 1] with sides that are multiples of 16."""
        maps = self._parts(content)[0]
        return Aim(maps, tuple(self._parts(style)[1:]))

    def halted_by(self, halt: Halt) -> Self:
        """The same step, which raises `BrokenOff` once `halt` says so, also of an aim."""
        halted = copy.copy(self)
        halted._halt = halt
        return halted

    def step(
        self, picture: FloatArray, aim: Aim, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Losses [7] (content, five styles, total variation; each relative to the aim's own size,
        unweighted) and the gradient [1, 3, h, w] of their sum weighted with `weights` [7]."""
        feed = self._feed(picture, aim.content, aim.grams, weights)
        session = self._of_size(*picture.shape[2:])
        losses, gradient = self._ran(session, ("losses", "gradient"), feed)
        return losses, gradient

    def _parts(self, picture: FloatArray) -> list[FloatArray]:
        _, _, height, width = picture.shape
        content = np.ones((1, self._channels, height // 8, width // 8), np.float32)
        grams = tuple(np.eye(size, dtype=np.float32) for size in self._sizes)
        feed = self._feed(picture, content, grams, np.zeros(7, np.float32))
        return list(self._ran(self._session, _PARTS, feed))

    def _ran(
        self, session: StepSession, names: Sequence[str], feed: Mapping[str, FloatArray]
    ) -> Sequence[Any]:
        halt = self._halt
        try:
            return session.run(names, feed, None if halt is None else halt.options)
        except Exception:  # its errors share no base class
            if halt is not None and halt.asked:
                raise BrokenOff from None
            raise

    def _feed(
        self,
        picture: FloatArray,
        content: FloatArray,
        grams: tuple[FloatArray, ...],
        weights: FloatArray,
    ) -> dict[str, FloatArray]:
        return {
            "picture": picture,
            "content": content,
            "weights": weights,
            **dict(zip(_GRAMS, grams, strict=True)),
        }


def open_perceptual(models: Path, threads: int = 1) -> PerceptualStep:
    """The step of the models in `models`, which are read once; raises `ModelRejected`."""
    from clinic_app.inference.manifest import load_manifest
    from clinic_app.inference.sessions import session_opener

    manifest = load_manifest(models)
    opened = session_opener(models, manifest, "perceptual", threads)
    model = manifest.entry("perceptual").sha256
    return PerceptualStep(cast(Callable[[Mapping[str, int]], StepSession], opened), model)
