"""`clinic-app notes`: write, list, sign, add to and discard clinical notes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from uuid import UUID

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.shapes import note_json
from clinic_app.cli.values import alternatives, one_of
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import parse_id
from clinic_app.domain.notes import DRAFT_LIMIT, Note, NoteKind, NoteSection

app = typer.Typer(
    help=f"Write, list, sign, add to, take over and discard clinical notes. {SIGN_IN}",
    no_args_is_help=True,
)
NoteArgument = Annotated[str, typer.Argument(metavar="ID", help="The note's ID.")]
Text = Annotated[str, typer.Option("--text", help="The words, or - to read them from stdin.")]


@app.command("add")
def add(
    patient: PatientOption,
    text: Text = "",
    kind: Annotated[
        str,
        typer.Option("--kind", metavar=alternatives(NoteKind), help="What kind of note it is."),
    ] = NoteKind.PROGRESS.value,
    section: Annotated[
        list[str] | None,
        typer.Option(
            "--section",
            metavar="NUMBER=TEXT",
            help="Words under a heading of a safety plan or a referral; may be given again.",
        ),
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write a note as a draft and print its ID."""
    patient_id, chosen = parse_id(patient, "patient"), one_of(NoteKind, kind)
    written = _words(text)
    with signed_in(store) as services:
        sections = _sections(services.notes.headings(chosen), section or [])
        note = services.notes.write(patient_id, written, chosen, sections)
    _print(note, as_json)


@app.command("list")
def list_notes(patient: PatientOption, store: Store = None, as_json: Json = False) -> None:
    """List a patient's notes, newest first; signed ones with signer, time and hash."""
    patient_id = parse_id(patient, "patient")
    with signed_in(store) as services:
        notes = services.notes.of_patient(patient_id)
        beside = services.notes.signed_beside(patient_id)
        names, me = services.staff.names(), services.session.user.id
    if as_json:
        print_json([note_json(note, beside.get(note.id, ())) for note in notes])
        return
    for note in notes:
        kind = "addendum" if note.addendum_to else note.kind.value.replace("_", " ")
        when = note.written_at.isoformat(timespec="seconds")
        say(f"{note.id}  {when}  {kind}  {_state(note, names, me)}")
        _say_words(note)
        for other in beside.get(note.id, ()):
            say(f"    signed twice; the other text is {_state(other, names, me)}")
            _say_words(other)
    if not notes:
        say("There are no notes.")


@app.command("sign")
def sign(note: NoteArgument, store: Store = None, as_json: Json = False) -> None:
    """Sign one's own draft; from then on its text never changes."""
    note_id = parse_id(note, "note")
    with signed_in(store) as services:
        signed = services.notes.sign(note_id, credentials()[1])
    _print(signed, as_json)


@app.command("addend")
def addend(
    note: NoteArgument,
    text: Text,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Add words to a signed note, signed at once, and print the addendum's ID."""
    note_id, written = parse_id(note, "note"), _words(text)
    with signed_in(store) as services:
        addendum = services.notes.add_to(note_id, written)
        signed = services.notes.sign(addendum.id, credentials()[1])
    _print(signed, as_json)


@app.command("take-over")
def take_over(note: NoteArgument, store: Store = None, as_json: Json = False) -> None:
    """Begin an own draft with one that was handed over by a colleague who left; prints its ID."""
    note_id = parse_id(note, "note")
    with signed_in(store) as services:
        own = services.notes.take_over(note_id)
    _print(own, as_json)


@app.command("discard")
def discard(note: NoteArgument, store: Store = None, as_json: Json = False) -> None:
    """Throw one's own draft away; a signed note stays."""
    note_id = parse_id(note, "note")
    with signed_in(store) as services:
        discarded = services.notes.discard(note_id)
    _print(discarded, as_json)


def _words(text: str) -> str:
    return _from_stdin() if text == "-" else text


def _sections(headings: Sequence[str], given: Sequence[str]) -> tuple[NoteSection, ...]:
    """A section for each heading, with the words given for its number (from 1)."""
    texts = dict.fromkeys(range(1, len(headings) + 1), "")
    for one in given:
        number, _, words = one.partition("=")
        if not number.strip().isdecimal() or int(number) not in texts:
            raise InvalidInput(
                "section",
                f"This kind of note has {len(headings)} headings; give NUMBER=TEXT."
                if headings
                else "This kind of note has no headings.",
            )
        texts[int(number)] = words
    return tuple(
        NoteSection(heading, texts[number]) for number, heading in enumerate(headings, start=1)
    )


def _state(note: Note, names: Mapping[UUID, str], me: UUID) -> str:
    if note.hides_words_from(me):
        return f"in progress by {one_line(names.get(note.author, 'a former member of staff'))}"
    if note.signed_at is None:
        if note.author == me:
            return "draft"
        return f"unsigned draft by {one_line(names.get(note.author, 'a former member of staff'))}"
    by = one_line(names.get(note.signed_by or note.author, "a former member of staff"))
    at = note.signed_at.isoformat(timespec="seconds")
    return f"signed by {by} at {at}, sha256 {note.sha256[:16]}"


def _say_words(note: Note) -> None:
    for line in _lines(note):
        say("    " + "".join(c if c.isprintable() else " " for c in line))


def _lines(note: Note) -> Iterator[str]:
    if note.text:
        yield from note.text.split("\n")
    for section in note.sections:
        if section.text:
            yield f"{section.heading}:"
            yield from (f"  {line}" for line in section.text.split("\n"))


def _print(note: Note, as_json: bool) -> None:
    if as_json:
        print_json(note_json(note))
    else:
        say(str(note.id))


def _from_stdin() -> str:
    """Standard input as UTF-8, whatever the terminal's encoding; one byte too many at most."""
    data = sys.stdin.buffer.read(4 * DRAFT_LIMIT + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("text", "The note on standard input is not UTF-8 text.") from error
