"""`clinic-app patients`: register, find and show patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli import duplicates
from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say, warn
from clinic_app.cli.shapes import (
    consent_json,
    draft_json,
    flow_json,
    patient_json,
    patient_row_json,
)
from clinic_app.cli.values import parse_date
from clinic_app.domain.cautions import beside_estimate
from clinic_app.domain.ids import parse_id
from clinic_app.domain.people import SexAtBirth
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import Draft
from clinic_app.services.patients import NewPatient, PatientRow

if TYPE_CHECKING:
    from clinic_app.services.timeline import Timeline

app = typer.Typer(help=f"Register, find, show and merge patients. {SIGN_IN}", no_args_is_help=True)
app.command("duplicates")(duplicates.duplicates)
app.command("merge")(duplicates.merge)
app.command("unmerge")(duplicates.unmerge)


@app.command("add")
def add(
    family_name: Annotated[str, typer.Option("--family-name")],
    given_name: Annotated[str, typer.Option("--given-name")],
    birth_date: Annotated[str, typer.Option("--birth-date", metavar="YYYY-MM-DD")],
    phone: Annotated[str, typer.Option("--phone")] = "",
    sex: Annotated[SexAtBirth, typer.Option("--sex")] = SexAtBirth.NOT_STATED,
    local_number: Annotated[str, typer.Option("--local-number")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Register a patient and print the ID. Possible duplicates are a warning, never a block."""
    born = parse_date(birth_date, "birth_date")
    new = NewPatient(family_name, given_name, born, phone, sex, local_number)
    with signed_in(store) as services:
        similar = services.patients.similar(new)
        patient = services.patients.register(new)
    if as_json:
        duplicates = [patient_json(one) for one in similar]
        print_json({**patient_json(patient), "possible_duplicates": duplicates})
        return
    say(str(patient.id))
    for one in similar:
        warn(f"Possible duplicate: {one.id}  {one_line(one.display_name)}  {one.birth_date}")


@app.command("list")
def list_patients(
    search: Annotated[
        str, typer.Option("--search", help="Part of a name, phone, number, ID or birth date.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 50,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List patients, newest first, or those that match a search."""
    with signed_in(store) as services:
        rows = services.patients.search(search, limit)
    if as_json:
        print_json([patient_row_json(row) for row in rows])
        return
    for row in rows:
        say(_line(row))
    if not rows:
        say("No patient was found.")


@app.command("show")
def show(
    patient: Annotated[str, typer.Argument(metavar="ID")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Show one patient: details, consent, open work, number of records."""
    patient_id = parse_id(patient, "patient")
    with signed_in(store) as services:
        found = services.timeline.of_patient(patient_id)
        screenings = services.screenings.count_of_patient(patient_id)
        notes = services.notes.of_patient(patient_id)
        zone = services.appointments.zone()
    draft = found.draft
    if as_json:
        print_json(
            {
                **patient_json(found.patient),
                "consent": consent_json(found.consent),
                "draft": _draft_json(draft, found, zone) if draft else None,
                "open_safety_flows": [flow_json(flow) for flow in found.open_flows],
                "screenings": screenings,
                "notes": len(notes),
            }
        )
        return
    _print_page(found, screenings, len(notes))


def _draft_json(draft: Draft, page: Timeline, zone: str) -> dict[str, Any]:
    """With its safety flows, oldest first."""
    flows = [event for event in reversed(page.events) if isinstance(event, SafetyFlow)]
    minor = page.patient.is_minor_on(to_local(draft.started_at, zone).date())
    return {
        **draft_json(draft, [flow for flow in flows if flow.screening_id == draft.id]),
        "beside_estimate": beside_estimate(draft.cautions, minor=minor),
    }


def _line(row: PatientRow) -> str:
    person = row.patient
    marks = [
        text
        for text, holds in (
            ("safety steps open", row.safety_open),
            ("draft", row.has_draft),
            ("not assessed", row.last_screening_at is None),
        )
        if holds
    ]
    name = one_line(person.display_name)
    return "  ".join(
        [str(person.id), person.birth_date.isoformat(), name, ", ".join(marks)]
    ).strip()


def _print_page(page: Timeline, screenings: int, notes: int) -> None:
    person = page.patient
    say(one_line(person.display_name))
    say(f"ID            {person.id}")
    say(f"Born          {person.birth_date.isoformat()}")
    say(f"Phone         {one_line(person.phone) or 'not recorded'}")
    for purpose, state in consent_json(page.consent).items():
        answer = {True: "yes", False: "no", None: "not asked"}[state]
        say(f"Consent       {purpose.replace('_', ' ')}: {answer}")
    say(f"Screenings    {screenings}")
    say(f"Notes         {notes}")
    if page.draft is not None:
        say(f"Open draft    {page.draft.id}")
    for flow in page.open_flows:
        say(f"Safety steps  open since {flow.opened_at.isoformat()}: {flow.id}")
