"""`clinic-app sync`: join a centre, sync with it, and settle what two workstations wrote."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say, still, warn
from clinic_app.cli.shapes import moment
from clinic_app.domain.clock import span_of
from clinic_app.domain.errors import InvalidInput
from clinic_app.services.sync_data import (
    WAYS,
    Conflict,
    Resolution,
    RoundProgress,
    RoundResult,
    Stage,
    SyncStatus,
    SyncStopped,
    SyncTrouble,
    Watch,
)
from clinic_app.services.sync_pace import Pace

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

STAGES = {
    Stage.CONNECTING: "Connecting",
    Stage.LOADING: "Loading the clinic's records",
    Stage.PULLING: "Receiving",
    Stage.PUSHING: "Sending",
    Stage.IMAGES: "Sending pictures",
    Stage.DONE: "Done",
}
app = typer.Typer(help=f"Sync with a central server. {SIGN_IN}", invoke_without_command=True)
_Conflict = Annotated[str, typer.Argument(metavar="CONFLICT")]


@app.callback()
def sync(
    context: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with rounds until interrupted.")
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if watch and as_json:
        raise typer.BadParameter("--watch and --json exclude each other.")
    with signed_in(store) as services:
        if watch:
            _go_on(services)
        else:
            _say_result(_round(services, _no_stop), as_json)


@app.command("join")
def join(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The enrolment file of this workstation.")
    ],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Join the centre of an enrolment file, and run the first round. For administrators.

    The file is as secret as a key: delete it afterwards.
    """
    _, password = credentials()
    with signed_in(store) as services, _shown_progress() as hear:
        result = services.sync.join(file, password, hear)
        now = services.sync.status()
    if as_json:
        print_json(status_json(now))
    else:
        say(f"This laptop is workstation {one_line(now.workstation)} of {one_line(now.centre)}.")
        say(f"Please delete the file {one_line(file.name)} now: it is as secret as a key.")
    if result.remark is not None:
        warn(str(result.remark))


@app.command("status")
def status(store: Store = None, as_json: Json = False) -> None:
    """Tell what waits to travel, when the last round was, and how it went."""
    with signed_in(store) as services:
        now = services.sync.status()
    if as_json:
        print_json(status_json(now))
        return
    if not now.joined:
        say(f"No central server is joined; {_changes(now.pending)} on this laptop alone.")
        return
    say(f"Centre        {one_line(now.centre)}, as {one_line(now.workstation)}")
    say(f"Waiting       {_changes(now.pending)}, {now.pending_images} pictures")
    say(f"Last success  {moment(now.last_success) or 'never'}")
    say(f"Last try      {moment(now.last_try) or 'never'}")
    for host in now.hosts:
        answered = f"answered {moment(host.last_success)}" if host.last_success else ""
        say(f"Server        {one_line(host.name)}  {one_line(host.trouble or answered)}".rstrip())
    for head in now.heads:
        name = one_line(head.workstation) or str(head.origin)
        say(f"Sequence      {name}/{head.epoch} at {head.seq}{' (own)' if head.own else ''}")
    say(f"Conflicts     {now.conflicts}")
    if now.clock_off_seconds is not None:
        say(f"Clock         {_clock_words(now.clock_off_seconds)}")
    if now.trouble:
        say(f"Trouble       {one_line(now.trouble)}")


@app.command("conflicts")
def conflicts(store: Store = None, as_json: Json = False) -> None:
    """List what two workstations wrote differently, with all versions."""
    with signed_in(store) as services:
        found = services.sync.conflicts()
    if as_json:
        print_json([conflict_json(one) for one in found])
        return
    for one in found:
        say(f"{one.id}  {one.kind.value}  {one_line(one.title)}  {one_line(one.patient_name)}")
        if one.barred:
            say(f"  {one_line(str(one.barred))}")
        for version in one.versions:
            who = f"{one_line(version.author)} at {one_line(version.workstation)}"
            say(f"  {version.stamp}  {moment(version.at)}  {who}")
            for name, text in version.fields:
                say(f"    {name}: {one_line(text)}")
    if not found:
        say("There is nothing to settle.")


