"""Fitting one head over several sites that share sums and nothing else.

Pure functions over messages; `domain.record_codec` makes each message plain JSON. Carrying them
through a central server is not part of this. Every site sends its `Moments`; `fit_sites` makes the
common scale and start of them, then puts one `Ask` after another to all sites and adds up what they
`answer`. The steps are those of `ordinal.newton`, so the result is the pooled fit.

Sums over few people can be traced to them, so a site with fewer people than `SMALLEST_SITE`, or
with 1 to 4 people in a band, sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clinic_app.inference.learning.fitting import Cases, people_by_band, standard_of
from clinic_app.inference.learning.ordinal import (
    BANDS,
    CUTS,
    Sums,
    base_rates,
    newton,
    sums,
)
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.small_numbers import SMALLEST

SMALLEST_SITE = 20
"""Fewest people with whom a site takes part."""


@dataclass(frozen=True, slots=True)
class Moments:
    """A site's counts by band and sums over its cases; arrays are little-endian float64."""

    base: str
    cases_by_band: tuple[int, ...]
    total: bytes
    squares: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """What the sites are asked for: sums at these parameters, on this common scale."""

    base: str
    mean: bytes
    scale: bytes
    parameters: bytes
    curvature: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A site's sums; ``upper`` is the upper triangle of the Hessian, row by row, if asked for."""

    cases: int
    loss: float
    gradient: bytes
    upper: bytes


class SiteTooSmall(ValueError):
    """The sums of this site could be traced to people; it sends none."""


def moments(cases: Cases, base: str) -> Moments:
    """Raises ``SiteTooSmall``."""
    check_site(cases)
    counts = np.bincount(cases.bands, minlength=BANDS)
    return Moments(
        base,
        tuple(int(one) for one in counts),
        _packed(cases.x.sum(axis=0)),
        _packed((cases.x**2).sum(axis=0)),
    )


def check_site(cases: Cases) -> None:
    """Raises ``SiteTooSmall``."""
    people = len(np.unique(cases.people))
    if people < SMALLEST_SITE:
        raise SiteTooSmall(f"Fewer than {SMALLEST_SITE} people: this site does not take part.")
    if any(0 < one < SMALLEST for one in people_by_band(cases)):
        raise SiteTooSmall(f"Fewer than {SMALLEST} people in a band: this site does not take part.")


def answer(cases: Cases, base: str, ask: Ask) -> Answer:
    """A site's sums at the asked parameters; raises ``SiteTooSmall``, and ``ValueError`` when the
    question is not about embeddings of these models."""
    check_site(cases)
    if ask.base != base:
        raise ValueError("The other sites use other models; their embeddings do not compare.")
    z = (cases.x - _array(ask.mean)) / _array(ask.scale)
    found = sums(z, cases.bands, _array(ask.parameters), curvature=ask.curvature)
    size = found.gradient.size
    upper = b"" if found.hessian is None else _packed(found.hessian[np.triu_indices(size)])
    return Answer(found.cases, found.loss, _packed(found.gradient), upper)


def fit_sites(
    sites: Sequence[Moments],
    ask_all: Callable[[Ask], Sequence[Answer]],
    penalty: float,
) -> tuple[FloatArray, FloatArray]:
    """Thresholds [3] and weights [d] over the embeddings themselves, as of all cases together.

    ``ask_all`` puts one question to every site of ``sites`` and brings their answers. Raises
    ``ValueError`` without sites, for different models and when a band is missing everywhere.
    """
    if not sites or len({one.base for one in sites}) != 1:
        raise ValueError("Sites with the same models are needed.")
    counts = np.sum([one.cases_by_band for one in sites], axis=0)
    standard = standard_of(
        int(counts.sum()),
        np.sum([_array(one.total) for one in sites], axis=0),
        np.sum([_array(one.squares) for one in sites], axis=0),
    )
    mean, scale = _packed(standard.mean), _packed(standard.scale)

    def sums_at(parameters: FloatArray, *, curvature: bool) -> Sums:
        ask = Ask(sites[0].base, mean, scale, _packed(parameters), curvature)
        answers = ask_all(ask)
        total = _sums(answers[0])
        for one in answers[1:]:
            total = total + _sums(one)
        if total.cases != counts.sum():
            raise ValueError("The sites answered about other cases than before.")
        return total

    found = newton(sums_at, base_rates(counts, len(standard.mean)), penalty).parameters
    weights = found[CUTS:] / standard.scale
    return found[:CUTS] + weights @ standard.mean, weights


def _sums(one: Answer) -> Sums:
    gradient = _array(one.gradient)
    hessian = None
    if one.upper:
        hessian = np.zeros((gradient.size, gradient.size))
        hessian[np.triu_indices(gradient.size)] = _array(one.upper)
        hessian = hessian + np.triu(hessian, 1).T
    return Sums(one.cases, one.loss, gradient, hessian)


def _packed(values: FloatArray) -> bytes:
    return np.asarray(values, dtype="<f8").tobytes()


def _array(packed: bytes) -> FloatArray:
    return np.frombuffer(packed, dtype="<f8")
