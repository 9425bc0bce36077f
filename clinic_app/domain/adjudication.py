"""Adjudication: what doctors see in a kept picture, agreed on between them; append-only.

A case is one screening. Two doctors read the picture alone, blind to each other, to the estimate
and to everything else about the person. Where they differ a third reads it as blindly; what two of
the three say is the label. Where even that does not settle it, a reader writes down the band that
they agreed on together. Readings beyond what a case needs are void, whatever their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.finding import Band
from clinic_app.domain.kappa import BANDS
from clinic_app.domain.people import clean_text, has_ink
from clinic_app.domain.screening import ClinicianSeverity

READERS = 2
"""Independent readings of every case."""


class AdjudicationEventKind(StrEnum):
    READ = "read"
    AGREED = "agreed"


class CaseState(StrEnum):
    """``THIRD`` and ``TOGETHER``: two, then three readings do not settle it."""

    OPEN = "open"
    THIRD = "third"
    TOGETHER = "together"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class AdjudicationEvent:
    """``AGREED`` is the band that the readers settled on together, with ``text`` why."""

    id: UUID
    screening_id: UUID
    patient_id: UUID
    kind: AdjudicationEventKind
    at: datetime
    by: UUID
    severity: ClinicianSeverity
    text: str = ""


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What one doctor saw; ``CANNOT_TELL`` is a valid answer."""

    by: UUID
    at: datetime
    severity: ClinicianSeverity


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A case as its events leave it. ``agreed`` is the band found together, if it came to that."""

    screening_id: UUID
    patient_id: UUID
    readings: tuple[PictureReading, ...] = ()
    agreed: PictureReading | None = None
    reason: str = ""
    void: tuple[UUID, ...] = ()

    @property
    def id(self) -> UUID:
        return self.screening_id

    @property
    def settled_on(self) -> ClinicianSeverity | None:
        """What two readers say, or all together; ``None`` while it is open."""
        return _settled_on(self.readings, self.agreed)

    @property
    def label(self) -> Band | None:
        """``None`` while it is open, and when the readers cannot tell."""
        settled = self.settled_on
        return None if settled is None else BANDS.get(settled)

    @property
    def state(self) -> CaseState:
        if self.settled_on is not None:
            return CaseState.SETTLED
        if len(self.readings) < READERS:
            return CaseState.OPEN
        return CaseState.THIRD if len(self.readings) == READERS else CaseState.TOGETHER

    def read_by(self, user_id: UUID) -> bool:
        return any(one.by == user_id for one in self.readings)


def _settled_on(
    readings: Sequence[PictureReading], agreed: PictureReading | None
) -> ClinicianSeverity | None:
    if agreed is not None:
        return agreed.severity
    said = [one.severity for one in readings]
    return next((one for one in said if said.count(one) >= READERS), None)


def fold_adjudication(events: Iterable[AdjudicationEvent]) -> Adjudication | None:
    """The case that these events, in stamp order, make; ``None`` without any."""
    first: AdjudicationEvent | None = None
    readings: list[PictureReading] = []
    agreed, reason = None, ""
    void: list[UUID] = []
    for event in events:
        first = first or event
        given = PictureReading(event.by, event.at, event.severity)
        if not _fits(readings, agreed, event):
            void.append(event.id)
        elif event.kind is AdjudicationEventKind.AGREED:
            agreed, reason = given, event.text
        else:
            readings.append(given)
    if first is None:
        return None
    told = tuple(readings), agreed, reason, tuple(void)
    return Adjudication(first.screening_id, first.patient_id, *told)


def _fits(
    readings: Sequence[PictureReading], agreed: PictureReading | None, event: AdjudicationEvent
) -> bool:
    if _settled_on(readings, agreed) is not None:
        return False
    has_read = any(one.by == event.by for one in readings)
    together = len(readings) > READERS
    if event.kind is AdjudicationEventKind.AGREED:
        return together and has_read
    return not together and not has_read


def checked_adjudication_event(
    case: Adjudication | None, event: AdjudicationEvent
) -> AdjudicationEvent:
    """The event cleaned; raises ``InvalidInput`` for an agreement without a reason and
    ``WrongState`` when it does not fit."""
    cleaned = replace(event, text=clean_text(event.text, 500, "text"))
    if event.kind is AdjudicationEventKind.AGREED and not has_ink(event.text):
        raise InvalidInput("text", "Please write down how the readers came to this band.")
    readings, agreed = ((), None) if case is None else (case.readings, case.agreed)
    if not _fits(readings, agreed, event):
        raise WrongState("This case is settled, or you have read it already.")
    return cleaned


def reader_table(cases: Iterable[Adjudication]) -> tuple[tuple[int, ...], ...]:
    """How the first two readers of each case banded it: ``[first][second]``.

    Which of the two comes first is chance, so each pair counts on both sides of the diagonal by
    turns; pairs in which somebody cannot tell have no place.
    """
    table = [[0] * len(Band) for _ in Band]
    turned = False
    for case in sorted(cases, key=lambda one: one.screening_id):
        if len(case.readings) < READERS:
            continue
        first, second = (BANDS.get(one.severity) for one in case.readings[:READERS])
        if first is None or second is None:
            continue
        if first != second and turned:
            first, second = second, first
        turned ^= first != second
        table[first][second] += 1
    return tuple(tuple(line) for line in table)
