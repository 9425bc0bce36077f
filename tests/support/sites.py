"""A group of made-up clinics that learn together."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import (
    JoinedGroup,
    RoundState,
    SiteGroup,
    SiteHost,
    SiteLogin,
    SiteMember,
)
from clinic_app.inference.learning.federated import SitesFit
from clinic_app.inference.learning.fitting import Cases, standard_of
from clinic_app.inference.learning.ordinal import base_rates, newton, sums
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.sites_data import Sent, SitesTrouble
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.sync.sites.exchange import MysqlExchange, OpenBox
from clinic_app.sync.sites.files import group_file, read_card
from clinic_app.sync.sites.messages import Box, Row, SiteKey
from clinic_app.sync.sites.rounds import Own, SiteRound
from tests.unit.inference.learning.made_up import clinic

BASE = "severity 1 style 1"
SIZE = 12
NO_LOGIN = SiteLogin((), "", "", "", "")


@dataclass
class Shelf:
    """A box without a server; ``clock`` tells when it takes a message in."""

    rows: dict[tuple[UUID, int, int], Row] = field(default_factory=dict)
    clock: Callable[[], datetime] | None = None

    def rounds(self) -> list[UUID]:
        return sorted({one for one, _, _ in self.rows})

    def holding(self, site: int, number: int) -> frozenset[UUID]:
        return frozenset(row.round for row in self.rows.values() if _place(row) == (site, number))

    def read(self, round_id: UUID) -> list[Row]:
        return [row for key, row in sorted(self.rows.items()) if key[0] == round_id]

    def post(self, row: Row) -> None:
        taken = replace(row, received=self.clock() if self.clock else None)
        if self.rows.setdefault((row.round, row.site, row.number), taken) != row:
            raise SitesTrouble("Another message of this clinic lies at the centre.")

    def numbers(self) -> set[int]:
        return {number for _, _, number in self.rows}


def _place(row: Row) -> tuple[int, int]:
    return row.site, row.number


@dataclass
class Memory:
    """What a laptop remembers of one round."""

    key: bytes | None = field(default_factory=lambda: secrets.token_bytes(32))
    messages: dict[int, Sent] = field(default_factory=dict)

    def secret(self) -> bytes | None:
        return self.key

    def sent(self, number: int) -> Sent | None:
        return self.messages.get(number)

    def keep(self, number: int, message: Sent) -> None:
        assert number not in self.messages
        self.messages[number] = message


class Clinics:
    """Clinics with keys and cases of their own, one group, and one round."""

    def __init__(self, own: list[Own]) -> None:
        self.keys = [SiteKey(secrets.token_bytes(32)) for _ in own]
        members = tuple(SiteMember(f"Clinic {n}", one.public) for n, one in enumerate(self.keys))
        self.group = SiteGroup(new_id(), "Harbour towns", members)
        self.key = secrets.token_bytes(32)
        self.own = own
        self.begin()

    @classmethod
    def made_up(cls, count: int = 3, people: int = 480) -> Clinics:
        drawn = range(count)
        return cls([own(clinic(seed, people=people, size=SIZE).cases, seed) for seed in drawn])

    def begin(self) -> None:
        """Another round; nobody remembers anything of it."""
        self.round = new_id()
        self.memories = [Memory() for _ in self.keys]

    def joined(self, place: int) -> JoinedGroup:
        return JoinedGroup(self.group, place, NO_LOGIN, self.key)

    def part(self, place: int, box: Box) -> SiteRound:
        return SiteRound(
            self.joined(place), self.keys[place], self.memories[place], box, self.round
        )

    def all_agree(self, box: Box) -> None:
        for place, one in enumerate(self.own):
            self.part(place, box).agree(one, range(len(self.own)))

    def turns(self, box: Shelf) -> list[RoundState]:
        """Every clinic comes by, one after another, until nobody has anything to send."""
        states: list[RoundState] = []
        before = -1
        while len(box.rows) > before:
            before = len(box.rows)
            states = [
                self.part(place, box).advance(one).state for place, one in enumerate(self.own)
            ]
        return states


def own(cases: Cases, seed: int = 0) -> Own:
    ids = tuple(UUID(int=seed * 10_000 + n) for n in range(len(cases)))
    return Own(BASE, cases, ids, tuple(x.tobytes() for x in cases.x))


def pooled(parts: Sequence[Cases], penalty: float) -> tuple[FloatArray, FloatArray]:
    """Cuts and weights of all cases in one place."""
    x = np.vstack([one.x for one in parts])
    bands = np.concatenate([one.bands for one in parts])
    standard = standard_of(len(bands), x.sum(axis=0), (x**2).sum(axis=0))
    z = standard.of(x)
    found = newton(
        lambda at, *, curvature: sums(z, bands, at, curvature=curvature),
        base_rates(np.bincount(bands, minlength=4), x.shape[1]),
        penalty,
        tolerance=1e-16,  # its own usual end is 1e-6 away from the minimum
    ).parameters
    weights = found[3:] / standard.scale
    return found[:3] + weights @ standard.mean, weights


def assert_pooled(found: SitesFit, own: list[Own]) -> None:
    """The head is that of all cases in one place, to 1e-6."""
    cuts, weights = pooled([one.cases for one in own], found.penalty)
    assert found.weights == pytest.approx(weights, abs=1e-6)
    assert found.cuts == pytest.approx(cuts, abs=1e-6)
    assert np.abs(found.weights).max() > 0.01  # there is something to be equal


@dataclass
class ShelfExchange(MysqlExchange):
    """Keys and files as they are, a box without a server."""

    box: Shelf
    reachable: bool = True

    @contextmanager
    def open(self, joined: JoinedGroup, secret: bytes) -> Iterator[OpenBox]:
        if not self.reachable:
            raise CentreUnreachable("No central server answers.")
        yield OpenBox(joined, SiteKey(secret), self.box)


def make_files(cards: Sequence[Path], folder: Path) -> list[Path]:
    """What the administrator of a server makes of cards."""
    members = tuple(read_card(one.read_bytes()) for one in cards)
    group, key = SiteGroup(new_id(), "Harbour towns", members), secrets.token_bytes(32)
    login = SiteLogin((SiteHost("db.example", 3306),), "sites", "sites_0", "word", "PEM")
    made = []
    for place in range(len(members)):
        made.append(folder / f"{place}.group")
        made[-1].write_bytes(group_file(JoinedGroup(group, place, login, key)))
    return made
