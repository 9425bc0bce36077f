"""Fitting one head over several sites that share sums and nothing else.

A fit is a row of steps. In each, every site gives one vector, and nobody needs more than the sum of
these over the sites, so that they can be masked (`masks`). From the sums so far every site works
out by itself what the next step asks for. Step 0 are counts and moments, step 1 gradient and
Hessian at base rates, every later one a gradient. The minimum is that of `ordinal.newton` over all
cases together.

Sums tell something about who is in them: with as many numbers as people, all of it. Three things
keep that small. Of an embedding only ``SHARED`` numbers take part, drawn from all of it by signs
that are the same everywhere (`shared`). A site gives sums only where all others together have
``PEOPLE_PER_NUMBER`` people for each of these, and ``PEOPLE_PER_BAND`` in each band. And whatever
the sums so far ask for, it looks at what that would say about its own cases first: a member that
lies about its sums can lead the others to a place where one person stands out (`Course`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np

from clinic_app.domain.local_head import CASES_PER_PARAMETER, effective_size
from clinic_app.inference.learning.fitting import (
    Cases,
    Standard,
    least_penalty,
    people_by_band,
    spectrum_of,
    standard_of,
)
from clinic_app.inference.learning.ordinal import BANDS, CUTS, base_rates, residuals, sums
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.sites_data import SMALLEST_SITE, SingledOut, SiteTooSmall
from clinic_app.services.small_numbers import SMALLEST

SHARED = 32
"""Numbers of an embedding that take part. 15 effective cases for each effective weight allow few
more over a thousand cases."""

PEOPLE_PER_NUMBER = 20
"""People that all other sites together need for each number: 640 for ``SHARED`` of them."""

PEOPLE_PER_BAND = 100
"""People with a case of each band that all other sites together need."""

SMALLEST_BAND = 0.02
"""Share of all cases below which a band's threshold lies where its few people weigh most."""

FURTHEST = 20.0
"""How far a score or a threshold may lie from where a fit starts: honest ones stay within 10, and
beyond, all cases but those at the edge count for nothing."""

STANDING_OUT = 0.75
"""Most that one person may weigh in the best mixture of all that was asked for (the leverage of all
his cases together): three times as much as everybody else of the site. On faces with raters' bands,
one of each person, honest fits came to 0.4-0.5 in sites of 330 people, 0.6-0.7 in sites of 200; a
place that is chosen around one person comes to more than 0.9."""

RIDGE = 0.1
"""Least penalty for each case. Far below it fits on real embeddings asked for twice as many
gradients, and so for mixtures in which single cases weighed more."""

MOST_STEPS = 40
"""Gradients after the first one before a fit gives up; a site answers no more than these."""

RULES = 1
"""Number of all that sites have to do alike: it goes up with every change of this module's
figures and arithmetic, of the masks and of the messages. Sites with other rules fit nothing
together."""

_TOLERANCE = 1e-16
"""Newton's decrement per case at which the fit is at its end."""
_OVERSHOOTS = 0.5
"""A step beyond which the loss rises more than this share as steeply as it fell is halved."""


@dataclass(frozen=True)
class Asked:
    """What a step asks of every site: its moments, where there is no common scale yet, or the
    derivatives of the loss at these parameters on that scale."""

    standard: Standard | None = None
    parameters: FloatArray | None = None
    curvature: bool = False


@dataclass(frozen=True)
class SitesFit:
    """``cuts`` [3] and ``weights`` [d] act on the embedding itself, as the ridge leaves them.

    The penalty is the smallest that keeps ``freedom`` effective weights within the effective cases
    of all sites, and at least ``RIDGE``: nothing is chosen by trying, and no fold is left out to
    calibrate on.
    """

    cuts: FloatArray
    weights: FloatArray
    cases: int
    people_by_band: tuple[int, ...]
    effective: float
    freedom: float
    penalty: float


