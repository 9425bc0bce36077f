"""What the rows of a timeline say; plain functions, no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.finding import Finding
from clinic_app.domain.notes import Note
from clinic_app.domain.questionnaires import ItemNine, Response
from clinic_app.domain.safety import SafetyEventKind, SafetyFlow, SafetyState
from clinic_app.domain.screening import Screening
from clinic_app.services.consent_texts import PURPOSE_LABELS
from clinic_app.services.timeline import Event, moment_of
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import ABSTAIN_SENTENCES, BAND_LABELS, score_band_text, tr

Names = Mapping[UUID, str]
Row = Screening | Note | SafetyFlow | tuple[ConsentEvent, ...]


def rows_of(events: Iterable[Event]) -> list[Row]:
    """The events of a timeline; consents that were recorded together make one row."""
    rows: list[Row] = []
    for event in events:
        if not isinstance(event, ConsentEvent):
            rows.append(event)
            continue
        last = rows[-1] if rows else None
        if isinstance(last, tuple) and _together(last[0], event):
            rows[-1] = (*last, event)
        else:
            rows.append((event,))
    return rows


def moment_of_row(row: Row) -> datetime:
    """When it happened, in UTC."""
    return moment_of(row[0] if isinstance(row, tuple) else row)


def score_text(response: Response) -> str:
    """As in "PHQ-9  14 of 27 · moderate"."""
    score = response.score
    if score.total is None:
        return tr("{scale}  no total, {missing} questions not answered").format(
            scale=score.scale, missing=score.missing
        )
    text = tr("{scale}  {total} of {maximum} · {band}").format(
        scale=score.scale,
        total=score.total,
        maximum=score.maximum,
        band=score_band_text(score.band),
    )
    return f"{text} · {tr('prorated')}" if score.prorated else text


def item_nine_text(response: Response) -> str:
    """A line about question 9 when it needs one; nothing when it was answered "not at all"."""
    state = response.score.item_nine
    if state is ItemNine.POSITIVE:
        return tr("Question 9 was answered with thoughts of being better off dead or of self-harm.")
    if state is ItemNine.NOT_ANSWERED:
        return tr("Question 9 was not answered; there is no PHQ-9 total.")
    return ""


def estimate_text(finding: Finding) -> str:
    """The face reading in one line, named as the extra it is."""
    if finding.abstained is not None:
        return tr(ABSTAIN_SENTENCES[finding.abstained])
    reading = finding.severity
    assert reading is not None  # a finding has a reading or a reason
    low, high = reading.interval
    return tr("Visible depressive affect: {band} ({percent:.0f}%, {low:.0f}-{high:.0f}%)").format(
        band=tr(BAND_LABELS[reading.band]), percent=reading.percent, low=low, high=high
    )


def consent_text(events: tuple[ConsentEvent, ...], names: Names) -> str:
    """What was agreed to and refused, by whom, and who recorded it."""
    parts = []
    order = list(Purpose)
    events = tuple(sorted(events, key=lambda event: order.index(event.purpose)))
    for granted, words in (
        (True, tr("Agreed: {purposes}.")),
        (False, tr("Not agreed: {purposes}.")),
    ):
        purposes = [
            tr(PURPOSE_LABELS[event.purpose]).lower()
            for event in events
            if event.granted is granted
        ]
        if purposes:
            parts.append(words.format(purposes=", ".join(purposes)))
    first = events[0]
    given = (
        tr("Given by a guardian, recorded by {name}.")
        if first.given_by is GivenBy.GUARDIAN
        else tr("Given by the patient, recorded by {name}.")
    )
    parts.append(given.format(name=name_of(first.recorded_by, names)))
    if first.note:
        parts.append(f"“{first.note}”")
    return " ".join(parts)


def safety_lines(flow: SafetyFlow, names: Names) -> list[str]:
    """The steps of a flow in plain words, oldest first."""
    lines = []
    for event in flow.events:
        who = name_of(event.by, names)
        if event.kind is SafetyEventKind.ANSWER_CHANGED:
            lines.append(tr("The answer was changed afterwards; the steps stay."))
        elif event.kind is SafetyEventKind.CONCERN_RAISED:
            lines.append(
                tr("{name} raised a concern, {when}; the steps stay.").format(
                    name=who, when=moment_text(event.at)
                )
            )
        elif event.kind is SafetyEventKind.HANDED_OVER:
            lines.append(tr("Handed by {name} to {other}.").format(name=who, other=event.handed_to))
        elif event.kind is SafetyEventKind.ACKNOWLEDGED:
            lines.append(
                tr("{name} has taken over, {when}.").format(name=who, when=moment_text(event.at))
            )
        elif event.kind is SafetyEventKind.ASSESSED and event.assessment is not None:
            found = event.assessment
            lines.append(
                tr("Assessed by {name}: {text}").format(name=who, text=found.clinical_assessment)
            )
            lines.append(tr("Plan: {text}").format(text=found.plan))
            lines.append(tr("Next contact {when}.").format(when=moment_text(found.next_contact_at)))
    if flow.state is SafetyState.OPEN:
        lines.append(tr("Open: an assessment or a hand-over is needed."))
    return lines


def note_text(note: Note) -> str:
    """What is written: the text, then each section that has words under its heading."""
    parts = [note.text] if note.text else []
    parts += [f"{one.heading}\n{one.text}" for one in note.sections if one.text]
    return "\n\n".join(parts)


def note_status(note: Note, names: Names, me: UUID) -> str:
    """Who wrote it, and whether it is signed: by whom, when, and the hash of what was signed."""
    author = name_of(note.author, names)
    if note.hides_words_from(me):
        return tr("A note in progress by {name}").format(name=author)
    if note.signed_at is None and note.handed is not None and note.author != me:
        return tr("Unsigned draft by {name}, handed over to you by {by}, {when}: {reason}").format(
            name=author,
            by=name_of(note.handed.by, names),
            when=moment_text(note.handed.at),
            reason=note.handed.reason,
        )
    if note.signed_at is None:
        return _from_where(note, names, tr("Draft by {name}, not signed").format(name=author))
    signer = name_of(note.signed_by or note.author, names)
    signature = tr("Signed by {name}, {when} · SHA-256 {hash}…").format(
        name=signer, when=moment_text(note.signed_at), hash=note.sha256[:16]
    )
    if author != signer:
        signature = f"{tr('Written by {name}.').format(name=author)} {signature}"
    return _from_where(note, names, signature)


def _from_where(note: Note, names: Names, status: str) -> str:
    if note.origin is None:
        return status
    said = tr("Begun with an unsigned draft by {name} of {when}.").format(
        name=name_of(note.origin.author, names), when=moment_text(note.origin.written_at)
    )
    return f"{said} {status}"


def name_of(user: UUID, names: Names) -> str:
    return names.get(user) or tr("a former member of staff")


def _together(first: ConsentEvent, second: ConsentEvent) -> bool:
    same_time = first.recorded_at == second.recorded_at
    return same_time and first.given_by is second.given_by and first.note == second.note
