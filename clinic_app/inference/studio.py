"""The style studio's engine: the transfers of `inference.style` behind the services' Protocol."""

from __future__ import annotations

import dataclasses
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import WrongState
from clinic_app.domain.picture import Picture
from clinic_app.inference.archives import UnreadableArchive, read_arrays
from clinic_app.inference.arrays import RgbImage, image_of, to_picture
from clinic_app.inference.findings import encoded_png
from clinic_app.inference.intake.altered import marked_png
from clinic_app.inference.intake.photo import decode_pixels, read_photo
from clinic_app.inference.intake.strip import with_strip
from clinic_app.inference.native import cv2
from clinic_app.inference.style.emotion import STYLE_OF_EMOTION, style_for
from clinic_app.inference.style.feedforward import StyleBook, open_style_book
from clinic_app.inference.style.optimised import (
    OptimisedTransfer,
    TransferSettings,
    TransferState,
)
from clinic_app.inference.style.perceptual import PerceptualStep, open_perceptual
from clinic_app.inference.style.pictures import picture_names, style_picture
from clinic_app.services.studio_data import Mode, Transfer, TransferNews, TransferWish

if TYPE_CHECKING:
    from clinic_app.inference.chain import FaceChain

LIVE = 224
"""Side of a live frame in pixels."""
MOST_SIDE = 1600
"""Of a picture that is opened, in pixels."""


class OnnxStudio:
    """Implements `StudioEngine` with the models that are in use; each opens on first use, and anew
    once the clinic has chosen others. May be called from any thread."""

    def __init__(self, models: Callable[[], Path], threads: int = 1) -> None:
        self._folder = models
        self._threads = threads
        self._lock = threading.Lock()
        self._open: _Opened | None = None

    def styles(self) -> tuple[str, ...]:
        """See `StudioEngine`."""
        return self._models().book.names

    def style_pictures(self) -> Mapping[str, Picture]:
        """See `StudioEngine`."""
        return {name: to_picture(style_picture(name)) for name in picture_names()}

    def open_picture(self, path: Path) -> Picture:
        """See `StudioEngine`."""
        return to_picture(_reduced(read_photo(path).image))

    def decoded(self, png: bytes) -> Picture:
        """See `StudioEngine`."""
        return to_picture(decode_pixels(png))

    def thumbnail(self, png: bytes) -> Picture:
        """See `StudioEngine`."""
        return to_picture(_reduced(decode_pixels(png), LIVE))

    def encoded(self, picture: Picture) -> bytes:
        """See `StudioEngine`."""
        return encoded_png(image_of(picture))

    def marked(self, picture: Picture) -> bytes:
        """See `StudioEngine`."""
        return marked_png(with_strip(image_of(picture)))

    def transfer(self, content: Picture, style: Picture, wish: TransferWish) -> Transfer:
        """See `StudioEngine`."""
        return _Running(self._made(content, style, wish))

    def resumed(
        self, content: Picture, style: Picture, wish: TransferWish, state: bytes
    ) -> Transfer:
        """See `StudioEngine`."""
        made = self._made(content, style, wish)
        made.resume(TransferState.of(_arrays(state)))
        return _Running(made)

    def redrawn(self, picture: Picture, weights: Mapping[str, float], strength: float) -> Picture:
        """See `StudioEngine`."""
        return to_picture(self._models().book.apply(image_of(picture), weights, strength))

    def small(self, picture: Picture) -> Picture:
        """See `StudioEngine`."""
        image = image_of(picture)
        side = min(image.shape[:2])
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        square = image[top : top + side, left : left + side]
        small: RgbImage = cv2.resize(square, (LIVE, LIVE), interpolation=cv2.INTER_AREA)
        return to_picture(small)

    def emotions(self, picture: Picture) -> Mapping[str, float]:
        """See `StudioEngine`."""
        from clinic_app.inference.timing import Stopwatch

        chain = self._models().chain
        seen = chain.see(image_of(picture), Stopwatch())
        if seen is None:
            return {}
        (answer,) = chain.stages.severity.read(seen.batch)
        return answer.emotions

    def style_for(self, emotions: Mapping[str, float], mode: Mode) -> Mapping[str, float]:
        """See `StudioEngine`."""
        return style_for(emotions, STYLE_OF_EMOTION, "pick" if mode is Mode.PICK else "blend")

    def _made(self, content: Picture, style: Picture, wish: TransferWish) -> OptimisedTransfer:
        settings = TransferSettings(**dataclasses.asdict(wish))
        return OptimisedTransfer(image_of(content), image_of(style), settings, self._models().step)

    def _models(self) -> _Opened:
        folder = self._folder()
        with self._lock:
            if self._open is None or self._open.folder != folder:
                self._open = _Opened(folder, self._threads)
            return self._open


class _Opened:
    """The models of one folder, each opened once, whichever thread asks first."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        self._threads = threads
        self._lock = threading.Lock()

    @property
    def book(self) -> StyleBook:
        with self._lock:
            return self._book

    @property
    def step(self) -> PerceptualStep:
        with self._lock:
            return self._step

    @property
    def chain(self) -> FaceChain:
        with self._lock:
            return self._chain

    @cached_property
    def _book(self) -> StyleBook:
        return open_style_book(self.folder, self._threads)

    @cached_property
    def _step(self) -> PerceptualStep:
        return open_perceptual(self.folder, self._threads)

    @cached_property
    def _chain(self) -> FaceChain:
        from clinic_app.inference.chain import FaceChain
        from clinic_app.inference.models import load_stages

        return FaceChain(load_stages(self.folder, self._threads))


class _Running:
    """A transfer whose pictures are the services'."""

    def __init__(self, transfer: OptimisedTransfer) -> None:
        self._transfer = transfer

    def state(self) -> bytes:
        """See `Transfer`."""
        written = io.BytesIO()
        np.savez(written, **self._transfer.state().arrays())  # type: ignore[arg-type]
        return written.getvalue()

    def break_off(self) -> None:
        """See `Transfer`."""
        self._transfer.break_off()

    def run(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        """See `Transfer`."""
        for told in self._transfer.run(stop):
            yield TransferNews(
                told.step,
                told.steps,
                told.content_loss,
                told.style_loss,
                told.variation_loss,
                told.total,
                told.seconds_left,
                None if told.picture is None else to_picture(told.picture),
                told.output,
            )


def _arrays(state: bytes) -> Mapping[str, NDArray[np.generic]]:
    """Of what `state` gave; raises `WrongState` when it cannot be read."""
    try:
        return read_arrays(io.BytesIO(state))
    except UnreadableArchive:
        raise WrongState("What was kept of this transfer cannot be read.") from None


def open_studio(models: Callable[[], Path], threads: int = 1) -> OnnxStudio:
    """The engine over the models that are in use."""
    return OnnxStudio(models, threads)


def _reduced(image: RgbImage, most: int = MOST_SIDE) -> RgbImage:
    longest = max(image.shape[:2])
    if longest <= most:
        return image
    share = most / longest
    smaller: RgbImage = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return smaller
