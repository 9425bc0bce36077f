"""Appointments on the command line: clinicians, and what is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinic_app.cli.output import one_line
from clinic_app.cli.values import colleague

if TYPE_CHECKING:
    from clinic_app.services.appointment_rows import AppointmentRow
    from clinic_app.services.clinic_services import ClinicServices


def clinician_named(services: ClinicServices, user_name: str) -> UUID | None:
    """The clinician of this user name; ``None`` for an empty one."""
    if not user_name:
        return None
    return colleague(services.appointments.clinicians(), user_name, "clinician").id


def as_json_row(row: AppointmentRow) -> dict[str, Any]:
    one = row.appointment
    return {
        "id": str(one.id),
        "patient_id": str(one.patient_id),
        "patient": row.patient_name or None,
        "state": one.state.value,
        "start": row.starts.isoformat() if row.starts else None,
        "end": row.ends.isoformat() if row.ends else None,
        "minutes": one.slot.minutes if one.slot else None,
        "clinician_id": str(row.clinician_id) if row.clinician_id else None,
        "clinician": row.clinician_name or None,
        "wait_list": one.wait_list,
        "reason": one.reason,
        "state_text": one.state_text,
        "requested_by": one.requested_by.value,
        "requested_at": one.requested_at.isoformat(),
        "series_id": str(one.series_id) if one.series_id else None,
        "rescheduled": one.rescheduled,
        "conflicts_with": [str(other) for other in one.conflicts_with],
    }


def line_of(row: AppointmentRow) -> str:
    """One line of a list."""
    one = row.appointment
    when = f"{row.starts:%Y-%m-%d %H:%M}" if row.starts else "no time yet"
    length = f"{one.slot.minutes} min" if one.slot else ""
    state = "wait list" if one.wait_list else one.state.value.replace("_", " ")
    mark = "CONFLICT" if one.conflicting else ""
    parts = (str(one.id), when, length, state, row.patient_name, row.clinician_name, mark)
    return "  ".join(one_line(part) for part in parts if part)
