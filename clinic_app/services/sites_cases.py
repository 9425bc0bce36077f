"""Which cases of a clinic may take part in a fit with others, and whether those of an agreement
still may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import Band
from clinic_app.domain.joint_learning import Agreement, JointHistory
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.services.learning_cases import (
    LEARNT_FROM,
    Labelled,
    People,
    Pool,
    learning_key,
    pool_of,
    to_fit,
)
from clinic_app.services.sites_data import SMALLEST_SITE, SiteCases
from clinic_app.services.small_numbers import SMALLEST
from clinic_app.services.storage import UnitOfWork

PURPOSES = (*LEARNT_FROM, Purpose.JOINT_LEARNING)
"""A person has to agree to all: to being learnt from at all, and to sums that leave the clinic."""


def in_group(work: UnitOfWork) -> bool:
    """Whether this clinic learns with others, so that people are asked about it."""
    return work.site_events.in_group()


def left_out(work: UnitOfWork, pool: Pool, now: datetime) -> int:
    """People with cases to fit on who agree to training and not to learning with other clinics."""
    alone = pool_of(work, learning_key(work, now))
    people = {one.person for one in pool.fitted}
    return len({one.person for one in alone.fitted} - people)


def joint_pool(work: UnitOfWork, now: datetime) -> Pool:
    """As for a fit of the clinic alone, of people who agree to learning with other clinics too; the
    unit of work has to be committed then."""
    return pool_of(work, learning_key(work, now), PURPOSES)


def site_cases(work: UnitOfWork, base: str, chosen: Sequence[Labelled]) -> SiteCases:
    """These cases with what the arithmetic needs of them."""
    return SiteCases(
        base=base,
        cases=tuple(to_fit(work, chosen)),
        ids=tuple(one.case.screening_id for one in chosen),
        people=frozenset(one.person for one in chosen),
    )


def new_cases(work: UnitOfWork, pool: Pool, history: JointHistory) -> tuple[Labelled, ...]:
    """Those of people who were in no round before that sums of this clinic went to: sums over the
    same people twice, or over nearly the same, could be subtracted."""
    people = People(work)
    told = [one.agreement for one in history.rounds if one.sent and one.agreement is not None]
    sent = {case for one in told for case in one.cases}
    before = {people.of(person) for one in told for person in one.people}
    # A merge that was undone since: each of the two records had cases in the sums.
    before |= {
        people.of(one.patient_id) for one in work.face_cases.all() if one.screening_id in sent
    }
    return tuple(one for one in pool.fitted if one.person not in before)


def reasons_to_wait(chosen: Iterable[Labelled]) -> tuple[Sentence, ...]:
    """Why these cases may not be summed up; none when they may."""
    pairs = {(one.band, one.person) for one in chosen}
    people = {person for _, person in pairs}
    reasons = []
    if len(people) < SMALLEST_SITE:
        reasons.append(
            sentence(
                "There are {count} of {least} people who can take part for the first time.",
                count=len(people),
                least=SMALLEST_SITE,
            )
        )
    if any(0 < sum(band is one for band, _ in pairs) < SMALLEST for one in Band):
        reasons.append(
            sentence(
                "A band has people, and fewer than {least}: their sums could be traced to them.",
                least=SMALLEST,
            )
        )
    return tuple(reasons)


def still_agreed(work: UnitOfWork, pool: Pool, agreement: Agreement) -> SiteCases | None:
    """The cases of an agreement as they are now; ``None`` when some may not be used any more: the
    laptop that can send had all of them when it agreed."""
    wanted = set(agreement.cases)
    found = [one for one in pool.fitted if one.case.screening_id in wanted]
    if len(found) == len(wanted) and pool.base == agreement.base:
        return site_cases(work, pool.base, found)
    return None


class JointConsent:
    """Who agrees to learning with other clinics now, read once."""

    def __init__(self, work: UnitOfWork) -> None:
        agreed = work.face_cases.consenting(*PURPOSES)
        self._gone = {
            one.screening_id for one in work.face_cases.all() if one.patient_id not in agreed
        }

    def withdrawn(self, cases: Iterable[UUID]) -> int:
        return len(self._gone.intersection(cases))
