"""What the style studio hands around, and what it needs of the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import BegunTransfer, StudioSource
from clinic_app.domain.studio import TransferWish as TransferWish


class OpeningStopped(ClinicError):
    """Somebody stopped the opening of a file; no picture came in."""


class Mode(StrEnum):
    """The style of the strongest emotion, or all in proportion."""

    PICK = "pick"
    BLEND = "blend"


@dataclass(frozen=True, slots=True)
class StudioContent:
    """A picture to be redrawn, whose it is and the screening it is from. Made by the service
    alone."""

    picture: Picture
    source: StudioSource
    patient_id: UUID | None = None
    screening_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TransferNews:
    """After ``step`` of ``steps``; ``picture`` when one is due, an ``output`` or a preview."""

    step: int
    steps: int
    content_loss: float
    style_loss: float
    variation_loss: float
    total: float
    seconds_left: float
    picture: Picture | None = None
    output: bool = False


class Transfer(Protocol):
    """One optimised transfer; it remembers where it stands."""

    def run(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        """The steps that are left. Ends early once ``stop`` says yes; another call goes on."""

    def break_off(self) -> None:
        """From another thread: the call that runs ends at once, without the step it is in."""

    def state(self) -> bytes:
        """Where it stands, for `StudioEngine.resumed`."""


class StudioEngine(Protocol):
    """Redraws pictures; implemented by ``clinic_app.inference``. Every method may raise
    ``ModelRejected``."""

    def styles(self) -> tuple[str, ...]:
        """Names of the live styles."""

    def style_pictures(self) -> Mapping[str, Picture]:
        """The style pictures that ship, by name."""

    def open_picture(self, path: Path) -> Picture:
        """A photo, upright, at most 1600 pixels on its longest side; raises ``UnreadableImage``,
        also for a picture that was made here."""

    def decoded(self, png: bytes) -> Picture:
        """Raises ``UnreadableImage``."""

    def thumbnail(self, png: bytes) -> Picture:
        """The whole picture, at most 224 pixels on its longest side."""

    def encoded(self, picture: Picture) -> bytes:
        """A PNG file without metadata, for the store."""

    def marked(self, picture: Picture) -> bytes:
        """A PNG file that says, to people and programs, that the picture was altered; the readers
        of this program refuse it."""

    def transfer(self, content: Picture, style: Picture, wish: TransferWish) -> Transfer:
        """Raises ``InvalidInput`` for a wish out of range."""

    def resumed(
        self, content: Picture, style: Picture, wish: TransferWish, state: bytes
    ) -> Transfer:
        """The same transfer where ``state`` left it; goes on to the very same picture. Raises
        ``WrongState`` when the state is of another one."""

    def redrawn(self, picture: Picture, weights: Mapping[str, float], strength: float) -> Picture:
        """With live styles by weight; raises ``InvalidInput``."""

    def small(self, picture: Picture) -> Picture:
        """The middle square of a picture, 224 pixels wide: what is drawn live."""

    def emotions(self, picture: Picture) -> Mapping[str, float]:
        """What the emotion head sees in the main face; empty without a face it can read."""

    def style_for(self, emotions: Mapping[str, float], mode: Mode) -> Mapping[str, float]:
        """Weights of styles; raises ``InvalidInput`` for no emotion at all."""


def without_engine() -> StudioEngine:
    """For a program without models."""
    raise WrongState("This program was opened without its style studio.")


@dataclass(frozen=True, slots=True)
class PatientPicture:
    """A kept picture that may be used: which screening it is from."""

    screening_id: UUID
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A transfer that was begun, brought back: what it was asked for and the pictures that had
    come out by then, by their steps. ``state`` is empty before anything was put away."""

    begun: BegunTransfer
    content: StudioContent
    style: Picture
    outputs: tuple[tuple[int, Picture], ...]
    state: bytes
