"""Reviews: a doctor's judgement beside an immutable screening, append-only.

The own severity comes first and is kept before the estimate is shown; then the doctor agrees with
the estimate or overrules it with a reason. Several doctors may review one screening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.finding import Band
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import has_ink
from clinic_app.domain.screening import ClinicianSeverity


class ReviewEventKind(StrEnum):
    JUDGED = "judged"
    CONCLUDED = "concluded"


class Verdict(StrEnum):
    """``NO_ESTIMATE``: there was none to agree with (no picture, or an abstention)."""

    AGREE = "agree"
    OVERRULE = "overrule"
    NO_ESTIMATE = "no_estimate"


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """``severity`` comes with ``JUDGED``; the rest with ``CONCLUDED``, from the screening."""

    id: UUID
    review_id: UUID
    screening_id: UUID
    patient_id: UUID
    kind: ReviewEventKind
    at: datetime
    by: UUID
    severity: ClinicianSeverity | None = None
    verdict: Verdict | None = None
    text: str = ""
    model_version: str = ""
    estimate_band: Band | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review as its events leave it; concluded once ``verdict`` is there."""

    id: UUID
    screening_id: UUID
    patient_id: UUID
    reviewer: UUID
    own_severity: ClinicianSeverity
    judged_at: datetime
    verdict: Verdict | None = None
    text: str = ""
    concluded_at: datetime | None = None
    model_version: str = ""
    estimate_band: Band | None = None
    void: tuple[UUID, ...] = ()

    @property
    def concluded(self) -> bool:
        return self.verdict is not None


def _applied(review: Review | None, event: ReviewEvent) -> Review | None:
    if review is None:
        if event.kind is not ReviewEventKind.JUDGED or event.severity is None:
            return None
        return Review(
            id=event.review_id,
            screening_id=event.screening_id,
            patient_id=event.patient_id,
            reviewer=event.by,
            own_severity=event.severity,
            judged_at=event.at,
        )
    fits = (
        event.kind is ReviewEventKind.CONCLUDED
        and not review.concluded
        and event.by == review.reviewer
        and event.screening_id == review.screening_id
        and event.verdict is not None
    )
    if not fits:
        return None
    return replace(
        review,
        verdict=event.verdict,
        text=event.text,
        concluded_at=event.at,
        model_version=event.model_version,
        estimate_band=event.estimate_band,
    )


def fold_review(events: Iterable[ReviewEvent]) -> Review | None:
    """The review that these events, in stamp order, make; ``None`` without a judgement."""
    review: Review | None = None
    void: list[UUID] = []
    for event in events:
        after = _applied(review, event)
        if after is None:
            void.append(event.id)
        else:
            review = after
    return None if review is None else replace(review, void=tuple(void))


def checked_review_event(review: Review | None, event: ReviewEvent) -> ReviewEvent:
    """The event cleaned; raises ``InvalidInput`` for overruling without a reason and
    ``WrongState`` when it does not fit (no own judgement yet, concluded, somebody else's)."""
    if event.verdict is Verdict.OVERRULE and not has_ink(event.text):
        raise InvalidInput("text", "Please write down why you overrule the estimate.")
    cleaned = replace(event, text=clean_note(event.text) if has_ink(event.text) else "")
    if _applied(review, cleaned) is None:
        raise WrongState("Record your own severity first; a concluded review does not change.")
    return cleaned


@dataclass(frozen=True, slots=True)
class AgreementCount:
    """How many concluded reviews of one model version had this outcome."""

    model_version: str
    verdict: Verdict
    own_severity: ClinicianSeverity
    estimate_band: Band | None
    count: int
