"""PHQ-9 and GAD-7: exact items, scoring, missing-item rules, bands.

Items and answers are quoted from the public-domain instruments (Spitzer, Kroenke, Williams and
colleagues; Pfizer grants use without permission). Scoring: Kroenke, Spitzer & Williams 2001
(PHQ-9), Spitzer et al. 2006 (GAD-7). A missing item 9 is never imputed: there is then no PHQ-9
total, and the PHQ-8 (Kroenke et al. 2009) is given instead, labelled as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinic_app.domain.errors import InvalidInput

STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
ANSWERS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
DIFFICULTY_ANSWERS = (
    "Not difficult at all",
    "Somewhat difficult",
    "Very difficult",
    "Extremely difficult",
)
DIFFICULTY_ITEM = (
    "If you checked off any problems, how difficult have these problems made it for you to do your"
    " work, take care of things at home, or get along with other people?"
)
MAXIMUM_IMPUTED = 2
ITEM_NINE = 8
"""Index (from 0) of the PHQ-9's ninth item."""


class InstrumentName(StrEnum):
    PHQ9 = "phq9"
    GAD7 = "gad7"


class AnsweredBy(StrEnum):
    """Who held the laptop."""

    PATIENT = "patient"
    READ_ALOUD = "read_aloud"


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """A band of the total, ``low`` to ``high`` inclusive."""

    low: int
    high: int
    label: str


@dataclass(frozen=True, slots=True)
class Instrument:
    name: InstrumentName
    title: str
    items: tuple[str, ...]
    bands: tuple[ScoreBand, ...]
    positive_from: int
    maximum: int
    version: str = "en-1"
    language: str = "en"

    def band_of(self, total: int) -> ScoreBand:
        return next(band for band in self.bands if band.low <= total <= band.high)


_PHQ_BANDS = (
    ScoreBand(0, 4, "none-minimal"),
    ScoreBand(5, 9, "mild"),
    ScoreBand(10, 14, "moderate"),
    ScoreBand(15, 19, "moderately severe"),
    ScoreBand(20, 27, "severe"),
)

PHQ9 = Instrument(
    InstrumentName.PHQ9,
    "PHQ-9",
    (
        "Little interest or pleasure in doing things",
        "Feeling down, depressed, or hopeless",
        "Trouble falling or staying asleep, or sleeping too much",
        "Feeling tired or having little energy",
        "Poor appetite or overeating",
        "Feeling bad about yourself - or that you are a failure or have let yourself or your"
        " family down",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
        "Moving or speaking so slowly that other people could have noticed? Or the opposite -"
        " being so fidgety or restless that you have been moving around a lot more than usual",
        "Thoughts that you would be better off dead or of hurting yourself in some way",
    ),
    _PHQ_BANDS,
    positive_from=10,
    maximum=27,
)

GAD7 = Instrument(
    InstrumentName.GAD7,
    "GAD-7",
    (
        "Feeling nervous, anxious or on edge",
        "Not being able to stop or control worrying",
        "Worrying too much about different things",
        "Trouble relaxing",
        "Being so restless that it is hard to sit still",
        "Becoming easily annoyed or irritable",
        "Feeling afraid as if something awful might happen",
    ),
    (
        ScoreBand(0, 4, "minimal"),
        ScoreBand(5, 9, "mild"),
        ScoreBand(10, 14, "moderate"),
        ScoreBand(15, 21, "severe"),
    ),
    positive_from=10,
    maximum=21,
)

INSTRUMENTS = {instrument.name: instrument for instrument in (PHQ9, GAD7)}


class ItemNine(StrEnum):
    """State of the PHQ-9's ninth item; ``NO`` carries no reassurance."""

    NO = "answered_not_at_all"
    POSITIVE = "positive"
    NOT_ANSWERED = "not_answered"


class DepressivePattern(StrEnum):
    """The PHQ-9 algorithm's pattern; needs clinical exclusion of bereavement, bipolar history,
    drugs and medical causes before it means anything."""

    MAJOR = "major_depressive_syndrome"
    OTHER = "other_depressive_syndrome"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Score:
    """A scored questionnaire.

    ``total`` is ``None`` when too many items are missing; ``scale`` is what the total is
    ("PHQ-9", "PHQ-8" when item 9 is missing, "GAD-7").
    """

    scale: str
    total: int | None
    maximum: int
    band: str | None
    positive: bool | None
    prorated: bool
    missing: int
    item_nine: ItemNine | None = None
    pattern: DepressivePattern | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """Answers to one instrument: 0-3 each, ``None`` where not answered.

    ``version``, ``language`` and ``wording_sha256`` name the words it was asked in; the hash is
    empty for a form that was filled in elsewhere, and in records from before it was kept.
    """

    instrument: InstrumentName
    answers: tuple[int | None, ...]
    answered_by: AnsweredBy
    completed_at: datetime
    difficulty: int | None = None
    version: str = "en-1"
    language: str = "en"
    wording_sha256: str = ""

    @property
    def score(self) -> Score:
        return score(self.instrument, self.answers)


