"""Which cases may be learnt from, on which side of the lock they are, and under which models."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.adjudication import Adjudication
from clinic_app.domain.consent import Purpose
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.finding import Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import LearningKey, is_locked
from clinic_app.domain.local_head import Guard
from clinic_app.domain.merges import survivor
from clinic_app.services.learning_data import JudgedCase, LabelledCase
from clinic_app.services.storage import UnitOfWork

LEARNT_FROM = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.TRAINING_REUSE)
"""What a person has to agree to before anything is learnt from their pictures: training, and that
pictures are taken and read at all, without which no picture is kept or used anywhere else either.
An embedding is part of the reading."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A settled case; ``person`` is the surviving record of whose it is."""

    case: FaceCase
    band: Band
    person: UUID
    locked: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """Settled, consented cases under the models in use, by identifier of the screening; their
    embeddings are read apart. ``elsewhere`` is how many other models have read, which do not
    count; ``read`` is what readers said of anybody who agrees, under any."""

    base: str
    labelled: tuple[Labelled, ...]
    waiting: int
    elsewhere: int
    read: tuple[Adjudication, ...]

    @property
    def fitted(self) -> tuple[Labelled, ...]:
        return tuple(one for one in self.labelled if not one.locked)

    @property
    def locked(self) -> tuple[Labelled, ...]:
        return tuple(one for one in self.labelled if one.locked)

    @property
    def guard(self) -> Guard:
        return guard_of(self.fitted, self.locked)


def guard_of(fitted: Sequence[Labelled], judged: Sequence[Labelled]) -> Guard:
    return Guard(_people(fitted), _people(judged), len({one.person for one in judged}))


def pool_of(
    work: UnitOfWork, key: LearningKey, purposes: tuple[Purpose, ...] = LEARNT_FROM
) -> Pool:
    """Of everybody who agrees to all ``purposes`` now: who withdrew is not in it, as if never
    there."""
    taken = work.face_cases.all()
    cases = [one for one in taken if one.usable]
    base = newest_base(cases)
    agreed = work.face_cases.consenting(*purposes)
    labels = {one.screening_id: one for one in work.adjudications.all()}
    people = People(work)
    labelled, waiting, elsewhere = [], 0, 0
    for case in sorted(cases, key=lambda one: one.screening_id):
        if case.patient_id not in agreed:
            continue
        adjudication = labels.get(case.screening_id)
        if case.base != base:
            elsewhere += adjudication is not None and adjudication.label is not None
            continue
        settled = adjudication is not None and adjudication.settled_on is not None
        waiting += not settled
        if adjudication is None or adjudication.label is None:
            continue
        person = people.of(case.patient_id)
        locked = is_locked(key, people.records(person))
        labelled.append(Labelled(case, adjudication.label, person, locked))
    gone = {one.screening_id for one in taken if one.patient_id not in agreed}
    read = tuple(one for one in labels.values() if one.screening_id not in gone)
    return Pool(base, tuple(labelled), waiting, elsewhere, read)


def newest_base(cases: Sequence[FaceCase]) -> str:
    """The models that read the newest usable case of ``cases``, oldest first; "" without one. A
    head for others reads no picture any more."""
    return next((one.base for one in reversed(cases) if one.usable), "")


class People:
    """Merged records, read once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._state = work.merges.state()
        self._records: dict[UUID, list[UUID]] = {}
        for merged in self._state:
            self._records.setdefault(self.of(merged), []).append(merged)

    def of(self, patient_id: UUID) -> UUID:
        return survivor(self._state, patient_id)

    def records(self, person: UUID) -> tuple[UUID, ...]:
        return (person, *self._records.get(person, ()))


def learning_key(work: UnitOfWork, now: datetime) -> LearningKey:
    """The clinic's key, made the first time; the unit of work has to be committed then."""
    found = work.learning_keys.oldest()
    if found is None:
        found = LearningKey(new_id(), now, secrets.token_bytes(32))
        work.learning_keys.add(found)
    return found


