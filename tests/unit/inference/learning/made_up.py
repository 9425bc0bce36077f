"""Made-up clinics: embeddings, what doctors settled on, and what a shipped head says."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class MadeUp:
    """A clinic's cases with the score that the shipped head gives each."""

    cases: Cases
    shipped_score: FloatArray


def clinic(
    seed: int, *, people: int = 400, size: int = 6, knows: float = 1.0, shipped: float = 0.0
) -> MadeUp:
    """``knows`` is how much of the doctors' band the embedding holds, ``shipped`` how much of that
    the shipped head reads off it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(people, size)) * rng.uniform(0.5, 2.0, size) + rng.normal(size=size)
    direction = rng.normal(size=size)
    signal = (x - x.mean(axis=0)) / x.std(axis=0) @ (direction / np.linalg.norm(direction))
    noise = rng.normal(size=people)
    state = knows * signal + np.sqrt(1.0 - min(knows, 1.0) ** 2 + 0.2) * noise
    bands = np.digitize(state, CUTS)
    score = shipped * signal + np.sqrt(1.0 - shipped**2) * rng.normal(size=people)
    return MadeUp(Cases(x, bands, np.arange(people)), score)


def shares(score: FloatArray, bands: IntArray) -> FloatArray:
    """A shipped head with the right base rates: only what it reads off the picture is poor."""
    edges = np.quantile(score, np.cumsum(np.bincount(bands, minlength=4))[:-1] / len(bands))
    return probabilities(2.0 * score, 2.0 * edges)


def read(found: Fitted, x: FloatArray) -> FloatArray:
    return probabilities(x @ found.weights, found.cuts)


def judged(made: MadeUp, fitted: Fitted, locked: IntArray) -> Comparison:
    said = shares(made.shipped_score, made.cases.bands)[locked]
    part = made.cases.part(locked)
    local = read(fitted, part.x)
    heads = Judged(part.bands, part.people, median_band(said), said, median_band(local), local)
    return compare(heads, 1, look_coverage(1))


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


def is_promotable(made: MadeUp) -> bool:
    """The whole way: fit on seven tenths of the people, compare on the locked rest, decide."""
    locked = np.flatnonzero(made.cases.people % 10 >= 7)
    training = made.cases.part(np.flatnonzero(made.cases.people % 10 < 7))
    found = fit(training)
    return not reasons_against(head_of(found, training), judged(made, found, locked))
