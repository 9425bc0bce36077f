"""Optimised style transfer (Gatys et al. 2016): pixels moved by the perceptual step's gradient.

Everything is NumPy and one ONNX Runtime session, and nothing is random but the noise of a start
from noise: stopped and resumed, a transfer ends with the very same picture.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import WrongState
from clinic_app.inference.arrays import FloatArray, RgbImage, to_batch
from clinic_app.inference.native import cv2
from clinic_app.inference.style.colour import keep_colour, match_histogram
from clinic_app.inference.style.descent import QUICK_THEN_ADAM, Place, Way
from clinic_app.inference.style.perceptual import (
    MULTIPLE,
    Aim,
    BrokenOff,
    Halt,
    PerceptualStep,
    mirrored,
)
from clinic_app.inference.style.settings import SettingRefused as SettingRefused
from clinic_app.inference.style.settings import TransferSettings as TransferSettings

PREVIEW_STEPS = 10
"""A preview is due after every so many steps."""
LEAST_SIDE = 32
_NOISE = 0.15


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """After `step` of `steps`. Losses are unweighted, `total` is weighted; they are of the picture
    before the step. Once views change they are means over the last steps, one for each view: a net
    errs in some views more than in others. `picture` is set for previews and, with `output`, for
    pictures asked for."""

    step: int
    steps: int
    content_loss: float
    style_loss: float  # mean of the layers' losses by their shares
    variation_loss: float
    total: float
    seconds_left: float
    picture: RgbImage | None = None
    output: bool = False


@dataclass(frozen=True, slots=True)
class TransferState:
    """Where a transfer stands; `key` says which pictures and settings it belongs to, `model` which
    net drove it and `way` how, nothing where an early version put it away."""

    place: Place
    key: str
    model: str = ""
    way: str = ""

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """As `np.savez` takes it."""
        kept = {name: np.asarray(getattr(self.place, name)) for name in (*_PLANES, *_TRAIL, "step")}
        return kept | {name: np.array(getattr(self, name)) for name in ("key", "model", "way")}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> TransferState:
        """Of what `arrays` gave; raises `WrongState` when something is missing or misshapen."""
        try:
            planes = {name: np.asarray(arrays[name], np.float32) for name in _PLANES}
            none = planes["picture"][:0]
            trail = {name: np.asarray(arrays.get(name, none), np.float32) for name in _TRAIL}
            step, key = int(arrays["step"]), str(arrays["key"])
            model, way = (str(arrays.get(name, "")) for name in ("model", "way"))
        except (KeyError, ValueError, TypeError, IndexError):
            raise _foreign() from None
        shape, count = planes["picture"].shape, trail["pictures"].shape[:1]
        if len(shape) != 4 or shape[0] != 1 or step < 0:
            raise _foreign()
        if any(plane.shape != shape for plane in planes.values()):
            raise _foreign()
        if any(kept.shape != (*count, *shape[1:]) for kept in trail.values()):
            raise _foreign()
        return cls(Place(**planes, **trail, step=step), key, model, way)


_PLANES, _TRAIL = ("picture", "first", "second"), ("pictures", "gradients")
"""Arrays of a `Place` in a state; early states have no trail."""


class OptimisedTransfer:
    """One transfer of the style of one picture to the content of another.

    `way` is how the picture is moved. But for its quick steps, which are all in the first view,
    steps look at the picture in turn as it is and mirrored, as `net.views` says, with `aims` made
    of pictures mirrored alike: what a net of few channels takes for nearer in one view it does not
    in the others, and a transfer does not go astray there. An aim is made when `run` first needs
    it. `weights` are what every step is given.
    """

    def __init__(
        self,
        content: RgbImage,
        style: RgbImage,
        settings: TransferSettings,
        net: PerceptualStep,
        way: Way = QUICK_THEN_ADAM,
    ) -> None:
        self.settings = settings
        self._net, self._way = net, way
        self._content = scaled(content, settings.longest_side)
        self._style = scaled(style, settings.longest_side)
        if settings.matching == "before":
            self._style = match_histogram(self._style, self._content)
        self._key = _key(self._content, self._style, settings)
        self.aims: dict[int, Aim] = {}
        self.weights = _weights(settings)
        self._losses: deque[FloatArray] = deque(maxlen=len(net.views))
        picture = _padded(self._content)
        if settings.start == "noise":
            noise = np.random.default_rng(settings.seed).standard_normal(picture.shape, np.float32)
            picture = np.clip(0.5 + np.float32(_NOISE) * noise, 0, 1)
        self._halt = Halt()
        self._state = TransferState(Place.at(picture), self._key, net.model, way.name)

    @property
    def step(self) -> int:
        """Steps done so far."""
        return self._state.place.step

    def state(self) -> TransferState:
        """Where it stands; goes on being valid while the transfer does."""
        return self._state

    def resume(self, state: TransferState) -> None:
        """Go on from there; raises `WrongState` for the state of another transfer, and for one that
        another version of the net drove, or in another way: it would end as neither's picture."""
        own = self._state
        if state.key != self._key or state.place.picture.shape != own.place.picture.shape:
            raise _foreign()
        if (state.model, state.way) != (own.model, own.way):
            raise WrongState(
                "This transfer was begun with another version of the studio and would end as"
                " another picture. Start it again."
            )
        if state.place.step > self.settings.steps:
            raise WrongState("This transfer has already taken all the steps that are asked for.")
        self._state = state
        self._losses.clear()

    def break_off(self) -> None:
        """From another thread: `run` ends at once, also in the middle of a step, which counts for
        nothing. Another `run` goes on."""
        self._halt.now()

    def run(self, stop: Callable[[], bool] = lambda: False) -> Iterator[TransferProgress]:
        """The steps that are left, one answer each; ends between two once `stop` says yes."""
        self._halt = halt = Halt()
        net = self._net.halted_by(halt)
        began, done = time.perf_counter(), 0
        while self.step < self.settings.steps and not stop():
            try:
                began += self._prepare(net)  # done once: it does not tell the pace
                self._advance(net)
            except BrokenOff:
                return
            done += 1
            yield self._progress((time.perf_counter() - began) / done)

    @property
    def _turn(self) -> int:
        step = self.step
        return 0 if self._way.quick(step) else step % len(self._net.views)

    def _prepare(self, net: PerceptualStep) -> float:
        """Make the next step's aim where its view has its first turn; the seconds it took."""
        began = time.perf_counter()
        if self._turn not in self.aims:
            view = net.views[self._turn]
            content, style = (mirrored(_padded(one), view) for one in (self._content, self._style))
            self.aims[self._turn] = net.aim(content, style)
        return time.perf_counter() - began

    def _advance(self, net: PerceptualStep) -> None:
        view, aim = net.views[self._turn], self.aims[self._turn]
        place = self._state.place
        losses, gradient = net.step(mirrored(place.picture, view), aim, self.weights)
        if place.step <= self._way.quick_steps:
            self._losses.clear()
        self._losses.append(losses)
        place = place.moved(mirrored(gradient, view), self._way)
        self._state = dataclasses.replace(self._state, place=place)

    def _progress(self, pace: float) -> TransferProgress:
        """Of the step that was just made; `pace` is in seconds a step."""
        settings, step = self.settings, self.step
        losses = np.mean(self._losses, axis=0)
        output = step in settings.output_steps
        shown = output or step % PREVIEW_STEPS == 0 or step == 1
        return TransferProgress(
            step=step,
            steps=settings.steps,
            content_loss=float(losses[0]),
            style_loss=float(np.dot(settings.layer_shares, losses[1:6])),
            variation_loss=float(losses[6]),
            total=float(np.dot(self.weights, losses)),
            seconds_left=pace * (settings.steps - step),
            picture=self.picture() if shown else None,
            output=output,
        )

    def picture(self) -> RgbImage:
        """The picture as it stands, in the size of the work, with the colours asked for."""
        height, width = self._content.shape[:2]
        planes = self._state.place.picture[0, :, :height, :width]
        pixels = np.clip(planes * 255.0 + 0.5, 0, 255).astype(np.uint8)
        image: RgbImage = np.ascontiguousarray(pixels.transpose(1, 2, 0))
        keeps = self.settings.colour == "content"
        if self.settings.matching == "after":
            image = match_histogram(image, self._content if keeps else self._style)
        return keep_colour(self._content, image) if keeps else image


