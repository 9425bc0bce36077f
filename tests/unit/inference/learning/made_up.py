"""Made-up clinics: embeddings, what doctors settled on, and what a shipped head says."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import Comparison, LocalHead, look_coverage, reasons_against
from clinic_app.inference.learning.comparison import Judged, compare
from clinic_app.inference.learning.fitting import Cases, Fitted, fit, people_by_band
from clinic_app.inference.learning.ordinal import median_band, probabilities
from clinic_app.inference.metrics import FloatArray, IntArray
from tests.fakes.clock import START

CUTS = np.array([-0.8, 0.3, 1.3])
STRONGEST = (
    270, 179, 171, 82, 50, 35, 27, 23, 19, 15, 12, 11, 9, 7, 6, 6, 5, 5, 5, 4, 4, 3, 3, 3
)  # fmt: skip
"""Thousandths of the spread that the strongest directions of the shipped net's embeddings carry, of
its 512 standardised numbers, as `python -m tests.bench.embeddings` tells them over 3,574 faces of
FER+ (severity 1.2.0). The other directions share what is left, falling."""
DIMENSIONS = 512


@dataclass(frozen=True)
class MadeUp:
    """A clinic's cases with the score that the shipped head gives each."""

    cases: Cases
    shipped_score: FloatArray

    def first(self, people: int) -> MadeUp:
        """As the clinic was with so many of its people."""
        return MadeUp(self.cases.part(np.arange(people)), self.shipped_score[:people])


def clinic(
    seed: int,
    *,
    people: int = 400,
    size: int = 6,
    spectrum: FloatArray | None = None,
    knows: float = 1.0,
    shipped: float = 0.0,
) -> MadeUp:
    """``knows`` is how much of the doctors' band the embedding holds, ``shipped`` how much of that
    the shipped head reads off it. With a ``spectrum`` the numbers of an embedding hang together as
    it says; without, they are unrelated."""
    rng = np.random.default_rng(seed)
    if spectrum is None:
        x = rng.normal(size=(people, size)) * rng.uniform(0.5, 2.0, size) + rng.normal(size=size)
    else:
        size = len(spectrum)
        x = rng.normal(size=(people, size)) * np.sqrt(size * spectrum) @ rotation(size)
        x += rng.normal(size=size)
    direction = rng.normal(size=size)
    signal = (x - x.mean(axis=0)) / x.std(axis=0) @ (direction / np.linalg.norm(direction))
    if spectrum is not None:
        signal /= signal.std()
    noise = rng.normal(size=people)
    state = knows * signal + np.sqrt(1.0 - min(knows, 1.0) ** 2 + 0.2) * noise
    bands = np.digitize(state, CUTS)
    score = shipped * signal + np.sqrt(1.0 - shipped**2) * rng.normal(size=people)
    return MadeUp(Cases(x, bands, np.arange(people)), score)


@functools.cache
def as_shipped() -> FloatArray:
    """Shares of the spread by direction, [512], strongest first, as the shipped net's."""
    known = np.array(STRONGEST) / 1000.0
    rest = 0.97 ** np.arange(DIMENSIONS - len(known))
    return np.concatenate((known, (1.0 - known.sum()) * rest / rest.sum()))


@functools.cache
def rotation(size: int) -> FloatArray:
    """Any orthogonal axes, [size, size]; always the same, for they take a while."""
    made: FloatArray = np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]
    return made


def shares(score: FloatArray, bands: IntArray) -> FloatArray:
    """A shipped head with the right base rates: only what it reads off the picture is poor."""
    edges = np.quantile(score, np.cumsum(np.bincount(bands, minlength=4))[:-1] / len(bands))
    return probabilities(2.0 * score, 2.0 * edges)


def read(found: Fitted, x: FloatArray) -> FloatArray:
    return probabilities(x @ found.weights, found.cuts)


def judged(
    made: MadeUp,
    fitted: Fitted,
    locked: IntArray,
    look: int = 1,
    in_use: LocalHead | None = None,
) -> Comparison:
    said = shares(made.shipped_score, made.cases.bands)[locked]
    part = made.cases.part(locked)
    local = read(fitted, part.x)
    heads = Judged(part.bands, part.people, median_band(said), said, median_band(local), local)
    if in_use is not None:
        met = probabilities(part.x @ np.array(in_use.weights), np.array(in_use.cuts))
        heads = replace(heads, in_use=in_use, in_use_shares=met)
    return compare(heads, look, look_coverage(look))


def head_of(found: Fitted, cases: Cases, number: int = 1) -> LocalHead:
    return LocalHead(
        id=new_id(),
        number=number,
        base="severity 1",
        fitted_at=START,
        fitted_by=UUID(int=1),
        cuts=tuple(map(float, found.cuts)),
        weights=tuple(map(float, found.weights)),
        cases=(),
        people=len(np.unique(cases.people)),
        people_by_band=tuple(int(one) for one in people_by_band(cases)),
        effective_cases=found.effective,
        effective_weights=found.freedom,
        penalty=found.penalty,
        slope=found.slope,
        out_of_fold_kappa=found.out_of_fold_kappa,
        out_of_fold_loss=found.out_of_fold_loss,
        reader_kappa=None,
    )


def is_promotable(made: MadeUp, look: int = 1) -> bool:
    """The whole way: fit on seven tenths of the people, compare on the locked rest, decide."""
    locked = np.flatnonzero(made.cases.people % 10 >= 7)
    training = made.cases.part(np.flatnonzero(made.cases.people % 10 < 7))
    found = fit(training)
    return not reasons_against(head_of(found, training), judged(made, found, locked, look))


def promoted_within(made: MadeUp, looks: int) -> bool:
    """Whether any head of a clinic that grows to ``made`` may be promoted: fitted anew ``looks``
    times, on two thirds of its people first and on all at last, and compared each time."""
    return any(
        is_promotable(made.first(len(made.cases) * (2 * looks - 2 + look) // (3 * looks - 2)), look)
        for look in range(1, looks + 1)
    )
