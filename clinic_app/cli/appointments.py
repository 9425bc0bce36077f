"""`clinic-app appointments`: ask, decide, move, cancel, list, and calendar files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli import appointment_hours
from clinic_app.cli.appointment_values import as_json_row, clinician_named, line_of
from clinic_app.cli.confirming import as_json_standing, confirmation_line, standings_of
from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import alternatives, one_of, parse_date, parse_moment
from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.ids import parse_id
from clinic_app.domain.schedule import Frequency
from clinic_app.domain.sentence import Sentence
from clinic_app.services.appointments import NewAppointment, Repeat
from clinic_app.services.saving import check_place, save_file

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

app = typer.Typer(help=f"Appointments, on the clinic's clocks. {SIGN_IN}", no_args_is_help=True)
app.add_typer(appointment_hours.app, name="hours")

_Appointment = Annotated[str, typer.Argument(metavar="APPOINTMENT")]
_Reason = Annotated[str, typer.Option("--reason", help="Kept with this step.")]
_Start = Annotated[
    str,
    typer.Option(
        "--start",
        metavar="'YYYY-MM-DD HH:MM'",
        help="On the clinic's clocks, unless an offset such as +02:00 is given.",
    ),
]
_Minutes = Annotated[int | None, typer.Option("--minutes", min=1, max=1440)]
_Clinician = Annotated[str, typer.Option("--clinician", metavar="USER")]
_Anyway = Annotated[
    bool, typer.Option("--anyway", help="Also outside the clinician's hours; never double.")
]
_Confirm = Annotated[
    bool,
    typer.Option("--confirm", help="Run a round with the centre and say whether it holds there."),
]


@app.command("request")
def request(
    patient: Annotated[str, typer.Option("--patient", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="Why the person comes.")] = "",
    start: _Start = "",
    minutes: _Minutes = None,
    clinician: _Clinician = "",
    wait_list: Annotated[bool, typer.Option("--wait-list")] = False,
    book: Annotated[bool, typer.Option("--book", help="Approve it in the same step.")] = False,
    every: Annotated[
        str, typer.Option("--every", metavar=alternatives(Frequency), help="Book a series.")
    ] = "",
    times: Annotated[int, typer.Option("--times", min=2, max=104)] = 2,
    skip_taken: Annotated[
        bool, typer.Option("--skip-taken", help="Leave taken times out of the series.")
    ] = False,
    anyway: _Anyway = False,
    confirmed: _Confirm = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Ask for an appointment and print its ID; without a time it goes to the wait list."""
    patient_id = parse_id(patient, "patient")
    frequency = one_of(Frequency, every) if every else None
    if book and wait_list:
        raise typer.BadParameter("--book and --wait-list exclude each other.")
    with signed_in(store) as services:
        new = NewAppointment(
            patient_id,
            reason,
            _start(services, start),
            minutes,
            clinician_named(services, clinician),
            wait_list,
        )
        left_out: list[Sentence] = []
        if frequency is not None:
            made, left_out = services.appointments.book_series(
                new, Repeat(frequency, times), anyway=anyway, leave_out_taken=skip_taken
            )
        elif book:
            made = [services.appointments.book(new, anyway=anyway)]
        else:
            made = [services.appointments.request(new)]
        found = standings_of(services, [one.id for one in made], confirmed=confirmed)
    shown = [as_json_standing(one, confirmed=confirmed) for one in found]
    if as_json and frequency is not None:
        print_json({"made": shown, "left_out": [str(one) for one in left_out]})
    elif as_json:
        print_json(shown[0])
    else:
        for row, state in found:
            say(str(row.appointment.id))
            if confirmed:
                say(confirmation_line(state))
        for why in left_out:
            say(f"Left out: {why}")