def check_answers(name: InstrumentName, answers: Sequence[int | None]) -> tuple[int | None, ...]:
    """The answers as a tuple; raises ``InvalidInput`` unless each item has 0-3 or nothing."""
    instrument = INSTRUMENTS[name]
    if len(answers) != len(instrument.items):
        raise InvalidInput(
            "answers",
            "{title} has {items} items, not {given}.",
            title=instrument.title,
            items=len(instrument.items),
            given=len(answers),
        )
    for value in answers:
        if not _is_answer(value):
            raise InvalidInput("answers", "Each answer must be 0, 1, 2 or 3, or left out.")
    return tuple(answers)


def check_difficulty(value: int | None) -> int | None:
    """The functional item: 0-3 or not asked."""
    if not _is_answer(value):
        raise InvalidInput("difficulty", "The difficulty answer must be 0, 1, 2 or 3.")
    return value


def _is_answer(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= 3)


def score(name: InstrumentName, answers: Sequence[int | None]) -> Score:
    """Score one instrument; at most two missing items are replaced by the mean of the others."""
    checked = check_answers(name, answers)
    instrument = INSTRUMENTS[name]
    missing = sum(value is None for value in checked)
    if name is InstrumentName.GAD7:
        total, prorated = _prorated_total(checked)
        return _score(instrument, instrument.title, instrument.maximum, total, prorated, missing)
    item_nine = _item_nine(checked[ITEM_NINE])
    if item_nine is ItemNine.NOT_ANSWERED:
        total, prorated = _prorated_total(checked[:ITEM_NINE])
        return _score(instrument, "PHQ-8", 24, total, prorated, missing, item_nine)
    total, prorated = _prorated_total(checked)
    pattern = _pattern(checked) if missing == 0 else None
    return _score(instrument, "PHQ-9", 27, total, prorated, missing, item_nine, pattern)


def _score(
    instrument: Instrument,
    scale: str,
    maximum: int,
    total: int | None,
    prorated: bool,
    missing: int,
    item_nine: ItemNine | None = None,
    pattern: DepressivePattern | None = None,
) -> Score:
    band = None if total is None else instrument.band_of(total).label
    positive = None if total is None else total >= instrument.positive_from
    return Score(scale, total, maximum, band, positive, prorated, missing, item_nine, pattern)


def _prorated_total(answers: Sequence[int | None]) -> tuple[int | None, bool]:
    """The total, mean-imputed and rounded half up; ``None`` with more than two items missing."""
    given = [value for value in answers if value is not None]
    missing = len(answers) - len(given)
    if missing == 0:
        return sum(given), False
    if missing > MAXIMUM_IMPUTED:
        return None, False
    return (2 * sum(given) * len(answers) + len(given)) // (2 * len(given)), True


def _item_nine(value: int | None) -> ItemNine:
    if value is None:
        return ItemNine.NOT_ANSWERED
    return ItemNine.POSITIVE if value >= 1 else ItemNine.NO


def _pattern(answers: Sequence[int | None]) -> DepressivePattern:
    """PHQ-9 algorithm: an item counts from 2, item 9 from 1; a core item (1 or 2) is required."""
    counts = [
        value is not None and value >= (1 if index == ITEM_NINE else 2)
        for index, value in enumerate(answers)
    ]
    if not any(counts[:2]):
        return DepressivePattern.NEITHER
    symptoms = sum(counts)
    if symptoms >= 5:
        return DepressivePattern.MAJOR
    return DepressivePattern.OTHER if symptoms >= 2 else DepressivePattern.NEITHER


def asks_safety(name: InstrumentName, item: int, value: int | None) -> bool:
    """Whether entering ``value`` at ``item`` (from 0) opens the safety flow at once."""
    return name is InstrumentName.PHQ9 and item == ITEM_NINE and value is not None and value >= 1
