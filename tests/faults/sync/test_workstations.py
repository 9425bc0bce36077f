"""Whole workstations on a real MariaDB through everything at once: cut lines, a killed server,
clocks that jump by years, stores put back from old copies. At the end all agree."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.services.sync_data import CentreBusy, CentreUnreachable, ClockWrong
from clinic_app.sync.wire import chain_hash
from tests.integration.rounds.clinics import Workstation, agree, sync_all
from tests.support.central import Server
from tests.support.centre import make_centre
from tests.support.rounds import RealRounds

NAMES = ("north", "south", "west")
YEARS = timedelta(days=3652)


class Walk:
    """Random steps, the same for one seed but for what the clock and the server add."""

    def __init__(self, server: Server, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.folder = folder
        self.real = make_centre(server)
        self.rounds = RealRounds(self.real)
        self.all = [
            Workstation(self.rounds, folder / name, name, self.rounds.enrol(name)).set_up().join()  # type: ignore[arg-type]
            for name in NAMES
        ]
        self.patients: list[UUID] = []
        self.written: dict[UUID, str] = {}
        self.copies: dict[str, Path] = {}

    def step(self) -> None:
        one = self.random.choice(self.all)
        steps: list[tuple[int, Callable[[Workstation], None]]] = [
            (3, self._register),
            (3, self._rename),
            (3, self._write),
            (6, self._sync),
            (3, self._sync_cut),
            (1, self._jump),
            (1, self._reopen),
            (1, self._copy),
            (1, self._put_back),
            (1, self._kill_server),
        ]
        weights, choices = zip(*steps, strict=True)
        self.random.choices(choices, weights)[0](one)

    def finish(self) -> None:
        for one in self.all:
            one.clock_off = timedelta(0)
            one.cut = lambda place: None
        sync_all(*self.all)
        sync_all(*self.all)

    def close(self) -> None:
        for one in self.all:
            one.store.close()
        self.real.close()

    def _register(self, one: Workstation) -> None:
        self.patients.append(one.registers(f"Patient {len(self.patients)}"))

    def _rename(self, one: Workstation) -> None:
        known = [patient for patient in self.patients if self._knows(one, patient)]
        if known:
            one.renames(self.random.choice(known), phone=str(self.random.randrange(10**6)))

    def _write(self, one: Workstation) -> None:
        known = [patient for patient in self.patients if self._knows(one, patient)]
        if known:
            words = f"{one.name} {len(self.written)}"
            self.written[one.writes_note(self.random.choice(known), words)] = words

    def _knows(self, one: Workstation, patient: UUID) -> bool:
        with one.store.unit_of_work() as work:
            return any(found.id == patient for found in work.patients.search("", 1000))

    def _sync(self, one: Workstation) -> None:
        try:
            one.sync()
        except (CentreUnreachable, CentreBusy, ClockWrong):
            return

    def _sync_cut(self, one: Workstation) -> None:
        left = self.random.randrange(14)

        def cut(place: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise CentreUnreachable(f"The line was cut {place}.")

        one.cut = cut
        self._sync(one)
        one.cut = lambda place: None

    def _jump(self, one: Workstation) -> None:
        one.clock_off = self.random.choice((YEARS, -YEARS, timedelta(0), timedelta(minutes=9)))

    def _reopen(self, one: Workstation) -> None:
        one.reopen()

    def _copy(self, one: Workstation) -> None:
        place = self.folder / f"{one.name} copy {self.random.randrange(10**9)}"
        one.copy_folder(place)
        self.copies[one.name] = place

    def _put_back(self, one: Workstation) -> None:
        """Everything of it is at the centre first: what only the lost disk held nobody can know."""
        copy = self.copies.pop(one.name, None)
        if copy is not None:
            one.cut = lambda place: None
            one.sync()
            one.put_back(copy)
            shutil.rmtree(copy)

    def _kill_server(self, one: Workstation) -> None:
        self.server.kill()
        self._sync(one)
        self.server.restart()

    # --- what has to hold -------------------------------------------------------------------

    def check(self) -> None:
        assert agree(*self.all)
        for one in self.all:
            assert one.desk.status().pending == 0
            with one.store.unit_of_work() as work:
                found = {patient.id for patient in work.patients.search("", 1000)}
                assert found >= set(self.patients)
            for note, words in self.written.items():
                assert one.note(note).text == words
        self._check_chains()

    def _check_chains(self) -> None:
        """At the centre every sequence is 1..n, and each hash follows from the one before."""
        reader = self.rounds.members[1].dial()
        for head in reader.heads():
            previous, after = b"", 0
            while after < head.seq:
                for row in reader.fetch(head.origin, head.epoch, after):
                    assert row.seq == after + 1
                    previous, after = chain_hash(previous, row, row.body), row.seq
                    assert row.hash == previous
            assert previous == head.hash
        reader.close()


def walk(server: Server, folder: Path, seed: int, steps: int) -> None:
    made = Walk(server, folder, seed)
    try:
        for _ in range(steps):
            made.step()
        made.finish()
        made.check()
    finally:
        made.close()


def test_workstations_agree_after_a_short_walk(central: Server, tmp_path: Path) -> None:
    walk(central, tmp_path / "walk", seed=1, steps=30)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
def test_workstations_agree_after_a_long_walk(central: Server, tmp_path: Path, seed: int) -> None:
    walk(central, tmp_path / "walk", seed, steps=80)
