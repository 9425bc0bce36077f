"""The clinic's snapshot at the centre, as its administrator keeps it: one, the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from clinic_app.domain.operations import UNJOINED_ORIGIN
from clinic_app.sync.centre import SnapshotHead
from clinic_app.sync.mysql.centre import NEWEST_SNAPSHOT
from clinic_app.sync.mysql.connection import Connection

PARTS_AT_ONCE = 50
"""Parts that one statement removes; a cluster takes no transaction of any size."""


def kept_snapshot(connection: Connection) -> SnapshotHead | None:
    """The snapshot that workstations begin from."""
    row = connection.row(NEWEST_SNAPSHOT)
    return None if row is None else SnapshotHead(*row)


def keep_snapshot(
    connection: Connection,
    head: SnapshotHead,
    parts: Iterable[bytes],
    count: int,
    tell: Callable[[float], None],
) -> None:
    """Let this snapshot take the place of all others. It counts once its row is there, after its
    last part; cut before that, what was there still counts. The next call for the same one goes on
    with the parts that are missing, one for another sweeps up."""
    _sweep(connection, sparing=head.id)
    rows = connection.rows("SELECT part FROM snapshot_part WHERE snapshot = %s", (head.id,))
    there = {part for (part,) in rows}
    for number, content in enumerate(parts):
        if number not in there:
            connection.run(
                "INSERT INTO snapshot_part (snapshot, part, origin, content)"
                " VALUES (%s, %s, %s, %s)",
                (head.id, number, UNJOINED_ORIGIN, content),
            )
        tell((number + 1) / count)
    connection.run(
        "INSERT INTO snapshot (id, origin, heads, parts, signature) VALUES (%s, %s, %s, %s, %s)",
        (head.id, UNJOINED_ORIGIN, head.manifest, count, head.signature),
    )
    connection.run("DELETE FROM snapshot WHERE id <> %s", (head.id,))
    _sweep(connection)


def drop_snapshots(connection: Connection) -> None:
    """Let workstations read the log until there is another one."""
    connection.run("DELETE FROM snapshot")
    _sweep(connection)


def _sweep(connection: Connection, sparing: int = 0) -> None:
    """Remove the parts that belong to no snapshot, nor to the one that is being sent."""
    removed = PARTS_AT_ONCE
    while removed == PARTS_AT_ONCE:
        removed = connection.run(
            "DELETE FROM snapshot_part WHERE snapshot NOT IN (SELECT id FROM snapshot)"
            " AND snapshot <> %s ORDER BY snapshot, part LIMIT %s",
            (sparing, PARTS_AT_ONCE),
        )
