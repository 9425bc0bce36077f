"""A clinic with many settled cases on a real encrypted file, filled past the services because that
is quick, and how long a fit through the service takes there.

One case of each band is added as the program does; its rows are repeated with other people, times
and embeddings (a test compares). The log itself stays short: nothing that learns reads it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select

from clinic_app.db import tables
from clinic_app.db.transaction import Transaction
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.screening import Screening
from clinic_app.inference.learning.fitting import Cases
from clinic_app.inference.learning.learner import NumpyLearner
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.storage import UnitOfWork
from tests.bench.large_clinic import open_vault
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.clock import START
from tests.fakes.labelled import READERS, SEVERITIES, add_case
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.integration.cli.clinic import make_store, open_store

RUNS = 3
KEY = LearningKey(UUID(int=900), START, b"a key that is always the same")


@dataclass(frozen=True)
class ServiceFit:
    """Seconds of the wall and of the processors, the load average before, and of how many cases the
    head was fitted."""

    wall: float
    processor: float
    load: float
    fitted: int
    settled: int


def measure_service_fit(cases: Cases) -> ServiceFit:
    """Sign in to a clinic with these cases and fit a head as the window does, three times, of which
    the quickest counts: consents, labels and embeddings read out of the encrypted file."""
    with tempfile.TemporaryDirectory(prefix="clinic-app-bench-") as temporary:
        folder = Path(temporary) / "store"
        make_learning_clinic(folder, cases)
        door = FrontDoor(
            open_vault(folder),
            FakeFaceReader(),
            FakeModelShelf(),
            FakeRenderer(),
            learner=NumpyLearner(),
        )
        services = door.sign_in(USER, PASSWORD)
        try:
            settled = services.learning.state().settled
            runs = [timed(services.learning.fit, settled) for _ in range(RUNS)]
        finally:
            door.sign_out(services)
    return min(runs, key=lambda one: one.wall)


def timed(fit: Callable[[], LocalHead], settled: int) -> ServiceFit:
    load = os.getloadavg()[0]
    begun, used = time.perf_counter(), time.process_time()
    head = fit()
    wall, processor = time.perf_counter() - begun, time.process_time() - used
    return ServiceFit(wall, processor, load, len(head.cases), settled)


def make_learning_clinic(folder: Path, cases: Cases) -> None:
    """A clinic of which each case is a person who agrees, with a band that two readers agree on."""
    make_store(folder)
    store = open_store(folder)
    try:
        with store.unit_of_work() as work:
            work.learning_keys.add(KEY)
            made = [add_case(work, READERS[0], label=band) for band in range(len(SEVERITIES))]
            work.commit()
        with store.unit_of_work() as work:
            _repeat(work, made, cases)
            work.commit()
    finally:
        store.close()


def _repeat(work: UnitOfWork, made: list[Screening], cases: Cases) -> None:
    """The cases in the place of the four that their rows are copies of."""
    db = cast(StoreUnitOfWork, work).db
    rows: dict[str, list[dict[str, Any]]] = {}
    templates = [tuple(_rows_of(db, one)) for one in made]
    for number, band in enumerate(cases.bands):
        copy = _Copy(made[band], number, cases.x[number].astype("<f4").tobytes())
        for table, row in templates[band]:
            rows.setdefault(table, []).append(copy.of(table, row, len(rows.get(table, ()))))
    for table, some in rows.items():
        db.run(insert(tables.metadata.tables[table]), some)


def _rows_of(db: Transaction, one: Screening) -> Iterator[tuple[str, dict[str, Any]]]:
    case, consent, read = tables.face_case, tables.consent, tables.adjudication_event
    for table, mine in (
        (case, case.c.id == one.id),
        (consent, consent.c.patient_id == one.patient_id),
        (read, read.c.subject_id == one.id),
    ):
        for row in db.rows(select(table).where(mine)):
            yield table.name, dict(row._mapping)


@dataclass(frozen=True)
class _Copy:
    of_case: Screening
    number: int
    embedding: bytes

    def of(self, table: str, row: dict[str, Any], place: int) -> dict[str, Any]:
        screening, person = UUID(int=(7 << 64) + self.number), UUID(int=(8 << 64) + self.number)
        changed = {"id": UUID(int=(9 << 64) + place), "patient_id": person}
        if table == "face_case":
            at = row["finished_at"] + timedelta(hours=self.number)
            changed |= {"id": screening, "embedding": self.embedding, "finished_at": at}
        elif table == "adjudication_event":
            changed |= {"subject_id": screening}
        if "body" in row:
            names = ((self.of_case.id, screening), (self.of_case.patient_id, person))
            body = row["body"]
            for old, new in names:
                body = body.replace(str(old).encode(), str(new).encode())
            changed["body"] = body
        return {**row, **{name: value for name, value in changed.items() if name in row}}
