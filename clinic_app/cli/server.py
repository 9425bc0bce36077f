"""`clinic-app server`: the central database, by its administrator."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.options import Json
from clinic_app.cli.output import one_line, print_json, say, shown_share, warn
from clinic_app.cli.server_options import (
    FromHost,
    RootKeyFile,
    Way,
    keep_root_key,
    on_the_way,
    root_key,
)
from clinic_app.cli.server_sites import sites
from clinic_app.cli.server_status import say_status, standing_json, status_json
from clinic_app.cli.shapes import moment
from clinic_app.domain.errors import ClinicError, InvalidInput
from clinic_app.services.audit_file import gap_words

if TYPE_CHECKING:
    from clinic_app.sync.keys import RootKey

app = typer.Typer(
    help="The central MySQL or MariaDB, for who looks after it. The connection is always encrypted"
    " and verified; the password is read from CLINIC_APP_DB_PASSWORD.",
    no_args_is_help=True,
)


app.command("sites")(sites)


@app.command("init")
@on_the_way
def init(
    chosen: Way,
    clinic_name: Annotated[
        str, typer.Option("--clinic-name", metavar="NAME", help="Shown when a laptop joins.")
    ] = "",
    min_schema: Annotated[
        int, typer.Option("--min-schema", metavar="N", min=0, help="Refuse older programs.")
    ] = 0,
    keep_key: Annotated[
        bool,
        typer.Option(
            "--keep-root-key/--no-keep-root-key",
            help="Keep the root key in a private file on this computer, for `enroll`.",
        ),
    ] = True,
    as_json: Json = False,
) -> None:
    """Make the clinic's database, or bring it up to date. Can be run again at any time.

    A new clinic's root key is printed once.
    """
    new: list[tuple[Path, RootKey]] = []

    def keep(clinic_id: UUID, root: RootKey) -> None:
        new.append((keep_root_key(clinic_id, root), root))

    with chosen.open() as centre:
        made = centre.make(one_line(clinic_name)[:200], min_schema, keep)
        status = centre.status()
    identity = status.identity
    facts: dict[str, Any] = {
        "clinic_id": str(identity.clinic_id),
        "clinic": identity.clinic_name,
        "database": chosen.database,
        "server": status.server,
        "schema": identity.schema,
        "min_schema": identity.min_schema,
        "made": made,
    }
    about = f"{one_line(identity.clinic_name)} ({identity.clinic_id})"
    if not made:
        if as_json:
            print_json(facts)
        else:
            say(f"{about} is up to date.")
        return
    ((path, root),) = new
    kept_in = path if keep_key else None
    if as_json:
        key = {"root_key": root.printed(), "root_key_file": str(kept_in) if kept_in else None}
        print_json({**facts, **key})
    else:
        say(f"{about} is made on {status.server}.")
        _tell_root_key(root, kept_in)
    if kept_in is None:  # only now: nothing may be lost before it was printed
        path.unlink()


def _tell_root_key(root: RootKey, kept_in: Path | None) -> None:
    say(f"Root key: {root.printed()}")
    say("Write it down and lock it away; it is not shown again. It enrols workstations and")
    say("opens everything that is stored at the centre.")
    if kept_in is not None:
        say(f"It is also kept in {kept_in}, readable by you alone, so that “server enroll”")
        say("finds it. To remove it from this computer, delete that file.")


@app.command("enroll")
@on_the_way
def enroll(
    chosen: Way,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The workstation's name.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="The new enrolment file.")
    ],
    comes_from: FromHost = "%",
    root_key_file: RootKeyFile = None,
    as_json: Json = False,
) -> None:
    """Enrol a workstation: its account, its keys, and the file with which it joins.

    The file is as secret as a key. Carry it to the workstation and delete it after joining.
    """
    handle = _new_private_file(out)
    try:
        with os.fdopen(handle, "wb") as file, chosen.open() as centre:
            root = root_key(centre.identity().clinic_id, root_key_file)
            enrolment = centre.enrol(name, root, chosen.hosts, chosen.login, comes_from)
            try:
                file.write(enrolment.to_bytes(root))
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                centre.take_back(enrolment.workstation_id)
                raise _unwritable() from error
    except BaseException:
        with suppress(OSError):
            out.unlink()
        raise
    if as_json:
        print_json(
            {
                "workstation": enrolment.workstation_id,
                "name": enrolment.workstation_name,
                "account": enrolment.login.account,
                "file": str(out),
            }
        )
        return
    say(f"Workstation {enrolment.workstation_id}, {one_line(enrolment.workstation_name)}: {out}")
    say("The file is as secret as a key: delete it once the workstation has joined.")


@app.command("revoke")
@on_the_way
def revoke(
    chosen: Way,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The workstation's name.")],
    as_json: Json = False,
) -> None:
    """Withdraw a workstation: it connects no more, and nothing it writes from now on counts."""
    with chosen.open() as centre:
        standing = centre.revoke(name)
    if as_json:
        print_json(standing_json(standing))
        return
    say(f"Workstation {standing.id}, {one_line(standing.name)}, is withdrawn.")


@app.command("status")
@on_the_way
def status(
    chosen: Way,
    as_json: Json = False,
) -> None:
    """Tell what the centre holds and when each workstation last brought something."""
    with chosen.open() as centre:
        found = centre.status()
    if as_json:
        print_json(status_json(found))
        return
    say_status(found)


@app.command("project")
@on_the_way
def project(
    chosen: Way,
    root_key_file: RootKeyFile = None,
    as_json: Json = False,
) -> None:
    """Bring the reporting tables up to date with the log, and empty what was erased.

    What is new is read into a private encrypted copy on this computer and written to the tables
    patient, appointment, note, screening and feedback.
    """
    with chosen.open_with_root(root_key_file) as (centre, root, copy):
        done = centre.project(root, copy, lambda share, pulled: None)
    if as_json:
        print_json(
            {
                "pulled": done.pulled,
                "written": done.written,
                "removed": done.removed,
                "blanked": done.blanked,
                "swept": done.swept,
                "unfit": done.unfit,
                "left_out": done.left_out,
                "troubles": [str(one) for one in done.troubles],
                "audit_gaps": [gap_words(one) for one in done.gaps],
                "held": dict(done.held),
            }
        )
    else:
        say(f"{done.pulled} operations read, {done.written} rows written, {done.removed} removed.")
        if done.blanked:
            say(f"{done.blanked} erased operations emptied.")
        if done.swept:
            say(f"{done.swept} images removed.")
        _say_held(done.held)
        if done.unfit:
            say(f"{done.unfit} rows hold less than their record; see their column “unfit”.")
    if done.left_out:
        warn(f"{done.left_out} records cannot be written to the reporting tables.")
    for gap in done.gaps:
        warn(one_line(gap_words(gap)))
    _tell_troubles(done.troubles)


@app.command("sweep")
@on_the_way
def sweep(
    chosen: Way,
    root_key_file: RootKeyFile = None,
    as_json: Json = False,
) -> None:
    """Remove from the centre what was erased and the images that were withdrawn.

    As `project` does, but nothing is written in the clear.
    """
    with chosen.open_with_root(root_key_file) as (centre, root, copy):
        done = centre.sweep(root, copy)
    if as_json:
        troubles = [str(one) for one in done.troubles]
        print_json(
            {
                "blanked": done.blanked,
                "swept": done.removed,
                "troubles": troubles,
                "held": dict(done.held),
            }
        )
    else:
        say(f"{done.blanked} erased operations emptied, {done.removed} images removed.")
        _say_held(done.held)
    _tell_troubles(done.troubles)


@app.command("snapshot")
@on_the_way
def snapshot(
    chosen: Way,
    root_key_file: RootKeyFile = None,
    as_json: Json = False,
) -> None:
    """Make the snapshot from which new workstations begin, in the place of the former one.

    The log is folded in the private encrypted copy on this computer, which `project` uses as well.
    """
    with (
        chosen.open_with_root(root_key_file) as (centre, root, copy),
        shown_share("Making the snapshot") as tell,
    ):
        made, troubles = centre.snapshot(root, copy, tell)
    if as_json:
        print_json(
            {
                "operations": made.operations,
                "bytes": made.length,
                "parts": len(made.parts),
                "made_at": moment(made.made_at),
                "troubles": [str(one) for one in troubles],
            }
        )
    else:
        say(f"A snapshot of {made.operations} operations, {made.length / 1e6:.1f} MB.")
    _tell_troubles(troubles)


def _say_held(held: Mapping[str, int]) -> None:
    for name, count in held.items():
        say(f"{count} images stay: what “{one_line(name)}” has written may concern them.")


def _tell_troubles(troubles: Sequence[ClinicError]) -> None:
    """After the result: the first as the command's own error, the others as warnings."""
    for trouble in troubles[1:]:
        warn(one_line(str(trouble)))
    for trouble in troubles[:1]:
        raise trouble


@app.command("account")
@on_the_way
def account(
    chosen: Way,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    comes_from: FromHost = "%",
    erases: Annotated[
        bool,
        typer.Option("--erases", help="May blank bodies in the log instead of reading reports."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make an account that reads the reporting tables; its password is printed once."""
    with chosen.open() as centre:
        password = centre.add_account(name, comes_from, erases=erases)
    if as_json:
        print_json({"account": name, "password": password})
        return
    say(f"Account {name}, password {password}")
    say("It connects encrypted only. The password is not shown again.")


def _new_private_file(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        raise InvalidInput(
            "file", "There is a file of this name already; it is not replaced."
        ) from None
    except OSError:
        raise _unwritable() from None


def _unwritable() -> InvalidInput:
    return InvalidInput("file", "The enrolment file cannot be written there.")
