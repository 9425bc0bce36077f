"""`clinic-app feedback`: ratings of the service, agreement with results, incidents, figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import alternatives, one_of
from clinic_app.domain.feedback import Agreement, Author, DegreeOfHarm, Incident, IncidentCategory
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain

if TYPE_CHECKING:
    from clinic_app.services.feedback_analysis import FeedbackAnalysis

app = typer.Typer(help=f"What people say about the service. {SIGN_IN}", no_args_is_help=True)

KINDS = "ratings|agreements|incidents"
_Kind = Annotated[str, typer.Argument(metavar=KINDS)]
_From = Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="First month.")]
_To = Annotated[str, typer.Option("--to", metavar="YYYY-MM", help="Last month.")]
_Text = Annotated[str, typer.Option("--text", help="What was said, in free words.")]


@app.command("add")
def add(
    rating: Annotated[
        int | None, typer.Option("--rating", help="The service: 1 (poor) to 5 (very good).")
    ] = None,
    agreement: Annotated[
        str,
        typer.Option(
            "--agreement", metavar=alternatives(Agreement), help="Whether a reviewed result fits."
        ),
    ] = "",
    incident: Annotated[
        str,
        typer.Option(
            "--incident", metavar=alternatives(IncidentCategory), help="Something went wrong."
        ),
    ] = "",
    text: _Text = "",
    patient: Annotated[
        str, typer.Option("--patient", metavar="ID", help="Only if the person agrees.")
    ] = "",
    screening: Annotated[str, typer.Option("--screening", metavar="ID")] = "",
    harm: Annotated[str, typer.Option("--harm", metavar=alternatives(DegreeOfHarm))] = "no_harm",
    by_staff: Annotated[bool, typer.Option("--by-staff", help="Said by staff.")] = False,
    language: Annotated[str, typer.Option("--language", help="Of the text.")] = "en",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Add one of the three forms and print its ID."""
    from clinic_app.services.feedback import NewIncident

    if [rating is not None, bool(agreement), bool(incident)].count(True) != 1:
        raise typer.BadParameter("give exactly one of --rating, --agreement and --incident.")
    if agreement and not (patient and screening):
        raise typer.BadParameter("--agreement needs --patient and --screening.")
    person = parse_id(patient, "patient") if patient else None
    author = Author.STAFF if by_staff else Author.PATIENT
    made: Any
    if rating is not None:
        with signed_in(store) as services:
            made = services.feedback.rate(
                rating, text, patient_id=person, language=language, author=author
            )
    elif agreement:
        said, shown = one_of(Agreement, agreement), parse_id(screening, "screening")
        assert person is not None
        with signed_in(store) as services:
            made = services.feedback.agree(
                person, shown, said, text, language=language, author=author
            )
    else:
        new = NewIncident(
            text, one_of(IncidentCategory, incident), one_of(DegreeOfHarm, harm), person, language
        )
        with signed_in(store) as services:
            made = services.feedback.report_incident(new)
    _print(made, as_json)


