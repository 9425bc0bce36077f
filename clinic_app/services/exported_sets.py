"""Which cases went out in which training set, and whose person does not agree to that any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import LearningKey, pseudonym
from clinic_app.domain.local_head import HeadEvent, HeadEventKind
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.storage import UnitOfWork

_IN_ONE = 5_000
"""Cases in one record: what travels stays below a batch of sync."""


@dataclass(frozen=True, slots=True)
class ExportedSet:
    """``sha256`` is that of the manifest. Pseudonyms of cases, as `cases.jsonl` has them:
    ``withdrawn`` are to be dropped whole, of ``crops`` the picture alone."""

    at: datetime
    sha256: str
    cases: int
    withdrawn: tuple[str, ...]
    crops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Left:
    """What of an export its people no longer agree to: screenings."""

    told: tuple[HeadEvent, ...]
    cases: frozenset[UUID]
    crops: frozenset[UUID]


def tell_export(
    work: UnitOfWork,
    by: UUID,
    at: datetime,
    sha256: str,
    cases: Iterable[UUID],
    pictured: Collection[UUID],
) -> None:
    """Keep who goes out. It travels with the records, so that any workstation can be asked."""
    listed = sorted(cases)
    for start in range(0, len(listed), _IN_ONE):
        some = tuple(listed[start : start + _IN_ONE])
        crops = tuple(one for one in some if one in pictured)
        work.head_events.add(
            HeadEvent(
                new_id(), HeadEventKind.EXPORTED, at, by, None, sha256, cases=some, crops=crops
            )
        )


def exported_sets(work: UnitOfWork, key: LearningKey) -> tuple[ExportedSet, ...]:
    """Every training set, oldest first."""
    return tuple(
        ExportedSet(
            at=one.told[0].at,
            sha256=one.told[0].text,
            cases=sum(len(part.cases) for part in one.told),
            withdrawn=tuple(sorted(pseudonym(key, "case", case) for case in one.cases)),
            crops=tuple(sorted(pseudonym(key, "case", case) for case in one.crops)),
        )
        for one in _left(work)
    )


def cases_to_drop(work: UnitOfWork) -> int:
    """How many cases of earlier training sets, or their pictures, are no longer agreed to."""
    return len(frozenset[UUID]().union(*(one.cases | one.crops for one in _left(work))))


def _left(work: UnitOfWork) -> list[_Left]:
    """A case whose record is not here any more, as after an erasure, is agreed to by nobody."""
    sets: dict[str, list[HeadEvent]] = {}
    for event in work.head_events.exports():
        sets.setdefault(event.text, []).append(event)
    if not sets:
        return []
    owners = {one.screening_id: one.patient_id for one in work.face_cases.all()}
    learnt = work.face_cases.consenting(*LEARNT_FROM)
    kept = work.face_cases.consenting(*LEARNT_FROM, Purpose.KEEP_IMAGES)

    def without(agreed: set[UUID], parts: Iterable[tuple[UUID, ...]]) -> frozenset[UUID]:
        return frozenset(one for part in parts for one in part if owners.get(one) not in agreed)

    found = []
    for told in sets.values():
        gone = without(learnt, (one.cases for one in told))
        crops = without(kept, (one.crops for one in told)) - gone
        found.append(_Left(tuple(told), gone, crops))
    return found
