"""`clinic-app interventions`: record and list what was done for a patient."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import parse_date
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain

app = typer.Typer(
    help=f"Record and list what was done for a patient. {SIGN_IN}", no_args_is_help=True
)


@app.command("add")
def add(
    patient: PatientOption,
    kind: Annotated[str, typer.Option("--kind", help="What was done, in the clinic's words.")],
    day: Annotated[
        str, typer.Option("--on", metavar="YYYY-MM-DD", help="The day; today without it.")
    ] = "",
    text: Annotated[str, typer.Option("--text", help="A remark.")] = "",
    corrects: Annotated[
        str, typer.Option("--corrects", metavar="ID", help="The record that this one replaces.")
    ] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record an intervention and print its ID."""
    patient_id = parse_id(patient, "patient")
    given = parse_date(day, "day") if day else None
    replaced = parse_id(corrects, "intervention") if corrects else None
    with signed_in(store) as services:
        performed = given or services.tasks.today()  # on the clinic's clocks, as it is checked
        made = services.interventions.add(patient_id, kind, performed, text, corrects=replaced)
    if as_json:
        print_json(to_plain(made))
    else:
        say(str(made.id))


@app.command("list")
def list_interventions(patient: PatientOption, store: Store = None, as_json: Json = False) -> None:
    """List a patient's interventions, newest first; corrected ones are left out."""
    patient_id = parse_id(patient, "patient")
    with signed_in(store) as services:
        found = services.interventions.of_patient(patient_id)
    if as_json:
        print_json([to_plain(one) for one in found])
        return
    for one in found:
        remark = f": {one_line(one.text)}" if one.text else ""
        say(f"{one.id}  {one.performed_on.isoformat()}  {one_line(one.kind)}{remark}")
    if not found:
        say("There are no interventions.")
