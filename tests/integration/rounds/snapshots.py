"""Snapshots of the simulated centre, made as the administrator's tool makes them."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from clinic_app.db import replica
from clinic_app.db.store import Clocks, EncryptedStore
from clinic_app.db.tables import oplog
from clinic_app.sync.projection.replica import follow, private_copy
from clinic_app.sync.snapshot.make import Snapshot, made_snapshot
from clinic_app.sync.wire import ClinicCipher
from tests.fakes.centre import CLINIC, CLINIC_KEY, ROOT, FakeCentre, Line
from tests.integration.rounds.clinics import Workstation, agree, sync_all

PART = 4096
"""Bytes of a part of a snapshot in these tests: a few pages of a store."""


@contextmanager
def copy_of(centre: FakeCentre, folder: Path) -> Iterator[EncryptedStore]:
    """The tool's private copy, which has followed the log."""
    with private_copy(folder, ROOT.copy_key(CLINIC)) as store:
        store._clocks = Clocks(lambda: centre.now, lambda: int(centre.now.timestamp() * 1000))
        follow(store, Line(centre, 0), CLINIC_KEY, lambda share, pulled: None)
        yield store


def take_snapshot(
    centre: FakeCentre, key: bytes = CLINIC_KEY, folder: Path | None = None, **given: Any
) -> Snapshot:
    """Let the centre keep a snapshot of all that it holds. ``given`` as for ``made_snapshot``."""
    asked = {"root": ROOT, "clinic_id": CLINIC, "cipher": ClinicCipher(key)} | given
    with (
        tempfile.TemporaryDirectory() as temporary,
        copy_of(centre, folder or Path(temporary) / "copy") as store,
        made_snapshot(store, **asked) as made,
    ):
        centre.keep_snapshot(made.head, made.parts())
        return made


def heads(store: EncryptedStore) -> list[Any]:
    """How far everything is, without what is this store's own."""
    with store.transaction() as db:
        return [one for one in replica.reaches(db) if one.origin != store.workstation.origin]


def operations(one: Workstation) -> list[Any]:
    with one.store.transaction() as db:
        c = oplog.c
        other = c.origin != one.store.workstation.origin
        return list(db.rows(select(oplog).where(other).order_by(c.origin, c.epoch, c.seq)))


def agree_after(*workstations: Workstation) -> bool:
    sync_all(*workstations)
    return agree(*workstations)


def decoded(body: bytes) -> bytes:
    return body if body[:1] in b"{\xff" else zlib.decompress(body)
