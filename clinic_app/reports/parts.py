"""Parts that every kind of report has: letterhead, whom to call, signature line, fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from clinic_app.domain.consent import Purpose
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, CrisisContact
from clinic_app.reports.language import spoken, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Rule, Space, Stack
from clinic_app.reports.layout.texts import Align, fields, mixed, split, words
from clinic_app.reports.pdf.surface import Properties
from clinic_app.reports.screening.wording import DRAWN_FROM, PURPOSE, SIGNED_TWICE, UNSIGNED
from clinic_app.reports.text.clean import clean_line
from clinic_app.reports.text.lines import Look
from clinic_app.services.report_data import Author, Report, SignedNote
from clinic_app.services.translations import ENGLISH

CRISIS_TITLE = "In a crisis, call now"
SIGNATURE = "Signature, name and date"
FINGERPRINT = "Fingerprint of the data (SHA-256)"
AUDIT_HEAD = "Audit trail at"
VERIFY = "Whether this clinic issued it: type its first digits under Reports in the program."
DEMO = "Demo clinic: this is not a record of a real person."
UNREVIEWED = (
    "A translation that no clinician or professional translator has reviewed yet. Where it differs"
    " from the report in English, the English counts."
)


def letterhead(clinic: ClinicProfile, title: str, when: str, notices: Sequence[str] = ()) -> Block:
    """The clinic on the left, the document on the right, notices below."""
    given = [clean_line(part) for part in (clinic.address, clinic.phone) if part.strip()]
    left: list[Block] = [words(clinic.name, style.CLINIC)]
    if given:
        dotted = [text for part in given for text in (" · ", part)][1:]
        left.append(fields(style.SMALL_MUTED, *dotted))
    right = Stack(
        [
            words(title, style.CARD, Align.RIGHT),
            words(when, style.SMALL_MUTED, Align.RIGHT),
        ]
    )
    blocks: list[Block] = [Columns([Stack(left), right], [0.6, 0.4], 16), Space(7)]
    blocks.append(Rule(style.ACCENT, 1.2))
    for notice in (*([tr(DEMO)] if clinic.demo else []), *notices):
        blocks += [Space(6), Panel(words(notice, style.SMALL_STRONG), style.PALE, None, 5)]
    if spoken().code != ENGLISH and not spoken().reviewed_by:
        blocks += [Space(4), words(tr(UNREVIEWED), style.SMALL_MUTED)]
    return Stack(blocks)


def crisis(contacts: Sequence[CrisisContact], look: Look = style.BODY) -> Block:
    """Every contact, the number in bold."""
    strong = Look(look.size, True, look.colour)
    rows: list[Block] = [words(tr(CRISIS_TITLE), strong), Space(2)]
    for contact in contacts:
        hours = f"   {contact.hours}" if contact.hours.strip() else ""
        rows.append(
            mixed((f"{contact.name}   ", look), (contact.phone, strong), (hours, style.SMALL_MUTED))
        )
    return Kept(Panel(Stack(rows), style.ACCENT_PALE, style.ACCENT, 9))


def signature(author: Author) -> Block:
    """A line to sign on over the name of who answers for the document."""
    said = [part for part in (author.name, author.title) if part.strip()]
    if author.registration_number.strip():
        said.append(tr("Reg. no. {number}").format(number=author.registration_number))
    dotted = [text for part in said for text in (" · ", clean_line(part))][1:]
    line = Stack([Space(34), Rule(style.INK, 0.6), Space(2), words(tr(SIGNATURE), style.LABEL)])
    return Kept(Stack([Columns([line, Space(1)], [0.55, 0.45]), fields(style.SMALL, *dotted)]))


def checks(sha256: str, audit_head: str = "") -> Block:
    """What the paper can be checked against."""
    rows: list[Block] = [
        Space(12),
        mixed((f"{tr(FINGERPRINT)}  ", style.TINY), (sha256, style.TINY_STRONG)),
        words(tr(VERIFY), style.TINY),
    ]
    if audit_head:
        rows.append(mixed((f"{tr(AUDIT_HEAD)}  ", style.TINY), (audit_head, style.TINY_STRONG)))
    return Kept(Stack(rows))


def note_heading(kind: str, one: SignedNote, at: Callable[[datetime], str]) -> Block:
    """What kind of note, of when, and who signed it when; ``at`` writes a moment."""
    written = one.note
    title = tr("{kind} of {at}").format(kind=kind, at=at(written.written_at))
    if written.signed_at is None:
        return mixed((title, style.STRONG), (f"   {tr(UNSIGNED)}", style.SMALL_MUTED))
    signed = tr("signed by {name}, {at}")
    said = split(signed, name=one.signer, at=at(written.signed_at))
    heading = mixed((f"{title}   ", style.STRONG), *((piece, style.SMALL_MUTED) for piece in said))
    if written.origin is None:
        return heading
    begun = split(tr(DRAWN_FROM), name=one.drafted_by, at=at(written.origin.written_at))
    return Stack([heading, mixed(*((piece, style.SMALL_MUTED) for piece in begun))])


def beside(one: SignedNote, written: Callable[[SignedNote], Block]) -> list[Block]:
    """What follows a note that was signed twice, while nobody has settled which text holds."""
    found: list[Block] = []
    for other in one.beside:
        found += [Space(6), words(tr(SIGNED_TWICE), style.SMALL_STRONG), Space(4), written(other)]
    return found


def note_hash(note: Note) -> str:
    """What the text of a note can be checked against."""
    return tr("SHA-256 of the text: {hash}").format(hash=note.sha256)


def consented(consent: Mapping[Purpose, bool]) -> str:
    """What a person has agreed to and what not, as far as it is on record."""
    return ", ".join(
        (tr("{purpose} yes") if consent[purpose] else tr("{purpose} no")).format(purpose=tr(label))
        for purpose, label in PURPOSE.items()
        if purpose in consent
    )


def properties(report: Report, title: str, name: str) -> Properties:
    """What the file says about itself: the document's title and ID, never a person's name."""
    return Properties(
        title=f"{title} {name}",
        author=clean_line(report.clinic.name),
        creator=f"Clinic App {report.program_version}",
        subject=title,
        created=report.printed_at if hasattr(report, "printed_at") else report.at,
        language=spoken().code,
    )


def spaced(blocks: Sequence[Block], points: float = 6.0) -> Stack:
    """Blocks with air between them."""
    return Stack([part for block in blocks for part in (Space(points), block)][1:])
