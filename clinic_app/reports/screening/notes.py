"""Notes of any length, each with its signature and the hash of its text."""

from __future__ import annotations

from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Space, Stack, Titled
from clinic_app.reports.layout.texts import mixed, prose, words
from clinic_app.reports.screening import wording
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
    kind = "Addendum" if note.addendum_to else "Note"
    signature = [f"   {wording.UNSIGNED}"]
    if note.signed_at is not None:
        signature = ["   signed by ", signed.signer, f", {clock.minute(note.signed_at)}"]
    heading = mixed(
        (f"{kind} of {clock.minute(note.written_at)}", style.STRONG),
        *((part, style.SMALL_MUTED) for part in signature),
    )
    hashed = words(f"SHA-256 of the text: {note.sha256}", style.TINY)
    return Stack([Titled(Stack([heading, Space(3)]), prose(note.text)), Space(2), hashed])
