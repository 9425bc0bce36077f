"""The screening report from its parts."""

from __future__ import annotations

from clinic_app.reports.frame import press
from clinic_app.reports.language import spoken, tr
from clinic_app.reports.layout.blocks import Block, Space, Stack
from clinic_app.reports.pdf.surface import Properties
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.closing import closing, limits
from clinic_app.reports.screening.estimate import estimate
from clinic_app.reports.screening.frame import frame
from clinic_app.reports.screening.heading import letterhead, patient, section
from clinic_app.reports.screening.history import history
from clinic_app.reports.screening.judgement import judgement
from clinic_app.reports.screening.notes import notes
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.screening.questionnaires import questionnaires
from clinic_app.reports.screening.reviews import reviews
from clinic_app.reports.screening.safety import safety, strip
from clinic_app.reports.text.clean import clean_line
from clinic_app.services.report_data import ScreeningReport, fingerprint


def screening_pdf(report: ScreeningReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    framed = frame(report, clock, sha256)
    return press(_story(report, clock, sha256), framed, _properties(report))


def _story(report: ScreeningReport, clock: Clock, sha256: str) -> Block:
    earlier, texts = history(report, clock), notes(report, clock)
    reviewed = reviews(report, clock)
    parts: list[Block | None] = [
        letterhead(report, clock),
        Space(16),
        patient(report, clock),
        strip(report),
        section(tr("Questionnaires"), questionnaires(report, clock)),
        section(tr(wording.JUDGEMENT_TITLE), judgement(report, clock)),
        safety(report, clock),
        section(tr(wording.ESTIMATE_TITLE), estimate(report, clock), tr(wording.ESTIMATE_TAG)),
        section(tr(wording.REVIEWS_TITLE), reviewed) if reviewed is not None else None,
        section(tr(wording.HISTORY_TITLE), earlier) if earlier is not None else None,
        section(tr(wording.NOTES_TITLE), texts) if texts is not None else None,
        section(tr(wording.LIMITS_TITLE), limits()),
        closing(report, sha256),
    ]
    return Stack([part for part in parts if part is not None])


def _properties(report: ScreeningReport) -> Properties:
    return Properties(
        title=f"{tr(wording.TITLE)} {report.screening.id}",
        author=clean_line(report.clinic.name),
        creator=f"Clinic App {report.program_version}",
        subject=tr(wording.TITLE),
        created=report.printed_at,
        language=spoken().code,
    )