def scaled(image: RgbImage, longest: int) -> RgbImage:
    """Reduced so that its longest side is at most `longest` pixels, its shortest at least 32."""
    height, width = image.shape[:2]
    share = min(1.0, longest / max(height, width))
    size = [max(LEAST_SIDE, round(side * share)) for side in (width, height)]
    if size == [width, height]:
        return image
    reduced: RgbImage = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return reduced


def _padded(image: RgbImage) -> FloatArray:
    """As the step takes it, mirrored beyond its lower and right edge up to a multiple of 16."""
    height, width = image.shape[:2]
    below, right = -height % MULTIPLE, -width % MULTIPLE
    return to_batch(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REFLECT_101))


def _weights(settings: TransferSettings) -> FloatArray:
    shares = [settings.style_weight * share for share in settings.layer_shares]
    return np.array([settings.content_weight, *shares, settings.variation_weight], np.float32)


def _key(content: RgbImage, style: RgbImage, settings: TransferSettings) -> str:
    """Which pictures and settings; the number of steps and of outputs may change."""
    told = dataclasses.asdict(settings)
    del told["steps"], told["outputs"]
    digest = hashlib.sha256(repr(sorted(told.items())).encode())
    for image in (content, style):
        digest.update(repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


def _foreign() -> WrongState:
    return WrongState("This state does not belong to this transfer (other pictures or settings).")