def to_fit(work: UnitOfWork, cases: Sequence[Labelled]) -> list[LabelledCase]:
    number, read = _Numbers(), _embeddings(work, cases)
    return [
        LabelledCase(read[one.case.screening_id], one.band, number.of(one.person)) for one in cases
    ]


def to_judge(work: UnitOfWork, cases: Sequence[Labelled]) -> list[JudgedCase]:
    """Only cases that the shipped head has read, which all usable ones are."""
    number, read = _Numbers(), _embeddings(work, cases)
    return [
        JudgedCase(
            read[one.case.screening_id],
            one.band,
            number.of(one.person),
            one.case.band,
            one.case.shares,
        )
        for one in cases
        if one.case.band is not None and one.case.shares is not None
    ]


def unknown_to(work: UnitOfWork, cases: Sequence[Labelled], fitted: set[UUID]) -> list[Labelled]:
    """Those of people of whom nothing is in these screenings, on which heads were fitted: neither
    under a record that is merged by now, nor the very same picture under one that is not."""
    people = People(work)
    known = {
        people.of(one.patient_id) for one in work.face_cases.all() if one.screening_id in fitted
    }
    faces = set(work.face_cases.embeddings(sorted(fitted)).values())
    own = _embeddings(work, cases)
    known |= {one.person for one in cases if own[one.case.screening_id] in faces}
    return [one for one in cases if one.person not in known]


def _embeddings(work: UnitOfWork, cases: Sequence[Labelled]) -> dict[UUID, bytes]:
    return work.face_cases.embeddings([one.case.screening_id for one in cases])


class _Numbers:
    """Small numbers in the place of identifiers, in order of appearance."""

    def __init__(self) -> None:
        self._given: dict[UUID, int] = {}

    def of(self, person: UUID) -> int:
        return self._given.setdefault(person, len(self._given))


def _people(cases: Iterable[Labelled]) -> tuple[int, ...]:
    pairs = {(one.band, one.person) for one in cases}
    return tuple(sum(band is wanted for band, _ in pairs) for wanted in Band)


REFERENCE, LEAST_PEOPLE = 200, 50
"""First readings of a version of the models, and fewest people among them: later months are
compared with these."""
COMPARED = 300
"""Most embeddings of a month that the comparison is made with."""


def first_of_each(cases: Iterable[FaceCase]) -> list[FaceCase]:
    """The first case of every person: several of one person are not as many witnesses."""
    first: dict[UUID, FaceCase] = {}
    for case in cases:
        first.setdefault(case.patient_id, case)
    return list(first.values())


def first_readings(cases: Iterable[FaceCase]) -> list[FaceCase]:
    """Those that later months are compared with: `REFERENCE` of them, and on until there are enough
    people, for where the same few come every week they would never be."""
    first: list[FaceCase] = []
    people: set[UUID] = set()
    for case in cases:
        if len(first) >= REFERENCE and len(people) >= LEAST_PEOPLE:
            break
        if case.usable:
            first.append(case)
            people.add(case.patient_id)
    return first


def compared_embeddings(cases: Iterable[tuple[FaceCase, str]]) -> list[UUID]:
    """The screenings whose embeddings the drift page needs: the reference of each version, and an
    even selection of each month, of each person the first."""
    groups: dict[tuple[str, str], list[FaceCase]] = {}
    versions: dict[str, list[FaceCase]] = {}
    for case, month in cases:
        if case.usable:
            versions.setdefault(case.base, []).append(case)
            groups.setdefault((case.base, month), []).append(case)
    reference = [first_of_each(first_readings(own)) for own in versions.values()]
    chosen = {one.screening_id for first in reference for one in first}
    for group in map(first_of_each, groups.values()):
        chosen.update(one.screening_id for one in group[:: -(-len(group) // COMPARED)])
    return sorted(chosen)
