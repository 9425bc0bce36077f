"""`clinic-app reviews`: a doctor's own severity, the conclusion, and how well both agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import alternatives, one_of
from clinic_app.cli.words import reading_lines
from clinic_app.domain.ids import parse_id
from clinic_app.domain.kappa import Agreement
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.screen_json import finding_json

app = typer.Typer(
    help=f"Review finished screenings: judge first, then agree or overrule. {SIGN_IN}",
    no_args_is_help=True,
)


@app.command("judge")
def judge(
    screening: Annotated[str, typer.Argument(metavar="SCREENING", help="The screening's ID.")],
    severity: Annotated[str, typer.Argument(metavar=alternatives(ClinicianSeverity))],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record your own severity, then print the estimate; the severity stays as it is."""
    screening_id, own = parse_id(screening, "screening"), one_of(ClinicianSeverity, severity)
    with signed_in(store) as services:
        review = services.reviews.judge(screening_id, own)
        finding = services.reviews.reveal(review.id).finding
        beside = services.screenings.beside_estimate(screening_id)
    if as_json:
        shown = finding_json("", finding) if finding is not None else None
        print_json({**_plain(review), "finding": shown, "beside_estimate": beside})
        return
    say(str(review.id))
    if finding is None:
        say("No picture was taken.")
    else:
        for line in reading_lines(finding, beside):
            say(line)


@app.command("conclude")
def conclude(
    review: Annotated[str, typer.Argument(metavar="REVIEW", help="The review's ID.")],
    verdict: Annotated[str, typer.Argument(metavar=alternatives(Verdict))],
    reason: Annotated[
        str, typer.Option("--reason", help="Needed when you overrule the estimate.")
    ] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Agree with the estimate, overrule it with a reason, or say that there was none."""
    review_id, chosen = parse_id(review, "review"), one_of(Verdict, verdict)
    with signed_in(store) as services:
        done = services.reviews.conclude(review_id, chosen, reason)
    if as_json:
        print_json(_plain(done))
    else:
        say(str(done.id))


@app.command("list")
def list_reviews(
    patient: Annotated[str, typer.Option("--patient", metavar="ID")] = "",
    screening: Annotated[str, typer.Option("--screening", metavar="ID")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List the reviews of a patient or a screening, or your own that are not concluded."""
    if patient and screening:
        raise typer.BadParameter("Give --patient or --screening, not both.")
    wanted = parse_id(patient, "patient") if patient else None
    subject = parse_id(screening, "screening") if screening else None
    with signed_in(store) as services:
        if wanted is not None:
            found = services.reviews.of_patient(wanted)
        elif subject is not None:
            found = services.reviews.of_screening(subject)
        else:
            found = services.reviews.unfinished()
        names = services.staff.names()
    if as_json:
        print_json([_plain(one) for one in found])
        return
    for one in found:
        say(_line(one, names))
    if not found:
        say("There are no reviews.")


@app.command("agreement")
def agreement(store: Store = None, as_json: Json = False) -> None:
    """How well doctors and estimates agree, by model version."""
    with signed_in(store) as services:
        rows = services.reviews.agreement()
    if as_json:
        print_json([to_plain(row) for row in rows])
        return
    for row in rows:
        say(_agreement_line(row))
    if not rows:
        say("No review is concluded yet.")


def _plain(review: Review) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(review)
    return plain


def _line(review: Review, names: Mapping[UUID, str]) -> str:
    state = review.verdict.value if review.verdict is not None else "not concluded"
    who = one_line(names.get(review.reviewer, "a former member of staff"))
    when = review.judged_at.isoformat(timespec="seconds")
    reason = f": {one_line(review.text)}" if review.text else ""
    own = review.own_severity.value
    return f"{review.id}  {when}  {review.screening_id}  {who}  own {own}  {state}{reason}"


def _agreement_line(row: Agreement) -> str:
    version = row.model_version or "no model"
    counts = (
        f"{row.agreed} agreed, {row.overruled} overruled, {row.no_estimate} without an estimate"
    )
    if row.kappa is None:
        measured = "weighted kappa not defined"
    else:
        measured = f"weighted kappa {row.kappa:.2f}"
        if row.interval is not None:
            measured += f" ({row.interval[0]:.2f} to {row.interval[1]:.2f})"
    return f"{version}  {row.reviews} reviews: {counts}; {measured} over {row.paired} pairs"