def length(step: int, size: int) -> int:
    """How many numbers a site gives in a step, for embeddings of ``size`` numbers."""
    if step == 0:
        return 2 * BANDS + 2 * size
    whole = CUTS + size
    return whole + (whole * (whole + 1) // 2 if step == 1 else 0)


def shared(x: FloatArray) -> FloatArray:
    """Embeddings [n, d] as ``SHARED`` numbers each: sums under signs that are the same everywhere
    (Achlioptas 2003), so that lengths and angles stay about what they are."""
    return x @ _signs(x.shape[1])


def unshared(weights: FloatArray, size: int) -> FloatArray:
    """Weights of ``SHARED`` numbers as weights of the embedding of ``size`` numbers itself."""
    return _signs(size) @ weights


def _signs(size: int) -> FloatArray:
    stream = hashlib.shake_256(b"clinic-app sites signs 1\0").digest(size * SHARED // 8)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8)).reshape(size, SHARED)
    signs: FloatArray = (2.0 * bits - 1.0) / np.sqrt(SHARED)
    return signs


@dataclass(frozen=True)
class Counts:
    """People of a site, all and with a case of each band, rounded down to ``SMALLEST``."""

    people: int
    by_band: tuple[int, ...]


def counts_of(cases: Cases) -> Counts:
    people = len(np.unique(cases.people))
    bands = tuple(int(one) // SMALLEST * SMALLEST for one in people_by_band(cases))
    return Counts(people // SMALLEST * SMALLEST, bands)


def check_others(told: Mapping[int, Counts], size: int) -> None:
    """Whether, without whichever one of the sites, the others have people enough for ``size``
    numbers: a site that knows its own sums sees no more than those of the others.

    Raises ``SiteTooSmall``.
    """
    for place in told:
        others = [one for other, one in told.items() if other != place]
        if sum(one.people for one in others) < PEOPLE_PER_NUMBER * size:
            raise SiteTooSmall(
                "Without one of the clinics, the others together have fewer than {least} people."
                " With so few, sums say too much about each.",
                least=PEOPLE_PER_NUMBER * size,
            )
        bands = np.sum([one.by_band for one in others], axis=0)
        if (bands < PEOPLE_PER_BAND).any():
            raise SiteTooSmall(
                "Without one of the clinics, the others together have fewer than {least} people in"
                " a band. With so few, sums say too much about each.",
                least=PEOPLE_PER_BAND,
            )


class Course:
    """A fit as the sums over all sites come in, step by step; the same at every site.

    Attributes:
        asked: what the next step asks for, or the head.
        steps: how many sums came in.
        people_by_band: of all sites, once the moments are there.
    """

    def __init__(self, size: int) -> None:
        """For ``size`` numbers a case."""
        self.size, self.steps = size, 0
        self.asked: Asked | SitesFit = Asked()
        self.people_by_band: tuple[int, ...] = ()
        self._counts = np.zeros(BANDS)
        self._places: list[FloatArray] = []
        self._walk: Generator[Asked, FloatArray, SitesFit] | None = None

    def add(self, total: FloatArray) -> None:
        """The sum of what all sites gave in the step that was asked for, ``length`` numbers.

        Raises ``ValueError`` when a band is missing at all sites, when no minimum is reached, or
        after the end.
        """
        if isinstance(self.asked, SitesFit):
            raise ValueError("The fit has come to its end.")
        try:
            if self._walk is None:
                self._counts = np.rint(total[:BANDS])
                self.people_by_band = tuple(map(int, np.rint(total[BANDS : 2 * BANDS])))
                self._walk = _descent(total, self.size)
                self.asked = next(self._walk)
            else:
                self.asked = self._walk.send(total)
        except StopIteration as end:
            self.asked = end.value
        self.steps += 1
        if isinstance(self.asked, Asked) and self.asked.parameters is not None:
            self._places.append(self.asked.parameters)

    def contribution(self, cases: Cases) -> FloatArray:
        """What a site with these cases gives in the next step.

        Raises ``SiteTooSmall``, ``SingledOut``, and ``ValueError`` after the end.
        """
        check_site(cases)
        asked = self.asked
        if isinstance(asked, SitesFit):
            raise ValueError("The fit has come to its end.")
        if asked.standard is None or asked.parameters is None:
            return _moments(cases)
        z = asked.standard.of(cases.x)
        self._check_places(z, cases)
        found = sums(z, cases.bands, asked.parameters, curvature=asked.curvature)
        if found.hessian is None:
            return found.gradient
        return np.concatenate((found.gradient, found.hessian[np.triu_indices(CUTS + self.size)]))

    def _check_places(self, z: FloatArray, cases: Cases) -> None:
        """What was asked for so far must single out nobody of this site.

        The gradient at a place is the sum of the cases, each by its residual there; what can be
        made of several gradients are mixtures of these sums. A person whose cases weigh more than
        all others in one of them would be seen in it, with however many near-equal pictures.
        """
        start, place = self._places[0], self._places[-1]
        far = max(float(np.abs(z @ place[CUTS:]).max()), float(np.abs(place - start)[:CUTS].max()))
        rare = bool((self._counts < SMALLEST_BAND * self._counts.sum()).any())
        weighed = np.column_stack([residuals(z, cases.bands, one) for one in self._places])
        basis, values, _ = np.linalg.svd(weighed, full_matrices=False)
        basis = basis[:, values > _NOTHING * values.max(initial=0.0)]
        rows = (basis[cases.people == one] for one in np.unique(cases.people))
        leverage = max(float(np.linalg.norm(some, 2)) ** 2 for some in rows)
        if rare or far > FURTHEST or not leverage <= STANDING_OUT:
            raise SingledOut(
                "What the sums so far ask for could single out one person of this clinic."
            )


_NOTHING = 1e-9
"""Mixtures that are smaller than this share of the largest are lost in the rounding of sums."""


def check_site(cases: Cases) -> None:
    """Raises ``SiteTooSmall``."""
    people = len(np.unique(cases.people))
    if people < SMALLEST_SITE:
        raise SiteTooSmall(
            "Fewer than {least} people can take part: their sums could be traced to them.",
            least=SMALLEST_SITE,
        )
    if any(0 < one < SMALLEST for one in people_by_band(cases)):
        raise SiteTooSmall(
            "A band has people, and fewer than {least}: their sums could be traced to them.",
            least=SMALLEST,
        )


def _moments(cases: Cases) -> FloatArray:
    counts = np.bincount(cases.bands, minlength=BANDS).astype(np.float64)
    people = people_by_band(cases).astype(np.float64)
    return np.concatenate((counts, people, cases.x.sum(axis=0), (cases.x**2).sum(axis=0)))


def _descent(moments: FloatArray, size: int) -> Generator[Asked, FloatArray, SitesFit]:
    """Quasi-Newton (BFGS) from the Hessian at base rates, which is measured once.

    Only gradients are compared: a step is halved where the loss, being convex, rises steeply at
    its end.
    """
    counts = np.rint(moments[:BANDS]).astype(np.int64)
    people = tuple(round(float(one)) for one in moments[BANDS : 2 * BANDS])
    total, squares = moments[2 * BANDS : 2 * BANDS + size], moments[2 * BANDS + size :]
    cases, effective = int(counts.sum()), effective_size(people)
    standard = standard_of(cases, total, squares)
    here = base_rates(counts, size)
    first = yield Asked(standard, here, curvature=True)
    gradient, hessian = first[: CUTS + size], _square(first[CUTS + size :], CUTS + size)
    spectrum = spectrum_of(hessian)
    least = least_penalty(spectrum, effective / CASES_PER_PARAMETER, cases)
    penalty = max(least, RIDGE * cases)
    ridge = np.full(CUTS + size, penalty)
    ridge[:CUTS] = 0.0
    inverse = np.linalg.inv(hessian + np.diag(ridge)).astype(np.float64)
    step = inverse @ gradient
    for _ in range(MOST_STEPS):
        fall = float(gradient @ step)
        there = here - step
        while not (np.diff(there[:CUTS]) > 0).all():
            step = step / 2.0
            there = here - step
        told = yield Asked(standard, there)
        after = told + ridge * there
        if float(after @ step) < -_OVERSHOOTS * fall:
            step = step / 2.0
            continue
        inverse = _bent(inverse, there - here, after - gradient)
        here, gradient = there, after
        step = inverse @ gradient
        if float(gradient @ step) <= _TOLERANCE * cases:
            found = here - step
            weights = found[CUTS:] / standard.scale
            return SitesFit(
                cuts=found[:CUTS] + weights @ standard.mean,
                weights=weights,
                cases=cases,
                people_by_band=people,
                effective=effective,
                freedom=float((spectrum / (spectrum + penalty)).sum()),
                penalty=penalty,
            )
    raise ValueError("The fit did not come to an end.")


def _bent(inverse: FloatArray, moved: FloatArray, change: FloatArray) -> FloatArray:
    """The inverse Hessian after a step that changed the gradient (BFGS; Nocedal & Wright, 6.17)."""
    along = float(moved @ change)
    if along <= 0.0:  # rounding at the very end
        return inverse
    turned = inverse @ change
    mixed = np.outer(turned, moved)
    both = np.outer(moved, moved) * (1.0 + float(change @ turned) / along)
    return inverse + (both - mixed - mixed.T) / along


def _square(upper: FloatArray, size: int) -> FloatArray:
    full = np.zeros((size, size))
    full[np.triu_indices(size)] = upper
    return full + np.triu(full, 1).T
