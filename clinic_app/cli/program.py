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
from clinic_app.cli import (
    INTERRUPTED,
    appointments,
    audit,
    backup,
    care,
    consent,
    demo,
    erasure,
    evaluate,
    export,
    feedback,
    handover,
    instruments,
    interventions,
    learning,
    models,
    notes,
    patients,
    questionnaire,
    recovery,
    report,
    retention,
    reviews,
    safety,
    screen,
    screenings,
    server,
    setup,
    show,
    style,
    sync,
    tasks,
    users,
    worklist,
)
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
    help="Offline, encrypted screening records. Without a command the window opens.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("screen")(screen.screen)
app.command("setup")(setup.setup)
app.command("demo")(demo.demo)
app.command("evaluate")(evaluate.evaluate)
app.command("doctor")(care.doctor)
app.command("worklist")(worklist.worklist)
app.command("report")(report.report)
app.command("restore")(backup.restore)
app.command("export")(export.export)
for group, name in (
    (patients.app, "patients"),
    (consent.app, "consent"),
    (questionnaire.app, "questionnaire"),
    (screenings.app, "screenings"),
    (safety.app, "safety"),
    (notes.app, "notes"),
    (interventions.app, "interventions"),
    (reviews.app, "reviews"),
    (appointments.app, "appointments"),
    (tasks.app, "tasks"),
    (handover.app, "handover"),
    (feedback.app, "feedback"),
    (audit.app, "audit"),
    (users.app, "users"),
    (instruments.app, "instruments"),
    (backup.app, "backup"),
    (retention.app, "retention"),
    (erasure.app, "erasure"),
    (recovery.app, "recovery-key"),
    (models.app, "models"),
    (learning.app, "learning"),
    (style.app, "style"),
    (sync.app, "sync"),
    (server.app, "server"),
):
    app.add_typer(group, name=name)


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
        raise typer.Exit(show.open_window())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 known trouble, 2 wrong usage, 130 interrupted."""
    prepare_streams()
    try:
        return _run(arguments)
    except ReaderGone:
        return BROKEN_PIPE


@cache
def _command() -> Any:
    """What is called: a hundred commands take a while to put together, so they are kept."""
    return typer.main.get_command(app)


def _run(arguments: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _command()(args=given, prog_name="clinic-app")
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
