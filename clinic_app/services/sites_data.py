"""What learning among clinics asks of the exchange with them (implemented by
``clinic_app.sync.sites``), and what its screen is given."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from clinic_app.domain.errors import WrongState
from clinic_app.domain.joint_learning import JoinedGroup, RoundState
from clinic_app.domain.sentence import Sentence
from clinic_app.services.learning_data import LabelledCase

SMALLEST_SITE = 200
"""Fewest people with whom a clinic takes part, all of them for the first time. With fewer, a single
one weighs so much in what a fit asks for that it would often have to be stopped."""

FEWEST_SITES = 3
"""Of two clinics, each would know the other's sums by taking away its own."""

SILENT_AFTER = timedelta(days=3)
"""How long others are awaited before a person is told what can be done. A clinic goes on with every
sync of its laptop; this is longer than a weekend with nobody at the desk. Chosen, not measured."""


class SiteTooSmall(WrongState):
    """The sums could be traced to people; this clinic sends none."""


class SingledOut(WrongState):
    """What the sums of the others ask for would show one person; this clinic sends none."""


class SitesTrouble(WrongState):
    """A round cannot go on: something at the centre was not sent by who it names, or the clinics do
    not agree on what they fit. It has to be stopped and started anew."""


# --- what the exchange gets and gives -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SiteCases:
    """What a clinic fits on in a round: ``ids`` name the cases, in the order of ``cases``."""

    base: str
    cases: tuple[LabelledCase, ...] = field(repr=False)
    ids: tuple[UUID, ...] = field(repr=False)
    people: frozenset[UUID] = field(repr=False)


@dataclass(frozen=True, slots=True)
class JointFit:
    """What a finished round gives; see `LocalHead`. Counts are those of all clinics together."""

    cuts: tuple[float, ...]
    weights: tuple[float, ...]
    cases: int
    people_by_band: tuple[int, ...]
    effective_cases: float
    effective_weights: float
    penalty: float


@dataclass(frozen=True, slots=True)
class RoundSeen:
    """A round as it stands at the centre. ``sites`` are places in the group; ``waiting`` are those
    whose agreement or sums are awaited, or who stopped it. What is awaited is due ``since`` then,
    by the centre's clock. ``joined``: this clinic's agreement is there. ``trouble`` says why the
    round cannot be read, which leaves the rest unknown.
    """

    id: UUID
    state: RoundState
    sites: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    steps: int = 0
    since: datetime | None = None
    base: str = ""
    joined: bool = False
    fit: JointFit | None = None
    trouble: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it was sent, and the hash of all that the centre showed before it."""

    history: bytes
    body: bytes = field(repr=False)


class RoundMemory(Protocol):
    """What a laptop remembers of its part in one round; kept on disk when a call returns."""

    def secret(self) -> bytes | None:
        """Of the key for this round; ``None`` where it is not known here (any more)."""

    def sent(self, number: int) -> Sent | None: ...
    def keep(self, number: int, message: Sent) -> None:
        """Before it is sent. Raises ``SitesTrouble`` when the round was stopped here meanwhile."""


class SitesBox(Protocol):
    """The group's box at the centre, open. Every method raises ``SyncTrouble``."""

    def rounds(self) -> tuple[RoundSeen, ...]:
        """The newest ones to which this clinic is asked, newest first; one that cannot be read says
        so."""

    def seen(self, round_id: UUID) -> RoundSeen:
        """Raises ``SitesTrouble`` for messages that do not fit together."""

    def agree(
        self, round_id: UUID, memory: RoundMemory, cases: SiteCases, sites: Sequence[int]
    ) -> None:
        """Say that this clinic takes part; said twice, it stays as it was first.

        Raises ``SitesTrouble``, ``SiteTooSmall``."""

    def advance(self, round_id: UUID, memory: RoundMemory, cases: SiteCases) -> RoundSeen:
        """Send every sum that this clinic owes now.

        Raises ``SitesTrouble``, ``SiteTooSmall``, ``SingledOut``: nothing more is sent then."""

    def stop(self, round_id: UUID) -> None:
        """End the round for everybody."""

    def agreed(self) -> frozenset[UUID]:
        """All rounds at the centre that hold an agreement of this clinic, whoever could read it."""

    def stopped(self) -> frozenset[UUID]:
        """All rounds at the centre that hold a stop of this clinic."""


