"""Three whole clinics that learn together, without a server between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.joint_learning import RoundState, fold_joint
from clinic_app.domain.local_head import LocalHead
from clinic_app.inference.learning import federated
from clinic_app.inference.learning.federated import unshared
from clinic_app.inference.learning.fitting import Cases
from clinic_app.services import sites_cases
from clinic_app.services.sites import SitesService
from clinic_app.services.sites_cases import joint_pool, site_cases
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.sync.sites.exchange import own_of
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import SHARED, fill, withdraw
from tests.support.sites import Shelf, ShelfExchange, make_files, pooled

PEOPLE = 130
"""Enough for a fit. That the full figures hold is tested with many; all else goes faster so."""


def let_few_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller figures in place of those that a round asks for."""
    for place in (federated, sites_cases):
        monkeypatch.setattr(place, "SMALLEST_SITE", 60)
    monkeypatch.setattr(federated, "PEOPLE_PER_NUMBER", 4)
    monkeypatch.setattr(federated, "PEOPLE_PER_BAND", 10)
    monkeypatch.setattr(federated, "STANDING_OUT", 0.9)


class Town:
    """Three clinics that meet at one shelf."""

    def __init__(self, folder: Path, people: int = PEOPLE) -> None:
        self.box, self.folder = Shelf(), folder
        self.exchange = ShelfExchange(self.box)
        self.clinics = [FakeClinic(exchange=self.exchange) for _ in range(3)]
        for seed, one in enumerate(self.clinics, 1):
            profile = one.services.clinic.profile()
            one.store.tables.clinic[:] = [replace(profile, name=f"Clinic {seed}")]
            if people:
                by = one.services.session.user.id
                fill(one.store.unit_of_work, by, people, knows=0.5, seed=seed, purposes=SHARED)

    def service(self, place: int) -> SitesService:
        return self.clinics[place].services.sites

    def join(self) -> None:
        cards = [self.folder / f"{place}.card" for place in range(3)]
        for place, card in enumerate(cards):
            self.service(place).save_card(card)
        files = make_files(cards, self.folder)
        code = self.service(0).look_at_group(files[0]).code
        for place, file in enumerate(files):
            self.service(place).join_group(file, code.lower().replace("-", " "), PASSWORD)

    def agree(self) -> UUID:
        row = self.service(0).agree(None, range(3), "For all of us.", PASSWORD)
        for place in (1, 2):
            self.service(place).agree(row.id, (), "We too.", PASSWORD)
        return row.id

    def go_on(self) -> list[RoundState]:
        """Each clinic in turn, until none has a round under way."""
        ends = {}
        while len(ends) < 3:
            for place in {0, 1, 2} - ends.keys():
                row = self.service(place).advance()
                if row.state in (RoundState.FINISHED, RoundState.STOPPED):
                    ends[place] = row.state
        return [ends[place] for place in range(3)]

    def first_at_the_end(self) -> int:
        """Each in turn, until the first one has the head."""
        place = 0
        while self.service(place).advance().state is not RoundState.FINISHED:
            place = (place + 1) % 3
        return place

    def withdraw(self, place: int, person: UUID, purpose: Purpose) -> None:
        one = self.clinics[place]
        with one.store.unit_of_work() as work:
            withdraw(work, person, one.services.session.user.id, purpose)
            work.commit()

    def agreed(self, place: int) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
        """Cases and people of the newest agreement."""
        told = fold_joint(self.clinics[place].store.tables.site_events).rounds[-1].agreement
        assert told is not None
        return told.cases, told.people


def lost(shelf: Shelf, row: object) -> None:
    """In place of ``Shelf.post``: the line is cut."""
    raise CentreUnreachable("No central server answers.")


def fitted_on(clinic: FakeClinic) -> Cases:
    with clinic.store.unit_of_work() as work:
        pool = joint_pool(work, START)
        return own_of(site_cases(work, pool.base, pool.fitted)).cases


def assert_pooled(head: LocalHead, parts: list[Cases]) -> None:
    """The head is that of all cases in one place, to 1e-6."""
    cuts, weights = pooled(parts, head.penalty)
    assert head.weights == pytest.approx(unshared(weights, 512), abs=1e-6)
    assert head.cuts == pytest.approx(cuts, abs=1e-6)
    assert np.abs(head.weights).max() > 0.01  # there is something to be equal
