"""`clinic-app handover`: hand work over to a colleague, who confirms having received it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import colleague
from clinic_app.domain.handovers import Handover
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain

if TYPE_CHECKING:
    from clinic_app.services.handovers import HandoverRow

app = typer.Typer(help=f"Hand work over, with a receipt. {SIGN_IN}", no_args_is_help=True)


@app.command("give")
def give(
    text: Annotated[str, typer.Option("--text", help="What the colleague has to know.")],
    to: Annotated[
        str, typer.Option("--to", metavar="USER", help="The colleague; anybody unless given.")
    ] = "",
    patients: Annotated[
        list[str] | None,
        typer.Option("--patient", metavar="ID", help="Whom it is about; may be given again."),
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Hand over and print the ID; it stays open until the colleague receives it."""
    people = [parse_id(one, "patient") for one in patients or []]
    with signed_in(store) as services:
        known = services.handovers.colleagues() if to else []
        to_user = colleague(known, to, "to").id if to else None
        made = services.handovers.give(text, to_user, people)
    _print(made, as_json, str(made.id))


@app.command("receive")
def receive(
    handover: Annotated[str, typer.Argument(metavar="HANDOVER")],
    text: Annotated[str, typer.Option("--text", help="A word of receipt.")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Confirm having received a handover."""
    handover_id = parse_id(handover, "handover")
    with signed_in(store) as services:
        received = services.handovers.receive(handover_id, text)
    _print(received, as_json, f"The handover {received.id} is received.")


@app.command("list")
def list_handovers(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those you can receive.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List handovers, newest first."""
    with signed_in(store) as services:
        if waiting:
            rows = services.handovers.waiting()[:limit]
        else:
            rows = list(services.handovers.newest(limit).rows)
    if as_json:
        print_json([_row_json(row) for row in rows])
        return
    for row in rows:
        say(_line(row))
        say("    " + one_line(_words(row)))
    if not rows:
        say("There are no handovers.")


def _row_json(row: HandoverRow) -> dict[str, Any]:
    return {
        **to_plain(row.handover),
        "state": "open" if row.handover.open else "received",
        "from_name": row.from_name,
        "to_name": row.to_name,
        "received_name": row.received_name,
        "left_name": row.left_name,
        "patients": [one.display_name for one in row.patients],
    }


def _line(row: HandoverRow) -> str:
    given = row.handover.given_at.isoformat(timespec="seconds")
    state = "waits" if row.handover.open else f"received by {row.received_name}"
    to = row.to_name or "whoever takes over"
    return one_line(f"{row.handover.id}  {given}  {row.from_name} to {to}, {state}")


def _words(row: HandoverRow) -> str:
    if not row.left_name:
        return row.handover.text
    return f"Unsigned notes of {row.left_name}: {row.handover.text}"


def _print(handover: Handover, as_json: bool, text: str) -> None:
    if as_json:
        print_json(to_plain(handover))
    else:
        say(text)
