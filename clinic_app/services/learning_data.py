"""What learning asks of the arithmetic (implemented by ``clinic_app.inference.learning``), and what
its screens are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from clinic_app.domain.drift import DriftVersion
from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.domain.face_case import FaceCase, Shares
from clinic_app.domain.finding import Band
from clinic_app.domain.local_head import Comparison, Guard, LocalHead
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.sentence import Sentence
from clinic_app.services.backup_data import Progress, Stop, never, unheard


class LearningStopped(ClinicError):
    """Somebody stopped it; nothing was kept."""


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """``person`` numbers people: equal numbers are one person. Embedding as in `FaceCase`."""

    embedding: bytes
    band: Band
    person: int


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case of the locked part with what the shipped head said about it."""

    embedding: bytes
    band: Band
    person: int
    shipped_band: Band
    shipped_shares: Shares


@dataclass(frozen=True, slots=True)
class FittedHead:
    """What a fit gives; see `LocalHead`."""

    cuts: tuple[float, ...]
    weights: tuple[float, ...]
    people_by_band: tuple[int, ...]
    effective_cases: float
    effective_weights: float
    penalty: float
    slope: float
    out_of_fold_kappa: float
    out_of_fold_loss: float


class HeadLearner(Protocol):
    """The arithmetic of learning. Deterministic: equal input in equal order gives equal output."""

    def fit(
        self,
        cases: Sequence[LabelledCase],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> FittedHead:
        """Raises ``LearningStopped``, and ``WrongState`` when the cases cannot be fitted."""

    def compare(
        self,
        head: LocalHead,
        cases: Sequence[JudgedCase],
        *,
        look: int,
        left_out: int,
        champion: LocalHead | None = None,
    ) -> Comparison:
        """Of these cases, which are at least one."""

    def drift(
        self,
        cases: Sequence[tuple[FaceCase, str]],
        stop: Stop = never,
    ) -> tuple[DriftVersion, ...]:
        """By version of the shipped models, newest first; cases come oldest first with their month
        (``YYYY-MM``). Raises ``LearningStopped``."""


class _WithoutLearner:
    """Of a program that was put together without the arithmetic."""

    def fit(
        self, cases: Sequence[LabelledCase], progress: Progress = unheard, stop: Stop = never
    ) -> FittedHead:
        raise WrongState(_NO_ARITHMETIC)

    def compare(
        self,
        head: LocalHead,
        cases: Sequence[JudgedCase],
        *,
        look: int,
        left_out: int,
        champion: LocalHead | None = None,
    ) -> Comparison:
        raise WrongState(_NO_ARITHMETIC)

    def drift(
        self, cases: Sequence[tuple[FaceCase, str]], stop: Stop = never
    ) -> tuple[DriftVersion, ...]:
        raise WrongState(_NO_ARITHMETIC)


_NO_ARITHMETIC = "Nothing can be learnt here: this program was opened without its arithmetic."
WITHOUT_LEARNER: HeadLearner = _WithoutLearner()


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head as it stands now: ``withdrawn`` of its cases and ``judged_withdrawn`` of those that it
    was compared on are no longer consented to, and ``against`` says why it may not be promoted.
    ``reads``: it is one for the models by which pictures are read now. ``past_comparing`` is what
    no comparison could take away: a look at the locked part would be spent for nothing."""

    head: LocalHead
    comparison: Comparison | None
    withdrawn: int
    judged_withdrawn: int
    against: tuple[Sentence, ...]
    in_use: bool
    reads: bool = True
    past_comparing: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawnInUse:
    """The head in use, and how many of its cases are no longer consented to: at least one."""

    version: str
    cases: int


@dataclass(frozen=True, slots=True)
class IdleInUse:
    """The head in use, which reads no picture: other models than its own read them now."""

    version: str


@dataclass(frozen=True, slots=True)
class LearningState:
    """``base`` names the shipped models that are in use, empty before the first picture.

    ``settled`` cases are labelled and consented to, under these models; ``fitted`` and ``locked``
    are how many of them are on either side; ``elsewhere`` are settled too, but were read by other
    models and do not count; ``waiting`` are not settled yet; ``to_drop`` of those that went out in
    training sets are no longer agreed to. ``roll_back_to`` is the version that one step back leads
    to, empty for none; ``can_roll_back`` says whether there is a step.
    """

    base: str
    settled: int
    fitted: int
    locked: int
    elsewhere: int
    waiting: int
    guard: Guard
    looks: int
    rows: tuple[HeadRow, ...]
    in_use: LocalHead | None
    to_drop: int
    can_roll_back: bool
    roll_back_to: str


@dataclass(frozen=True, slots=True)
class Member:
    """One case of a fit, or, ``judged``, of the newest comparison; ``withdrawn``: its consent has
    gone since."""

    screening_id: UUID
    patient_id: UUID
    finished_at: datetime
    withdrawn: bool
    judged: bool = False


@dataclass(frozen=True, slots=True)
class TogetherCase:
    """A case that three blind readings did not settle, shown to its readers."""

    screening_id: UUID
    said: tuple[tuple[str, ClinicianSeverity], ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """What one doctor can read now, in an order of their own, and how the readers agree.

    ``without_picture``: consented to, and no picture was kept that anybody could read.
    ``withheld``: this doctor took, reviewed, saw or exported them, and may know the estimate.
    ``kappa`` between first and second readers over ``pairs`` cases that both banded, weighted
    quadratically.
    """

    cases: tuple[UUID, ...]
    together: tuple[TogetherCase, ...]
    without_picture: int
    withheld: int
    settled: int
    pairs: int
    kappa: float | None
    interval: tuple[float, float] | None
