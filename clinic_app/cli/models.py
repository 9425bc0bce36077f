"""`clinic-app models`: the shipped models, their cards and their hashes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clinic_app.cli import doors
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import print_json, say

app = typer.Typer(
    help="The shipped models. For sets, keep and use, user and password are read from"
    " CLINIC_APP_USER and CLINIC_APP_PASSWORD.",
    no_args_is_help=True,
)


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models with version, licence and what they mean."""
    models = doors.model_shelf().models()
    if as_json:
        print_json([asdict(model) for model in models])
        return
    for model in models:
        say(f"{model.name} {model.version}  {model.file}  {model.licence}")
        say(f"    {model.meaning}")


@app.command("verify")
def verify(as_json: Json = False) -> None:
    """Check hash, opset and contract of every model file."""
    lines: list[str] = []
    doors.model_shelf().verify(lines.append if as_json else say)
    if as_json:
        print_json({"ok": True, "checks": lines})


@app.command("sets")
def list_sets(store: Store = None, as_json: Json = False) -> None:
    """List the model sets of this laptop; the one in use reads pictures."""
    with doors.signed_in(store) as services:
        sets = services.model_sets.known()
    if as_json:
        print_json([asdict(one) for one in sets])
        return
    for one in sets:
        marks = (("in use", one.active), ("shipped", one.shipped), ("kept", one.kept))
        say(f"{one.name}  {', '.join(word for word, true in marks if true)}")


@app.command("keep")
def keep(store: Store = None, as_json: Json = False) -> None:
    """Keep the shipped set beside the records, so that a later program can go back to it."""
    with doors.signed_in(store) as services:
        name = services.model_sets.keep()
    if as_json:
        print_json({"kept": name})
    else:
        say(f"Kept {name}")


@app.command("use")
def use(
    name: Annotated[str, typer.Argument(metavar="SET")], store: Store = None, as_json: Json = False
) -> None:
    """Read pictures with this set from now on; one that does not verify is refused."""
    with doors.signed_in(store) as services:
        services.model_sets.use(name, doors.credentials()[1])
    if as_json:
        print_json({"in_use": name})
    else:
        say(f"{name} reads pictures from now on.")


@app.command("card")
def card(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: Json = False) -> None:
    """Print the card of one model (Markdown)."""
    text = doors.model_shelf().card(name)
    if as_json:
        print_json({"name": name, "card": text})
    else:
        say(text.rstrip("\n"))
