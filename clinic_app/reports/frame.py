"""What stands on every page, and blocks pressed onto pages: the way every report is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.people import CrisisContact
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Rule, Space, Stack
from clinic_app.reports.layout.pages import paginate
from clinic_app.reports.layout.texts import Align, mixed, words
from clinic_app.reports.pdf.surface import Properties, Surface
from clinic_app.reports.text.lines import Look
from clinic_app.reports.text.shaping import shape

CRISIS_SHORT = "In a crisis:"
DOT = "   ·   "

_SIZES = {"A4": (595.276, 841.89), "LETTER": (612.0, 792.0)}
_MARGIN = 48.0
_TOP = 40.0
_BOTTOM = 26.0
_GAP = 14.0
_CONTACTS = 6
"""On every page; the last section of the report has them all."""


@dataclass(frozen=True)
class Sheet:
    """The page's measures in points. ``room`` is what content may fill."""

    width: float
    height: float

    @property
    def inner(self) -> float:
        return self.width - 2 * _MARGIN

    @property
    def left(self) -> float:
        return _MARGIN

    @property
    def top(self) -> float:
        return self.height - _TOP

    @property
    def bottom(self) -> float:
        return _BOTTOM

    def room(self, foot: Block) -> float:
        return self.height - _TOP - _BOTTOM - _GAP - foot.height(self.inner)


def sheet(page_size: str) -> Sheet:
    """A4 unless the clinic prints on Letter."""
    return Sheet(*_SIZES.get(page_size.strip().upper(), _SIZES["A4"]))


@dataclass(frozen=True)
class Frame:
    """``ids`` says whose record this is, ``data`` of when, by which program."""

    page_size: str
    ids: str
    data: str
    contacts: Sequence[CrisisContact] = ()

    def foot(self, page: int, pages: int) -> Block:
        """The strip at the bottom of page ``page`` (from 1) of ``pages``."""
        crisis = [_crisis(self.contacts), Space(1.5)] if self.contacts else []
        number = words(
            tr("Page {page} of {pages}").format(page=page, pages=pages),
            style.TINY_STRONG,
            Align.RIGHT,
        )
        whose = Columns([words(self.ids, style.TINY), number], [0.82, 0.18])
        return Stack([Rule(), Space(4), *crisis, whose, words(self.data, style.TINY)])


def data_line(at: str, program_version: str) -> str:
    """Of when the data are, and which program has written them down."""
    return DOT.join((tr("Data of {at}").format(at=at), f"Clinic App {program_version}"))


def document_text(document: UUID | str) -> str:
    """The document's ID, named."""
    return tr("Document {id}").format(id=document)


def patient_text(patient: UUID) -> str:
    """The patient's ID, named."""
    return tr("Patient {id}").format(id=patient)


def _crisis(contacts: Sequence[CrisisContact]) -> Block:
    pieces: list[tuple[str, Look]] = [(f"{tr(CRISIS_SHORT)}  ", style.TINY_STRONG)]
    shown = contacts[:_CONTACTS]
    for index, contact in enumerate(shown):
        pieces += [(f"{contact.name} ", style.TINY), (contact.phone, style.TINY_STRONG)]
        if index < len(shown) - 1:
            pieces.append((DOT, style.TINY))
    return mixed(*pieces)


def press(story: Block, frame: Frame, properties: Properties) -> bytes:
    """The PDF of blocks below each other; equal blocks give equal bytes."""
    try:
        page = sheet(frame.page_size)
        # The number of pages changes no line of the strip, so its height is known beforehand.
        pages = paginate(story, page.inner, page.room(frame.foot(1, 1)))
        surface = Surface(page.width, page.height, properties)
        for number, content in enumerate(pages, start=1):
            content.draw(surface, page.left, page.top, page.inner)
            strip = frame.foot(number, len(pages))
            strip.draw(surface, page.left, page.bottom + strip.height(page.inner), page.inner)
            surface.next_page()
        return surface.finish()
    finally:
        shape.cache_clear()  # it holds words of the notes, which do not outlive the report
