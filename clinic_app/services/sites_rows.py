"""Rounds and groups of learning among clinics as screens show them, with names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.errors import NotFound
from clinic_app.domain.joint_learning import (
    JoinedGroup,
    JointHistory,
    JointRound,
    RoundState,
    SiteEvent,
    SiteGroup,
)
from clinic_app.domain.sentence import Sentence, sentence, together
from clinic_app.services.sites_cases import JointConsent
from clinic_app.services.sites_data import (
    SILENT_AFTER,
    GroupMember,
    GroupView,
    RoundRow,
    RoundSeen,
)
from clinic_app.services.storage import UnitOfWork

_USED_UP = sentence("After a stop, the people whose sums were sent take part in no other round.")
_MISSED = sentence("It was stopped here after its last sums; the other clinics have the head.")


def group_view(joined: JoinedGroup) -> GroupView:
    group = joined.group
    members = tuple(
        GroupMember(one.name, one.code, place == joined.place)
        for place, one in enumerate(group.members)
    )
    return GroupView(group.id, group.name, group.code, members, joined.place)


def names(group: SiteGroup | None, places: Iterable[int]) -> tuple[str, ...]:
    """Of the members at these places; of places or a group that are not known here, none."""
    members = group.members if group else ()
    return tuple(members[one].name for one in places if 0 <= one < len(members))


def nothing_sent(work: UnitOfWork, round_id: UUID) -> bool:
    """Whether no sum of this clinic left it, by the books of the laptop on which the round is open;
    others cannot know."""
    return work.site_desk.secret(round_id) is not None and not any(work.site_desk.numbers(round_id))


def recorded_row(
    work: UnitOfWork, history: JointHistory, one: JointRound, consent: JointConsent
) -> RoundRow:
    """A round as this clinic's records tell of it."""
    agreement, told = one.agreement, one.agreed
    group = history.group(agreement.group_id) if agreement else None
    return RoundRow(
        id=one.id,
        state=one.state,
        sites=names(group, agreement.sites) if agreement else (),
        stopped_by=one.stopped.stopped_by if one.stopped else (),
        agreed_at=told.at if told else None,
        agreed_by=_name(work, told) if told else "",
        reason=told.text if told else "",
        cases=len(agreement.cases) if agreement else 0,
        people=len(agreement.people) if agreement else 0,
        withdrawn=consent.withdrawn(agreement.cases) if agreement else 0,
        sent=one.sent and not (one.under_way and nothing_sent(work, one.id)),
        head=_head(work, one.ended) if one.ended else "",
    )


def seen_row(
    work: UnitOfWork,
    history: JointHistory,
    joined: JoinedGroup,
    seen: RoundSeen,
    consent: JointConsent,
    now: datetime,
) -> RoundRow:
    """A round as it stands at the centre, with what the records know of it."""
    row, group = recorded_row(work, history, history.round(seen.id), consent), joined.group
    stopped, waiting = seen.state is RoundState.STOPPED, names(group, seen.waiting)
    missed = row.state is RoundState.STOPPED and seen.state is RoundState.FINISHED
    return replace(
        row,
        state=row.state if missed or row.state is RoundState.FINISHED else seen.state,
        sites=names(group, seen.sites) or row.sites,
        waiting_for=() if stopped else waiting,
        waiting_since=seen.since,
        silence=_silence(joined, seen, now, sent=row.sent),
        stopped_by=waiting if stopped else row.stopped_by,
        steps=seen.steps,
        trouble=_MISSED if missed else seen.trouble,
    )


def _silence(joined: JoinedGroup, seen: RoundSeen, now: datetime, *, sent: bool) -> Sentence | None:
    """That others are silent and what can be done, once this clinic has done its part."""
    if seen.since is None or not seen.joined or joined.place in seen.waiting:
        return None
    if now - seen.since < SILENT_AFTER:
        return None
    told = sentence(
        "Nothing has come from {clinics} for {days} days. You can wait, or stop the round for all.",
        clinics=", ".join(names(joined.group, seen.waiting)),
        days=(now - seen.since).days,
    )
    return together((told, _USED_UP)) if sent else told


def _name(work: UnitOfWork, told: SiteEvent) -> str:
    try:
        return work.users.get(told.by).display_name
    except NotFound:  # the record of who it was has not come here yet
        return ""


def _head(work: UnitOfWork, ended: SiteEvent) -> str:
    found = [one.version for one in work.heads.all() if one.id == ended.head_id]
    return found[0] if found else ""