@app.command("decide")
def decide(
    appointment: _Appointment,
    approve: Annotated[bool, typer.Option("--approve")] = False,
    deny: Annotated[str, typer.Option("--deny", metavar="REASON")] = "",
    start: _Start = "",
    minutes: _Minutes = None,
    clinician: _Clinician = "",
    anyway: _Anyway = False,
    confirmed: _Confirm = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Approve a request, at its wished time or another, or deny it with a reason."""
    if approve is bool(deny):
        raise typer.BadParameter("Please give either --approve or --deny REASON.")

    def act(services: ClinicServices, appointment_id: UUID) -> Appointment:
        if deny:
            return services.appointments.deny(appointment_id, deny)
        return services.appointments.approve(
            appointment_id,
            start=_start(services, start),
            minutes=minutes,
            clinician_id=clinician_named(services, clinician),
            anyway=anyway,
        )

    _act(appointment, store, as_json, act, confirmed=confirmed)


@app.command("reschedule")
def reschedule(
    appointment: _Appointment,
    start: _Start,
    minutes: _Minutes = None,
    clinician: _Clinician = "",
    reason: _Reason = "",
    anyway: _Anyway = False,
    confirmed: _Confirm = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Move an appointment; a request is booked at the new time."""

    def act(services: ClinicServices, appointment_id: UUID) -> Appointment:
        return services.appointments.reschedule(
            appointment_id,
            parse_moment(start, "start", services.appointments.zone()),
            minutes=minutes,
            clinician_id=clinician_named(services, clinician),
            text=reason,
            anyway=anyway,
        )

    _act(appointment, store, as_json, act, confirmed=confirmed)


@app.command("cancel")
def cancel(
    appointment: _Appointment, reason: _Reason = "", store: Store = None, as_json: Json = False
) -> None:
    """Cancel a request or a booked appointment."""
    _act(appointment, store, as_json, lambda one, key: one.appointments.cancel(key, reason))


@app.command("complete")
def complete(
    appointment: _Appointment, reason: _Reason = "", store: Store = None, as_json: Json = False
) -> None:
    """The appointment took place."""
    _act(appointment, store, as_json, lambda one, key: one.appointments.complete(key, reason))


@app.command("no-show")
def no_show(
    appointment: _Appointment, reason: _Reason = "", store: Store = None, as_json: Json = False
) -> None:
    """The person did not come."""
    _act(appointment, store, as_json, lambda one, key: one.appointments.no_show(key, reason))


@app.command("list")
def list_appointments(
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="From today on.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=42)] = 1,
    clinician: _Clinician = "",
    patient: Annotated[str, typer.Option("--patient", metavar="ID", help="All of one.")] = "",
    requested: Annotated[bool, typer.Option("--requested", help="What waits.")] = False,
    closed: Annotated[
        bool, typer.Option("--closed", help="Denied or cancelled without ever having a time.")
    ] = False,
    state: Annotated[str, typer.Option("--state", metavar=alternatives(AppointmentState))] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List the appointments of some days, of one person, what waits, or what was closed."""
    patient_id = parse_id(patient, "patient") if patient else None
    first = parse_date(day, "day") if day else None
    wanted = one_of(AppointmentState, state) if state else None
    with signed_in(store) as services:
        clinician_id = clinician_named(services, clinician)
        if patient_id is not None:
            rows = services.appointments.of_patient(patient_id)
        elif requested:
            rows = list(services.appointments.requested(1000).rows)
        elif closed:
            rows = list(services.appointments.closed_without_time(1000).rows)
        else:
            first = first or services.appointments.day()
            rows = list(services.appointments.calendar(first, days, clinician_id).rows)
    rows = [
        row
        for row in rows
        if wanted in (None, row.appointment.state) and clinician_id in (None, row.clinician_id)
    ]
    if as_json:
        print_json([as_json_row(row) for row in rows])
        return
    for row in rows:
        say(line_of(row))
    if not rows:
        say("There are no appointments.")


@app.command("show")
def show(appointment: _Appointment, store: Store = None, as_json: Json = False) -> None:
    """One appointment with every step of it."""
    appointment_id = parse_id(appointment, "appointment")
    with signed_in(store) as services:
        details = services.appointments.get(appointment_id)
    if as_json:
        steps = [
            {
                "by_name": one.by_name,
                "void": one.void,
                "event": one.event.kind.value,
                "at": one.event.at.isoformat(),
                "text": one.event.text,
                "start": one.starts.isoformat() if one.starts else None,
            }
            for one in details.history
        ]
        conflicts = [as_json_row(row) for row in details.conflicts]
        print_json({**as_json_row(details.row), "history": steps, "conflicts": conflicts})
        return
    say(line_of(details.row))
    for one in details.history:
        start = f" {one.starts:%Y-%m-%d %H:%M}" if one.starts else ""
        void = " (void)" if one.void else ""
        at = one.event.at.isoformat(timespec="minutes")
        say(one_line(f"{at} {one.event.kind.value}{start} {one.by_name}{void} {one.event.text}"))


@app.command("free")
def free(
    clinician: _Clinician = "",
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="Not before.")] = "",
    minutes: _Minutes = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 6,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """The earliest free times."""
    first = parse_date(day, "day") if day else None
    with signed_in(store) as services:
        found = services.appointments.free_times(
            clinician_id=clinician_named(services, clinician),
            minutes=minutes,
            first_day=first,
            limit=limit,
        )
    if as_json:
        print_json(
            [
                {
                    "start": one.starts.isoformat(),
                    "minutes": one.minutes,
                    "clinician_id": str(one.clinician_id),
                    "clinician": one.clinician_name,
                }
                for one in found
            ]
        )
        return
    for one in found:
        say(one_line(f"{one.starts:%Y-%m-%d %H:%M}  {one.minutes} min  {one.clinician_name}"))
    if not found:
        say("There is no free time in the next weeks.")


@app.command("ics")
def ics(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE")],
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="From today on.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=731)] = 28,
    clinician: _Clinician = "",
    patient: Annotated[str, typer.Option("--patient", metavar="ID", help="Of one only.")] = "",
    with_names: Annotated[
        bool, typer.Option("--with-names", help="Name patients; the file is not encrypted.")
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write a calendar file (.ics) that other calendars read; nobody is named unless asked."""
    patient_id = parse_id(patient, "patient") if patient else None
    first: date | None = parse_date(day, "day") if day else None
    check_place(out)
    with signed_in(store) as services:
        made = services.appointments.export(
            first or services.appointments.day(),
            days,
            clinician_id=clinician_named(services, clinician),
            patient_id=patient_id,
            password=credentials()[1] if with_names else None,
        )
    save_file(made.text.encode(), out)
    if as_json:
        print_json({"file": str(out), "appointments": made.events})
    else:
        say(f"{made.events} appointments are in {one_line(str(out))}.")


def _start(services: ClinicServices, text: str) -> datetime | None:
    return parse_moment(text, "start", services.appointments.zone()) if text else None


def _act(
    appointment: str,
    store: Any,
    as_json: bool,
    act: Callable[[ClinicServices, UUID], Appointment],
    *,
    confirmed: bool = False,
) -> None:
    appointment_id = parse_id(appointment, "appointment")
    with signed_in(store) as services:
        act(services, appointment_id)
        (found,) = standings_of(services, [appointment_id], confirmed=confirmed)
    row, state = found
    if as_json:
        print_json(as_json_standing(found, confirmed=confirmed))
        return
    say(line_of(row))
    if confirmed:
        say(confirmation_line(state))
