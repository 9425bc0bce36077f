"""kill -9 of a program that syncs, at random moments: the next one goes on, and nothing is lost or
there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.paths import ROOT
from clinic_app.sync.desk import CentreDesk
from tests.integration.db.records import PASSWORD, ROUNDS, USER, set_up
from tests.support.central import Server
from tests.support.centre import RealCentre, make_centre

CHILD = (sys.executable, "-m", "tests.faults.sync.syncing_child")


def joined(centre: RealCentre, folder: Path) -> EncryptedStore:
    """A laptop that has joined and is closed again by who asked."""
    clinic = set_up(folder)
    file = folder.with_suffix(".enrolment")
    file.write_bytes(centre.enrol(folder.name).to_bytes(centre.root))
    desk = CentreDesk(clinic.encrypted, clinic.user)
    desk.join(file, lambda progress: None, lambda: False)
    return clinic.encrypted


def killed_after(lines: int, then: float, folder: Path) -> list[UUID]:
    """Let the program acknowledge so many patients, and kill it a moment later."""
    with subprocess.Popen([*CHILD, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        time.sleep(then)  # into the middle of a round, wherever that is
        child.kill()
        told += child.stdout.readlines()
    return [UUID(line.decode().strip()) for line in told if line.endswith(b"\n")]


def kill_again_and_again(server: Server, folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    centre = make_centre(server)
    try:
        joined(centre, folder / "north").close()
        promised: list[UUID] = []
        for _ in range(kills):
            promised += killed_after(
                chance.randrange(1, 4), chance.random() * 0.2, folder / "north"
            )
        store = FolderVault(folder / "north", rounds=ROUNDS).unlock(USER, PASSWORD)
        south = joined(centre, folder / "south")
        assert isinstance(store, EncryptedStore)
        for one in (store, south):
            with one.unit_of_work() as work:
                user = work.users.all()[0]
            CentreDesk(one, user).round(lambda progress: None, lambda: False)
        _check(centre, store, south, promised, kills)
        store.close()
        south.close()
    finally:
        centre.close()


def _check(
    centre: RealCentre,
    north: EncryptedStore,
    south: EncryptedStore,
    promised: list[UUID],
    kills: int,
) -> None:
    for (epoch,) in centre.root_rows("SELECT DISTINCT epoch FROM ops WHERE origin = 1"):
        rows = centre.root_rows("SELECT seq FROM ops WHERE epoch = %s ORDER BY seq", epoch)
        assert [seq for (seq,) in rows] == list(range(1, len(rows) + 1))
    assert north.pending_operations() == 0
    for store in (north, south):
        with store.unit_of_work() as work:
            for patient_id in promised:
                work.patients.get(patient_id)
            # Each kill may fall between a commit and the word that it happened.
            assert 0 <= work.patients.count() - len(promised) <= kills


def test_a_program_killed_while_it_syncs_loses_and_doubles_nothing(
    central: Server, tmp_path: Path
) -> None:
    kill_again_and_again(central, tmp_path, kills=3, seed=1)


@pytest.mark.long
def test_a_program_killed_a_hundred_times_while_it_syncs_loses_and_doubles_nothing(
    central: Server, tmp_path: Path
) -> None:
    kill_again_and_again(central, tmp_path, kills=100, seed=2)
