"""Learning with other clinics as a page meets it: a group of three, a centre that may be away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import (
    RoundState,
    SiteEvent,
    SiteEventKind,
    SiteGroup,
    SiteMember,
    same_code,
)
from clinic_app.domain.local_head import signed_reason
from clinic_app.domain.sentence import Sentence
from clinic_app.services.sites_data import (
    GroupMember,
    GroupView,
    RoundRow,
    SiteCard,
    SitesStanding,
)
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.sync_data import CentreUnreachable
from tests.fakes.clinic import PASSWORD
from tests.fakes.clock import START

OWN, NORTH, SOUTH = "Harbour Clinic", "Northern Practice", "Southern Hospital"
CARD = SiteCard(OWN, b"k" * 32, "ABCD-EFGH-2345-6723")
GROUP = GroupView(
    new_id(),
    "Three rivers",
    "QRST-UVWX-4567-2345",
    (
        GroupMember(OWN, CARD.code, own=True),
        GroupMember(NORTH, "MNOP-2345-MNOP-2345", own=False),
        GroupMember(SOUTH, "IJKL-6723-IJKL-6723", own=False),
    ),
    0,
)
SITES = (OWN, NORTH, SOUTH)


def a_round(state: RoundState, **fields: object) -> RoundRow:
    """Of all three clinics; this one agreed unless it is an invitation."""
    agreed = (
        {} if state is RoundState.INVITED else {"agreed_at": START, "agreed_by": "Amina Diallo"}
    )
    own = {"reason": "The camera is new.", "cases": 240, "people": 120} if agreed else {}
    return replace(RoundRow(new_id(), state, SITES), **{**agreed, **own, **fields})


@dataclass
class FakeSites:
    """Answers as `SitesService` does; ``away`` cuts the centre off."""

    group: GroupView | None = GROUP
    card: SiteCard | None = CARD
    elsewhere: bool = False
    against: tuple[Sentence, ...] = ()
    rounds: list[RoundRow] = field(default_factory=list)
    away: bool = False
    trouble: BaseException | None = None
    agreed_with: Sentence | None = None
    stopped_with: Sentence | None = None
    done: list[tuple[object, ...]] = field(default_factory=list)

    def standing(self) -> SitesStanding:
        recorded = [
            replace(one, waiting_for=(), waiting_since=None, silence=None, steps=0, trouble=None)
            for one in self.rounds
            if one.state is not RoundState.INVITED
        ]
        return SitesStanding(
            card=self.card,
            group=self.group,
            base="models 1",
            cases=240,
            people=120,
            against=self.against,
            rounds=tuple(recorded),
            left_out=7,
            elsewhere=self.elsewhere,
        )

    def look(self) -> tuple[RoundRow, ...]:
        self._reach()
        return tuple(self.rounds)

    def save_card(self, path: Path) -> SiteCard:
        path.write_text("card")
        self.card = CARD
        return CARD

    def look_at_group(self, path: Path) -> GroupView:
        if path.read_text() != "group":
            raise InvalidInput("file", "This is no file of a group.")
        return GROUP

    def join_group(self, path: Path, code: str, password: str) -> GroupView:
        self._prove(password)
        if not same_code(code, GROUP.code):
            raise InvalidInput("code", "This is not the code of the group in this file.")
        self.group = self.look_at_group(path)
        return GROUP

    def agree(
        self, round_id: UUID | None, sites: Sequence[int], reason: str, password: str
    ) -> RoundRow:
        text = signed_reason(reason)
        self._prove(password)
        self._reach()
        if round_id is None and len(sites) < 3:
            raise InvalidInput("sites", "A round needs at least {least} clinics.", least=3)
        made = a_round(RoundState.AGREEING, reason=text, waiting_for=(NORTH, SOUTH))
        made = replace(made, id=round_id or made.id, trouble=self.agreed_with)
        self.rounds = [made, *(one for one in self.rounds if one.id != round_id)]
        self.done.append(("agree", round_id, tuple(sites), text))
        return made

    def advance(self) -> RoundRow:
        self._reach()
        if self.trouble is not None:
            raise self.trouble
        self.done.append(("advance",))
        return self.rounds[0]

    def stop(self, round_id: UUID, reason: str, password: str) -> RoundRow:
        text = signed_reason(reason)
        self._prove(password)
        self._reach()
        found = next(one for one in self.rounds if one.id == round_id)
        stopped = replace(
            found,
            state=RoundState.STOPPED,
            waiting_for=(),
            stopped_by=(OWN,),
            trouble=self.stopped_with,
        )
        self.rounds = [stopped if one.id == round_id else one for one in self.rounds]
        self.done.append(("stop", round_id, text))
        return stopped

    def _reach(self) -> None:
        if self.away:
            raise CentreUnreachable("No server of the centre answers.")

    def _prove(self, password: str) -> None:
        if password != PASSWORD:
            raise WrongPassword("The user name or password is not right.")


METHODS = (
    *("standing", "look", "save_card", "look_at_group", "join_group"),
    *("agree", "advance", "stop"),
)


def join(work: UnitOfWork, by: UUID) -> None:
    """Write down that a laptop of this clinic has joined a group; the caller commits."""
    members = tuple(SiteMember(name, bytes([place]) * 32) for place, name in enumerate(SITES))
    group = SiteGroup(new_id(), "Three rivers", members)
    work.site_events.add(SiteEvent(new_id(), SiteEventKind.GROUP, START, by, group=group))
