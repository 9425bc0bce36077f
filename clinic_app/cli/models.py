"""`clinic-app models`: the shipped models, their cards and their hashes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clinic_app.cli import doors
from clinic_app.cli.options import Json
from clinic_app.cli.output import print_json, say

app = typer.Typer(help="The shipped models.", no_args_is_help=True)


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


@app.command("card")
def card(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: Json = False) -> None:
    """Print the card of one model (Markdown)."""
    text = doors.model_shelf().card(name)
    if as_json:
        print_json({"name": name, "card": text})
    else:
        say(text.rstrip("\n"))
