"""What is asked of a group file and of a round before a clinic takes part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import JoinedGroup, JointHistory, RoundState
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.services.learning_cases import Labelled
from clinic_app.services.sites_cases import reasons_to_wait
from clinic_app.services.sites_data import FEWEST_SITES, RoundSeen, SitesBox, SitesTrouble

FILE_LIMIT = 1_000_000
"""Bytes; a longer file is something else."""

OVER = (RoundState.STOPPED, RoundState.FINISHED)

RUNS = sentence("A round is under way already; it has to end or be stopped first.")
ELSEWHERE = sentence("Another laptop of this clinic takes part in learning with other clinics.")
NO_GROUP = sentence("This clinic has not joined a group of clinics yet.")


def against(
    history: JointHistory,
    joined: JoinedGroup | None,
    chosen: Sequence[Labelled],
    *,
    elsewhere: bool,
) -> tuple[Sentence, ...]:
    """Why this clinic cannot agree to a round now, with these cases of people who were in none.

    What a next round lacks is told once the one under way is over: it takes people away for good
    only once their sums are sent.
    """
    busy = history.under_way is not None
    reasons = [ELSEWHERE] if elsewhere else [NO_GROUP] if joined is None else [RUNS] * busy
    return tuple(reasons) if busy else (*reasons, *reasons_to_wait(chosen))


def round_to_enter(
    box: SitesBox,
    round_id: UUID | None,
    sites: Sequence[int],
    joined: JoinedGroup,
    base: str,
) -> tuple[UUID, tuple[int, ...]]:
    """Which round, and the places of the clinics in it."""
    if round_id is None:
        return new_id(), _checked_places(sites, joined)
    seen = box.seen(round_id)
    if joined.place not in seen.sites:
        raise NotFound("This clinic is not asked to take part in such a round.")
    if seen.state in OVER:
        raise WrongState("This round has ended already.")
    if seen.base != base:
        raise SitesTrouble(
            "The other clinics fit pictures that were read with other models than those in use"
            " here. All need the same version of the program."
        )
    return round_id, seen.sites


def _checked_places(sites: Iterable[int], joined: JoinedGroup) -> tuple[int, ...]:
    places = tuple(sorted(set(sites)))
    known = range(len(joined.group.members))
    if len(places) < FEWEST_SITES or any(one not in known for one in places):
        raise InvalidInput(
            "sites", "A round needs at least {least} clinics of the group.", least=FEWEST_SITES
        )
    if joined.place not in places:
        raise InvalidInput("sites", "This clinic has to be one of those that take part.")
    return places


def seen_or_broken(box: SitesBox, round_id: UUID) -> RoundSeen:
    """Also a round that cannot be read may be stopped."""
    try:
        return box.seen(round_id)
    except SitesTrouble as trouble:
        return RoundSeen(round_id, RoundState.FITTING, trouble=trouble.sentence)
