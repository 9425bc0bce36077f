"""What a reporting table holds of a record: pure functions from record to row.

Texts are cut to their column, moments are UTC, identifiers are text. What a face reading says is
named ``visible_affect``: an observation beside the questionnaires, never a score of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from clinic_app.db.screen_columns import screening_columns
from clinic_app.domain.appointments import Appointment
from clinic_app.domain.feedback import Incident, ResultAgreement, ServiceRating
from clinic_app.domain.finding import Band
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import Screening

SHORT = 250
"""Characters of a short text column."""

TEXT = 200_000
"""Characters of a long text column: 800 kB, a statement's share of the server's packet."""


class Row(NamedTuple):
    """``values`` by column; ``id`` is the table's key."""

    table: str
    values: Mapping[str, Any]


def patient_row(one: Patient, merged_into: UUID | None) -> Row:
    return Row(
        "patient",
        {
            "id": str(one.id),
            "family_name": one.family_name[:SHORT],
            "given_name": one.given_name[:SHORT],
            "birth_date": one.birth_date,
            "sex": one.sex.value,
            "phone": one.phone[:SHORT],
            "local_number": one.local_number[:SHORT],
            "registered_at": _utc(one.registered_at),
            "merged_into": _text(merged_into),
        },
    )


def appointment_row(one: Appointment) -> Row:
    return Row(
        "appointment",
        {
            "id": str(one.id),
            "patient_id": str(one.patient_id),
            "clinician_id": _text(one.slot.clinician_id if one.slot else None),
            "state": one.state.value,
            "start_at": _utc(one.slot.start if one.slot else None),
            "end_at": _utc(one.slot.end if one.slot else None),
            "wait_list": one.wait_list,
            "reason": one.reason[:TEXT],
            "requested_by": one.requested_by.value,
            "requested_at": _utc(one.requested_at),
            "changed_at": _utc(one.changed_at),
        },
    )


def note_row(one: Note) -> Row:
    """Words are reported once they are signed: a draft belongs to who writes it."""
    state = "signed" if one.signed_at else "discarded" if one.discarded_at else "draft"
    sections = (f"{section.heading}\n{section.text}" for section in one.sections)
    return Row(
        "note",
        {
            "id": str(one.id),
            "patient_id": str(one.patient_id),
            "author_id": str(one.author),
            "kind": one.kind.value,
            "state": state,
            "written_at": _utc(one.written_at),
            "signed_at": _utc(one.signed_at),
            "signed_by": _text(one.signed_by),
            "addendum_to": _text(one.addendum_to),
            "words": "\n\n".join(filter(None, (one.text, *sections)))[:TEXT]
            if one.signed_at
            else "",
        },
    )


def screening_row(one: Screening) -> Row:
    columns = screening_columns(one)
    band = columns["band"]
    return Row(
        "screening",
        {
            "id": str(one.id),
            "patient_id": str(one.patient_id),
            "taken_by": str(one.taken_by),
            "started_at": _utc(one.started_at),
            "finished_at": _utc(one.finished_at),
            "phq9_total": columns["phq9_total"],
            "phq9_item_nine": columns["item_nine"],
            "gad7_total": columns["gad7_total"],
            "clinician_severity": one.judgement.severity.value if one.judgement else None,
            "clinician_flagged": columns["flagged"],
            "visible_affect": None if band is None else Band(band).name.lower(),
        },
    )


def feedback_row(one: ServiceRating | ResultAgreement | Incident) -> Row:
    """The three forms of feedback in one table; ``kind`` tells them apart."""
    values: dict[str, Any] = {
        "id": str(one.id),
        "patient_id": _text(one.patient_id),
        "author": one.author.value,
        "language": one.language[:SHORT],
        "words": one.text[:TEXT],
        "screening_id": None,
        "rating": None,
        "agreement": None,
        "category": None,
        "harm": None,
        "is_open": None,
    }
    if isinstance(one, Incident):
        values |= {"kind": "incident", "given_at": _utc(one.opened_at), "given_on": one.opened_on}
        values |= {"category": one.category.value, "harm": one.harm.value, "is_open": one.open}
        return Row("feedback", values)
    values |= {"given_at": _utc(one.given_at), "given_on": one.given_on}
    if isinstance(one, ServiceRating):
        return Row("feedback", {**values, "kind": "rating", "rating": one.rating})
    return Row(
        "feedback",
        {
            **values,
            "kind": "agreement",
            "agreement": one.agreement.value,
            "screening_id": str(one.screening_id),
        },
    )


def _utc(moment: datetime | None) -> datetime | None:
    """Without a zone, as a DATETIME column takes it."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)
