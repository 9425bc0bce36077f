"""What sync costs against a real MariaDB of the bench's own."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pymysql

from clinic_app.db.store import EncryptedStore
from clinic_app.sync.centre import BATCH_OPERATIONS, PAGE_OPERATIONS, Centre, WireOperation
from clinic_app.sync.desk import CentreDesk
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.mysql.dial import MysqlDial
from tests.bench.first_load import LoadFigures, measure_first_load
from tests.bench.log import fill_log
from tests.integration.db.records import Clinic, a_patient, set_up
from tests.support.central import Server
from tests.support.centre import EPOCH, RealCentre, make_centre, operations
from tests.support.certificates import Authority
from tests.support.proxy import Proxy

_COLUMNS = "origin, epoch, seq, hlc, schema_v, entity, entity_id, body, hash, signature"


@dataclass
class SyncFigures:
    """Operations a second unless the name says otherwise; bytes are those of one change.

    ``changes`` go through statements alone, ``whole`` through whole rounds; ``log`` is what the
    first load takes in.
    """

    changes: int
    rounds: int
    whole: int = 0
    pollers: int = 0
    raw_push: float = 0.0
    raw_pull: float = 0.0
    push: float = 0.0
    pull: float = 0.0
    whole_push: float = 0.0
    whole_pull: float = 0.0
    up_bytes: float = 0.0
    down_bytes: float = 0.0
    up_statements: int = 0
    down_statements: int = 0
    poll_ms: float = 0.0
    poll_bytes: int = 0
    idle_round_ms: float = 0.0
    idle_statements: int = 0
    log: int = 0
    load: LoadFigures | None = None
    laptops: int = 0
    offline: int = 0
    convergence_seconds: float = 0.0
    server: str = ""
    busy: float = 0.0
    """Load average of the five minutes before the end."""


def full_size() -> SyncFigures:
    """The sizes that the goals name."""
    return SyncFigures(
        10_000, 3, whole=10_000, pollers=50, log=1_000_000, laptops=20, offline=1_000
    )


@dataclass
class Laptop:
    """A store that has joined, and its desk."""

    clinic: Clinic
    desk: CentreDesk

    @property
    def store(self) -> EncryptedStore:
        return self.clinic.encrypted

    def sync(self) -> Any:
        return self.desk.round(lambda progress: None, lambda: False)

    def register(self, count: int) -> None:
        """So many changes while offline, in one commit for each hundred."""
        for start in range(0, count, 100):
            with self.store.unit_of_work() as work:
                for _ in range(min(100, count - start)):
                    work.patients.add(a_patient())
                work.commit()


class Bench:
    """One server, one folder for stores."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Server(folder / "mariadb", Authority(), options=("--max-connections=200",))
        self._laptops: list[Laptop] = []
        self._centres: list[RealCentre] = []

    def centre(self) -> RealCentre:
        made = make_centre(self.server)
        self._centres.append(made)
        return made

    def laptop(self, centre: RealCentre, enrolment: Enrolment) -> Laptop:
        folder = self.folder / f"{centre.database}-{enrolment.workstation_id}"
        file = folder.with_suffix(".enrolment")
        file.write_bytes(enrolment.to_bytes(centre.root))
        clinic = set_up(folder)
        made = Laptop(clinic, CentreDesk(clinic.encrypted, clinic.user))
        self._laptops.append(made)
        made.desk.join(file, lambda progress: None, lambda: False)
        return made

    def close(self) -> None:
        for laptop in self._laptops:
            laptop.store.close()
        for centre in self._centres:
            centre.close()
        self.server.stop()


@contextmanager
def a_bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="clinic-app-bench-") as temporary:
        bench = Bench(Path(temporary))
        try:
            bench.server.open()
            yield bench
        finally:
            bench.close()


def measure_sync(found: SyncFigures) -> SyncFigures:
    """Fill in the figures for its sizes, on one server; what is compared runs in turn."""
    with a_bench() as bench:
        measure_statements(bench, found)
        measure_rounds(bench, found)
        measure_idle(bench, found)
        measure_convergence(bench, found)
        found.load = measure_first_load(bench.centre(), bench.folder, found.log)
        with bench.server.root() as root, root.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            found.server = str((cursor.fetchone() or ("?",))[0]).split("-")[0]
    found.busy = busy()
    return found


def measure_load_alone(log: int) -> tuple[LoadFigures, float]:
    """The first load on a server of its own, and how busy the machine was."""
    with a_bench() as bench:
        return measure_first_load(bench.centre(), bench.folder, log), busy()


def busy() -> float:
    """Load average of the last five minutes, where the system tells."""
    return os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0


# --- statements against raw ones --------------------------------------------------------------


def measure_statements(bench: Bench, found: SyncFigures) -> None:
    """Pushes through the checking view and pages of a pull, beside PyMySQL's bare `executemany`
    and `SELECT` on a table of the same form, over the same kind of connection."""
    samples: dict[str, list[float]] = {"raw_push": [], "push": [], "raw_pull": [], "pull": []}
    for _ in range(found.rounds):
        centre = bench.centre()
        north = centre.enrol("North")
        line = centre.dial(north)
        batches = _batches(operations(1, found.changes, body=136))
        with _raw_table(centre) as raw:
            samples["raw_push"].append(_timed(lambda: _raw_push(raw, batches)))  # noqa: B023
            samples["push"].append(_timed(lambda: _push(line, batches)))  # noqa: B023
            samples["raw_pull"].append(_timed(lambda: _raw_pull(raw, found.changes)))
            samples["pull"].append(_timed(lambda: _pull(line, found.changes)))  # noqa: B023
    for name, seconds in samples.items():
        setattr(found, name, found.changes / median(seconds))


