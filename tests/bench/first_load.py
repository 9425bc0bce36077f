"""A new laptop's first load of a long log: read as a whole, and begun from a snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import text

from clinic_app.db.image import write_image
from clinic_app.db.store import Clocks, EncryptedStore, create_store
from clinic_app.db.tables import SCREEN_TABLES, oplog
from clinic_app.sync.desk import CentreDesk
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.snapshot import load
from tests.bench.log import fill_log
from tests.bench.process import resident_mb
from tests.integration.db.records import set_up
from tests.support.centre import RealCentre

KEY = bytes(32)
LOAD_GOAL = 60


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of the processor, and this process's memory before and at most."""

    seconds: float
    cpu: float
    before_mb: float
    most_mb: float


@dataclass(frozen=True)
class LoadFigures:
    """``read`` folds the whole log; ``begun`` takes in the snapshot of ``snapshot_mb`` that the
    server tool has ``made``; ``raw`` copies the same rows into an empty store."""

    log: int
    read: Took
    made: Took
    begun: Took
    raw: Took
    snapshot_mb: float


def measure_first_load(centre: RealCentre, folder: Path, log: int) -> LoadFigures:
    """Of a log of so many operations, which one workstation has written."""
    fill_log(centre, centre.enrol("Writer"), log)
    read = _joined(centre, centre.enrol("Reads"), folder / "read")
    tool, sizes = centre.administration(), []

    def make(hear: Callable[[Any], None]) -> None:
        sizes.append(tool.snapshot(centre.root, folder / "copy", hear)[0].length / 1e6)

    made = _timed(make)
    with mock.patch.object(load, "WORTH_FROM", 1):
        begun = _joined(centre, centre.enrol("Begins"), folder / "begun", folder / "raw")
    return LoadFigures(log, read[0], made, begun[0], begun[1], sizes[0])


def _joined(
    centre: RealCentre, enrolment: Enrolment, folder: Path, copied: Path | None = None
) -> list[Took]:
    """The first round of a new laptop, and the raw copying of what it holds then."""
    clinic = set_up(folder)
    file = folder.with_suffix(".enrolment")
    file.write_bytes(enrolment.to_bytes(centre.root))
    desk = CentreDesk(clinic.encrypted, clinic.user)
    try:
        took = [_timed(lambda hear: desk.join(file, hear, lambda: False))]
        if copied is not None:
            took.append(_raw(clinic.encrypted, copied))
        return took
    finally:
        clinic.store.close()


def _raw(store: EncryptedStore, folder: Path) -> Took:
    """SQLite's own `INSERT … SELECT` from one encrypted file into another, in one transaction."""
    folder.mkdir()
    image = folder / "image"
    write_image(store, image, KEY)
    target = create_store(folder, KEY, "raw", Clocks(), lambda: None)

    def copy(_hear: Callable[[Any], None]) -> None:
        with target.transaction() as db, db.beside(image, KEY, sealed=True):
            for table in (oplog, *SCREEN_TABLES):
                names = ", ".join(column.name for column in table.columns)
                db.run(
                    text(
                        f"INSERT INTO main.{table.name} ({names})"
                        f" SELECT {names} FROM image.{table.name}"
                    )
                )
            db.commit()

    try:
        return _timed(copy)
    finally:
        target.close()


def _timed(work: Callable[[Callable[[Any], None]], object]) -> Took:
    before = most = resident_mb()

    def hear(_progress: Any) -> None:
        nonlocal most
        most = max(most, resident_mb())

    begun, processor = time.perf_counter(), time.process_time()
    work(hear)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - processor
    hear(None)
    return Took(seconds, cpu, before, most)


def load_rows(found: LoadFigures) -> list[str]:
    """The table of the page."""
    rows = {
        "the whole log is read and folded": found.read,
        f"it begins from the snapshot ({found.snapshot_mb:,.0f} MB)": found.begun,
        "SQLite's bare `INSERT … SELECT` of the same rows into an empty store": found.raw,
        "once, at the centre: `server snapshot` follows the log and makes it": found.made,
    }
    return [
        f"| first load of {found.log:,} operations | s | processor s | operations a second |"
        " memory before, at most |",
        "|---|---|---|---|---|",
        *(
            f"| {words} | {took.seconds:,.1f} | {took.cpu:,.1f}"
            f" | {found.log / max(took.seconds, 1e-9):,.0f}"
            f" | {took.before_mb:.0f}, {took.most_mb:.0f} MB |"
            for words, took in rows.items()
        ),
    ]
