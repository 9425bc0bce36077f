"""`clinic-app backup` and `clinic-app restore`: one encrypted file, tried out and brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli import doors
from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.shapes import moment

if TYPE_CHECKING:
    from clinic_app.services.backup_data import BackupContent, BackupFile, Opening

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]

app = typer.Typer(
    help=f"Back the clinic up into one encrypted file. For administrators. {SIGN_IN}",
    invoke_without_command=True,
)


@app.callback()
def backup(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="The new file, or a folder for it."),
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise typer.BadParameter("Please name the new file with -o FILE.", context)
    with signed_in(store) as services:
        target = out / services.backups.suggested_name() if out.is_dir() else out
        made = services.backups.write(target)
    if as_json:
        print_json(file_json(made))
        return
    say(f"{one_line(str(made.path))}: {_size(made.size)}")
    if made.content is not None:
        _say_content(made.content)


@app.command("drill")
def drill(file: File, store: Store = None, as_json: Json = False) -> None:
    """Restore a backup into a temporary encrypted place, check everything, and remove it again.

    The date is kept with the clinic's records.
    """
    opening = backup_opening()
    with signed_in(store) as services:
        result = services.backups.drill(file, opening)
        standing = services.backups.standing()
    if as_json:
        about = {
            "passed": True,
            "rebuilt_operations": result.rebuilt,
            "drill_at": moment(standing.last_drill_at),
        }
        print_json({**about, **content_json(result.content)})
        return
    say(f"The backup can be restored: {result.rebuilt} operations gave the same records.")
    _say_content(result.content)


@app.command("list")
def list_backups(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the backups are.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List the backups in a folder, newest first."""
    with signed_in(store) as services:
        found = services.backups.files(folder)
    if as_json:
        print_json([file_json(one) for one in found])
        return
    for one in found:
        whose = f"{one.content.patients} patients" if one.content else "of another clinic"
        say(f"{moment(one.made_at)}  {_size(one.size)}  {whose}  {one_line(one.path.name)}")
    if not found:
        say("There are no backups in this folder.")


@app.command("status")
def status(store: Store = None, as_json: Json = False) -> None:
    """Tell when the last backup and the last restore drill were."""
    with signed_in(store) as services:
        standing = services.backups.standing()
    if as_json:
        print_json(
            {
                "last_backup_at": moment(standing.last_backup_at),
                "last_drill_at": moment(standing.last_drill_at),
                "last_drill_passed": standing.last_drill_passed,
                "restored_at": moment(standing.restored_at),
            }
        )
        return
    outcome = {True: " (passed)", False: " (FAILED)", None: ""}[standing.last_drill_passed]
    say(f"Last backup  {moment(standing.last_backup_at) or 'never'}")
    say(f"Last drill   {moment(standing.last_drill_at) or 'never'}{outcome}")


def restore(
    file: File,
    folder: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="A new or empty folder; else the usual one."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty folder, after checking all of it.

    User and password are read from CLINIC_APP_USER and CLINIC_APP_PASSWORD as they were on the day
    of the backup; when CLINIC_APP_RECOVERY_KEY is set, it is used instead.
    """
    door = doors.front_door(folder)
    try:
        content = door.restore(file, backup_opening())
    finally:
        door.close()
    if as_json:
        print_json({"restored_to": str(doors.store_folder(folder)), **content_json(content)})
        return
    say(f"{one_line(content.clinic_name)} is back, as it was on {moment(content.made_at)}.")
    _say_content(content)


def backup_opening() -> Opening:
    """What opens a backup, from the environment; raises ``NotSignedIn``."""
    from clinic_app.services.backup_data import RecoveryKey, StaffPassword

    key = os.environ.get("CLINIC_APP_RECOVERY_KEY", "").strip()
    return RecoveryKey(key) if key else StaffPassword(*credentials())


def file_json(one: BackupFile) -> dict[str, Any]:
    content = content_json(one.content) if one.content else {"clinic": None}
    return {"path": str(one.path), "size": one.size, "made_at": moment(one.made_at), **content}


def content_json(content: BackupContent) -> dict[str, Any]:
    return {
        "clinic": content.clinic_name,
        "made_at": moment(content.made_at),
        "program_version": content.program_version,
        "sha256": content.database_sha256,
        "patients": content.patients,
        "screenings": content.screenings,
        "records": dict(content.records),
        "audit": {"intact": content.audit_intact, "head": content.audit_head},
        "operation_heads": [
            {"origin": head.origin, "epoch": head.epoch, "seq": head.seq, "hash": head.hash}
            for head in content.heads
        ],
    }


def _say_content(content: BackupContent) -> None:
    say(f"Made        {moment(content.made_at)}")
    say(f"Patients    {content.patients}")
    say(f"Screenings  {content.screenings}")
    intact = "intact" if content.audit_intact else "BROKEN when the backup was made"
    say(f"Audit       {content.audit_entries} entries, {intact}")
    for head in content.heads:
        say(f"Operations  {head.seq} ({head.origin}/{head.epoch}, head {head.hash[:16]})")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
