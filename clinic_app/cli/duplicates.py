"""`clinic-app patients duplicates|merge|unmerge`: two records of one person."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.shapes import patient_json
from clinic_app.domain.ids import parse_id
from clinic_app.domain.people import Patient

Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the change.")]


def duplicates(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List records that may be of one person, the likeliest first."""
    with signed_in(store) as services:
        found = services.merges.suggestions(limit)
    if as_json:
        print_json(
            [
                {
                    "first": patient_json(one.first),
                    "second": patient_json(one.second),
                    "reasons": [reason.value for reason in one.reasons],
                }
                for one in found
            ]
        )
        return
    for one in found:
        reasons = ", ".join(reason.value.replace("_", " ") for reason in one.reasons)
        say(f"{_named(one.first)}  =?  {_named(one.second)}  ({reasons})")
    if not found:
        say("No likely duplicates were found.")


def merge(
    patient: Annotated[str, typer.Argument(metavar="ID", help="The record that is hidden.")],
    into: Annotated[str, typer.Option("--into", metavar="ID", help="The record that stays.")],
    reason: Reason,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Let one record stand for another of the same person; it can be undone."""
    hidden, stays = parse_id(patient, "patient"), parse_id(into, "patient")
    with signed_in(store) as services:
        person = services.merges.merge(hidden, stays, reason)
    _print(person, as_json)


def unmerge(
    patient: Annotated[str, typer.Argument(metavar="ID", help="The record that is hidden now.")],
    reason: Reason,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Let a merged record stand for itself again."""
    hidden = parse_id(patient, "patient")
    with signed_in(store) as services:
        person = services.merges.undo(hidden, reason)
    _print(person, as_json)


def _named(patient: Patient) -> str:
    return f"{patient.id} {one_line(patient.display_name)} {patient.birth_date.isoformat()}"


def _print(patient: Patient, as_json: bool) -> None:
    if as_json:
        print_json(patient_json(patient))
    else:
        say(str(patient.id))
