"""The drift page's months: who comes often counts once, and too few people are not compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import numpy as np

from clinic_app.domain.drift import DriftMonth
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.finding import Band
from clinic_app.inference.learning.watch import drift
from clinic_app.services.learning_cases import compared_embeddings
from tests.fakes.clock import START


class Months:
    """Readings of people who look alike in all of their pictures, month after month."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.cases: list[tuple[FaceCase, str]] = []
        self._people = 0

    def add(self, month: str, people: int, times: int, *, again: bool = False) -> None:
        """So many new people, each with so many pictures; the first people ``again``."""
        start = 0 if again else self._people
        own = self._rng.normal(size=people)
        faces = self._rng.normal(size=(people, 8))
        for _ in range(times):
            for person in range(people):
                level = own[person] + 0.1 * self._rng.normal()
                face = faces[person] + 0.1 * self._rng.normal(size=8)
                self._add(month, start + person, level, face)
        self._people = max(self._people, start + people)

    def _add(self, month: str, person: int, level: float, face: np.ndarray) -> None:
        p = float(1.0 / (1.0 + np.exp(-level)))
        number = len(self.cases)
        case = FaceCase(
            screening_id=UUID(int=number),
            patient_id=UUID(int=person),
            taken_by=UUID(int=1),
            judged_by=None,
            finished_at=START + timedelta(hours=number),
            base="severity 1",
            accepted=True,
            usable=True,
            band=Band.MILD,
            shares=((1 - p) ** 3, 3 * p * (1 - p) ** 2, 3 * p**2 * (1 - p), p**3),
            local_shares=None,
            phq9_total=number % 28,
            embedding=face.astype("<f4").tobytes(),
        )
        self.cases.append((case, month))

    def last(self) -> DriftMonth:
        (version,) = drift(self.cases)
        return version.months[-1]


def test_who_comes_several_times_a_month_is_one_witness() -> None:
    """Else the same faces again look like a shift."""
    marks = {"index": 0, "gap": 0, "embedding": 0}
    for seed in range(20):
        months = Months(seed)
        months.add("2026-03", 200, 1)
        months.add("2026-04", 40, 6)
        found = months.last()
        assert found.score_index is not None
        assert found.score_gap is not None
        assert found.embedding is not None
        marks["index"] += found.score_index.beyond
        marks["gap"] += found.score_gap.beyond
        marks["embedding"] += found.embedding.beyond
    assert max(marks.values()) <= 4, marks


def test_few_people_are_not_compared_however_often_they_came() -> None:
    months = Months(1)
    months.add("2026-03", 200, 1)
    months.add("2026-04", 10, 10)
    found = months.last()
    assert (found.pictures, found.score_gap, found.embedding, found.phq9) == (100, None, None, None)
    assert found.passed is not None
    assert found.passed.low < 0.75  # ten of ten


def test_first_readings_of_few_people_are_no_reference() -> None:
    months = Months(1)
    months.add("2026-03", 40, 5)
    months.add("2026-04", 9, 1)
    months.add("2026-05", 40, 4, again=True)
    (version,) = drift(months.cases)
    assert version.reference == 0
    assert version.months[-1].score_gap is None


def test_where_the_same_few_come_again_the_first_readings_go_on_until_there_are_enough_people() -> (
    None
):
    """Else such a clinic would never be told of drift, however many came later."""
    months = Months(1)
    months.add("2026-03", 40, 5)
    months.add("2026-04", 60, 1)
    months.add("2026-05", 60, 1)
    chosen = set(compared_embeddings(months.cases))
    told = [
        (one if one.screening_id in chosen else replace(one, embedding=b""), month)
        for one, month in months.cases
    ]
    (version,) = drift(told)
    assert version.reference == 50
    assert [one.in_reference for one in version.months] == [True, True, False]
    last = version.months[-1]
    assert None not in (last.score_index, last.score_gap, last.embedding)
