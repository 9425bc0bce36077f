"""Heads as they stand now: what was decided about each, who has withdrawn since, and what is
against a promotion."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.local_head import HeadHistory, LocalHead, fit_against, reasons_against
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.services.learning_cases import LEARNT_FROM, People, newest_base
from clinic_app.services.learning_data import HeadRow
from clinic_app.services.sites_cases import PURPOSES
from clinic_app.services.storage import UnitOfWork


class Gone:
    """Screenings whose person does not agree to their use now, and whose they are, each read once
    and only when asked for, within the unit of work: consents of a whole clinic take a while."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._cases = work.face_cases.all()

    @cached_property
    def judged(self) -> frozenset[UUID]:
        """To training and checking models."""
        return _gone(self._work, self._cases, LEARNT_FROM)

    @cached_property
    def _shared(self) -> frozenset[UUID]:
        return _gone(self._work, self._cases, PURPOSES)

    def reads(self, head: LocalHead) -> bool:
        """Whether it is one for the models by which pictures are read now: else it reads none."""
        return head.base == newest_base(self._cases)

    def fitted(self, head: LocalHead) -> frozenset[UUID]:
        """To what this head was fitted for: alone, or with other clinics."""
        return self._shared if head.sites else self.judged

    def people(self, cases: Iterable[UUID]) -> set[UUID]:
        """Whose cases these are, as records are merged now."""
        return {self._person[one] for one in cases if one in self._person}

    @cached_property
    def _person(self) -> dict[UUID, UUID]:
        people = People(self._work)
        return {one.screening_id: people.of(one.patient_id) for one in self._cases}


def _gone(
    work: UnitOfWork, cases: Iterable[FaceCase], purposes: tuple[Purpose, ...]
) -> frozenset[UUID]:
    agreed = work.face_cases.consenting(*purposes)
    return frozenset(one.screening_id for one in cases if one.patient_id not in agreed)


def champion_of(
    head: LocalHead, heads: Iterable[LocalHead], history: HeadHistory, gone: Gone
) -> LocalHead | None:
    """The other head in use that this one would replace, and has to be better than.

    None that reads embeddings of other models: it reads no picture any more. None that holds a
    withdrawn case either: it may not be brought back, so nobody has to win against it.
    """
    for one in heads:
        if one.id == history.in_use and one.id != head.id and one.base == head.base:
            return None if gone.fitted(one).intersection(one.cases) else one
    return None


def head_row(
    head: LocalHead, heads: Iterable[LocalHead], history: HeadHistory, gone: Gone
) -> HeadRow:
    """``heads`` are all there are."""
    comparison = history.comparisons.get(head.id)
    judged_on = history.judged_on.get(head.id, ())
    withdrawn = len(gone.fitted(head).intersection(head.cases))
    judged_withdrawn = len(gone.judged.intersection(judged_on))
    champion = champion_of(head, heads, history, gone)
    against = reasons_against(head, comparison, champion.id if champion else None)
    replaced: tuple[Sentence, ...] = ()
    if withdrawn and head.sites:
        replaced += (
            sentence(
                "It contains withdrawn cases ({number}); please learn with the others again.",
                number=withdrawn,
            ),
        )
    elif withdrawn:
        replaced += (
            sentence("It contains withdrawn cases ({number}); please fit again.", number=withdrawn),
        )
    against += replaced
    if judged_withdrawn:
        against += (
            sentence(
                "Its comparison rests on withdrawn cases ({number}); please compare again.",
                number=judged_withdrawn,
            ),
        )
    elif comparison is not None and not judged_on:  # by a program that kept none
        against += (sentence("Its comparison keeps no list of its cases; please compare again."),)
    if gone.people(judged_on) & gone.people(head.cases):
        against += (
            sentence(
                "It was fitted on people whom it was compared on, as their records are merged now;"
                " please compare again."
            ),
        )
    if head.id in history.ahead_of_its_turn:
        against += (
            sentence(
                "Another laptop looked at the locked part at the same time; please compare again."
            ),
        )
    if not gone.reads(head):
        other = sentence("This head reads embeddings of other models than those in use.")
        against, replaced = (*against, other), (*replaced, other)
    return HeadRow(
        head=head,
        comparison=comparison,
        withdrawn=withdrawn,
        judged_withdrawn=judged_withdrawn,
        against=against,
        in_use=history.in_use == head.id,
        reads=gone.reads(head),
        past_comparing=(*fit_against(head), *replaced),
    )


def step_back(rows: Iterable[HeadRow], history: HeadHistory) -> LocalHead | None:
    """Where one step back leads: the last other head before that may still be used and reads
    pictures now, or no local head."""
    usable: dict[UUID | None, LocalHead] = {
        row.head.id: row.head for row in rows if row.reads and not row.withdrawn and not row.in_use
    }
    steps = (usable.get(one) for one in reversed(history.before) if one is None or one in usable)
    return next(steps, None)
