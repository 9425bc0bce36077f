"""`clinic-app worklist`: who comes next, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import alternatives, one_of, shortened
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.schedule import to_local
from clinic_app.domain.worklist import (
    PHQ_RANKS,
    WorklistFilter,
    WorklistMark,
    WorklistReason,
    WorklistRow,
)
from clinic_app.services.worklist import WorklistService, reasons


class Only(StrEnum):
    SAFETY = "safety"
    NOT_ASSESSED = "not_assessed"
    QUESTIONNAIRE = "questionnaire"
    FLAGGED = "flagged"
    UNREVIEWED = "unreviewed"
    REQUESTED = "requested"
    OVERDUE = "overdue"


class Lowest(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    MODERATELY_SEVERE = "moderately_severe"
    SEVERE = "severe"


_REASONS = {
    Only.SAFETY: WorklistReason.SAFETY_OPEN,
    Only.NOT_ASSESSED: WorklistReason.NOT_ASSESSED,
    Only.QUESTIONNAIRE: WorklistReason.QUESTIONNAIRE,
}


def worklist(
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar=alternatives(Only), help="Keep these people; may be given twice."
        ),
    ] = None,
    lowest: Annotated[
        str, typer.Option("--from-band", metavar=alternatives(Lowest), help="This band or above.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    after: Annotated[
        str, typer.Option("--after", metavar="MARK", help="The mark that ended the page before.")
    ] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List patients by facts: open safety steps, not assessed, then questionnaire and waiting time.

    Nothing of the face is among them. User and password are read from CLINIC_APP_USER and
    CLINIC_APP_PASSWORD.
    """
    chosen = [one_of(Only, one) for one in only or []]
    least = one_of(Lowest, lowest) if lowest else None
    mark = _read_mark(after) if after else None
    with signed_in(store) as services:
        zone = services.appointments.zone()
        wanted = _filter(chosen, least, services.worklist)
        page = services.worklist.page(wanted, limit, mark)
        total = services.worklist.count(wanted)
    following = _write_mark(page.next) if page.next else None
    if as_json:
        rows = [_row_json(row, zone) for row in page.rows]
        print_json({"total": total, "rows": rows, "next": following})
        return
    for row in page.rows:
        said = "; ".join([*_reasons(row, zone), *_last(row, zone)])
        say(f"{row.patient_id}  {one_line(row.display_name)}  {said}")
    if not page.rows:
        say("Nobody is on the list." if mark is None else "Nobody more is on the list.")
    if following:
        say(f"More: --after {following}")


def _filter(chosen: list[Only], least: Lowest | None, service: WorklistService) -> WorklistFilter:
    reasons = [_REASONS[one] for one in chosen if one in _REASONS]
    if len(set(reasons)) > 1:
        raise InvalidInput("only", "Nobody stands on the list for two reasons; please give one.")
    return WorklistFilter(
        reason=reasons[0] if reasons else None,
        flagged=Only.FLAGGED in chosen,
        unreviewed=Only.UNREVIEWED in chosen,
        lowest_rank=PHQ_RANKS[least.value.replace("_", " ")] if least else None,
        requested=Only.REQUESTED in chosen,
        overdue_on=service.today() if Only.OVERDUE in chosen else None,
    )


def _row_json(row: WorklistRow, zone: str) -> dict[str, Any]:
    return {**to_plain(row), "reason": row.reason.value, "why": _reasons(row, zone)}


def _reasons(row: WorklistRow, zone: str) -> list[str]:
    return [str(one) for one in reasons(row, lambda at: _day(at, zone))]


def _last(row: WorklistRow, zone: str) -> list[str]:
    """When the last screening was: the totals before it may be old."""
    at = row.last_screened_at
    return [f"last screening {_day(at, zone)}"] if at is not None else []


def _day(moment: datetime, zone: str) -> str:
    """The day on the clinic's clocks."""
    return to_local(moment, zone).date().isoformat()


def _write_mark(mark: WorklistMark) -> str:
    return f"{mark.place},{mark.waiting_since.isoformat()},{mark.patient_id}"


def _read_mark(text: str) -> WorklistMark:
    try:
        place, since, patient_id = text.strip().split(",")
        moment = datetime.fromisoformat(since)
        if moment.tzinfo is None:
            raise ValueError
        return WorklistMark(int(place), moment, UUID(patient_id))
    except ValueError as error:
        raise InvalidInput(
            "after", f"“{shortened(text)}” is not a mark that a page of the worklist ended with."
        ) from error