class SitesExchange(Protocol):
    """Keys, files and the way to other clinics."""

    def public_key(self, secret: bytes) -> bytes:
        """Ed25519, 32 bytes, of a clinic's secret."""

    def card(self, name: str, secret: bytes) -> bytes:
        """The file that a clinic hands to who makes the group; there is no secret in it."""

    def read_group(self, content: bytes, secret: bytes) -> JoinedGroup:
        """What a group file says to the clinic with this secret. Raises ``InvalidInput`` (field
        ``file``) for anything else, and for a group without this clinic."""

    def open(self, joined: JoinedGroup, secret: bytes) -> AbstractContextManager[SitesBox]:
        """Connect; raises ``SyncTrouble``."""


class _WithoutExchange:
    """Of a program that was put together without its part for other clinics."""

    def public_key(self, secret: bytes) -> bytes:
        raise WrongState(_NO_EXCHANGE)

    def card(self, name: str, secret: bytes) -> bytes:
        raise WrongState(_NO_EXCHANGE)

    def read_group(self, content: bytes, secret: bytes) -> JoinedGroup:
        raise WrongState(_NO_EXCHANGE)

    def open(self, joined: JoinedGroup, secret: bytes) -> AbstractContextManager[SitesBox]:
        raise WrongState(_NO_EXCHANGE)


_NO_EXCHANGE = "Nothing can be learnt with others here: this program was opened without that part."
WITHOUT_EXCHANGE: SitesExchange = _WithoutExchange()


# --- what a screen is given -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SiteCard:
    """``code`` is read out to who makes the group."""

    name: str
    public_key: bytes
    code: str


@dataclass(frozen=True, slots=True)
class GroupMember:
    name: str
    code: str
    own: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """``code`` is the same at every clinic of the group; ``place`` is one's own in ``members``."""

    id: UUID
    name: str
    code: str
    members: tuple[GroupMember, ...]
    place: int


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with the names of clinics in it.

    ``waiting_for`` are those whose agreement or sums are awaited, ``waiting_since`` by the centre's
    clock; ``silence`` says what can be done once others let it wait for long. ``agreed_at`` is
    ``None`` where this clinic has not agreed; ``cases`` and ``people`` are its own, ``withdrawn``
    of these cases are no longer consented to. ``sent``: sums of this clinic left it, or may have.
    ``head`` is the version of the head that the round ended with. ``trouble``: why the round cannot
    go on.
    """

    id: UUID
    state: RoundState
    sites: tuple[str, ...]
    waiting_for: tuple[str, ...] = ()
    waiting_since: datetime | None = None
    silence: Sentence | None = None
    stopped_by: tuple[str, ...] = ()
    steps: int = 0
    agreed_at: datetime | None = None
    agreed_by: str = ""
    reason: str = ""
    cases: int = 0
    people: int = 0
    withdrawn: int = 0
    sent: bool = False
    head: str = ""
    trouble: Sentence | None = None

    @property
    def is_open(self) -> bool:
        """Whether the round may still go on."""
        return self.state not in (RoundState.FINISHED, RoundState.STOPPED)


@dataclass(frozen=True, slots=True)
class SitesStanding:
    """What the records say, without asking the centre.

    ``card`` is ``None`` where no key was made on this laptop, ``group`` where none was joined on
    it: of a clinic's laptops one takes part. ``cases`` and ``people`` could take part in a new
    round, without those of the round under way; ``against`` says why this clinic cannot agree to
    one. ``rounds`` are those that it agreed to or stopped, newest first. ``left_out`` people could
    take part as well, but have not agreed to it; ``elsewhere``: another laptop takes part.
    """

    card: SiteCard | None
    group: GroupView | None
    base: str
    cases: int
    people: int
    against: tuple[Sentence, ...]
    rounds: tuple[RoundRow, ...]
    left_out: int = 0
    elsewhere: bool = False

    @property
    def under_way(self) -> RoundRow | None:
        """The newest round that is still open; whose people are in it are in no other."""
        return next((one for one in self.rounds if one.is_open), None)
