"""A workstation that does nothing but push, by the rules: serially, and never guessing a fate."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from clinic_app.sync.centre import (
    AlreadyThere,
    Centre,
    CentreBusy,
    CentreFull,
    CentreUnreachable,
    SyncTrouble,
    WireOperation,
)
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.mysql.connection import Patience
from clinic_app.sync.mysql.dial import MysqlDial
from tests.support.central import Server
from tests.support.centre import EPOCH, RealCentre, operations

IMPATIENT = Patience(connect=1, greet=3, read=3, write=3)


class Writer:
    """``acknowledged`` is all that the centre has confirmed, ``recognised`` how many batches were
    found there although their acknowledgement never came."""

    def __init__(
        self, enrolment: Enrolment, seed: int, batch: int = 20, patience: Patience = IMPATIENT
    ) -> None:
        self.origin = enrolment.workstation_id
        self.acknowledged: list[WireOperation] = []
        self.recognised = 0
        self.troubles = 0
        self.last_trouble: SyncTrouble | None = None
        self._dial = MysqlDial(enrolment, patience)
        self._line: Centre | None = None
        self._open: list[WireOperation] = []
        self._random = random.Random(seed)
        self._batch = batch
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"writer {self.origin}")

    def start(self) -> Writer:
        self._thread.start()
        return self

    def finish(self) -> None:
        """Stop after the batch in hand is acknowledged; raises what went wrong."""
        self._stop.set()
        self._thread.join(120)
        assert not self._thread.is_alive(), ("the writer does not end", self.last_trouble)
        if self._failure is not None:
            raise self._failure

    def wait_for_more(self, than: int, seconds: float = 120.0) -> None:
        """Until more than so many operations are acknowledged."""
        end = time.monotonic() + seconds
        while len(self.acknowledged) <= than and self._failure is None:
            assert time.monotonic() < end, ("the writer makes no way", self.last_trouble)
            self._stop.wait(0.01)

    def wait(self, seconds: float) -> None:
        """Let it work on for a while."""
        self._stop.wait(seconds)

    def _run(self) -> None:
        try:
            while not self._stop.is_set() or self._open:
                self.step()
        except BaseException as error:  # noqa: BLE001 - raised again by `finish`
            self._failure = error
        finally:
            if self._line is not None:
                self._line.close()

    def step(self) -> None:
        """One batch, or one failure."""
        if not self._open:
            after = len(self.acknowledged)
            count = self._random.randint(1, self._batch)
            self._open = operations(self.origin, count, after=after, body=80)
        try:
            line = self._connected()
            try:
                line.push(self._open)
            except AlreadyThere:
                self._recognise(line)
            self._acknowledge()
        except (CentreUnreachable, CentreBusy, CentreFull) as trouble:
            self.troubles += 1
            self.last_trouble = trouble
            if self._line is not None:
                self._line.close()
                self._line = None
            self._stop.wait(0.05)

    def _connected(self) -> Centre:
        """A line on which the fate of the batch in hand is known."""
        if self._line is None:
            line = self._dial()
            try:
                if self._open and self._head(line) == self._open[-1].seq:
                    self._recognise(line)
                    self._acknowledge()
                    after = len(self.acknowledged)
                    self._open = operations(self.origin, 1, after=after, body=80)
            except BaseException:
                line.close()
                raise
            self._line = line
        return self._line

    def _head(self, line: Centre) -> int:
        found = [one.seq for one in line.heads() if one.origin == self.origin]
        head = found[0] if found else 0
        assert head in (len(self.acknowledged), self._open[-1].seq), (
            "the centre has lost or torn a batch",
            head,
            len(self.acknowledged),
        )
        return head

    def _recognise(self, line: Centre) -> None:
        found = line.fetch(self.origin, EPOCH, len(self.acknowledged))
        assert [one.hash for one in found] == [one.hash for one in self._open]
        self.recognised += 1

    def _acknowledge(self) -> None:
        self.acknowledged += self._open
        self._open = []


def check_everything_is_there(
    writers: list[Writer], rows: Callable[[str], tuple[tuple[object, ...], ...]]
) -> None:
    """Every acknowledged operation once, in a sequence without holes, with its own content."""
    stored = rows("SELECT origin, seq, hash, body FROM ops ORDER BY origin, seq")
    expected = sorted(
        (one.origin, one.seq, one.hash, one.body)
        for writer in writers
        for one in writer.acknowledged
    )
    assert len(stored) == len(expected)
    assert list(stored) == expected


def start_writers(centre: RealCentre, nodes: Sequence[Server]) -> list[Writer]:
    """One for each server of a cluster, which it tries first."""
    hosts = [node.host for node in nodes]
    return [
        Writer(
            centre.enrol(f"Workstation {number}", [*hosts[number:], *hosts[:number]]), seed=number
        ).start()
        for number in range(len(hosts))
    ]


def all_make_way(writers: Iterable[Writer]) -> None:
    """Every writer has something acknowledged again: it found a server that takes changes."""
    for writer in writers:
        writer.wait_for_more(len(writer.acknowledged))


def check_server(node: Server, database: str, writers: list[Writer], up_to_date: str) -> None:
    """Everything is on this server too; ``up_to_date`` is the statement that has it wait for what
    the others have acknowledged."""
    with node.root(database) as root, root.cursor() as cursor:

        def rows(statement: str) -> tuple[tuple[object, ...], ...]:
            cursor.execute(up_to_date)
            cursor.execute(statement)
            return tuple(cursor.fetchall())

        check_everything_is_there(writers, rows)
