"""Killed while an update makes the rows anew: nothing is lost, and the next opening does it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic_app.db import oplog
from clinic_app.services.storage import LogSequence
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import PASSWORD, USER
from tests.integration.rounds.clinics import Workstation, rows


def die_at(one: Workstation, moment: float) -> None:
    """Run in a process of its own, which ends like a laptop whose battery does."""

    def hear(share: float) -> None:
        if share >= moment:
            os.kill(os.getpid(), signal.SIGKILL)

    one.vault.unlock(USER, PASSWORD, hear)


def test_killed_at_any_moment_the_next_opening_makes_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oplog, "_TOLD_EVERY", 20)
    centre = FakeCentre()
    one = Workstation(centre, tmp_path / "one", "one", centre.enrol("one")).set_up()
    for number in range(40):
        one.signs(one.writes_note(one.registers(f"Patient {number}"), "Sleeping better"))
    expected, written = rows(one), sequences(one)
    with one.store.transaction() as db:
        db.run(text("UPDATE patient SET body = x'7b7d', known = 0"))
        db.run(text("UPDATE meta SET value = '0' WHERE name = 'fold'"))
        db.commit()
    one.store.close()
    forked = multiprocessing.get_context("fork")
    for moment in (0.0, 0.3, 0.6, 0.9, 1.0):
        child = forked.Process(target=die_at, args=(one, moment))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
    one.open(one.user)
    assert rows(one) == expected
    assert sequences(one) == written
    one.store.close()


def sequences(one: Workstation) -> tuple[LogSequence, ...]:
    return one.store.sequences()
