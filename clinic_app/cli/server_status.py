"""What `clinic-app server status` says of the centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clinic_app.cli.output import one_line, say
from clinic_app.cli.shapes import moment

if TYPE_CHECKING:
    from clinic_app.sync.centre_status import CentreStatus, Standing
    from clinic_app.sync.snapshot.standing import SnapshotStanding


def say_status(found: CentreStatus) -> None:
    identity = found.identity
    say(f"Clinic      {one_line(identity.clinic_name)} ({identity.clinic_id})")
    say(f"Server      {found.server} at {found.host}")
    say(f"Schema      {identity.schema}, programs from {identity.min_schema} on")
    say(f"Operations  {found.operations}, {found.bytes / 1e6:.1f} MB")
    say(f"Snapshot    {_snapshot_words(found.snapshot)}")
    for one in found.workstations:
        last = f"last {moment(one.received_at)}" if one.received_at else "nothing yet"
        ended = f", withdrawn {moment(one.revoked_at)}" if one.revoked_at else ""
        say(f"{one.id:>5}  {one_line(one.name)}: {one.operations} operations, {last}{ended}")


def _snapshot_words(found: SnapshotStanding | None) -> str:
    if found is None:
        return "none; new workstations read the whole log"
    if found.manifest is None:
        return str(found.trouble)
    made = found.manifest
    said = (
        f"{made.operations} operations, {made.length / 1e6:.1f} MB, made {moment(made.made_at)},"
        f" signed with the clinic's root key; {found.since} operations since"
    )
    return f"{said}. {found.trouble}" if found.trouble else said


def status_json(found: CentreStatus) -> dict[str, Any]:
    return {
        "clinic_id": str(found.identity.clinic_id),
        "clinic": found.identity.clinic_name,
        "server": found.server,
        "host": found.host,
        "schema": found.identity.schema,
        "min_schema": found.identity.min_schema,
        "operations": found.operations,
        "bytes": found.bytes,
        "snapshot": None if found.snapshot is None else _snapshot_json(found.snapshot),
        "workstations": [standing_json(one) for one in found.workstations],
    }


def _snapshot_json(found: SnapshotStanding) -> dict[str, Any]:
    made = found.manifest
    told = {"trouble": None if found.trouble is None else str(found.trouble)}
    if made is None:
        return {**told, "signed_by": None}
    return {
        **told,
        "signed_by": "root key",
        "made_at": moment(made.made_at),
        "operations": made.operations,
        "operations_since": found.since,
        "bytes": made.length,
        "parts": len(made.parts),
        "reaches": [
            {"workstation": one.origin, "epoch": one.epoch, "seq": one.seq} for one in made.vector
        ],
    }


def standing_json(one: Standing) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "account": one.account,
        "enrolled_at": moment(one.enrolled_at),
        "revoked_at": moment(one.revoked_at),
        "operations": one.operations,
        "received_at": moment(one.received_at),
    }
