"""kill -9 of the central server under writers: what was acknowledged is there, and there once."""

from __future__ import annotations

import random

import pytest

from tests.support.central import Server
from tests.support.centre import RealCentre, make_centre
from tests.support.writer import Writer, check_everything_is_there

WRITERS = 3


def kill_again_and_again(server: Server, rounds: int, seed: int) -> tuple[list[Writer], RealCentre]:
    """Kill the server ``rounds`` times at random moments under writers that never stop."""
    moments = random.Random(seed)
    centre = make_centre(server)
    writers = [
        Writer(centre.enrol(f"North {number}"), seed=number).start() for number in range(WRITERS)
    ]
    try:
        for _ in range(rounds):
            busy = min(writers, key=lambda one: len(one.acknowledged))
            before = len(busy.acknowledged)
            _until_there_is_more(busy, before, moments.random() * 0.3)
            server.kill()
            server.restart()
    finally:
        for writer in writers:
            writer.finish()
        centre.close()
    return writers, centre


def _until_there_is_more(writer: Writer, before: int, then: float) -> None:
    """Wait until the slowest writer is at work again, and a random moment longer."""
    writer.wait_for_more(before)
    writer.wait(then)


def test_a_killed_server_loses_and_doubles_nothing(central: Server) -> None:
    writers, centre = kill_again_and_again(central, rounds=4, seed=1)
    assert all(writer.troubles for writer in writers)
    check_everything_is_there(writers, centre.root_rows)


@pytest.mark.long
def test_a_hundred_kills_lose_and_double_nothing(central: Server) -> None:
    writers, centre = kill_again_and_again(central, rounds=100, seed=2)
    assert sum(writer.recognised for writer in writers) > 0, "no acknowledgement was ever lost"
    check_everything_is_there(writers, centre.root_rows)
