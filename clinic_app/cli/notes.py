"""`clinic-app notes`: write, list and sign clinical notes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import print_json, say
from clinic_app.cli.shapes import note_json
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import parse_id
from clinic_app.domain.notes import NOTE_LIMIT, Note

app = typer.Typer(help=f"Write, list and sign clinical notes. {SIGN_IN}", no_args_is_help=True)


@app.command("add")
def add(
    patient: PatientOption,
    text: Annotated[str, typer.Option("--text", help="The note, or - to read it from stdin.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write a note as a draft and print its ID."""
    patient_id = parse_id(patient, "patient")
    written = _from_stdin() if text == "-" else text
    with signed_in(store) as services:
        note = services.notes.write(patient_id, written)
    _print(note, as_json)


@app.command("list")
def list_notes(patient: PatientOption, store: Store = None, as_json: Json = False) -> None:
    """List a patient's notes, newest first."""
    patient_id = parse_id(patient, "patient")
    with signed_in(store) as services:
        notes = services.notes.of_patient(patient_id)
    if as_json:
        print_json([note_json(note) for note in notes])
        return
    for note in notes:
        state = "signed" if note.signed_at else "draft"
        say(f"{note.id}  {note.written_at.isoformat(timespec='seconds')}  {state}")
        for line in note.text.split("\n"):
            say("    " + "".join(c if c.isprintable() else " " for c in line))
    if not notes:
        say("There are no notes.")


@app.command("sign")
def sign(
    note: Annotated[str, typer.Argument(metavar="ID")], store: Store = None, as_json: Json = False
) -> None:
    """Sign a note; from then on its text never changes."""
    note_id = parse_id(note, "note")
    with signed_in(store) as services:
        signed = services.notes.sign(note_id, credentials()[1])
    _print(signed, as_json)


def _print(note: Note, as_json: bool) -> None:
    if as_json:
        print_json(note_json(note))
    else:
        say(str(note.id))


def _from_stdin() -> str:
    """Standard input as UTF-8, whatever the terminal's encoding; one byte too many at most."""
    data = sys.stdin.buffer.read(4 * NOTE_LIMIT + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("text", "The note on standard input is not UTF-8 text.") from error
