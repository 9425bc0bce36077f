"""`clinic-app report`: print a report of any kind, and verify a printed one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import Json, Language, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import alternatives, one_of, span_of_days
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.ids import parse_id
from clinic_app.services.report_data import PERSON_KINDS, ReportKind
from clinic_app.services.saving import check_place, save_file
from clinic_app.services.translations import ENGLISH, check_language

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.reports import PrintedReport, Verified

VERIFY = "verify"
KINDS = alternatives(ReportKind)


def report(
    kind: Annotated[str, typer.Argument(metavar=f"{KINDS}|{VERIFY}", show_default=False)],
    typed: Annotated[
        str, typer.Argument(metavar="[HASH]", help="For verify: the first 8 digits or more.")
    ] = "",
    patient: Annotated[str, typer.Option("--patient", metavar="ID", help="The patient's ID.")] = "",
    out: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE.pdf")] = None,
    screening: Annotated[
        str, typer.Option("--screening", metavar="ID", help="This one, not the newest.")
    ] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM[-DD]", help="Feedback: month; audit: day.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM[-DD]", help="Included.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Of a worklist.")] = 200,
    language: Language = ENGLISH,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Print a report as a PDF, or verify the hash that stands on a printed one.

    Screening, history, summary, referral and patient need --patient; audit takes it. User and
    password are read from CLINIC_APP_USER and CLINIC_APP_PASSWORD.
    """
    if kind.strip().lower() == VERIFY:
        _verify(typed, store, as_json)
        return
    chosen = one_of(ReportKind, kind)
    given = {"--patient": patient, "--screening": screening, "--from": first, "--to": last}
    _refuse_idle(chosen, *(name for name, value in given.items() if value))
    if typed:
        raise typer.BadParameter("Only verify takes a hash.")
    if out is None:
        raise typer.BadParameter("Please name the file with -o.")
    patient_id = parse_id(patient, "patient") if patient else None
    screening_id = parse_id(screening, "screening") if screening else None
    if chosen in PERSON_KINDS and patient_id is None and screening_id is None:
        raise typer.BadParameter("Please name the patient with --patient.")
    check_language(language)
    check_place(out)
    with signed_in(store) as services:
        if screening_id is not None and chosen is ReportKind.SCREENING:
            if patient_id and services.screenings.get(screening_id).patient_id != patient_id:
                raise InvalidInput("screening", "This screening is of another patient.")
            printed = services.reports.one_screening(screening_id, language)
        else:
            printed = _printed(services, chosen, patient_id, (first, last), limit, language)
        save_file(printed.pdf, out)
    issued = printed.issued
    if as_json:
        print_json(
            {
                "kind": issued.kind,
                "language": language,
                "document": str(issued.id),
                "sha256": issued.data_sha256,
                "file": str(out),
                "bytes": len(printed.pdf),
            }
        )
        return
    say(f"{one_line(str(out))}  document {issued.id}  data {issued.data_sha256[:16]}")


def _refuse_idle(kind: ReportKind, *given: str) -> None:
    """An option that this kind does not take would seem to choose what is printed."""
    taken = {
        ReportKind.SCREENING: ("--patient", "--screening"),
        ReportKind.WORKLIST: (),
        ReportKind.FEEDBACK: ("--from", "--to"),
        ReportKind.AUDIT: ("--patient", "--from", "--to"),
    }.get(kind, ("--patient",))
    for name in given:
        if name not in taken:
            raise typer.BadParameter(f"The report “{kind.value}” takes no {name}.")


def _printed(
    services: ClinicServices,
    kind: ReportKind,
    patient_id: UUID | None,
    span: tuple[str, str],
    limit: int,
    language: str,
) -> PrintedReport:
    from clinic_app.services.audit_data import AuditQuery
    from clinic_app.services.feedback_analysis import Months

    if kind in PERSON_KINDS:
        if patient_id is None:
            raise InvalidInput("patient", "Please name the patient with --patient.")
        return services.reports.person(kind, patient_id, language)
    if kind is ReportKind.WORKLIST:
        return services.reports.worklist(limit=limit, language=language)
    if kind is ReportKind.FEEDBACK:
        return services.reports.feedback(Months(*span), language)
    since, until = span_of_days(*span)
    query = AuditQuery(patient_id=patient_id, since=since, until=until)
    return services.reports.audit(query, credentials()[1], language)


def _verify(typed: str, store: Path | None, as_json: bool) -> None:
    """Exit code 1 where this clinic issued nothing under the hash."""
    if not typed:
        raise typer.BadParameter("Please give the first digits of the printed fingerprint.")
    with signed_in(store) as services:
        found = services.reports.verify(typed)
    if as_json:
        print_json([_plain(one) for one in found])
    if not found:
        raise NotFound("This clinic issued no report with this fingerprint.")
    if as_json:
        return
    for one in found:
        issued = one.issued
        at = issued.issued_at.isoformat(timespec="seconds")
        who = f"  {one_line(one.patient_name)}" if one.patient_name else ""
        say(f"{issued.kind}  {issued.id}{who}  issued {at} by {one_line(one.issued_by)}")


def _plain(one: Verified) -> dict[str, Any]:
    issued = one.issued
    return {
        "document": str(issued.id),
        "kind": issued.kind,
        "sha256": issued.data_sha256,
        "issued_at": issued.issued_at.isoformat(),
        "issued_by": one.issued_by,
        "patient": str(issued.patient_id) if issued.patient_id else None,
        "patient_name": one.patient_name,
        "program_version": issued.program_version,
    }
