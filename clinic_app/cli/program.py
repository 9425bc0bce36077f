"""The command line put together, and what happens when something goes wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer

from clinic_app import __version__
from clinic_app.cli import INTERRUPTED
from clinic_app.cli.commands import Program
from clinic_app.cli.dumps import leave_no_core
from clinic_app.cli.output import (
    OutputLost,
    ReaderGone,
    is_output_lost,
    let_go,
    prepare_streams,
    say,
    warn,
)
from clinic_app.domain.errors import ClinicError

BROKEN_PIPE = 141
"""What a shell reports for a program that its reader has left (128 + SIGPIPE)."""

app = typer.Typer(
    name="clinic-app",
    cls=Program,
    help="Offline, encrypted screening records. Without a command the window opens.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"clinic-app {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        from clinic_app.cli.show import open_window

        raise typer.Exit(open_window())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 known trouble, 2 wrong usage, 130 interrupted."""
    prepare_streams()
    leave_no_core()
    try:
        return _run(arguments)
    except ReaderGone:
        return BROKEN_PIPE


@cache
def command() -> Any:
    """What is called; whoever calls twice finds every command as it was loaded."""
    return typer.main.get_command(app)


def _run(arguments: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        command()(args=given, prog_name="clinic-app")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except ClinicError as error:
        warn(str(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except ReaderGone:
        raise
    except OSError as error:
        if not is_output_lost(error):
            return _our_mistake(error)
        let_go(sys.stdout)  # the help that the command line's library prints
        warn(str(OutputLost()))
        return 1
    except Exception as error:  # noqa: BLE001 - the last resort: a mistake of ours, said plainly
        return _our_mistake(error)
    return 0


def _our_mistake(error: Exception) -> int:
    if os.environ.get("CLINIC_APP_DEBUG"):
        warn("".join(traceback.format_exception(error)).rstrip())
    else:
        kind = type(error).__name__
        warn(f"Something went wrong in the program itself ({kind}); nothing more was changed.")
    return 1