@app.command("list")
def list_feedback(
    kind: _Kind = "incidents",
    open_only: Annotated[bool, typer.Option("--open", help="Only open incidents.")] = False,
    first: _From = "",
    last: _To = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 50,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List incidents, or single answers (doctors and administrators), newest first."""
    from clinic_app.services.feedback_analysis import Months
    from clinic_app.services.feedback_table import FeedbackKind

    wanted, months = one_of(FeedbackKind, kind), Months(first, last)
    if wanted is FeedbackKind.INCIDENTS and (first or last):
        raise typer.BadParameter("--from and --to are for ratings and agreements.")
    rows: tuple[Any, ...]
    with signed_in(store) as services:
        if wanted is FeedbackKind.INCIDENTS:
            rows = services.feedback.incidents(limit, open_only=open_only).rows
        elif wanted is FeedbackKind.RATINGS:
            rows = services.feedback.ratings(months, limit).rows
        else:
            rows = services.feedback.agreements(months, limit).rows
    if as_json:
        print_json([to_plain(row) for row in rows])
        return
    for row in rows:
        say(_line(row))
    if not rows:
        say("There is nothing yet.")


@app.command("report")
def report(
    first: _From = "",
    last: _To = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Distribution, months, clinics, themes and tone; small numbers are withheld."""
    from clinic_app.services.feedback_analysis import Months

    months = Months(first, last)
    with signed_in(store) as services:
        found = services.feedback.analysis(months)
    if as_json:
        print_json(to_plain(found))
        return
    for line in _lines(found):
        say(line)


@app.command("close")
def close(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT")],
    text: Annotated[str, typer.Option("--text", help="What was done about it.")],
    reopen: Annotated[bool, typer.Option("--reopen", help="Take the closing back.")] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Close an incident (doctors and administrators)."""
    incident_id = parse_id(incident, "incident")
    with signed_in(store) as services:
        change = services.feedback.reopen_incident if reopen else services.feedback.close_incident
        changed = change(incident_id, text)
    _print(changed, as_json)


@app.command("export")
def export(
    kind: _Kind,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.csv")],
    first: _From = "",
    last: _To = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write all answers of one form as CSV (doctors and administrators); it is not encrypted."""
    from clinic_app.services.feedback_analysis import Months
    from clinic_app.services.feedback_table import FeedbackKind
    from clinic_app.services.saving import check_place, save_file

    wanted, months = one_of(FeedbackKind, kind), Months(first, last)
    check_place(out)
    with signed_in(store) as services:
        table = services.feedback.export(wanted, credentials()[1], months)
    save_file(table, out)
    if as_json:
        print_json({"file": str(out), "kind": wanted.value, "bytes": len(table)})
    else:
        say(str(out))


def _line(row: Any) -> str:
    parts: tuple[object, ...]
    if isinstance(row, Incident):
        state = "open" if row.open else "closed"
        parts = (row.id, row.opened_on, state, row.category.value, row.harm.value, row.text)
    elif hasattr(row, "rating"):
        parts = (row.id, row.given_on, row.author.value, row.rating, row.text)
    else:
        parts = (row.id, row.given_on, row.author.value, row.agreement.value, row.text)
    return "  ".join(one_line(str(part)) for part in parts).rstrip()


def _print(made: Any, as_json: bool) -> None:
    if as_json:
        print_json(to_plain(made))
    else:
        say(str(made.id))


def _lines(found: FeedbackAnalysis) -> list[str]:
    fewer = f"withheld (small numbers, below {found.smallest})"

    def number(count: int | float | None) -> str:
        return fewer if count is None else str(count)

    lines = [f"Ratings: {number(found.ratings)}; mean: {number(found.mean)}"]
    lines += [f"  {rating}: {number(count)}" for rating, count in found.distribution.items()]
    for title, groups in (("By month", found.by_month), ("By clinic", found.by_clinic)):
        lines.append(f"{title}:")
        lines += [
            f"  {one_line(one.name)}: {number(one.count)}"
            + ("" if one.mean is None else f", mean {one.mean}")
            for one in groups
        ]
    lines.append("The result fits:")
    lines += [f"  {said.value}: {number(count)}" for said, count in found.agreement.items()]
    lines.append(f"Incidents ({found.incidents_open} open):")
    lines += [f"  {category.value}: {count}" for category, count in found.incidents.items()]
    lines.append("Themes, by how many people wrote them:")
    lines += [f"  {one.words}: {one.authors}" for one in found.themes]
    lines.append(f"Tone of {number(found.texts_read)} English texts, as {found.tone_reader} reads:")
    lines += [f"  {tone.value}: {number(count)}" for tone, count in found.tones.items()]
    if found.cut:
        lines.append("Only the newest texts were read.")
    return lines
