"""What a reporting table holds of a record: pure functions from record to row.

Moments are UTC, identifiers are text. What a column cannot hold is cut (a text) or left empty (a
year before 1000, a number beyond 32,767), and the row's ``unfit`` names the columns concerned. What
a face reading says is named ``visible_affect``: an observation beside the questionnaires, never a
score of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
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

_LONG = frozenset({"reason", "words"})

FIRST_YEAR = 1000
"""The first year that MySQL keeps in a DATE or DATETIME; the last one is Python's as well."""

GREATEST = 32_767
"""The greatest number of a SMALLINT."""


class Row(NamedTuple):
    """``values`` by column; ``id`` is the table's key."""

    table: str
    values: Mapping[str, Any]


def patient_row(one: Patient, merged_into: UUID | None) -> Row:
    return Row(
        "patient",
        {
            "id": str(one.id),
            "family_name": one.family_name,
            "given_name": one.given_name,
            "birth_date": one.birth_date,
            "sex": one.sex.value,
            "phone": one.phone,
            "local_number": one.local_number,
            "registered_at": one.registered_at,
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
            "start_at": one.slot.start if one.slot else None,
            "end_at": one.slot.end if one.slot else None,
            "wait_list": one.wait_list,
            "reason": one.reason,
            "requested_by": one.requested_by.value,
            "requested_at": one.requested_at,
            "changed_at": one.changed_at,
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
            "written_at": one.written_at,
            "signed_at": one.signed_at,
            "signed_by": _text(one.signed_by),
            "addendum_to": _text(one.addendum_to),
            "words": "\n\n".join(filter(None, (one.text, *sections))) if one.signed_at else "",
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
            "started_at": one.started_at,
            "finished_at": one.finished_at,
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
        "language": one.language,
        "words": one.text,
        "screening_id": None,
        "rating": None,
        "agreement": None,
        "category": None,
        "harm": None,
        "is_open": None,
    }
    if isinstance(one, Incident):
        values |= {"kind": "incident", "given_at": one.opened_at, "given_on": one.opened_on}
        values |= {"category": one.category.value, "harm": one.harm.value, "is_open": one.open}
        return Row("feedback", values)
    values |= {"given_at": one.given_at, "given_on": one.given_on}
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


def fitted(row: Row) -> Row:
    """The row as its columns can hold it."""
    values: dict[str, Any] = {}
    unfit = []
    for name, value in row.values.items():
        values[name], fits = _fit(name, value)
        if not fits:
            unfit.append(name)
    return Row(row.table, {**values, "unfit": ", ".join(unfit) or None})


def _fit(name: str, value: Any) -> tuple[Any, bool]:
    """What the column takes, and whether that is all of the value."""
    if isinstance(value, str):
        limit = TEXT if name in _LONG else SHORT
        return value[:limit], len(value) <= limit
    if isinstance(value, datetime):
        moment = _utc(value)
        return moment, moment is not None
    if isinstance(value, date):
        fits = value.year >= FIRST_YEAR
        return (value if fits else None), fits
    if isinstance(value, int) and not isinstance(value, bool):
        fits = abs(value) <= GREATEST
        return (value if fits else None), fits
    return value, True


def _utc(moment: datetime) -> datetime | None:
    """Without a zone, as a DATETIME column takes it; None outside of its years."""
    try:
        found = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None
    return found if found.year >= FIRST_YEAR else None


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)
