"""A server that answers anything at all is told apart from a mistake of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from clinic_app.services.sync_data import SyncTrouble
from clinic_app.sync.centre import Enrolled
from clinic_app.sync.keys import certificate_message
from clinic_app.sync.mysql.centre import MysqlCentre
from clinic_app.sync.mysql.connection import Connection, Row
from tests.fakes.centre import CLINIC, ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ID = UUID(int=7).bytes
NORTH = Enrolled(1, "north", "ws_1", bytes(32))
CERTIFICATE = ROOT.sign(certificate_message(CLINIC, NORTH))
FACTS = (
    *(CLINIC.bytes, 1, 1, NOW, 1 << 24, ROOT.public),
    *(NORTH.id, NORTH.name, NORTH.account, NORTH.public_key, CERTIFICATE, None, None, None),
)
OPERATION = (1, 1, 1, 1, 1, 3, ID, b"body", bytes(32), None, NOW)

ASKED: dict[str, tuple[Row, Callable[[MysqlCentre], object]]] = {
    "facts": (FACTS, lambda centre: centre.facts()),
    "heads": ((1, 1, 1, bytes(32)), lambda centre: centre.heads()),
    "fetch": (OPERATION, lambda centre: centre.fetch(1, 1, 0)),
    "received": ((1, NOW), lambda centre: centre.received(1, 1, 0, 1)),
    "parts": ((0,), lambda centre: centre.missing_blob_parts(bytes(32), 1)),
    "blob": ((b"part",), lambda centre: centre.blob_part(bytes(32), 0)),
    "snapshot": ((1, b"{}", bytes(64)), lambda centre: centre.newest_snapshot()),
    "snapshot part": ((b"part",), lambda centre: centre.snapshot_part(1, 0)),
}
NONSENSE: tuple[Any, ...] = (None, "text", 1.5, b"short", NOW)


class Answers:
    """A connection to a server that gives one row, whatever is asked."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def rows(self, statement: str, values: Sequence[Any] = ()) -> tuple[Row, ...]:
        return (self._row,)

    def row(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        return self._row


def centre(row: Row) -> MysqlCentre:
    return MysqlCentre(cast(Connection, Answers(row)), origin=1, root_public_key=ROOT.public)


@pytest.mark.parametrize("asked", ASKED)
def test_an_honest_answer_is_read(asked: str) -> None:
    row, ask = ASKED[asked]
    ask(centre(row))


@pytest.mark.parametrize("asked", ASKED)
def test_an_answer_that_is_none_is_trouble_in_one_sentence(asked: str) -> None:
    """Value by value, and with one too many."""
    row, ask = ASKED[asked]
    answers = [(*row, None)]
    answers += [(*row[:at], one, *row[at + 1 :]) for at in range(len(row)) for one in NONSENSE]
    refused = 0
    for answer in answers:
        try:
            ask(centre(answer))
        except SyncTrouble:
            refused += 1
    assert refused > len(row)