@app.command("resolve")
def resolve(
    conflict: _Conflict,
    choose: Annotated[
        str, typer.Option("--choose", metavar="STAMP", help="This version holds.")
    ] = "",
    merge: Annotated[
        str,
        typer.Option(
            "--merge",
            metavar="FILE",
            help="A JSON object of fields with the text that holds; - for standard input.",
        ),
    ] = "",
    keep_both: Annotated[bool, typer.Option("--keep-both", help="All versions stand.")] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Settle a conflict in exactly one of three ways."""
    if (bool(choose), bool(merge), keep_both).count(True) != 1:
        raise typer.BadParameter("Please give one of --choose, --merge and --keep-both.")
    fields = _merged_text(merge) if merge else None
    how = Resolution.CHOOSE if choose else Resolution.MERGE if merge else Resolution.KEEP_BOTH
    with signed_in(store) as services:
        services.sync.resolve(conflict, how, choose, fields)
        left = services.sync.status().conflicts
    if as_json:
        print_json({"settled": conflict, "how": how.value, "conflicts": left})
    else:
        say(f"Settled; {left} left.")


# --- rounds -----------------------------------------------------------------------------------


def _no_stop() -> bool:
    return False


def _round(services: ClinicServices, stop: Callable[[], bool]) -> RoundResult:
    with _shown_progress() as hear:
        return services.sync.round(hear, stop)


def _go_on(services: ClinicServices) -> None:
    """Rounds until SIGINT or SIGTERM; a trouble is said when it begins and is no end."""
    ended = threading.Event()
    pace, told = Pace(), ""
    with _ended_by_signals(ended):
        while not ended.is_set():
            try:
                result = _round(services, ended.is_set)
            except SyncStopped:
                break
            except SyncTrouble as trouble:
                if str(trouble) != told:
                    told = str(trouble)
                    warn(told)
                wait = pace.after_failure(trouble)
            else:
                told = ""
                if result.pulled or result.pushed:
                    _say_result(result, as_json=False)
                wait = pace.after_success()
            ended.wait(wait)


@contextmanager
def _ended_by_signals(ended: threading.Event) -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown_progress() -> Iterator[Watch]:
    """One line that changes, on a terminal only."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()

    def hear(progress: RoundProgress) -> None:
        if on_terminal:
            line = f"{STAGES[progress.stage]} {progress.share:4.0%}"
            if progress.stage is Stage.LOADING:
                line += still(progress.seconds_left)
            else:
                line += f"  {progress.pulled} received, {progress.pushed} sent"
            sys.stderr.write(f"\r{line:<60}")
            sys.stderr.flush()

    try:
        yield hear
    finally:
        if on_terminal:
            sys.stderr.write(f"\r{'':<60}\r")
            sys.stderr.flush()


def _say_result(result: RoundResult, as_json: bool) -> None:
    off = result.clock_off_seconds
    if as_json:
        print_json(
            {
                "pulled": result.pulled,
                "pushed": result.pushed,
                "conflicts": result.conflicts,
                "statements": result.statements,
                "seconds": round(result.seconds, 3),
                "clock_off_seconds": off,
                "remark": "" if result.remark is None else str(result.remark),
            }
        )
    else:
        say(
            f"{result.pulled} received, {result.pushed} sent, {result.conflicts} to settle"
            f" ({result.seconds:.1f} s)"
        )
    if result.remark is not None:
        warn(str(result.remark))
    if off is not None:
        warn(f"The clock of this laptop is {_clock_words(off)}; please set it.")


def _clock_words(off: float) -> str:
    """As in "4 minutes fast"."""
    amount, unit = span_of(off)
    return f"{amount} {unit.value} {'fast' if off > 0 else 'slow'}"


def _merged_text(source: str) -> dict[str, str]:
    """Raises ``InvalidInput`` unless it is an object of texts."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        value = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput("fields", "The merged text cannot be read as JSON.") from error
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidInput("fields", "The merged text has to be a JSON object of texts.")
    return value


# --- shapes -----------------------------------------------------------------------------------


def status_json(now: SyncStatus) -> dict[str, Any]:
    return {
        "joined": now.joined,
        "centre": now.centre or None,
        "workstation": now.workstation or None,
        "pending": now.pending,
        "pending_images": now.pending_images,
        "last_success": moment(now.last_success),
        "last_try": moment(now.last_try),
        "trouble": now.trouble,
        "clock_off_seconds": now.clock_off_seconds,
        "conflicts": now.conflicts,
        "heads": [
            {
                "origin": head.origin,
                "epoch": head.epoch,
                "seq": head.seq,
                "own": head.own,
                "workstation": head.workstation or None,
            }
            for head in now.heads
        ],
        "hosts": [
            {
                "name": host.name,
                "last_success": moment(host.last_success),
                "trouble": host.trouble,
            }
            for host in now.hosts
        ],
    }


def conflict_json(one: Conflict) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "record_id": str(one.record_id),
        "patient_id": str(one.patient_id) if one.patient_id else None,
        "patient": one.patient_name or None,
        "title": one.title,
        "ways": [] if one.barred else [way.value for way in WAYS[one.kind]],
        "barred": str(one.barred) if one.barred else None,
        "versions": [
            {
                "stamp": version.stamp,
                "author": version.author,
                "at": moment(version.at),
                "workstation": version.workstation,
                "fields": dict(version.fields),
            }
            for version in one.versions
        ],
    }


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"
