"""`clinic-app consent`: record and show what a patient has agreed to."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import print_json, say
from clinic_app.cli.shapes import consent_json
from clinic_app.cli.values import alternatives, one_or_more
from clinic_app.domain.consent import GivenBy, Purpose, current_consent
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain

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
    note: Annotated[str, typer.Option("--note")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record an answer for one or more purposes. Withdrawing removes what depended on it."""
    patient_id = parse_id(patient, "patient")
    answers = {Purpose(name): grant for names in purpose for name in names.split(",")}
    with signed_in(store) as services:
        state = services.consents.record(patient_id, answers, given_by, note)
    if as_json:
        print_json({"patient_id": str(patient_id), "consent": consent_json(state)})
    else:
        _print_state(state)


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
        words = f"asked in {shown.language}, {shown.sha256}" if shown else "wording not recorded"
        purpose = event.purpose.value.replace("_", " ")
        say(f"  {at}  {purpose}: {answer} ({event.given_by.value}; {words})")


def _print_state(state: dict[Purpose, bool]) -> None:
    for purpose, answer in consent_json(state).items():
        text = {True: "yes", False: "no", None: "not asked"}[answer]
        say(f"{purpose.replace('_', ' ')}: {text}")
