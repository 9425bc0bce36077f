"""A local head: the clinic's own ordinal reading of the stored embeddings, and how it is judged.

It says how doctors of this clinic, looking at pictures alone, band the visible depressive affect in
pictures like this one. It stands beside the shipped estimate and never in its place: it changes no
stored finding, removes no abstention and moves no flag.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.finding import Band, Finding, LocalReading
from clinic_app.domain.people import clean_text, has_ink
from clinic_app.domain.reference_look import LOOK
from clinic_app.domain.sentence import Sentence, sentence

EMBEDDING = 512
"""Numbers in a stored embedding."""

PEOPLE_PER_BAND = 20
"""Fewest people with a case of each band in the part that is fitted on."""

PEOPLE_JUDGED = 50
"""Fewest people in the locked part before heads are compared on it."""

JUDGED_PER_BAND = 5
"""Fewest people of each band in the locked part."""

CASES_PER_PARAMETER = 15.0
"""Effective cases for each effective weight: Harrell, Regression Modeling Strategies (2nd edition,
section 4.4), asks for 10 to 20, and 15 on the whole. The penalty is never let below it."""

TOTAL_ERROR = 0.05
"""Chance that a head no better than the shipped one passes any of the looks at the locked part."""


class HeadEventKind(StrEnum):
    COMPARED = "compared"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    EXPORTED = "exported"
    """Of no head: the cases went out as a training set."""


@dataclass(frozen=True, slots=True)
class Between:
    """A difference or a figure with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Champion:
    """The local head that was in use at a comparison, on the same cases and the same draws; gains
    are the challenger's over it, above 0 is better."""

    head_id: UUID
    version: str
    kappa: Between
    kappa_gain: Between
    score_loss: float
    score_loss_gain: Between
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Challenger and shipped head on the same cases of the locked part, and the local head in use
    where another one is: who is promoted has to be better than both.

    ``look`` counts how often this clinic has looked at its locked part; ``coverage`` is that of
    every interval and grows with it. ``kappa_gain`` is local minus shipped, ``score_loss_gain``
    shipped minus local of the ranked probability score (0 best): above 0 is better in both.
    ``calibration_error`` is the mean gap between said and seen P(band >= k).
    """

    look: int
    coverage: float
    cases: int
    people: int
    people_by_band: tuple[int, ...]
    left_out: int
    kappa_local: Between
    kappa_shipped: Between
    kappa_gain: Between
    score_loss_local: float
    score_loss_shipped: float
    score_loss_gain: Between
    calibration_error_local: float
    calibration_error_shipped: float
    champion: Champion | None = None


@dataclass(frozen=True, slots=True)
class LocalHead:
    """One fit, never changed. ``base`` names the shipped models whose embeddings it reads.

    P(band <= k) = sigma(cuts[k] - weights . embedding). ``cases`` are the screenings it was fitted
    on: who withdraws can be found again.

    A head that several clinics fitted together names them in ``sites``: its ``cases`` and
    ``people`` are this clinic's own, ``all_cases`` and the other counts those of all. Nothing was
    left out of its fit, so that the figures of left-out folds are missing, on which a program that
    knows of no such heads finds no head at all in its record.
    """

    id: UUID
    number: int
    base: str
    fitted_at: datetime
    fitted_by: UUID
    cuts: tuple[float, ...]
    weights: tuple[float, ...]
    cases: tuple[UUID, ...]
    people: int
    people_by_band: tuple[int, ...]
    effective_cases: float
    effective_weights: float
    penalty: float
    slope: float
    out_of_fold_kappa: float | None
    out_of_fold_loss: float | None
    reader_kappa: float | None
    sites: tuple[str, ...] = ()
    all_cases: int = 0
    round_id: UUID | None = None

    @property
    def version(self) -> str:
        """As it stands in findings and on screens; two workstations may number alike."""
        return f"local-{self.number}-{self.id.hex[-4:]}"


@dataclass(frozen=True, slots=True)
class HeadEvent:
    """What happened to a head; ``ROLLED_BACK`` goes back to ``head_id``, over what came after it;
    ``None``: no local head.

    ``text`` is the reason that was signed; ``comparison`` comes with ``COMPARED``, and with it the
    screenings that it was made on, as a head keeps those of its fit. ``EXPORTED`` names those of a
    training set, of which ``crops`` went out with their picture; its ``text`` is the SHA-256 of the
    set's manifest.
    """

    id: UUID
    kind: HeadEventKind
    at: datetime
    by: UUID
    head_id: UUID | None
    text: str = ""
    comparison: Comparison | None = None
    cases: tuple[UUID, ...] = ()
    crops: tuple[UUID, ...] = ()


def look_coverage(look: int) -> float:
    """Coverage of the intervals at the ``look``-th look (from 1) at the same locked part.

    Each look may err by TOTAL_ERROR / (look (look + 1)); over all looks, however many, that adds
    up to TOTAL_ERROR.
    """
    return 1.0 - TOTAL_ERROR / (look * (look + 1))


def effective_size(people: Sequence[int]) -> float:
    """Of an ordinal outcome with these group sizes: n - sum(n_i^3) / n^2 (Harrell, table 4.1)."""
    total = sum(people)
    return total - sum(one**3 for one in people) / total**2 if total else 0.0


_BAND_WORDS = {
    Band.NONE: sentence("none"),
    Band.MILD: sentence("mild"),
    Band.MODERATE: sentence("moderate"),
    Band.SEVERE: sentence("severe"),
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether there are enough people to fit, and enough to judge; sentences say what is missing.

    ``fitted`` and ``judged`` are people with a case of each band.
    """

    fitted: tuple[int, ...]
    judged: tuple[int, ...]
    judged_people: int

    @property
    def missing_to_fit(self) -> tuple[Sentence, ...]:
        return tuple(
            sentence(
                "In the band “{band}” there are {count} of {least} people to fit on.",
                band=_BAND_WORDS[band],
                count=count,
                least=PEOPLE_PER_BAND,
            )
            for band, count in zip(Band, self.fitted, strict=True)
            if count < PEOPLE_PER_BAND
        )

    @property
    def missing_to_judge(self) -> tuple[Sentence, ...]:
        few = tuple(
            sentence(
                "In the band “{band}” there are {count} of {least} people in the locked part.",
                band=_BAND_WORDS[band],
                count=count,
                least=JUDGED_PER_BAND,
            )
            for band, count in zip(Band, self.judged, strict=True)
            if count < JUDGED_PER_BAND
        )
        if self.judged_people < PEOPLE_JUDGED:
            few += (
                sentence(
                    "There are {count} of {least} people in the locked part.",
                    count=self.judged_people,
                    least=PEOPLE_JUDGED,
                ),
            )
        return few


