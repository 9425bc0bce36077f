"""A new workstation that is killed while it loads the clinic's snapshot: as before, or complete."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from clinic_app.services.sync_data import RoundProgress, Stage
from clinic_app.sync.snapshot import load
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.snapshots import heads, take_snapshot

PARTS = 4096


@pytest.fixture(autouse=True)
def of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WORTH_FROM", 1)
    for module in ("make", "fetch", "manifest"):
        monkeypatch.setattr(f"clinic_app.sync.snapshot.{module}.BLOB_PART_BYTES", PARTS)


def die_at(begun: Workstation, share: float) -> None:
    """Run in a process of its own, which ends like a laptop whose battery does."""

    def hear(progress: RoundProgress) -> None:
        if progress.stage is Stage.LOADING and progress.share >= share:
            os.kill(os.getpid(), signal.SIGKILL)

    begun.open(begun.user)
    begun.desk.round(hear, lambda: False)


def test_killed_at_any_moment_the_store_is_as_before_or_complete(tmp_path: Path) -> None:
    centre = FakeCentre()
    north = Workstation(centre, tmp_path / "north", "north", centre.enrol("north")).set_up().join()
    for number in range(40):
        north.writes_note(north.registers(f"Patient {number}"), "Sleeping better")
    north.sync()
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")
    before = rows(begun)
    forked = multiprocessing.get_context("fork")
    for share in (0.05, 0.2, 0.39, 0.45, 0.65, 0.8, 0.95, 1.0):
        begun.store.close()
        child = forked.Process(target=die_at, args=(begun, share))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
        begun.open(begun.user)
        assert rows(begun) == before
        assert heads(begun.store) == []
    begun.sync()
    sync_all(north, begun)
    assert agree(north, begun)
    north.store.close()
    begun.store.close()
