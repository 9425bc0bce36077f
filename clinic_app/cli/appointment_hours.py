"""`clinic-app appointments hours`: when clinicians see people, and when they are away."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.appointment_values import clinician_named
from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import parse_moment, shortened
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.schedule import Absence, WeeklyHours, to_local

if TYPE_CHECKING:
    from clinic_app.services.availability import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)

app = typer.Typer(help="When clinicians see people, and when they are away.", no_args_is_help=True)

_Clinician = Annotated[
    str, typer.Option("--clinician", metavar="USER", help="Yourself unless given.")
]


@app.command("list")
def list_hours(store: Store = None, as_json: Json = False) -> None:
    """The week of every clinician, and absences to come."""
    with signed_in(store) as services:
        found = services.availability.hours()
        away = services.availability.absences()
        zone = services.appointments.zone()
    if as_json:
        print_json(
            {
                "hours": [_hours_json(one) for one in found],
                "absences": [to_plain(one) for one in away],
            }
        )
        return
    names = {one.clinician.id: one.clinician.display_name for one in found}
    for one in found:
        spans = ", ".join(_span_text(span) for span in one.availability.hours) or "never"
        own = "" if one.own else " (the clinic's)"
        say(one_line(f"{one.clinician.display_name}: {spans}{own}"))
    for absence in away:
        say(_absence_line(absence, names.get(absence.clinician_id, ""), zone))


@app.command("set")
def set_hours(
    spans: Annotated[
        list[str] | None,
        typer.Argument(metavar="'mon-fri 09:00-17:00'...", help="None at all: never."),
    ] = None,
    clinician: _Clinician = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Replace the week, on the clinic's clocks."""
    hours = [span for text in spans or [] for span in parse_span(text)]
    with signed_in(store) as services:
        who = clinician_named(services, clinician) or services.session.user.id
        made = services.availability.set_hours(who, hours)
    if as_json:
        print_json(to_plain(made))
    else:
        say(", ".join(_span_text(span) for span in made.hours) or "never")


@app.command("away")
def away(
    start: Annotated[str, typer.Option("--from", metavar="'YYYY-MM-DD HH:MM'")],
    end: Annotated[str, typer.Option("--until", metavar="'YYYY-MM-DD HH:MM'")],
    reason: Annotated[str, typer.Option("--reason")] = "",
    clinician: _Clinician = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Be away, and print the absence's ID."""
    with signed_in(store) as services:
        zone = services.appointments.zone()
        who = clinician_named(services, clinician) or services.session.user.id
        made = services.availability.add_absence(
            who, parse_moment(start, "start", zone), parse_moment(end, "end", zone), reason
        )
    if as_json:
        print_json({**to_plain(made.absence), "booked": made.booked})
        return
    say(str(made.absence.id))
    if made.booked:
        say(f"{made.booked} booked appointments lie in this time and need another one.")


@app.command("back")
def back(
    absence: Annotated[str, typer.Argument(metavar="ABSENCE")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Take an absence back."""
    absence_id = parse_id(absence, "absence")
    with signed_in(store) as services:
        taken = services.availability.take_back_absence(absence_id)
    if as_json:
        print_json(to_plain(taken))
    else:
        say("The absence is taken back.")


def parse_span(text: str) -> list[WeeklyHours]:
    """``mon-fri 09:00-17:00`` or ``sat 10:00-13:00``; ``24:00`` is midnight at the end."""
    match = _SPAN.fullmatch(text.strip().lower())
    try:
        if match is None:
            raise ValueError
        first = DAYS.index(match[1])
        last = DAYS.index(match[2]) if match[2] else first
        opens = time(int(match[3]), int(match[4]))
        midnight = (match[5], match[6]) == ("24", "00")
        closes = time(0) if midnight else time(int(match[5]), int(match[6]))
    except ValueError as error:
        raise InvalidInput(
            "hours", f"“{shortened(text)}” is not written as mon-fri 09:00-17:00."
        ) from error
    days = range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
    return [WeeklyHours(day, opens, closes) for day in days]


def _span_text(span: WeeklyHours) -> str:
    closes = "24:00" if span.closes == time(0) else f"{span.closes:%H:%M}"
    return f"{DAYS[span.weekday]} {span.opens:%H:%M}-{closes}"


def _absence_line(absence: Absence, name: str, zone: str) -> str:
    start, end = to_local(absence.start, zone), to_local(absence.end, zone)
    text = f"{absence.id}  {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}  {name} is away"
    return one_line(f"{text}: {absence.reason}" if absence.reason else text)


def _hours_json(one: Hours) -> dict[str, Any]:
    return {
        "clinician_id": str(one.clinician.id),
        "clinician": one.clinician.display_name,
        "own": one.own,
        "zone": one.availability.zone,
        "hours": [_span_text(span) for span in one.availability.hours],
    }