def reasons_against(
    head: LocalHead, comparison: Comparison | None, champion: UUID | None = None
) -> tuple[Sentence, ...]:
    """Why this head may not be promoted; none when it may. ``champion`` is another head that is in
    use and would be replaced."""
    if comparison is None:
        return (sentence("It has not been compared with the shipped head yet."), *fit_against(head))
    against = _against_shipped(comparison)
    if champion is not None:
        met = comparison.champion
        if met is None or met.head_id != champion:
            against.append(
                sentence("It has not been compared with the head in use; please compare again.")
            )
        else:
            against += _against_champion(met)
    guard = Guard(head.people_by_band, comparison.people_by_band, comparison.people)
    return (*against, *fit_against(head), *guard.missing_to_judge)


def fit_against(head: LocalHead) -> tuple[Sentence, ...]:
    """What is wrong with the fit itself: no comparison takes it away."""
    few = head.effective_cases < CASES_PER_PARAMETER * head.effective_weights * (1 - 1e-6)
    weights = (sentence("It has too few cases for its number of weights."),) if few else ()
    return (*weights, *Guard(head.people_by_band, (0,) * len(Band), 0).missing_to_fit)


def figures_against(comparison: Comparison) -> tuple[Sentence, ...]:
    """What the figures say against the challenger, whoever is in use now."""
    met = comparison.champion
    return (*_against_shipped(comparison), *(() if met is None else _against_champion(met)))


def _against_shipped(found: Comparison) -> list[Sentence]:
    against = []
    if found.kappa_gain.low <= 0:
        against.append(sentence("It is not better than the shipped head beyond the interval."))
    if found.kappa_local.low <= 0:
        against.append(sentence("Its own agreement with the doctors is not above chance."))
    if found.score_loss_gain.value < 0:
        against.append(sentence("Its probabilities fit worse than those of the shipped head."))
    return against


