"""Learning together with other clinics: who they are, what this clinic agreed to, how it ended.

Append-only and travelling with the records, so that every laptop of a clinic knows with whose sums
a round went. An agreement is kept before anything of it is sent: it names the cases and the people,
and so tells what a withdrawal touches and who is in no later round. No secret is among this: keys
stay on the one laptop that takes part for its clinic.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

CODE_GROUP = 4
"""Letters and digits between two dashes of a code."""

_CARD_BYTES = 10
"""80 bits: nobody finds a second card with the code of the first."""
_GROUP_BYTES = 20
"""160 bits: nor can who makes a group look for two groups with one code."""
_CARD = b"clinic-app sites card 1\0"
_GROUP = b"clinic-app sites group 1\0"


class RoundState(StrEnum):
    """``INVITED``: another clinic opened it, and this one has not agreed."""

    INVITED = "invited"
    AGREEING = "agreeing"
    FITTING = "fitting"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SiteMember:
    """A clinic of the group; ``public_key`` is Ed25519, 32 bytes."""

    name: str
    public_key: bytes

    @property
    def code(self) -> str:
        """What a clinic reads out so that another can tell its card from a forged one."""
        return _code(_CARD + _counted(self.name.encode()) + self.public_key, _CARD_BYTES)


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """Clinics that know each other; a site is named by its place in ``members``, which stay in
    their order."""

    id: UUID
    name: str
    members: tuple[SiteMember, ...]

    @property
    def digest(self) -> bytes:
        """SHA-256 over who is in it, bound into every message and mask: clinics that were given
        different lists understand nothing of each other."""
        listed = b"".join(_counted(one.name.encode()) + one.public_key for one in self.members)
        return hashlib.sha256(_GROUP + self.id.bytes + listed).digest()

    @property
    def code(self) -> str:
        """The same at every clinic, unless somebody put other keys in its file."""
        return _code(_GROUP + self.digest, _GROUP_BYTES)


@dataclass(frozen=True, slots=True)
class SiteHost:
    name: str
    port: int


@dataclass(frozen=True, slots=True)
class SiteLogin:
    """The way to the group's box: servers in the order in which they are tried, this clinic's
    account there, and the authority (PEM) that signed the servers' certificates."""

    hosts: tuple[SiteHost, ...]
    database: str
    account: str
    password: str = field(repr=False)
    authority: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JoinedGroup:
    """A group with this clinic's own place in it and its way to the box. ``key`` (32 bytes) is
    shared by hand and never at the centre."""

    group: SiteGroup
    place: int
    login: SiteLogin
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Agreement:
    """``sites`` are places in the group, ``cases`` screenings, ``people`` the surviving records of
    whose they were."""

    group_id: UUID
    sites: tuple[int, ...]
    base: str
    cases: tuple[UUID, ...]
    people: tuple[UUID, ...]


class SiteEventKind(StrEnum):
    GROUP = "group"
    AGREED = "agreed"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SiteEvent:
    """``text`` is the reason that was signed for an agreement or a stop.

    ``group`` comes with ``GROUP``, ``agreement`` with ``AGREED``, ``head_id`` with ``ENDED``.
    ``STOPPED`` says by which clinics, and ``unsent``: no sum of this clinic had left it, by its own
    books.
    """

    id: UUID
    kind: SiteEventKind
    at: datetime
    by: UUID
    round_id: UUID | None = None
    text: str = ""
    group: SiteGroup | None = None
    agreement: Agreement | None = None
    stopped_by: tuple[str, ...] = ()
    unsent: bool = False
    head_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class JointRound:
    """What this clinic did in one round."""

    id: UUID
    agreed: SiteEvent | None = None
    stopped: SiteEvent | None = None
    ended: SiteEvent | None = None

    @property
    def agreement(self) -> Agreement | None:
        return self.agreed.agreement if self.agreed else None

    @property
    def under_way(self) -> bool:
        return self.agreed is not None and self.stopped is None and self.ended is None

    @property
    def sent(self) -> bool:
        """Whether sums of this clinic left it, or may have."""
        unsent = self.ended is None and self.stopped is not None and self.stopped.unsent
        return self.agreed is not None and not unsent

    @property
    def state(self) -> RoundState:
        """As far as the records tell."""
        if self.ended is not None:
            return RoundState.FINISHED
        return RoundState.AGREEING if self.stopped is None else RoundState.STOPPED


@dataclass(frozen=True, slots=True)
class JointHistory:
    """All events in stamp order, folded."""

    groups: tuple[SiteGroup, ...]
    rounds: tuple[JointRound, ...]

    @property
    def under_way(self) -> JointRound | None:
        """The newest round, of whatever group, that neither ended nor was stopped."""
        return next((one for one in reversed(self.rounds) if one.under_way), None)

    def stopped_at(self, joined: JoinedGroup) -> frozenset[UUID]:
        """Rounds of a group that this clinic agreed to and stopped itself."""
        own = joined.group.members[joined.place].name
        return frozenset(
            one.id
            for one in self.rounds
            if one.agreement is not None
            and one.agreement.group_id == joined.group.id
            and one.ended is None
            and one.stopped is not None
            and own in one.stopped.stopped_by
        )

    def elsewhere(self, own: bytes | None) -> bool:
        """Whether another laptop takes part for this clinic than the one with this public key: the
        first that wrote down a group."""
        first = self.groups[0].members if self.groups else ()
        return bool(first) and all(one.public_key != own for one in first)

    def group(self, group_id: UUID) -> SiteGroup | None:
        """One that this clinic is or was in."""
        return next((one for one in reversed(self.groups) if one.id == group_id), None)

    def round(self, round_id: UUID) -> JointRound:
        """An empty one where the records know nothing of it."""
        return next((one for one in self.rounds if one.id == round_id), JointRound(round_id))


def fold_joint(events: Iterable[SiteEvent]) -> JointHistory:
    """What the events, oldest first, come to. An agreement to nothing tells nothing."""
    groups: list[SiteGroup] = []
    rounds: dict[UUID, dict[SiteEventKind, SiteEvent]] = {}
    for event in events:
        if event.group is not None:
            groups.append(event.group)
        elif event.kind is SiteEventKind.AGREED and event.agreement is None:
            continue
        elif event.round_id is not None:
            rounds.setdefault(event.round_id, {}).setdefault(event.kind, event)
    made = tuple(
        JointRound(
            id=round_id,
            agreed=told.get(SiteEventKind.AGREED),
            stopped=told.get(SiteEventKind.STOPPED),
            ended=told.get(SiteEventKind.ENDED),
        )
        for round_id, told in rounds.items()
    )
    return JointHistory(tuple(groups), made)


def same_code(typed: str, code: str) -> bool:
    """Whether somebody typed this code; spaces, dashes and capitals make no difference."""
    return _letters(typed) == _letters(code)


def _letters(text: str) -> str:
    return "".join(one for one in text.upper() if one.isalnum())


def _code(content: bytes, length: int) -> str:
    """Letters and digits of so many bytes of a SHA-256, in groups of four."""
    text = base64.b32encode(hashlib.sha256(content).digest()[:length]).decode("ascii")
    return "-".join(text[at : at + CODE_GROUP] for at in range(0, len(text), CODE_GROUP))


def _counted(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content
