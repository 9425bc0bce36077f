"""`clinic-app audit`: verify and search the audit trail."""

from __future__ import annotations

from typing import Annotated

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say, warn
from clinic_app.cli.values import member, span_of_days
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import StoreDamaged
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.audit_file import gap_words

app = typer.Typer(help=f"The audit trail. {SIGN_IN}", no_args_is_help=True)

LARGEST = 2**63 - 1
"""Number of an entry: what a row of the store can be counted with."""


@app.command("verify")
def verify(store: Store = None, as_json: Json = False) -> None:
    """Check every link of the audit chain, and every workstation's trail against what it told the
    centre; exit code 1 when this one's is broken or lacks something."""
    with signed_in(store) as services:
        check = services.audit.verify()
    if as_json:
        print_json(
            {
                "intact": check.intact,
                "entries": check.entries,
                "head": check.head,
                "broken_at": check.broken_at,
                "truncated": check.truncated,
                "gaps": [{**to_plain(gap), "words": gap_words(gap)} for gap in check.gaps],
            }
        )
    for gap in check.gaps:
        if gap != check.lacking:
            warn(one_line(gap_words(gap)))
    if check.broken_at is not None:
        raise StoreDamaged(f"The audit trail was altered: entry {check.broken_at} does not fit.")
    if check.truncated:
        raise StoreDamaged("The audit trail was cut off: its newest entries are missing.")
    if check.lacking is not None:
        raise StoreDamaged(one_line(gap_words(check.lacking)))
    if not as_json:
        say(f"The audit trail is intact: {check.entries} entries, head {check.head[:16]}.")


@app.command("list")
def list_entries(
    action: Annotated[list[AuditKind] | None, typer.Option("--action")] = None,
    user: Annotated[str, typer.Option("--user", help="Only what this user did.")] = "",
    patient: Annotated[str, typer.Option("--patient", metavar="ID")] = "",
    since: Annotated[str, typer.Option("--since", metavar="YYYY-MM-DD", help="UTC.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="YYYY-MM-DD", help="UTC.")] = "",
    before: Annotated[
        int | None,
        typer.Option("--before", min=1, max=LARGEST, help="Entries below this number."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=20_000)] = 100,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List entries, newest first; the last day of a span is included."""
    begins, ends = span_of_days(since, until)
    with signed_in(store) as services:
        query = AuditQuery(
            kinds=tuple(action or ()),
            by=member(services.staff.everybody(), user).id if user else None,
            patient_id=parse_id(patient, "patient") if patient else None,
            since=begins,
            until=ends,
            before=before,
        )
        page = services.audit.browse(query, limit)
    if as_json:
        rows = [{**to_plain(row.entry), "actor": row.actor} for row in page.rows]
        print_json({"entries": rows, "next_before": page.next})
        return
    for row in page.rows:
        one = row.entry
        about = " ".join(filter(None, (one.subject, str(one.subject_id or ""), one.detail)))
        at = one.at.isoformat(timespec="seconds")
        say(f"{one.number}  {at}  {one.kind.value}  {one_line(row.actor)}  {one_line(about)}")
