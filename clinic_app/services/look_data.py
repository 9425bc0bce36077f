"""What the service of reference looks gives out, and what it needs of the models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import (
    Ablation,
    LookEventKind,
    Objection,
    Recipe,
    ReferenceLook,
)
from clinic_app.services.backup_data import Progress, Stop, never, unheard


class LookStopped(ClinicError):
    """A measurement was stopped; nothing was kept."""


@dataclass(frozen=True, slots=True)
class LookPreview:
    """One face as PNG files: as taken, with the shipped look, with the new one; then the same three
    under synthetic light from the side."""

    taken: bytes
    shipped: bytes
    looked: bytes
    side_taken: bytes
    side_shipped: bytes
    side_looked: bytes


class LookBench(Protocol):
    """Tries looks on faces; implemented by ``clinic_app.inference``."""

    def models(self) -> str:
        """The models that read, as findings name them; raises ``ModelRejected``."""

    def opened(self, picture: Path) -> Picture | None:
        """A photo, ``None`` for one that is larger than any picture that a record keeps; raises
        ``UnreadableImage``."""

    def decoded(self, png: bytes) -> Picture:
        """A kept picture; raises ``UnreadableImage``."""

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path | Picture],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> Ablation:
        """The lighting ablation on the shipped sample face and these photos and pictures of the
        camera. ``present`` is the look in use, None the shipped one. Nothing of a picture is kept.

        Raises ``UnreadableImage`` for a photo without a face, ``LookStopped``, ``ModelRejected``.
        """

    def preview(self, recipe: Recipe, picture: Path | None = None) -> LookPreview:
        """The look on one photo, by default the sample face; raises as ``measure`` does."""


class WithoutLookBench:
    """A program without models."""

    def models(self) -> str:
        return ""

    def opened(self, picture: Path) -> Picture | None:
        raise WrongState("This program cannot measure looks.")

    def decoded(self, png: bytes) -> Picture:
        raise WrongState("This program cannot measure looks.")

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path | Picture],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> Ablation:
        raise WrongState("This program cannot measure looks.")

    def preview(self, recipe: Recipe, picture: Path | None = None) -> LookPreview:
        raise WrongState("This program cannot measure looks.")


@dataclass(frozen=True, slots=True)
class LookRow:
    """A measured look; ``against`` says why it may not be adopted."""

    look: ReferenceLook
    against: tuple[Objection, ...]
    in_use: bool


@dataclass(frozen=True, slots=True)
class LookDecision:
    """An adoption or a step back, as it was signed. ``look`` is the version that came into use,
    empty for the shipped one; ``who`` is empty where nobody of that account is known here."""

    kind: LookEventKind
    look: str
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class LookState:
    """``in_use``, what pictures are read with, is None for the shipped look. ``idle`` was adopted,
    yet measured with other models than those in use, which therefore read without it. ``back_to``
    is the version that pictures are read with after one step back, empty for the shipped look;
    ``can_go_back`` says whether there is a step. ``decisions`` are adoptions and steps back, newest
    first."""

    in_use: ReferenceLook | None
    idle: ReferenceLook | None
    rows: tuple[LookRow, ...]
    can_go_back: bool
    back_to: str
    decisions: tuple[LookDecision, ...]
