"""Notes of any length, each with its signature and the hash of its text."""

from __future__ import annotations

from clinic_app.reports import parts
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Space, Stack, Titled
from clinic_app.reports.layout.texts import prose, words
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport, SignedNote


def notes(report: ScreeningReport, clock: Clock) -> Block | None:
    """Oldest first; ``None`` when there are none."""
    if not report.notes:
        return None
    ordered = sorted(report.notes, key=lambda one: (one.note.written_at, one.note.id))
    blocks: list[Block] = []
    for one in ordered:
        blocks += [_note(one, clock), Space(10)]
    return Stack(blocks[:-1])


def _note(signed: SignedNote, clock: Clock) -> Block:
    note = signed.note
    kind = tr("Addendum") if note.addendum_to else tr("Note", "noun")
    heading = parts.note_heading(kind, signed, clock.minute)
    hashed = words(parts.note_hash(note), style.TINY)
    also = parts.beside(signed, lambda other: _note(other, clock))
    return Stack([Titled(Stack([heading, Space(3)]), prose(note.text)), Space(2), hashed, *also])
