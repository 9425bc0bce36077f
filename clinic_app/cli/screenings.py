"""`clinic-app screenings`: list, show, judge, finish and print screenings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Language, Store
from clinic_app.cli.output import print_json, say
from clinic_app.cli.shapes import HIDDEN, draft_json, screening_json
from clinic_app.cli.words import MEANING, reading_lines
from clinic_app.domain.errors import NotFound
from clinic_app.domain.ids import parse_id
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.saving import check_place, save_file
from clinic_app.services.screen_json import finding_json
from clinic_app.services.translations import ENGLISH, check_language

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

app = typer.Typer(help=f"Screenings and drafts of them. {SIGN_IN}", no_args_is_help=True)
ScreeningId = Annotated[str, typer.Argument(metavar="ID", help="The ID of a draft or screening.")]


@app.command("list")
def list_screenings(
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="ID", help="Only this patient's.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 200,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List drafts first, then finished screenings, newest first."""
    patient_id = parse_id(patient, "patient") if patient is not None else None
    with signed_in(store) as services:
        finished = (
            services.screenings.newest(limit)
            if patient_id is None
            else services.screenings.of_patient(patient_id, limit)
        )
        drafts = [
            draft
            for draft in services.screenings.drafts()
            if patient_id is None or draft.patient_id == patient_id
        ]
        flows = services.screenings.safety_flows
        rows = [draft_json(one, flows(one.patient_id, one.id)) for one in drafts]
        hidden = services.screenings.withheld(one.id for one in finished)
        rows += [
            screening_json(one, flows(one.patient_id, one.id), withheld=one.id in hidden)
            for one in finished
        ]
        rows = rows[:limit]
        beside = services.screenings.beside_estimate
        rows = [{**row, "beside_estimate": beside(UUID(row["id"]))} for row in rows]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(_line(row))
    if not rows:
        say("There are no screenings.")


@app.command("show")
def show(screening: ScreeningId, store: Store = None, as_json: Json = False) -> None:
    """Show a draft or a screening. The estimate is left out before the own judgement."""
    screening_id = parse_id(screening, "screening")
    with signed_in(store) as services:
        row = _row(services, screening_id)
    if as_json:
        print_json(row)
        return
    say(_line(row))
    for answer in row["questionnaires"]:
        score = answer["score"]
        total = "no total" if score["total"] is None else f"{score['total']} ({score['band']})"
        say(f"  {score['scale']}: {total}")
    if row["judgement"]:
        say(f"  Own judgement: {row['judgement']['severity'].replace('_', ' ')}")
    if row["estimate"] == HIDDEN:
        say(f"  Visible depressive affect: {HIDDEN}")
    if row["finding"]:
        say(f"  Visible depressive affect: {row['finding']['severity']['class'] or 'cannot tell'}")
        if row["beside_estimate"]:
            say(f"  {row['beside_estimate']}")
        say(f"  {MEANING}")


@app.command("judge")
def judge(
    screening: ScreeningId,
    severity: Annotated[ClinicianSeverity, typer.Option("--severity")],
    note: Annotated[str, typer.Option("--note")] = "",
    flag: Annotated[bool, typer.Option("--flag", help="Ask for attention on the list.")] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record your own judgement of a draft, before the estimate is revealed."""
    draft_id = parse_id(screening, "screening")
    with signed_in(store) as services:
        services.screenings.judge(draft_id, severity, note, flagged=flag)
        row = _row(services, draft_id)
    _print_row(row, as_json)


@app.command("reveal")
def reveal(screening: ScreeningId, store: Store = None, as_json: Json = False) -> None:
    """Show the estimate of a draft, once your own judgement is recorded."""
    draft_id = parse_id(screening, "screening")
    with signed_in(store) as services:
        finding = services.screenings.reveal(draft_id)
        beside = services.screenings.beside_estimate(draft_id)
    if as_json:
        print_json({**finding_json("", finding), "beside_estimate": beside})
        return
    for line in reading_lines(finding, beside):
        say(line)
    say(MEANING)


@app.command("finish")
def finish(screening: ScreeningId, store: Store = None, as_json: Json = False) -> None:
    """Turn a draft into a screening that never changes again."""
    draft_id = parse_id(screening, "screening")
    with signed_in(store) as services:
        services.screenings.finish(draft_id)
        row = _row(services, draft_id)
    _print_row(row, as_json)


@app.command("abandon")
def abandon(screening: ScreeningId, store: Store = None, as_json: Json = False) -> None:
    """Throw a draft away; safety steps that it opened stay open."""
    draft_id = parse_id(screening, "screening")
    with signed_in(store) as services:
        services.screenings.abandon(draft_id)
    if as_json:
        print_json({"id": str(draft_id), "state": "abandoned"})
    else:
        say(f"{draft_id}  abandoned")


@app.command("report")
def report(
    screening: ScreeningId,
    out: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.pdf")],
    language: Language = ENGLISH,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Print a screening, or a draft marked as one, as a PDF."""
    screening_id = parse_id(screening, "screening")
    check_language(language)
    check_place(out)
    with signed_in(store) as services:
        try:
            pdf = services.reports.screening(screening_id, language)
        except NotFound:
            pdf = services.reports.draft(screening_id, language)
        save_file(pdf, out)
    if as_json:
        print_json({"id": str(screening_id), "file": str(out), "bytes": len(pdf)})
    else:
        say(str(out))


def _row(services: ClinicServices, screening_id: UUID) -> dict[str, Any]:
    """The finished screening of this ID, or else the draft; raises ``NotFound``."""
    flows = services.screenings.safety_flows
    try:
        finished = services.screenings.get(screening_id)
    except NotFound:
        draft = services.screenings.draft(screening_id)
        row = draft_json(draft, flows(draft.patient_id, draft.id))
    else:
        hidden = bool(services.screenings.withheld([screening_id]))
        row = screening_json(finished, flows(finished.patient_id, finished.id), withheld=hidden)
    return {**row, "beside_estimate": services.screenings.beside_estimate(screening_id)}


def _print_row(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        say(_line(row))


def _line(row: dict[str, Any]) -> str:
    flow = row["safety"]
    open_flow = flow is not None and flow["state"] != "closed"
    names = [one["title"] for one in row["questionnaires"]]
    names += ["picture"] if row["picture_taken"] else []
    parts = [row["id"], row["state"], row["changed_at"][:19], ", ".join(names)]
    return "  ".join(part for part in [*parts, "safety steps open" if open_flow else ""] if part)
