"""Implements ``SitesExchange``: cases through the arithmetic, messages through the group's box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import numpy as np

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.joint_learning import JoinedGroup, RoundState, SiteMember
from clinic_app.domain.local_head import EMBEDDING
from clinic_app.inference.learning.federated import SitesFit, shared, unshared
from clinic_app.inference.learning.fitting import Cases
from clinic_app.inference.learning.learner import unpacked
from clinic_app.services.sites_data import (
    JointFit,
    RoundMemory,
    RoundSeen,
    Sent,
    SiteCases,
    SitesExchange,
    SitesTrouble,
)
from clinic_app.sync.mysql.connection import Host, Login
from clinic_app.sync.mysql.dial import Hosts
from clinic_app.sync.mysql.sites import SitesTable
from clinic_app.sync.sites.files import card_file, read_group
from clinic_app.sync.sites.messages import JOIN, STOP, Box, SiteKey
from clinic_app.sync.sites.rounds import Own, SiteRound, Standing

NEWEST = 30
"""Rounds that are read to be shown."""


def open_exchange() -> SitesExchange:
    return MysqlExchange()


class MysqlExchange:
    """Over the group's database on MySQL or MariaDB."""

    def public_key(self, secret: bytes) -> bytes:
        return SiteKey(secret).public

    def card(self, name: str, secret: bytes) -> bytes:
        return card_file(SiteMember(name, SiteKey(secret).public))

    def read_group(self, content: bytes, secret: bytes) -> JoinedGroup:
        joined = read_group(content)
        if joined.group.members[joined.place].public_key != self.public_key(secret):
            raise InvalidInput(
                "file", "This file is for another clinic: its place in it is not this clinic's key."
            )
        return joined

    @contextmanager
    def open(self, joined: JoinedGroup, secret: bytes) -> Iterator[OpenBox]:
        login = joined.login
        hosts = Hosts(
            tuple(Host(one.name, one.port) for one in login.hosts),
            Login(login.account, login.password, login.authority),
            login.database,
        )
        connection = hosts.open()
        try:
            yield OpenBox(joined, SiteKey(secret), SitesTable(connection))
        finally:
            connection.close()


class OpenBox:
    """Implements ``SitesBox`` over messages that lie anywhere."""

    def __init__(self, joined: JoinedGroup, key: SiteKey, box: Box) -> None:
        self._joined, self._key, self._box = joined, key, box

    def rounds(self) -> tuple[RoundSeen, ...]:
        newest = map(self._seen_or_broken, self._box.rounds()[-NEWEST:][::-1])
        return tuple(one for one in newest if one.sites or one.trouble)

    def seen(self, round_id: UUID) -> RoundSeen:
        return self._told(round_id, self._round(round_id, _LOOKING).standing())

    def agree(
        self, round_id: UUID, memory: RoundMemory, cases: SiteCases, sites: Sequence[int]
    ) -> None:
        self._round(round_id, memory).agree(own_of(cases), sites)

    def advance(self, round_id: UUID, memory: RoundMemory, cases: SiteCases) -> RoundSeen:
        return self._told(round_id, self._round(round_id, memory).advance(own_of(cases)))

    def stop(self, round_id: UUID) -> None:
        self._round(round_id, _LOOKING).stop()

    def agreed(self) -> frozenset[UUID]:
        return self._box.holding(self._joined.place, JOIN)

    def stopped(self) -> frozenset[UUID]:
        return self._box.holding(self._joined.place, STOP)

    def _round(self, round_id: UUID, memory: RoundMemory) -> SiteRound:
        return SiteRound(self._joined, self._key, memory, self._box, round_id)

    def _seen_or_broken(self, round_id: UUID) -> RoundSeen:
        try:
            return self.seen(round_id)
        except SitesTrouble as trouble:
            return RoundSeen(round_id, RoundState.FITTING, trouble=trouble.sentence)

    def _told(self, round_id: UUID, now: Standing) -> RoundSeen:
        about, mine = now.about, now.joins.get(self._joined.place)
        state = now.state
        if state is RoundState.AGREEING and about is not None and mine is None:
            state = RoundState.INVITED
        return RoundSeen(
            id=round_id,
            state=state,
            sites=about.sites if about else (),
            waiting=now.sites,
            steps=now.steps,
            since=now.since,
            base=about.base if about else "",
            joined=mine is not None,
            fit=None if now.fit is None else _fit_of(now.fit),
        )


class _NoMemory:
    """Who looks or stops needs none, and keeps no secret."""

    def secret(self) -> bytes | None:
        return None

    def sent(self, number: int) -> Sent | None:
        return None

    def keep(self, number: int, message: Sent) -> None:
        raise AssertionError("Nothing is sent without a memory of it.")


_LOOKING = _NoMemory()


def own_of(cases: SiteCases) -> Own:
    """Cases as the arithmetic takes them: ``SHARED`` numbers of each embedding."""
    stored = tuple(one.embedding for one in cases.cases)
    return Own(
        cases.base,
        Cases(
            shared(unpacked(stored)),
            np.array([int(one.band) for one in cases.cases]),
            np.array([one.person for one in cases.cases]),
        ),
        cases.ids,
        stored,
    )


def _fit_of(found: SitesFit) -> JointFit:
    return JointFit(
        cuts=tuple(map(float, found.cuts)),
        weights=tuple(map(float, unshared(found.weights, EMBEDDING))),
        cases=found.cases,
        people_by_band=found.people_by_band,
        effective_cases=found.effective,
        effective_weights=found.freedom,
        penalty=found.penalty,
    )
