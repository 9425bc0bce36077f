"""Appointments, tasks, interventions, safety steps, notes and documents."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.notes import Note
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.domain.tasks import Task
from clinic_app.services.fhir.values import (
    Resource,
    concept,
    derived_id,
    filled,
    moment,
    note,
    reference,
    resource,
)
from clinic_app.services.subject import SubjectRecord

_APPOINTMENT = {
    AppointmentState.REQUESTED: "proposed",
    AppointmentState.APPROVED: "booked",
    AppointmentState.DENIED: "cancelled",
    AppointmentState.CANCELLED: "cancelled",
    AppointmentState.COMPLETED: "fulfilled",
    AppointmentState.NO_SHOW: "noshow",
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file beside the bundle: ``name`` is its path in the export."""

    name: str
    media_type: str
    title: str
    screening_id: UUID
    made_at: datetime
    content: bytes


def care(record: SubjectRecord) -> Iterator[Resource]:
    """Appointments, tasks, interventions, safety flows and notes, in this order."""
    yield from map(appointment, record.appointments)
    yield from map(task, record.tasks)
    yield from map(procedure, record.interventions)
    yield from map(safety_flag, record.safety)
    yield from (written_note(one, record) for one in record.notes)


def appointment(one: Appointment) -> Resource:
    """An ``Appointment``; one that was denied or cancelled says why in ``cancelationReason``."""
    clinician = one.slot.clinician_id if one.slot else None
    status = _APPOINTMENT[one.state]
    ended = one.state in (AppointmentState.DENIED, AppointmentState.CANCELLED)
    reason = one.state_text or one.state.value
    participants = [{"actor": reference(one.patient_id), "status": "accepted"}]
    if clinician is not None:
        answer = "accepted" if one.state is AppointmentState.APPROVED else "needs-action"
        participants.append({"actor": reference(clinician), "status": answer})
    return resource(
        "Appointment",
        one.id,
        status=status,
        cancelationReason=concept(f"{one.state.value}: {reason}") if ended else None,
        description=one.reason,
        start=moment(one.slot.start) if one.slot else None,
        end=moment(one.slot.end) if one.slot else None,
        minutesDuration=one.slot.minutes if one.slot else None,
        created=moment(one.requested_at),
        participant=participants,
    )


def task(one: Task) -> Resource:
    """A ``Task``, to be done until the end of its day."""
    status = "requested"
    if one.done_at or one.cancelled_at:
        status = "completed" if one.done_at else "cancelled"
    due = {"period": {"end": one.due_on.isoformat()}} if one.due_on else None
    return resource(
        "Task",
        one.id,
        status=status,
        intent="order",
        description=one.title,
        authoredOn=moment(one.created_at),
        lastModified=moment(one.done_at or one.cancelled_at or one.created_at),
        requester=reference(one.created_by),
        owner=reference(one.owner),
        note=note(one.detail),
        restriction=due,
        **{"for": reference(one.patient_id)},
    )


def procedure(one: Intervention) -> Resource:
    """A completed ``Procedure`` of the clinic's own list, which has no code of another system."""
    return resource(
        "Procedure",
        one.id,
        status="completed",
        code=concept(one.kind),
        subject=reference(one.patient_id),
        performedDateTime=one.performed_on.isoformat(),
        recorder=reference(one.by),
        note=note(one.text),
    )


def safety_flag(flow: SafetyFlow) -> Resource:
    """A ``Flag``, active until the steps are closed."""
    closed = flow.state is SafetyState.CLOSED
    return resource(
        "Flag",
        flow.id,
        status="inactive" if closed else "active",
        category=[concept("Safety steps")],
        code=concept(f"Safety steps, opened by: {flow.trigger.value.replace('_', ' ')}"),
        subject=reference(flow.patient_id),
        period=filled(
            {
                "start": moment(flow.opened_at),
                "end": moment(flow.events[-1].at) if closed else None,
            }
        ),
    )


def written_note(one: Note, record: SubjectRecord) -> Resource:
    """``description`` names the colleague whose unsigned draft it began with, if it did."""
    parts = [one.text, *(f"{part.heading}\n{part.text}" for part in one.sections)]
    content = "\n\n".join(part for part in parts if part).encode()
    appended = [{"code": "appends", "target": reference(one.addendum_to)}]
    discarded = one.discarded_at is not None
    return resource(
        "DocumentReference",
        one.id,
        status="entered-in-error" if discarded else "current",
        docStatus="final" if one.signed_at else "preliminary",
        type=concept(f"Clinical note: {one.kind.value.replace('_', ' ')}"),
        subject=reference(one.patient_id),
        date=moment(one.signed_at or one.written_at),
        author=[reference(one.author)],
        authenticator=reference(one.signed_by),
        relatesTo=appended if one.addendum_to else [],
        description=_begun_with(one, record),
        content=[
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(content).decode(),
                    "hash": _hash(content),
                }
            }
        ],
    )


def _begun_with(one: Note, record: SubjectRecord) -> str | None:
    if one.origin is None:
        return None
    author = record.staff_name(one.origin.author) or "a former member of staff"
    return f"Begun with an unsigned draft by {author} of {moment(one.origin.written_at)}"


def document(record: SubjectRecord, file: ExportedFile) -> Resource:
    """A report or image that lies beside the bundle."""
    return resource(
        "DocumentReference",
        derived_id(file.screening_id, file.name),
        status="current",
        type=concept(file.title),
        subject=reference(record.patient.id),
        date=moment(file.made_at.astimezone(UTC)),
        content=[
            {
                "attachment": {
                    "contentType": file.media_type,
                    "url": file.name,
                    "size": len(file.content),
                    "hash": _hash(file.content),
                    "title": file.title,
                }
            }
        ],
    )


def _hash(content: bytes) -> str:
    """FHIR asks for SHA-1 here; the export's own list of files has SHA-256."""
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
