"""The reference look: what the normaliser's result is brought to before it is read.

A look is blended from references of our own making. A reference says how the light of a face is
spread around the face's *own* middle tone, and how much of a slope of light across the face is
taken out. It never says how light or dark a face should be: the middle tone stays, so no skin is
made lighter or darker. Without a look a face is read as the normaliser left it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import clean_text, has_ink
from clinic_app.domain.sentence import Sentence, sentence, together

LOOK = "look"
"""Under this name a finding says with which look it was read; without it, the shipped one."""

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of the face's pixels, darkest first, at which a reference names a tone."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``tones`` are natural logarithms of brightness (0 to 1, as coded in the picture) at
    ``SHARES``, relative to the middle one, rising; ``evenness`` in [0, 1] is how much of a slope of
    light is taken out."""

    tones: tuple[float, float, float, float, float]
    evenness: float


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        "daylight": Reference((-0.62, -0.195, 0.0, 0.15, 0.28), 0.5),
        "soft window": Reference((-0.50, -0.155, 0.0, 0.12, 0.225), 0.7),
        "clear studio": Reference((-0.78, -0.245, 0.0, 0.19, 0.35), 0.5),
        "ring light": Reference((-0.55, -0.17, 0.0, 0.13, 0.25), 1.0),
    }
)
"""Of our own making, around the median tones of normalised faces: daylight has these, the others
are softer, clearer or more even."""

FACES_NEEDED = 5
"""Fewest faces of a measurement by which a look may be adopted."""
LEAST_SPREAD = 0.002
"""Spread of the raw reading below which the faces say nothing about light: broad smiles read as 0
whatever the light."""

