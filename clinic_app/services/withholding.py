"""Own judgement first: the one place that says which estimates a reader must not see yet.

Who may review judges a screening before its estimate, the picture and what colleagues said about it
are given out. Every service that reads screenings for somebody goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import NotFound
from clinic_app.domain.people import StaffUser
from clinic_app.domain.reviews import Review
from clinic_app.domain.screening import ClinicianSeverity, Draft, Screening
from clinic_app.services.storage import UnitOfWork

JUDGE_FIRST = "Please record your own judgement first."


def judged_by(screening: Screening, user_id: UUID) -> ClinicianSeverity | None:
    """The severity that this person recorded when the screening was taken."""
    judgement = screening.judgement
    return judgement.severity if judgement is not None and judgement.by == user_id else None


def withheld(
    screenings: Iterable[Screening], reviews: Iterable[Review], user: StaffUser
) -> frozenset[UUID]:
    """The screenings whose estimate this person must not see yet: those who review judge first."""
    if not allows(user.role, Action.REVIEW_SCREENING):
        return frozenset()
    judged = {review.screening_id for review in reviews if review.reviewer == user.id}
    return frozenset(
        one.id
        for one in screenings
        if one.finding is not None and one.id not in judged and judged_by(one, user.id) is None
    )


def withheld_from(
    work: UnitOfWork, screenings: Sequence[Screening], user: StaffUser
) -> frozenset[UUID]:
    """As ``withheld``, with the reviews read from the store."""
    waiting = withheld(screenings, (), user)
    reviews = (review for one in waiting for review in work.reviews.of_screening(one))
    return withheld((one for one in screenings if one.id in waiting), reviews, user)


def without_estimates(
    screenings: Iterable[Screening], hidden: frozenset[UUID]
) -> tuple[Screening, ...]:
    """The same screenings; what is hidden comes without its ``finding``."""
    return tuple(replace(one, finding=None) if one.id in hidden else one for one in screenings)


def judged_by_another(draft: Draft, user: StaffUser) -> bool:
    """Whether a colleague judged this draft, which does not open its estimate to this person."""
    judgement = draft.judgement
    colleagues = judgement is not None and judgement.by != user.id
    return colleagues and allows(user.role, Action.REVIEW_SCREENING)


def draft_for(draft: Draft, user: StaffUser) -> Draft:
    """The draft as this person may see it: what was shown to a colleague who judged it counts as
    not shown to another one who may review, so ``hides_estimate`` holds."""
    if draft.finding is None or not judged_by_another(draft, user):
        return draft
    return replace(draft, revealed_at=None)


def in_patients_hands(draft: Draft) -> Draft:
    """What comes back to the laptop while a patient holds it: nothing of what was answered, read
    or judged, for others have answered and judged before."""
    return replace(
        draft,
        sheets=(),
        finding=None,
        has_images=False,
        judgement=None,
        revealed_at=None,
        cautions=(),
        left_out=(),
    )


def visible(reviews: Iterable[Review], hidden: frozenset[UUID]) -> list[Review]:
    """Without colleagues' reviews of screenings whose estimate is withheld: what others said must
    not lead either."""
    return [one for one in reviews if one.screening_id not in hidden]


def hidden_of(work: UnitOfWork, reviews: Iterable[Review], user: StaffUser) -> frozenset[UUID]:
    """The screenings of these reviews whose estimate is withheld from this person.

    One that has not reached this laptop yet cannot be judged here: it is among them.
    """
    if not allows(user.role, Action.REVIEW_SCREENING):
        return frozenset()
    found = tuple(reviews)
    own = {review.screening_id for review in found if review.reviewer == user.id}
    here: list[Screening] = []
    away: set[UUID] = set()
    for one in {review.screening_id for review in found} - own:
        try:
            here.append(work.screenings.get(one))
        except NotFound:
            away.add(one)
    return withheld(here, found, user) | away
