"""`clinic-app safety`: the safety flows that wait, and documenting what was done."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import colleague_password, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.shapes import flow_json, patient_json
from clinic_app.cli.values import colleague, parse_moment
from clinic_app.domain.ids import parse_id
from clinic_app.domain.safety import SafetyAssessment

app = typer.Typer(help=f"Safety steps that are open. {SIGN_IN}", no_args_is_help=True)


@app.command("list")
def list_flows(store: Store = None, as_json: Json = False) -> None:
    """List every safety flow that is not closed, oldest first."""
    with signed_in(store) as services:
        waiting = services.safety.unfinished()
    if as_json:
        print_json(
            [{"flow": flow_json(one.flow), "patient": patient_json(one.patient)} for one in waiting]
        )
        return
    for one in waiting:
        opened = one.flow.opened_at.isoformat(timespec="seconds")
        name = one_line(one.patient.display_name)
        say(f"{one.flow.id}  {opened}  {one.flow.state.value.replace('_', ' ')}  {name}")
    if not waiting:
        say("No safety steps are open.")


@app.command("hand-over")
def hand_over(
    flow: Annotated[str, typer.Argument(metavar="FLOW")],
    to: Annotated[str, typer.Option("--to", metavar="USER", help="User name of the colleague.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Hand a safety flow to a colleague; it stays open until that person has acknowledged it."""
    flow_id = parse_id(flow, "safety flow")
    with signed_in(store) as services:
        taker = colleague(services.safety.clinicians(), to, "to")
        handed = services.safety.hand_over(flow_id, taker.id)
    if as_json:
        print_json(flow_json(handed))
    else:
        name = one_line(taker.display_name)
        say(f"The safety steps {handed.id} wait for {name}, who has to acknowledge them.")


@app.command("acknowledge")
def acknowledge(
    flow: Annotated[str, typer.Argument(metavar="FLOW")],
    user: Annotated[
        str, typer.Option("--user", metavar="NAME", help="Whom the flow was handed to.")
    ],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Take over a safety flow that was handed to you.

    The password of the one who takes over is read from CLINIC_APP_COLLEAGUE_PASSWORD.
    """
    flow_id = parse_id(flow, "safety flow")
    password = colleague_password()
    with signed_in(store) as services:
        taken = services.safety.acknowledge(flow_id, user, password)
    if as_json:
        print_json(flow_json(taken))
    else:
        say(f"The safety steps {taken.id} were taken over.")


@app.command("assess")
def assess(
    flow: Annotated[str, typer.Argument(metavar="FLOW")],
    assessment: Annotated[str, typer.Option("--assessment", help="What you found when you asked.")],
    means: Annotated[str, typer.Option("--means", help="Access to means.")],
    told: Annotated[str, typer.Option("--told", help="Who was told.")],
    plan: Annotated[str, typer.Option("--plan", help="The plan.")],
    next_contact: Annotated[
        str,
        typer.Option(
            "--next-contact", metavar="TIME", help="As in 2026-03-05 09:30, on the clinic's clocks."
        ),
    ],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Document the assessment that closes a safety flow."""
    flow_id = parse_id(flow, "safety flow")
    with signed_in(store) as services:
        at = parse_moment(next_contact, "next_contact", services.appointments.zone())
        closed = services.safety.assess(
            flow_id, SafetyAssessment(assessment, means, told, plan, at)
        )
    if as_json:
        print_json(flow_json(closed))
    else:
        say(f"The safety steps {closed.id} are documented and closed.")