def _against_champion(met: Champion) -> list[Sentence]:
    against = []
    if met.kappa_gain.low <= 0:
        against.append(sentence("It is not better than the head in use beyond the interval."))
    if met.score_loss_gain.value < 0:
        against.append(sentence("Its probabilities fit worse than those of the head in use."))
    return against


def signed_reason(text: str) -> str:
    """The reason, cleaned; raises ``InvalidInput`` when there is none."""
    if not has_ink(text):
        raise InvalidInput("text", "Please write down why; the reason is kept with your name.")
    return clean_text(text, 500, "text")


@dataclass(frozen=True, slots=True)
class HeadHistory:
    """All events in stamp order, folded: what is in use, what was compared, what was before."""

    in_use: UUID | None
    comparisons: dict[UUID, Comparison]
    judged_on: dict[UUID, tuple[UUID, ...]]
    """The cases of each head's newest comparison."""
    looks: int
    ahead_of_its_turn: frozenset[UUID]
    """Heads whose newest comparison counted fewer looks than there were: laptops that had not
    synced spent the same one, and its intervals promise too much."""
    before: tuple[UUID | None, ...]
    """Where roll-back leads: heads that were in use, the newest last; ``None`` is no local head."""


def fold_heads(events: Iterable[HeadEvent]) -> HeadHistory:
    """What the decisions about heads, oldest first, come to.

    A roll-back forgets every head that was promoted after the one it leads back to, so that the
    next roll-back goes further back and never forward. One that leads to the head in use, as where
    two laptops rolled back before they synced, changes nothing.
    """
    in_use: UUID | None = None
    before: list[UUID | None] = []
    comparisons: dict[UUID, Comparison] = {}
    judged_on: dict[UUID, tuple[UUID, ...]] = {}
    early: set[UUID] = set()
    looks = 0
    for event in events:
        if event.kind is HeadEventKind.COMPARED:
            looks += 1
            if event.comparison is not None and event.head_id is not None:
                comparisons[event.head_id] = event.comparison
                judged_on[event.head_id] = event.cases
                in_turn = event.comparison.look >= looks
                (early.discard if in_turn else early.add)(event.head_id)
        elif event.kind is HeadEventKind.PROMOTED:
            if event.head_id != in_use:
                before.append(in_use)
                in_use = event.head_id
        elif event.kind is HeadEventKind.ROLLED_BACK and event.head_id != in_use:
            in_use = event.head_id
            while in_use in before and before.pop() != in_use:
                pass  # passed over
    return HeadHistory(in_use, comparisons, judged_on, looks, frozenset(early), tuple(before))


# --- reading with a head --------------------------------------------------------------------------


def base_of(finding: Finding) -> str:
    """The shipped models that an embedding comes from; embeddings of others do not compare."""
    return base_text(finding.models)


def base_text(models: Mapping[str, str]) -> str:
    """The models that readings come from, of all that took part."""
    return " ".join(f"{name} {models[name]}" for name in _BASES if name in models)


def usable(finding: Finding | None) -> bool:
    """Whether a finding can be learnt from and read: it has a reading and a whole embedding."""
    return (
        finding is not None
        and finding.severity is not None
        and len(finding.embedding) == EMBEDDING
        and all(map(math.isfinite, finding.embedding))
    )


def pack_embedding(values: Sequence[float]) -> bytes:
    """Little-endian float32, four bytes each."""
    return struct.pack(f"<{len(values)}f", *values)


def read_with(head: LocalHead, finding: Finding) -> Finding:
    """The finding with the local reading beside its own; as it is where the head cannot read it.

    An abstention stays one, and so does everything else in the finding.
    """
    if not usable(finding) or base_of(finding) != head.base:
        return replace(finding, local=None)
    score = math.fsum(w * x for w, x in zip(head.weights, finding.embedding, strict=True))
    below = [_sigmoid(cut - score) for cut in head.cuts]
    shares = [high - low for low, high in zip([0.0, *below], [*below, 1.0], strict=True)]
    none, mild, moderate, severe = (max(share, 0.0) for share in shares)
    band = Band(sum(share < 0.5 for share in below))
    percent = 100.0 * (mild + 2 * moderate + 3 * severe) / 3
    reading = LocalReading(head.version, head.id, band, (none, mild, moderate, severe), percent)
    return replace(finding, local=reading)


def _sigmoid(x: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * x))


_BASES = ("severity", "style", LOOK)
