"""`clinic-app erasure`: requests to erase a person's records, and how they were decided."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.domain.erasure import Erasure
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain

app = typer.Typer(help=f"Requests for erasure. {SIGN_IN}", no_args_is_help=True)
Request = Annotated[str, typer.Argument(metavar="ID", help="The ID of the request.")]


@app.command("ask")
def ask(
    patient: PatientOption,
    reason: Annotated[str, typer.Option("--reason", help="What the person said.")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record that a person asks for erasure; an administrator decides."""
    with signed_in(store) as services:
        asked = services.erasures.ask(parse_id(patient, "patient"), reason)
    _print(asked, as_json)


@app.command("list")
def list_requests(
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 50,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List requests, newest first. For administrators."""
    with signed_in(store) as services:
        rows = services.erasures.requests(limit).rows
    if as_json:
        print_json([erasure_json(one) for one in rows])
        return
    for one in rows:
        say(_line(one))
    if not rows:
        say("Nobody has asked for erasure.")


@app.command("plan")
def plan(patient: PatientOption, store: Store = None, as_json: Json = False) -> None:
    """Tell what erasing would remove and what the law keeps; nothing changes."""
    with signed_in(store) as services:
        found = services.erasures.plan(parse_id(patient, "patient"))
    if as_json:
        print_json({**to_plain(found), "summary": found.summary})
        return
    say(found.summary)
    say(found.kept_by_law)


@app.command("refuse")
def refuse(
    request: Request,
    reason: Annotated[str, typer.Option("--reason", help="What the person is told.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Decide against a request, with the reason."""
    with signed_in(store) as services:
        decided = services.erasures.refuse(parse_id(request, "request"), reason, credentials()[1])
    _print(decided, as_json)


@app.command("complete")
def complete(request: Request, store: Store = None, as_json: Json = False) -> None:
    """Remove what the law does not ask to keep, withdraw every consent, and record it."""
    with signed_in(store) as services:
        decided = services.erasures.complete(parse_id(request, "request"), credentials()[1])
    _print(decided, as_json)


def erasure_json(one: Erasure) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(one)
    return plain


def _line(one: Erasure) -> str:
    at = (one.decided_at or one.asked_at).isoformat(timespec="seconds")
    return f"{one.id}  {one.state.value}  {at}  {one.patient_id}  {one_line(one.decision)}".rstrip()


def _print(one: Erasure, as_json: bool) -> None:
    if as_json:
        print_json(erasure_json(one))
    else:
        say(_line(one))
