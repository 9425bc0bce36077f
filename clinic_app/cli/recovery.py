"""`clinic-app recovery-key`: a new recovery key, and never losing one unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import OutputLost, ReaderGone, print_json, say
from clinic_app.domain.errors import ClinicError

app = typer.Typer(help=f"The clinic's recovery key. {SIGN_IN}", no_args_is_help=True)


class KeyNotShown(ClinicError):
    """There is a recovery key that nobody has seen."""


@app.callback()
def recovery_key() -> None:
    """Keep `recovery-key renew` a command of a group."""


@app.command("renew")
def renew(store: Store = None, as_json: Json = False) -> None:
    """Make a new recovery key and print it once; the old one opens nothing any more.

    For administrators.
    """
    with signed_in(store) as services:
        key = services.clinic.renew_recovery_key(credentials()[1])
        with key_must_arrive("The recovery key was renewed"):
            if as_json:
                print_json({"recovery_key": key})
            else:
                say(key_lines(key))


def key_lines(key: str) -> str:
    return f"Recovery key: {key}\nWrite it down and keep it in a safe place; it is not shown again."


@contextmanager
def key_must_arrive(done: str) -> Iterator[None]:
    """Say what was ``done`` and what to do when the key in the block could not be printed."""
    try:
        yield
    except (OutputLost, ReaderGone) as error:
        raise KeyNotShown(
            f"{done}, but the recovery key could not be shown; “clinic-app recovery-key renew”"
            " gives a new one."
        ) from error