@contextmanager
def _raw_table(centre: RealCentre) -> Iterator[pymysql.connections.Connection]:
    server = centre.server
    line = pymysql.connect(
        host="127.0.0.1",
        port=server.port,
        user=server.admin.account,
        password=server.admin.password,
        database=centre.database,
        charset="utf8mb4",
        autocommit=True,
        ssl={"ca": str(server.authority_file), "check_hostname": True},
    )
    with line, line.cursor() as cursor:
        cursor.execute("CREATE TABLE raw LIKE ops")
        yield line


def _batches(every: list[WireOperation]) -> list[list[WireOperation]]:
    return [every[at : at + BATCH_OPERATIONS] for at in range(0, len(every), BATCH_OPERATIONS)]


def _raw_push(line: Any, batches: list[list[WireOperation]]) -> None:
    places = ", ".join(["%s"] * 10)
    with line.cursor() as cursor:
        for batch in batches:
            values = [
                (
                    *(o.origin, o.epoch, o.seq, o.hlc, o.schema_version, o.entity),
                    *(o.entity_id.bytes, o.body, o.hash, o.signature),
                )
                for o in batch
            ]
            cursor.executemany(f"INSERT INTO raw ({_COLUMNS}) VALUES ({places})", values)


def _push(line: Centre, batches: list[list[WireOperation]]) -> None:
    for batch in batches:
        line.push(batch)


def _raw_pull(line: Any, count: int) -> None:
    with line.cursor() as cursor:
        for after in range(0, count, PAGE_OPERATIONS):
            cursor.execute(
                f"SELECT {_COLUMNS}, recv_at FROM raw WHERE origin = 1 AND epoch = %s"
                " AND seq > %s ORDER BY seq LIMIT %s",
                (EPOCH, after, PAGE_OPERATIONS),
            )
            assert cursor.fetchall()


def _pull(line: Centre, count: int) -> None:
    for after in range(0, count, PAGE_OPERATIONS):
        assert line.fetch(1, EPOCH, after)


# --- whole rounds -----------------------------------------------------------------------------


def measure_rounds(bench: Bench, found: SyncFigures) -> None:
    """One laptop sends its changes, another takes them in: encryption, signatures, both stores.
    Bytes are counted by a proxy on the way, which costs a little."""
    centre = bench.centre()
    proxy = Proxy(bench.server.host)
    try:
        north = bench.laptop(centre, centre.enrol("North", [proxy.host]))
        south = bench.laptop(centre, centre.enrol("South", [proxy.host]))
        north.register(found.whole)
        before = len(proxy.lines)
        begun = time.perf_counter()
        result = north.sync()
        found.whole_push = found.whole / (time.perf_counter() - begun)
        found.up_statements = result.statements
        found.up_bytes = sum(one.sent for one in proxy.lines[before:]) / found.whole
        before = len(proxy.lines)
        begun = time.perf_counter()
        result = south.sync()
        found.whole_pull = found.whole / (time.perf_counter() - begun)
        found.down_statements = result.statements
        found.down_bytes = sum(one.answered for one in proxy.lines[before:]) / found.whole
    finally:
        proxy.close()


def measure_idle(bench: Bench, found: SyncFigures) -> None:
    """What a workstation that has nothing to do asks, where so many others have written."""
    centre = bench.centre()
    proxy = Proxy(bench.server.host)
    try:
        laptop = bench.laptop(centre, centre.enrol("Poller", [proxy.host]))
        for number in range(found.pollers - 1):
            fill_log(centre, centre.enrol(f"Workstation {number}"), 100)
        laptop.sync()
        line = MysqlDial(centre.enrol("Heads", [proxy.host]))()
        line.heads()
        before = proxy.lines[-1].answered
        found.poll_ms = median(_timed(line.heads) for _ in range(50)) * 1000
        found.poll_bytes = (proxy.lines[-1].answered - before) // 50
        line.close()
        found.idle_round_ms = median(_timed(laptop.sync) for _ in range(9)) * 1000
        found.idle_statements = laptop.sync().statements
    finally:
        proxy.close()


def measure_convergence(bench: Bench, found: SyncFigures) -> None:
    """So many laptops, each with so many changes made offline, until all hold everything."""
    centre = bench.centre()
    laptops = [
        bench.laptop(centre, centre.enrol(f"Laptop {number}")) for number in range(found.laptops)
    ]
    for laptop in laptops:
        laptop.register(found.offline)
    barrier = threading.Barrier(found.laptops)

    def until_all_is_here(laptop: Laptop) -> None:
        barrier.wait()
        while laptop.sync().pulled or _operations(laptop) < expected:
            pass

    expected = found.laptops * found.offline
    begun = time.perf_counter()
    with ThreadPoolExecutor(found.laptops) as pool:
        for done in [pool.submit(until_all_is_here, laptop) for laptop in laptops]:
            done.result()
    found.convergence_seconds = time.perf_counter() - begun


def _operations(laptop: Laptop) -> int:
    return sum(one.operations for one in laptop.store.sequences())


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
