"""What stands on every page: whose record, which page, when, which program, whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Rule, Space, Stack
from clinic_app.reports.layout.texts import Align, mixed, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.text.lines import Look
from clinic_app.services.report_data import ScreeningReport, Standing

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


def sheet(report: ScreeningReport) -> Sheet:
    """A4 unless the clinic prints on Letter."""
    return Sheet(*_SIZES.get(report.clinic.page_size.strip().upper(), _SIZES["A4"]))


def foot(report: ScreeningReport, clock: Clock, page: int, pages: int) -> Block:
    """The strip at the bottom of page ``page`` (from 1) of ``pages``."""
    ids = f"Patient {report.patient.id}   ·   Visit {report.screening.id}"
    if report.standing is Standing.NOT_STORED:
        ids = wording.NOT_STORED
    data = f"Data of {clock.full(report.printed_at)}   ·   Clinic App {report.program_version}"
    number = f"Page {page} of {pages}"
    crisis = [_crisis(report), Space(1.5)] if report.clinic.crisis_contacts else []
    return Stack(
        [
            Rule(),
            Space(4),
            *crisis,
            Columns(
                [words(ids, style.TINY), words(number, style.TINY_STRONG, Align.RIGHT)],
                [0.82, 0.18],
            ),
            words(data, style.TINY),
        ]
    )


def _crisis(report: ScreeningReport) -> Block:
    pieces: list[tuple[str, Look]] = [(f"{wording.CRISIS_SHORT}  ", style.TINY_STRONG)]
    contacts = report.clinic.crisis_contacts[:_CONTACTS]
    for index, contact in enumerate(contacts):
        pieces += [(f"{contact.name} ", style.TINY), (contact.phone, style.TINY_STRONG)]
        if index < len(contacts) - 1:
            pieces.append(("   ·   ", style.TINY))
    return mixed(*pieces)
