"""What appointments are called on screen; times are already on the clinic's clocks."""

from __future__ import annotations

from datetime import date

from clinic_app.domain.appointments import AppointmentEventKind, AppointmentState, RequestedBy
from clinic_app.services.appointment_rows import AppointmentRow, HistoryLine
from clinic_app.ui.moments import DAYS, MONTHS, day_text, moment_text
from clinic_app.ui.strings import tr

STATE_LABELS = {
    AppointmentState.REQUESTED: "to decide",
    AppointmentState.APPROVED: "booked",
    AppointmentState.DENIED: "denied",
    AppointmentState.CANCELLED: "cancelled",
    AppointmentState.COMPLETED: "took place",
    AppointmentState.NO_SHOW: "did not come",
}
STEP_LABELS = {
    AppointmentEventKind.REQUESTED: "Asked for",
    AppointmentEventKind.APPROVED: "Approved",
    AppointmentEventKind.DENIED: "Denied",
    AppointmentEventKind.RESCHEDULED: "Moved",
    AppointmentEventKind.CANCELLED: "Cancelled",
    AppointmentEventKind.COMPLETED: "Took place",
    AppointmentEventKind.NO_SHOW: "Did not come",
}
BADGES = {
    AppointmentState.REQUESTED: "badge-warning",
    AppointmentState.APPROVED: "badge-accent",
    AppointmentState.NO_SHOW: "badge-warning",
}


def who(row: AppointmentRow) -> str:
    """The person, or that the record is not here yet."""
    return row.patient_name or tr("Somebody not on this laptop yet")


def when(row: AppointmentRow) -> str:
    """As in "Monday, 23 Nov 2026, 10:00 to 10:50"."""
    if row.starts is None or row.ends is None:
        return tr("No time yet")
    day = f"{tr(DAYS[row.starts.weekday()])}, {day_text(row.starts.date())}"
    return tr("{day}, {start} to {end}").format(
        day=day, start=f"{row.starts:%H:%M}", end=f"{row.ends:%H:%M}"
    )


def state_text(row: AppointmentRow) -> str:
    """The state in a word or two; the wait list is said too."""
    one = row.appointment
    if one.state is AppointmentState.REQUESTED and one.wait_list:
        return tr("wait list")
    return tr(STATE_LABELS[one.state])


def badge_role(row: AppointmentRow) -> str:
    return BADGES.get(row.appointment.state, "badge")


def block_name(row: AppointmentRow) -> str:
    """Everything of a block in the calendar, for those who do not see it."""
    parts = [when(row), who(row), row.clinician_name, state_text(row)]
    if row.appointment.conflicting:
        parts.append(tr("collides with another appointment"))
    return ", ".join(part for part in parts if part)


def asked_text(row: AppointmentRow) -> str:
    """Who asked, and when."""
    one = row.appointment
    by = tr("by the patient") if one.requested_by is RequestedBy.PATIENT else tr("by staff")
    return tr("Asked for {by}, {moment}").format(by=by, moment=moment_text(one.requested_at))


def history_text(line: HistoryLine) -> str:
    """One step in one line."""
    text = tr(STEP_LABELS[line.event.kind])
    if line.starts is not None:
        text += " · " + f"{day_text(line.starts.date())}, {line.starts:%H:%M}"
    if line.clinician_name:
        text += " · " + line.clinician_name
    if line.void:
        text += " · " + tr("without effect: it came too late")
    return text


def span_title(first: date, days: int) -> str:
    """As in "23 to 29 Nov 2026", or one day in full."""
    if days == 1:
        return f"{tr(DAYS[first.weekday()])}, {day_text(first)}"
    last = date.fromordinal(first.toordinal() + days - 1)
    start = str(first.day)
    if (first.month, first.year) != (last.month, last.year):
        start += f" {tr(MONTHS[first.month - 1])}"
    if first.year != last.year:
        start += f" {first.year}"
    return tr("{start} to {end}").format(start=start, end=day_text(last))
