"""The line between workstation and centre through a proxy that delays, cuts and swallows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from clinic_app.sync.centre import AlreadyThere, Centre, CentreUnreachable
from clinic_app.sync.mysql.connection import Patience
from tests.support.central import free_port
from tests.support.centre import EPOCH, RealCentre, operations
from tests.support.proxy import Line, Proxy
from tests.support.writer import Writer, check_everything_is_there

IMPATIENT = Patience(connect=1, greet=2, read=2, write=2)


@pytest.fixture
def proxy(centre: RealCentre) -> Iterator[Proxy]:
    made = Proxy(centre.server.host)
    yield made
    made.close()


def through(centre: RealCentre, proxy: Proxy) -> Centre:
    return centre.dial(centre.enrol("North", [proxy.host]), IMPATIENT)


def test_a_lost_acknowledgement_is_recognised_and_not_doubled(
    centre: RealCentre, proxy: Proxy
) -> None:
    north = centre.enrol("North", [proxy.host])
    line = centre.dial(north, IMPATIENT)
    batch = operations(1, 500)
    proxy.lines[-1].lose_the_next_answer()
    with pytest.raises(CentreUnreachable):
        line.push(batch)
    assert centre.count() == 500, "it did arrive"
    again = centre.dial(north, IMPATIENT)
    assert again.heads()[0].hash == batch[-1].hash, "which the head tells"
    with pytest.raises(AlreadyThere):
        again.push(batch)
    assert centre.count() == 500


def test_a_batch_cut_on_the_way_leaves_nothing(centre: RealCentre, proxy: Proxy) -> None:
    line = through(centre, proxy)
    proxy.lines[-1].cut_sent = proxy.lines[-1].sent + 20_000
    with pytest.raises(CentreUnreachable):
        line.push(operations(1, 500))
    assert centre.count() == 0


def test_after_a_cut_every_call_says_the_same(centre: RealCentre, proxy: Proxy) -> None:
    """PyMySQL raises another class of error from the second time on."""
    line = through(centre, proxy)
    proxy.lines[-1].lose_the_next_answer()
    for _ in range(3):
        with pytest.raises(CentreUnreachable):
            line.heads()
    line.close()
    line.close()


def test_a_black_hole_ends_in_bounded_time(centre: RealCentre, proxy: Proxy) -> None:
    line = through(centre, proxy)
    proxy.lines[-1].black_hole = True
    begun = time.monotonic()
    with pytest.raises(CentreUnreachable):
        line.heads()
    assert time.monotonic() - begun < 2 * IMPATIENT.read + 2


def test_a_host_that_swallows_everything_is_passed_over(centre: RealCentre, proxy: Proxy) -> None:
    proxy.treat = lambda number: Line(black_hole=True)
    north = centre.enrol("North", [proxy.host, centre.server.host])
    line = centre.dial(north, IMPATIENT)
    line.push(operations(1, 1))
    assert centre.count() == 1


def test_hosts_that_refuse_are_passed_over(centre: RealCentre) -> None:
    refusing = centre.server.host._replace(port=free_port())
    centre.dial(centre.enrol("North", [refusing, centre.server.host])).heads()


def test_a_slow_line_only_takes_longer(centre: RealCentre, proxy: Proxy) -> None:
    proxy.treat = lambda number: Line(delay=0.02)
    line = through(centre, proxy)
    batch = operations(1, 50)
    line.push(batch)
    assert [one.hash for one in line.fetch(1, EPOCH, 0)] == [one.hash for one in batch]


def test_a_late_connection_changes_nothing_that_a_later_one_did(
    centre: RealCentre, proxy: Proxy
) -> None:
    """Reordered connections: the first push arrives after the workstation has tried again."""
    north = centre.enrol("North", [proxy.host])
    late = centre.dial(north, Patience(connect=2, greet=9, read=9, write=9))
    batch = operations(1, 20)
    proxy.lines[-1].delay = 1.0
    outcome: list[BaseException | None] = []

    def push_late() -> None:
        try:
            late.push(batch)
            outcome.append(None)
        except AlreadyThere as error:
            outcome.append(error)

    first = threading.Thread(target=push_late)
    first.start()
    centre.dial(north, IMPATIENT).push(batch)
    first.join(30)
    assert isinstance(outcome[0], AlreadyThere), "the later connection was first"
    assert centre.count() == 20


def test_a_line_cut_at_any_byte_loses_and_doubles_nothing(centre: RealCentre, proxy: Proxy) -> None:
    """From the first byte of the greeting to a few batches on, in both directions."""

    def treat(number: int) -> Line:
        cut = 211 * (number // 2)
        return Line(cut_sent=cut) if number % 2 else Line(cut_answered=cut)

    proxy.treat = treat
    writer = Writer(centre.enrol("North", [proxy.host]), seed=5)
    while len(proxy.lines) < 60:
        writer.step()
    proxy.treat = lambda number: Line()
    writer.start().finish()
    assert writer.troubles > 50
    assert writer.acknowledged
    check_everything_is_there([writer], centre.root_rows)
