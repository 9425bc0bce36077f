"""The worklist: patients in an order of facts alone, with the reason on each row.

Open safety flows come first, then people not assessed, then those whom a clinician has judged but
no questionnaire has measured, then by questionnaire band; within each the clinician's flag and the
time waiting. What was not measured is never taken for little. Nothing of the face is among the
inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

PHQ_RANKS = {"none-minimal": 0, "mild": 1, "moderate": 2, "moderately severe": 3, "severe": 4}
GAD_RANKS = {"minimal": 0, "mild": 1, "moderate": 2, "severe": 4}
"""GAD-7 bands stand beside the PHQ-9 bands of the same name."""


class WorklistReason(StrEnum):
    """Why a row stands where it stands."""

    SAFETY_OPEN = "safety_open"
    NOT_ASSESSED = "not_assessed"
    QUESTIONNAIRE = "questionnaire"


@dataclass(frozen=True, slots=True)
class WorklistMark:
    """Where a page ended."""

    place: int
    waiting_since: datetime
    patient_id: UUID


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """``None`` and ``False`` do not narrow; ``lowest_rank`` is 0 to 4 of ``PHQ_RANKS``.

    ``overdue_on`` keeps people with an open task that was due before this local day, ``requested``
    those who wait for an answer to a request for an appointment.
    """

    reason: WorklistReason | None = None
    flagged: bool = False
    unreviewed: bool = False
    lowest_rank: int | None = None
    requested: bool = False
    overdue_on: date | None = None


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """The facts of one person (duplicates merged in), newest questionnaires first of all.

    ``depression_rank`` and ``anxiety_rank`` are the ranks of the newest PHQ and GAD-7 bands;
    ``phq9_total`` is ``None`` when item 9 was left out (the band is then the PHQ-8's).
    ``item_nine`` is of the newest PHQ that has a band or an answer to it: a form too incomplete to
    be scored still tells it. ``phq9_at`` and ``gad7_at`` are when the totals shown were finished.
    ``waiting_since`` is when the flow opened, the person registered, the oldest unreviewed
    screening finished or an appointment was asked for, whichever put them on the list.
    """

    patient_id: UUID
    display_name: str
    place: int
    waiting_since: datetime
    assessed: bool
    flagged: bool
    unreviewed: int
    safety_opened_at: datetime | None = None
    last_screened_at: datetime | None = None
    phq9_at: datetime | None = None
    phq9_total: int | None = None
    item_nine: int | None = None
    depression_rank: int | None = None
    gad7_at: datetime | None = None
    gad7_total: int | None = None
    anxiety_rank: int | None = None
    requested_since: datetime | None = None

    @property
    def reason(self) -> WorklistReason:
        if self.safety_opened_at is not None:
            return WorklistReason.SAFETY_OPEN
        return WorklistReason.QUESTIONNAIRE if self.assessed else WorklistReason.NOT_ASSESSED

    @property
    def mark(self) -> WorklistMark:
        return WorklistMark(self.place, self.waiting_since, self.patient_id)


SAFETY_PLACE = 0
NOT_ASSESSED_PLACE = 1
NOT_MEASURED_PLACE = 2
RANKED_PLACE = 10


def place_of(*, safety_open: bool, assessed: bool, rank: int | None, flagged: bool) -> int:
    """The first sorting key, lowest first; ``rank`` is 0 to 4, ``None`` where no questionnaire has
    a band. Time waiting breaks ties."""
    if safety_open:
        return SAFETY_PLACE
    if not assessed:
        return NOT_ASSESSED_PLACE
    if rank is None:
        return NOT_MEASURED_PLACE + (0 if flagged else 1)
    return RANKED_PLACE + 2 * (4 - rank) + (0 if flagged else 1)
