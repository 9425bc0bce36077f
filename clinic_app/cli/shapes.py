"""The JSON of records, as the commands print them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from clinic_app.domain.consent import Purpose
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import INSTRUMENTS, Response, Score
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.safety import SafetyFlow, foremost
from clinic_app.domain.screening import Draft, Judgement, Screening
from clinic_app.services.screen_json import finding_json, quality_json

if TYPE_CHECKING:
    from clinic_app.services.patients import PatientRow

HIDDEN = "not shown before the own judgement"
_SHOWN = "shown"


def patient_json(patient: Patient) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(patient)
    return plain


def patient_row_json(row: PatientRow) -> dict[str, Any]:
    return {
        **patient_json(row.patient),
        "last_screening_at": moment(row.last_screening_at),
        "has_draft": row.has_draft,
        "safety_open": row.safety_open,
    }


def note_json(note: Note, beside: Sequence[Note] = ()) -> dict[str, Any]:
    """``sha256`` is the hash that is printed with the signature. ``signed_beside`` are the other
    texts of a note that was signed twice, while nobody has settled it."""
    state = "signed" if note.signed_at else "discarded" if note.discarded_at else "draft"
    plain = {**to_plain(note), "state": state, "sha256": note.sha256}
    return {**plain, "signed_beside": [note_json(one) for one in beside]} if beside else plain


def consent_json(state: dict[Purpose, bool]) -> dict[str, bool | None]:
    """Every purpose; ``None`` where nobody has asked yet."""
    return {purpose.value: state.get(purpose) for purpose in Purpose}


def score_json(score: Score) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(score)
    return plain


def response_json(response: Response) -> dict[str, Any]:
    return {
        **to_plain(response),
        "title": INSTRUMENTS[response.instrument].title,
        "score": score_json(response.score),
    }


def flow_json(flow: SafetyFlow | None) -> dict[str, Any] | None:
    if flow is None:
        return None
    plain: dict[str, Any] = to_plain(flow)
    return plain


def flows_json(flows: Sequence[SafetyFlow]) -> dict[str, Any]:
    """``safety_flows``: all of one screening, oldest first; ``safety``: the foremost of these."""
    return {
        "safety": flow_json(foremost(flows)),
        "safety_flows": [flow_json(flow) for flow in flows],
    }


def draft_json(draft: Draft, flows: Sequence[SafetyFlow]) -> dict[str, Any]:
    """A draft; its estimate stays out until the own judgement is recorded and it was shown."""
    shown = None if draft.hides_estimate else draft.finding
    return {
        "id": str(draft.id),
        "patient_id": str(draft.patient_id),
        "state": "draft",
        "started_at": moment(draft.started_at),
        "changed_at": moment(draft.changed_at),
        "finished_at": None,
        "questionnaires": [response_json(one) for one in draft.responses],
        "not_handed_in": [
            sheet.instrument.value for sheet in draft.sheets if sheet.completed_at is None
        ],
        "cautions": to_plain(draft.cautions),
        "judgement": to_plain(draft.judgement),
        "judged_after_estimate": _judged_after(draft.judgement, draft.revealed_at),
        "picture_taken": draft.finding is not None,
        "quality": quality_json(draft.finding.quality) if draft.finding else None,
        "estimate": HIDDEN if draft.hides_estimate else _SHOWN if shown else None,
        "estimate_shown_at": moment(draft.revealed_at),
        "finding": finding_json("", shown) if shown else None,
        **flows_json(flows),
    }


def screening_json(
    screening: Screening, flows: Sequence[SafetyFlow], *, withheld: bool = False
) -> dict[str, Any]:
    """``withheld``: there is an estimate that the reader must not see before the own judgement."""
    finding = screening.finding
    return {
        "id": str(screening.id),
        "patient_id": str(screening.patient_id),
        "state": "finished",
        "started_at": moment(screening.started_at),
        "changed_at": moment(screening.finished_at),
        "finished_at": moment(screening.finished_at),
        "questionnaires": [response_json(one) for one in screening.responses],
        "not_handed_in": [],
        "cautions": to_plain(screening.cautions),
        "judgement": to_plain(screening.judgement),
        "judged_after_estimate": _judged_after(screening.judgement, screening.estimate_shown_at),
        "picture_taken": withheld or finding is not None,
        "quality": quality_json(finding.quality) if finding else None,
        "estimate": HIDDEN if withheld else _SHOWN if finding else None,
        "estimate_shown_at": moment(screening.estimate_shown_at),
        "finding": finding_json("", finding) if finding else None,
        **flows_json(flows),
    }


def _judged_after(judgement: Judgement | None, shown_at: datetime | None) -> bool | None:
    """Whether the judgement came after the estimate was shown; ``None`` without both."""
    if judgement is None or shown_at is None:
        return None
    return judgement.at > shown_at


def moment(at: datetime | None) -> str | None:
    """UTC, ISO 8601."""
    text: str | None = to_plain(at)
    return text
