"""`clinic-app consent`: record and show what a patient has agreed to."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.shapes import consent_json
from clinic_app.cli.values import alternatives, one_or_more
from clinic_app.domain.consent import ConsentText, GivenBy, Purpose, current_consent
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.services.consent_texts import shown_in, words_shown
from clinic_app.services.translations import ENGLISH, languages

app = typer.Typer(help=f"Record and show consent, per purpose. {SIGN_IN}", no_args_is_help=True)


@app.command("record")
def record(
    patient: PatientOption,
    purpose: Annotated[
        list[str],
        typer.Option(
            "--purpose",
            parser=one_or_more(Purpose),
            metavar=alternatives(Purpose),
            help="May be given several times, or several with commas between them.",
        ),
    ],
    grant: Annotated[
        bool, typer.Option("--grant/--withdraw", help="Agreed to, or refused or withdrawn.")
    ] = True,
    given_by: Annotated[GivenBy, typer.Option("--given-by")] = GivenBy.PATIENT,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            help="The person was shown the words that `consent words` prints in this language.",
        ),
    ] = "",
    on_paper: Annotated[
        str, typer.Option("--on-paper", help="The person signed this form, which lies here.")
    ] = "",
    note: Annotated[str, typer.Option("--note")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record an answer for one or more purposes, with the words it was given to.

    Withdrawing removes what depended on it.
    """
    patient_id = parse_id(patient, "patient")
    answers = {Purpose(name): grant for names in purpose for name in names.split(",")}
    shown = _shown(language, on_paper, needed=grant)
    remark = ". ".join(filter(None, (f"On paper: {on_paper}" if on_paper else "", note)))
    with signed_in(store) as services:
        state = services.consents.record(patient_id, answers, given_by, remark, shown)
    if as_json:
        print_json({"patient_id": str(patient_id), "consent": consent_json(state)})
    else:
        _print_state(state)


@app.command("words")
def words(
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            "--purpose",
            parser=one_or_more(Purpose),
            metavar=alternatives(Purpose),
            help="Every one unless given; may be given several times.",
        ),
    ] = None,
    language: Annotated[str, typer.Option("--language", help="A code such as hi.")] = ENGLISH,
    as_json: Json = False,
) -> None:
    """Print the words to show to a person before `consent record`, with their hash."""
    chosen = [Purpose(name) for names in purpose or [] for name in names.split(",")]
    shown = shown_in(_known(language))
    rows = [(one, words_shown(one, language), shown[one].sha256) for one in chosen or Purpose]
    if as_json:
        print_json(
            [
                {"purpose": one.value, "language": language, "words": text, "sha256": sha256}
                for one, text, sha256 in rows
            ]
        )
        return
    for one, text, sha256 in rows:
        say(f"{one.value}  {language}, {sha256}")
        for line in text.split("\n"):
            say(f"    {line}")


@app.command("show")
def show(patient: PatientOption, store: Store = None, as_json: Json = False) -> None:
    """Show the present consent and every answer that led to it."""
    patient_id = parse_id(patient, "patient")
    with signed_in(store) as services:
        history = services.consents.history(patient_id)
    state = current_consent(history)
    if as_json:
        print_json(
            {
                "patient_id": str(patient_id),
                "consent": consent_json(state),
                "history": to_plain(history),
            }
        )
        return
    _print_state(state)
    for event in history:
        answer = "agreed" if event.granted else "refused or withdrawn"
        at = event.recorded_at.isoformat(timespec="seconds")
        shown = event.shown
        asked = f"asked in {shown.language}, {shown.sha256}" if shown else "wording not recorded"
        purpose = event.purpose.value.replace("_", " ")
        remark = f"; {one_line(event.note)}" if event.note else ""
        say(f"  {at}  {purpose}: {answer} ({event.given_by.value}; {asked}{remark})")


def _print_state(state: dict[Purpose, bool]) -> None:
    for purpose, answer in consent_json(state).items():
        text = {True: "yes", False: "no", None: "not asked"}[answer]
        say(f"{purpose.replace('_', ' ')}: {text}")


def _shown(language: str, on_paper: str, *, needed: bool) -> dict[Purpose, ConsentText] | None:
    """The words behind an answer; raises ``InvalidInput`` where nobody would know what was agreed
    to. What is on paper the program did not show."""
    if language and on_paper.strip():
        raise InvalidInput("language", "Please give --language or --on-paper, not both.")
    if language:
        return shown_in(_known(language))
    if needed and not on_paper.strip():
        raise InvalidInput(
            "language",
            "Please say what the person agreed to: --language en after showing what `consent words`"
            " prints, or --on-paper with the form and where it lies.",
        )
    return None


def _known(language: str) -> str:
    codes = [one.code for one in languages()]
    if language not in codes:
        raise InvalidInput("language", f"The words exist in {', '.join(codes)}.")
    return language
