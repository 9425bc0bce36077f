"""`clinic-app instruments`: official translations of the questionnaires."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import print_json, say
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.wordings import Wording

app = typer.Typer(
    help=f"Official translations of the questionnaires. Administrators. {SIGN_IN}",
    no_args_is_help=True,
)


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON; see docs/translation.md.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Take over the official translation in FILE. Nothing is translated by the program."""
    with signed_in(store) as services:
        wording = services.instruments.load(file, credentials()[1])
    _print(wording, as_json)


@app.command("list")
def list_wordings(store: Store = None, as_json: Json = False) -> None:
    """What the questionnaires can be asked in, and where the words are from."""
    with signed_in(store) as services:
        wordings = services.instruments.wordings()
    if as_json:
        print_json([to_plain(one) for one in wordings])
    else:
        for one in wordings:
            _print(one, False)


@app.command("remove")
def remove(
    instrument: Annotated[InstrumentName, typer.Argument()],
    language: Annotated[str, typer.Argument(metavar="LANGUAGE")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Ask in English again. Finished questionnaires keep the version they were asked in."""
    with signed_in(store) as services:
        wording = services.instruments.remove(instrument, language, credentials()[1])
    _print(wording, as_json)


def _print(wording: Wording, as_json: bool) -> None:
    if as_json:
        print_json(to_plain(wording))
        return
    source = f"{wording.source}; {wording.licence}" if wording.source else "ships with the program"
    say(f"{wording.instrument}  {wording.language}  {wording.version}  {source}")
