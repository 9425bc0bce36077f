"""The screening report from its parts."""

from __future__ import annotations

import hashlib
import json

from clinic_app.domain.record_codec import to_plain
from clinic_app.reports.layout.blocks import Block, Space, Stack
from clinic_app.reports.layout.pages import paginate
from clinic_app.reports.pdf.surface import Properties, Surface
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.closing import closing, limits
from clinic_app.reports.screening.estimate import estimate
from clinic_app.reports.screening.frame import foot, sheet
from clinic_app.reports.screening.heading import letterhead, patient, section
from clinic_app.reports.screening.history import history
from clinic_app.reports.screening.judgement import judgement
from clinic_app.reports.screening.notes import notes
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.screening.questionnaires import questionnaires
from clinic_app.reports.screening.safety import safety, strip
from clinic_app.reports.text.clean import clean_line
from clinic_app.reports.text.shaping import shape
from clinic_app.services.report_data import ScreeningReport


def fingerprint(report: ScreeningReport) -> str:
    """SHA-256 over the report's data as canonical JSON (sorted keys, no blanks, UTF-8)."""
    plain = json.dumps(to_plain(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate cannot be written as UTF-8; it is hashed as the code it is.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def screening_pdf(report: ScreeningReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    try:
        return _render(report)
    finally:
        shape.cache_clear()  # it holds words of the notes, which do not outlive the report


def _render(report: ScreeningReport) -> bytes:
    clock = Clock.named(report.time_zone)
    page = sheet(report)
    # The number of pages changes no line of the strip, so its height is known beforehand.
    room = page.room(foot(report, clock, 1, 1))
    pages = paginate(_story(report, clock), page.inner, room)
    surface = Surface(page.width, page.height, _properties(report))
    for number, content in enumerate(pages, start=1):
        content.draw(surface, page.left, page.top, page.inner)
        strip = foot(report, clock, number, len(pages))
        strip.draw(surface, page.left, page.bottom + strip.height(page.inner), page.inner)
        surface.next_page()
    return surface.finish()


def _story(report: ScreeningReport, clock: Clock) -> Block:
    earlier, texts = history(report, clock), notes(report, clock)
    parts: list[Block | None] = [
        letterhead(report, clock),
        Space(16),
        patient(report),
        strip(report),
        section("Questionnaires", questionnaires(report, clock)),
        section(wording.JUDGEMENT_TITLE, judgement(report, clock)),
        safety(report, clock),
        section(wording.ESTIMATE_TITLE, estimate(report, clock), wording.ESTIMATE_TAG),
        section(wording.HISTORY_TITLE, earlier) if earlier is not None else None,
        section(wording.NOTES_TITLE, texts) if texts is not None else None,
        section(wording.LIMITS_TITLE, limits()),
        closing(report, fingerprint(report)),
    ]
    return Stack([part for part in parts if part is not None])


def _properties(report: ScreeningReport) -> Properties:
    return Properties(
        title=f"{wording.TITLE} {report.screening.id}",
        author=clean_line(report.clinic.name),
        creator=f"Clinic App {report.program_version}",
        subject=wording.TITLE,
        created=report.printed_at,
    )
