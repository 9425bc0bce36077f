"""Feedback of a span of months as figures, without small numbers and without any text of a person.

``analyse`` is plain computing: what it needs was read from the store before (``FeedbackMaterial``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.feedback import (
    RATINGS,
    Agreement,
    AgreementTally,
    Author,
    IncidentCategory,
    IncidentTally,
    RatingCount,
    ServiceRating,
)
from clinic_app.services import sentiment
from clinic_app.services.sentiment import Tone
from clinic_app.services.small_numbers import SMALLEST, told, told_cells, told_groups
from clinic_app.services.themes import Theme, themes

_MONTH = re.compile(r"(?:19|20|21)\d{2}-(?:0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Months:
    """The first and last month (``YYYY-MM``) that count; empty for no limit."""

    first: str = ""
    last: str = ""

    def __post_init__(self) -> None:
        for name, month in (("first", self.first), ("last", self.last)):
            if month and not _MONTH.fullmatch(month):
                raise InvalidInput(name, "Please give a month as YYYY-MM, e.g. 2026-03.")
        if self.first and self.last and self.first > self.last:
            raise InvalidInput("last", "The last month lies before the first one.")

    @property
    def bounds(self) -> tuple[str, str]:
        """As the store is asked."""
        return self.first or "0000-00", self.last or "9999-99"


ALWAYS = Months()


@dataclass(frozen=True, slots=True)
class FeedbackMaterial:
    """What the analysis works on. ``names`` are of the clinics that are known here; ``cut`` says
    that there are more texts than were read (the newest were)."""

    months: Months
    ratings: tuple[RatingCount, ...]
    agreements: tuple[AgreementTally, ...]
    incidents: tuple[IncidentTally, ...]
    texts: tuple[ServiceRating, ...]
    names: dict[UUID, str]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Ratings of one month or clinic. ``count`` and ``mean`` (1 to 5, one decimal) are ``None``
    where they are withheld."""

    name: str
    count: int | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class FeedbackAnalysis:
    """Figures to be shown; ``None`` stands for a number that is withheld.

    ``tones`` count texts as the library of ``tone_reader`` reads them; ``texts_read`` are English
    texts. Incidents are counted in full: each of them is on the list of incidents anyway.
    """

    months: Months
    ratings: int | None
    mean: float | None
    distribution: dict[int, int | None]
    by_month: tuple[Group, ...]
    by_clinic: tuple[Group, ...]
    agreement: dict[Agreement, int | None]
    incidents: dict[IncidentCategory, int]
    incidents_open: int
    themes: tuple[Theme, ...]
    texts_read: int | None
    tones: dict[Tone, int | None]
    tone_reader: str
    cut: bool
    smallest: int = SMALLEST


def analyse(material: FeedbackMaterial) -> FeedbackAnalysis:
    """The figures of this material. Reads tones, so not for the window's own thread."""
    by_rating: Counter[int] = Counter()
    for one in material.ratings:
        by_rating[one.rating] += one.count
    cells = told_cells([by_rating[rating] for rating in RATINGS])
    agreed: Counter[Agreement] = Counter()
    for tally in material.agreements:
        agreed[tally.agreement] += tally.count
    answers = told_cells([agreed[one] for one in Agreement])
    english = [one for one in material.texts if one.language.split("-")[0] == sentiment.LANGUAGE]
    read: Counter[Tone] = Counter()
    enough = len({author_of(one) for one in english}) >= SMALLEST
    if enough:
        read.update(sentiment.tones([one.text for one in english]))
    toned = told_cells([read[one] for one in Tone]) if enough else (None,) * len(Tone)
    return FeedbackAnalysis(
        months=material.months,
        ratings=told(by_rating.total()),
        mean=_mean(by_rating) if by_rating.total() >= SMALLEST else None,
        distribution=dict(zip(RATINGS, cells, strict=True)),
        by_month=_groups((one.month, one) for one in material.ratings),
        by_clinic=_groups((_clinic(material, one.clinic_id), one) for one in material.ratings),
        agreement=dict(zip(Agreement, answers, strict=True)),
        incidents=_incidents(material.incidents),
        incidents_open=sum(one.count for one in material.incidents if one.open),
        themes=themes((author_of(one), one.text) for one in english),
        texts_read=told(len(english)) if enough or not english else None,
        tones=dict(zip(Tone, toned, strict=True)),
        tone_reader=sentiment.reader_name(),
        cut=material.cut,
    )


def author_of(rating: ServiceRating) -> Hashable:
    """Whoever wrote it, as far as it is known: an answer without a name stands for one person."""
    if rating.author is Author.STAFF:
        return rating.entered_by
    return rating.patient_id or rating.id


def _groups(named: Iterable[tuple[str, RatingCount]]) -> tuple[Group, ...]:
    """By name; small groups without figures."""
    counted: dict[str, Counter[int]] = {}
    for name, one in named:
        counted.setdefault(name, Counter())[one.rating] += one.count
    names = sorted(counted)
    shown = told_groups([counted[name].total() for name in names])
    return tuple(
        Group(name, count, _mean(counted[name]) if count is not None else None)
        for name, count in zip(names, shown, strict=True)
    )


def _mean(ratings: Counter[int]) -> float:
    return round(sum(rating * count for rating, count in ratings.items()) / ratings.total(), 1)


def _incidents(tallies: Sequence[IncidentTally]) -> dict[IncidentCategory, int]:
    counted: Counter[IncidentCategory] = Counter()
    for one in tallies:
        counted[one.category] += one.count
    return {category: counted[category] for category in IncidentCategory}


def _clinic(material: FeedbackMaterial, clinic_id: UUID) -> str:
    return material.names.get(clinic_id, f"Clinic {str(clinic_id)[:8]}")
