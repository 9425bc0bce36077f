"""`clinic-app questionnaire`: enter a questionnaire that was filled in elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, PatientOption, Store
from clinic_app.cli.output import print_json, say
from clinic_app.cli.shapes import flows_json, score_json
from clinic_app.cli.values import alternatives, one_of, parse_answers
from clinic_app.domain.ids import parse_id
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Score, score
from clinic_app.domain.safety import SafetyFlow, foremost

app = typer.Typer(help=f"Enter PHQ-9 and GAD-7 answers. {SIGN_IN}", no_args_is_help=True)


def one_instrument(text: str) -> InstrumentName:
    """Also as it is written on paper, “PHQ-9”."""
    return one_of(InstrumentName, text.replace("-", "").lower())


@app.callback()
def questionnaire() -> None:
    """Keep `questionnaire record` a command of a group."""


@app.command("record")
def record(
    patient: PatientOption,
    instrument: Annotated[
        InstrumentName,
        typer.Option("--instrument", parser=one_instrument, metavar=alternatives(InstrumentName)),
    ],
    answers: Annotated[
        str,
        typer.Option(
            "--answers",
            metavar="0,1,2,…",
            help="0 to 3 for each item in order; nothing or - where an item was not answered.",
        ),
    ],
    difficulty: Annotated[
        int | None, typer.Option("--difficulty", help="The functional item, 0 to 3.")
    ] = None,
    answered_by: Annotated[AnsweredBy, typer.Option("--answered-by")] = AnsweredBy.PATIENT,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of one that was handed in already.")
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Put a whole questionnaire into the patient's draft and print its score.

    An answer to the ninth item of the PHQ-9 of 1 or more, or none, opens the safety steps.
    """
    patient_id = parse_id(patient, "patient")
    given = parse_answers(answers)
    with signed_in(store) as services:
        draft = services.screenings.record_questionnaire(
            patient_id, instrument, given, answered_by, difficulty, replace=replace
        )
        flows = services.screenings.safety_flows(patient_id, draft.id)
    result = score(instrument, given)
    if as_json:
        print_json(
            {
                "screening_id": str(draft.id),
                "patient_id": str(patient_id),
                "instrument": instrument.value,
                "answers": list(given),
                "difficulty": difficulty,
                **score_json(result),
                "score": score_json(result),
                **flows_json(flows),
            }
        )
        return
    _print(result, foremost(flows))


def _print(result: Score, flow: SafetyFlow | None) -> None:
    if result.total is None:
        say(f"{result.scale}: no total, {result.missing} items were not answered.")
    else:
        how = ", prorated" if result.prorated else ""
        say(f"{result.scale}: {result.total} of {result.maximum} ({result.band}{how})")
    if flow is not None and flow.blocks_finishing:
        say(f"The safety steps are open and come first: {flow.id}")