SPREAD_MARGIN = 0.002
"""How much wider than with the present look the reading may spread over the lights, in shares of
sadness votes: a tenth of what the card of the normaliser reports."""
FLIP_MARGIN = 0.0
"""How much more often the band may flip."""
SHIFT_LIMIT = 0.02
"""How far, on the mean, a picture in its own light may read from what the shipped look gives: the
calibration was made with the shipped look, and holds as long as the readings hardly move."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """References by weight, and how far the way to their blend is gone (above 0, up to 1).

    ``aim`` is the blend itself, so that a stored look stays what it was when references change.
    """

    weights: Mapping[str, float]
    strength: float
    aim: Reference


def _blended(weights: Mapping[str, float]) -> Reference:
    """The mean of the references; weights add up to 1."""
    parts = [(REFERENCES[name], weight) for name, weight in weights.items()]
    a, b, c, d, e = (
        math.fsum(weight * one.tones[place] for one, weight in parts)
        for place in range(len(SHARES))
    )
    return Reference((a, b, c, d, e), math.fsum(weight * one.evenness for one, weight in parts))


def checked_recipe(weights: Mapping[str, float], strength: float) -> Recipe:
    """A recipe with weights that add up to 1, those of 0 left out; raises ``InvalidInput``."""
    for name, weight in weights.items():
        if name not in REFERENCES:
            raise InvalidInput("weights", "There is no reference of that name.")
        if not math.isfinite(weight) or weight < 0:
            raise InvalidInput("weights", "A weight is a number that is not below zero.")
    total = math.fsum(weights.values())
    if total <= 0:
        raise InvalidInput("weights", "Please give at least one reference some weight.")
    if not 0 < strength <= 1:
        raise InvalidInput("strength", "The strength is above 0 and at most 1.")
    kept = {name: weights[name] / total for name in REFERENCES if weights.get(name, 0) > 0}
    return Recipe(kept, strength, _blended(kept))


@dataclass(frozen=True, slots=True)
class Stability:
    """``spread`` is the mean over faces of the standard deviation of the read share of sadness
    votes over the lights; ``flips`` the share of lights with another band than in the face's own
    light; ``flips_within`` the same for lights up to 60 degrees."""

    spread: float
    flips: float
    flips_within: float


@dataclass(frozen=True, slots=True)
class Ablation:
    """One look on ``faces`` faces under ``lights`` synthetic lights, read by ``models``.

    ``raw`` is read without the normaliser, ``present`` with the look in use at that time.
    ``shift`` is the mean distance between the reading of a face in its own light with this look
    and with the shipped one.
    """

    models: str
    faces: int
    lights: int
    lights_within: int
    raw: Stability
    present: Stability
    candidate: Stability
    shift: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """An ablation, and against which look it was made: ``None`` is the shipped one.

    ``different_people`` is what whoever measured it has said: every face is of another person. No
    net here tells people apart, so nothing else than that statement can stand for it.
    """

    figures: Ablation
    present_id: UUID | None
    different_people: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceLook:
    """One measured look; never changed."""

    id: UUID
    number: int
    recipe: Recipe
    measured_at: datetime
    measured_by: UUID
    measurement: Measurement

    @property
    def version(self) -> str:
        """As it stands in findings and on screens; two workstations may number alike."""
        return f"look-{self.number}-{self.id.hex[-4:]}"


class LookEventKind(StrEnum):
    MEASURED = "measured"
    ADOPTED = "adopted"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class LookEvent:
    """What happened to a look. ``look`` comes with ``MEASURED``; ``text`` is the signed reason.
    ``TAKEN_BACK`` goes back to ``look_id``, ``None`` being the shipped look."""

    id: UUID
    kind: LookEventKind
    at: datetime
    by: UUID
    look_id: UUID | None
    look: ReferenceLook | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LookHistory:
    """All events in stamp order, folded. ``before`` is where going back leads, the newest last;
    ``None`` is the shipped look."""

    looks: tuple[ReferenceLook, ...]
    in_use: ReferenceLook | None
    before: tuple[ReferenceLook | None, ...]

    def find(self, look_id: UUID) -> ReferenceLook | None:
        return next((one for one in self.looks if one.id == look_id), None)

    def read_with(self, models: str) -> ReferenceLook | None:
        """The look that these models read with: the one in use, unless it was measured with others.
        How it moves the readings of these nobody knows, so they read with the shipped one."""
        if self.in_use is not None and self.in_use.measurement.figures.models != models:
            return None
        return self.in_use

    def read_with_after_a_step_back(self, models: str) -> ReferenceLook | None:
        """The same, once the look in use is taken back."""
        return replace(self, in_use=self.before[-1] if self.before else None).read_with(models)


def fold_looks(events: Iterable[LookEvent]) -> LookHistory:
    """Events whose look never arrived are passed over. A step back to the look in use, as where two
    laptops took one back before they synced, changes nothing."""
    told = tuple(events)
    looks = {one.look.id: one.look for one in told if one.look is not None}
    in_use: ReferenceLook | None = None
    before: list[ReferenceLook | None] = []
    for event in told:
        if event.kind is LookEventKind.MEASURED:
            continue
        if event.look_id is not None and event.look_id not in looks:
            continue
        to = None if event.look_id is None else looks[event.look_id]
        if event.kind is LookEventKind.ADOPTED:
            if to != in_use:
                before.append(in_use)
                in_use = to
        elif to != in_use:
            in_use = to
            while to in before and before.pop() != to:
                pass  # passed over
    return LookHistory(tuple(looks.values()), in_use, tuple(before))


class Objection(StrEnum):
    """What stands against adopting a look."""

    IN_USE = "in_use"
    FEW_FACES = "few_faces"
    PEOPLE_UNSAID = "people_unsaid"
    BLIND_FACES = "blind_faces"
    OTHER_MODELS = "other_models"
    OTHER_LOOK = "other_look"
    SPREADS = "spreads"
    FLIPS = "flips"
    MOVES = "moves"


OBJECTION_TEXTS = {
    Objection.IN_USE: "This look is in use already.",
    Objection.FEW_FACES: (
        "It was measured on too few faces; five are needed: the sample portrait and photos of four"
        " other people."
    ),
    Objection.PEOPLE_UNSAID: (
        "Whoever measured it has not said that every face is of another person."
    ),
    Objection.BLIND_FACES: ("The faces hardly react to light; faces that do not smile say more."),
    Objection.OTHER_MODELS: "It was measured with other models than those in use.",
    Objection.OTHER_LOOK: "It was measured against another look than the one in use.",
    Objection.SPREADS: "The reading spreads more over the lights than with the look in use.",
    Objection.FLIPS: "The band flips more often than with the look in use.",
    Objection.MOVES: "It moves the reading of pictures in their own light too far.",
}


def objections(look: ReferenceLook, history: LookHistory, models: str) -> tuple[Objection, ...]:
    """What stands against this look; nothing when it may be adopted. ``models`` are those in
    use."""
    found, present_id = look.measurement.figures, look.measurement.present_id
    reading = history.read_with(models)
    if reading is not None and reading.id == look.id:
        return (Objection.IN_USE,)
    flips = (
        found.candidate.flips > found.present.flips + FLIP_MARGIN
        or found.candidate.flips_within > found.present.flips_within + FLIP_MARGIN
    )
    few = found.faces < FACES_NEEDED
    checks = {
        Objection.FEW_FACES: few,
        Objection.PEOPLE_UNSAID: not few and not look.measurement.different_people,
        Objection.BLIND_FACES: not few and found.raw.spread < LEAST_SPREAD,
        Objection.OTHER_MODELS: found.models != models,
        Objection.OTHER_LOOK: present_id != (None if reading is None else reading.id),
        Objection.SPREADS: found.candidate.spread > found.present.spread + SPREAD_MARGIN,
        Objection.FLIPS: flips,
        Objection.MOVES: found.shift > SHIFT_LIMIT,
    }
    return tuple(one for one, holds in checks.items() if holds)


def objection_text(found: Iterable[Objection]) -> Sentence:
    """In sentences, one after the other."""
    return together([sentence(OBJECTION_TEXTS[one]) for one in found])


def look_reason(text: str) -> str:
    """The reason, cleaned; raises ``InvalidInput`` when there is none."""
    if not has_ink(text):
        raise InvalidInput("text", "Please write down why; the reason is kept with your name.")
    return clean_text(text, 500, "text")
