"""The worklist: who comes next and why, by facts alone; see ``clinic_app.domain.worklist``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.paging import Page
from clinic_app.domain.sentence import Sentence, Value
from clinic_app.domain.worklist import (
    GAD_RANKS,
    PHQ_RANKS,
    WorklistFilter,
    WorklistMark,
    WorklistReason,
    WorklistRow,
)
from clinic_app.services.session import Desk
from clinic_app.services.tasks import clinic_day
from clinic_app.services.words import SCORE_BANDS

EVERYBODY = WorklistFilter()
PAGE_SIZES = range(1, 1001)

_PHQ_BANDS = {rank: band for band, rank in PHQ_RANKS.items()}
_GAD_BANDS = {rank: band for band, rank in GAD_RANKS.items()}

REASON_TEXTS = {
    "safety": "Safety steps open since {day}",
    "not_assessed": "Not assessed yet",
    "registered": "registered {day}",
    "asked": "appointment asked for on {day}",
    "phq9": "PHQ-9: {total}, {band}",
    "phq8": "PHQ-8 (question 9 not answered): {band}",
    "of_day": "{measured} ({day})",
    "item_nine": "question 9 above “not at all”",
    "gad7": "GAD-7: {total}, {band}",
    "clinician": "Judged by the clinician, no questionnaire",
    "flagged": "flagged by the clinician",
    "unreviewed": "1 screening not reviewed",
    "unreviewed_many": "{count} screenings not reviewed",
}
"""The plain words of every reason, to be translated where they are shown."""


_HEADINGS = {
    WorklistReason.SAFETY_OPEN: "Safety steps open",
    WorklistReason.NOT_ASSESSED: "Not assessed",
    WorklistReason.QUESTIONNAIRE: "By questionnaire",
}


def reasons(row: WorklistRow, day: Callable[[datetime], str]) -> tuple[Sentence, ...]:
    """Why a row stands where it stands: the reason first, then the other facts about the person.

    ``day`` writes the local day of a moment.
    """
    found: list[Sentence] = []
    if row.safety_opened_at is not None:
        found.append(_say("safety", day=day(row.safety_opened_at)))
    if not row.assessed:
        found.append(_say("not_assessed"))
        if row.safety_opened_at is None:
            found.append(_say("registered", day=day(row.waiting_since)))
    found += _measured(row, day)
    if row.assessed and row.depression_rank is None and row.anxiety_rank is None:
        found.append(_say("clinician"))
    if row.flagged:
        found.append(_say("flagged"))
    if row.unreviewed:
        name = "unreviewed" if row.unreviewed == 1 else "unreviewed_many"
        found.append(_say(name, count=row.unreviewed))
    if row.requested_since is not None:
        found.append(_say("asked", day=day(row.requested_since)))
    return tuple(found)


def _say(name: str, **values: Value) -> Sentence:
    return Sentence(REASON_TEXTS[name], values)


def _measured(row: WorklistRow, day: Callable[[datetime], str]) -> list[Sentence]:
    """The newest totals; one that is not of the last screening says its day."""
    found: list[Sentence] = []

    def say(name: str, at: datetime | None, **values: Value) -> None:
        said = _say(name, **values)
        if at is not None and at != row.last_screened_at:
            said = _say("of_day", measured=said, day=day(at))
        found.append(said)

    if row.depression_rank is not None:
        band = Sentence(SCORE_BANDS[_PHQ_BANDS[row.depression_rank]])
        if row.phq9_total is None:
            say("phq8", row.phq9_at, band=band)
        else:
            say("phq9", row.phq9_at, total=row.phq9_total, band=band)
    if row.item_nine:  # a zero is no reassurance, so nothing is said about it
        found.append(_say("item_nine"))
    if row.anxiety_rank is not None and row.gad7_total is not None:
        band = Sentence(SCORE_BANDS[_GAD_BANDS[row.anxiety_rank]])
        say("gad7", row.gad7_at, total=row.gad7_total, band=band)
    return found


class WorklistService:
    """Every reading is audited."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def today(self) -> date:
        """The clinic's present day, by which tasks are overdue."""
        self._desk.allow(Action.SEE_WORKLIST)
        with self._desk.unit_of_work() as work:
            return clinic_day(work, self._desk.now())

    def overdue(self) -> WorklistFilter:
        """The filter of people with an overdue task."""
        return WorklistFilter(overdue_on=self.today())

    def page(
        self,
        wanted: WorklistFilter = EVERYBODY,
        limit: int = 50,
        after: WorklistMark | None = None,
    ) -> Page[WorklistRow, WorklistMark]:
        """In the order of ``domain.worklist``.

        Raises ``InvalidInput`` for a page of fewer than 1 or more than 1000 rows.
        """
        user = self._desk.allow(Action.SEE_WORKLIST)
        if limit not in PAGE_SIZES:
            raise InvalidInput("limit", "A page of the worklist has between 1 and 1000 rows.")
        with self._desk.unit_of_work() as work:
            found = work.worklist.page(wanted, limit, after)
            work.audit.record(AuditKind.READ, user.id, "worklist")
            work.commit()
        return found

    def count(self, wanted: WorklistFilter = EVERYBODY) -> int:
        """How many people the filter keeps."""
        self._desk.allow(Action.SEE_WORKLIST)
        with self._desk.unit_of_work() as work:
            return work.worklist.count(wanted)

    def of_patient(self, patient_id: UUID) -> WorklistRow | None:
        """The person's facts, to say why they are on the list; ``None`` for an unknown patient."""
        user = self._desk.allow(Action.SEE_WORKLIST)
        with self._desk.unit_of_work() as work:
            found = work.worklist.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "worklist", patient_id)
            work.commit()
        return found


def first_reason(row: WorklistRow) -> Sentence:
    """The reason alone, in two or three words, as a heading of its rows."""
    return Sentence(_HEADINGS[row.reason])
