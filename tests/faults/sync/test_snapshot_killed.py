"""Killed while a snapshot is loaded: as before, or complete; while one is made: nothing stays;
while it is sent: the same one goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinic_app.db import image
from clinic_app.db.transaction import Transaction
from clinic_app.services.sync_data import RoundProgress, Stage
from clinic_app.sync.snapshot import load, make
from clinic_app.sync.snapshot.fetch import FOLDER
from clinic_app.sync.snapshot.make import IMAGE_FILE
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.snapshots import copy_of, heads, take_snapshot

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


def die(*given: Any, **named: Any) -> None:
    """As a laptop whose battery is empty."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed(run: Callable[..., None], *arguments: Any) -> None:
    """Run in a process of its own, which has to end by its own hand."""
    child = multiprocessing.get_context("fork").Process(target=run, args=arguments)
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


def die_loading(begun: Workstation, moment: str) -> None:
    """The child has the modules to itself."""
    take, commit = image.take_image, Transaction.commit

    def die_after(db: Transaction) -> None:
        commit(db)
        die()

    def taken(*given: Any) -> None:
        replaced = {"before the commit": die, "after the commit": die_after}
        if moment in replaced:
            Transaction.commit = replaced[moment]  # type: ignore[method-assign]
        elif moment == "before the checkpoint":
            Transaction.clear_write_ahead_log = die  # type: ignore[assignment,method-assign]
        take(*given)

    load.take_image = taken
    if moment == "before the file is forgotten":
        load.forget = die
    begun.open(begun.user)
    begun.desk.round(lambda progress: None, lambda: False)


@pytest.mark.parametrize(
    ("moment", "complete"),
    [
        ("before the commit", False),
        ("after the commit", True),
        ("before the checkpoint", True),
        ("before the file is forgotten", True),
    ],
)
def test_killed_around_the_commit_it_is_one_of_the_two(
    tmp_path: Path, moment: str, complete: bool
) -> None:
    centre = FakeCentre()
    north = Workstation(centre, tmp_path / "north", "north", centre.enrol("north")).set_up().join()
    north.writes_note(north.registers(), "Sleeping better")
    north.sync()
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")
    before = rows(begun)
    begun.store.close()
    killed(die_loading, begun, moment)
    begun.open(begun.user)
    assert (heads(begun.store) != []) is complete
    assert (rows(begun) != before) is complete
    begun.sync()
    assert not (begun.folder / FOLDER).exists()
    sync_all(north, begun)
    assert agree(north, begun)
    north.store.close()
    begun.store.close()


def die_making(centre: FakeCentre, folder: Path, moment: str) -> None:
    if moment == "while it is written":
        commit = Transaction.commit

        def die_beside(db: Transaction) -> None:
            if (folder / IMAGE_FILE).exists():
                die()
            commit(db)

        Transaction.commit = die_beside  # type: ignore[method-assign]
    centre.keep_snapshot = die  # type: ignore[method-assign]
    take_snapshot(centre, folder=folder)


def test_a_maker_that_is_killed_leaves_no_copy_of_the_log_lying_about(tmp_path: Path) -> None:
    centre = FakeCentre()
    north = Workstation(centre, tmp_path / "north", "north", centre.enrol("north")).set_up().join()
    north.writes_note(north.registers(), "Sleeping better")
    north.sync()
    folder = tmp_path / "copy"
    killed(die_making, centre, folder, "while it is written")
    assert list(folder.glob(f"{IMAGE_FILE}*"))
    with copy_of(centre, folder):
        assert not list(folder.glob(f"{IMAGE_FILE}*"))
    made = take_snapshot(centre, folder=folder).manifest
    assert made.operations == len(centre.log.rows)
    north.store.close()


def begun_and_cut(tmp_path: Path) -> tuple[FakeCentre, Path, bytes]:
    """A snapshot that is behind what was written since its maker was killed."""
    centre = FakeCentre()
    north = Workstation(centre, tmp_path / "north", "north", centre.enrol("north")).set_up().join()
    north.writes_note(north.registers(), "Sleeping better")
    north.sync()
    folder = tmp_path / "copy"
    killed(die_making, centre, folder, "while it is sent")
    north.registers("Written meanwhile")
    north.sync()
    north.store.close()
    return centre, folder, (folder / IMAGE_FILE).read_bytes()


def sent(centre: FakeCentre) -> bytes:
    return b"".join(part for _, part in sorted(centre.log.snapshot_parts.items()))


def test_killed_while_it_is_sent_the_same_snapshot_is_sent_to_its_end(tmp_path: Path) -> None:
    centre, folder, begun = begun_and_cut(tmp_path)
    made = take_snapshot(centre, folder=folder)
    assert sent(centre) == begun
    assert made.manifest.operations < len(centre.log.rows)
    assert not list(folder.glob("snapshot.*"))


@pytest.mark.parametrize("why", ["spoilt", "far behind", "another took its place"])
def test_what_was_cut_is_made_anew_where_it_is_not_good_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    centre, folder, begun = begun_and_cut(tmp_path)
    given = {}
    if why == "spoilt":
        (folder / IMAGE_FILE).write_bytes(begun[:-1] + bytes([begun[-1] ^ 1]))
    elif why == "far behind":
        monkeypatch.setattr(make, "RESUMED_WITHIN", 0)
    else:
        given["replaced"] = 1 << 50
    made = take_snapshot(centre, folder=folder, **given)
    assert sent(centre) != begun
    assert made.manifest.operations == len(centre.log.rows)
    assert not list(folder.glob("snapshot.*"))
