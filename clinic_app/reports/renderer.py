"""The reports' door: ``open_report_renderer`` is cheap, the PDF libraries load on first use."""

from __future__ import annotations

from clinic_app.reports.language import speaking
from clinic_app.services.report_data import (
    AuditReport,
    FeedbackReport,
    PersonReport,
    ReportRenderer,
    ScreeningReport,
    WorklistReport,
)
from clinic_app.services.translations import ENGLISH


class PdfReportRenderer:
    """Implements ``services.report_data.ReportRenderer``; safe to use from several threads."""

    def screening(self, report: ScreeningReport, language: str = ENGLISH) -> bytes:
        """The PDF; equal data in the same language give equal bytes. Raises ``ReportFailed``."""
        from clinic_app.reports.screening.document import screening_pdf

        with speaking(language, report.clinic.wordings):
            return screening_pdf(report)

    def person(self, report: PersonReport, language: str = ENGLISH) -> bytes:
        """History, summary, referral letter or the patient's version. Raises ``ReportFailed``."""
        from clinic_app.reports.person.document import person_pdf

        with speaking(language, report.clinic.wordings):
            return person_pdf(report)

    def worklist(self, report: WorklistReport, language: str = ENGLISH) -> bytes:
        """Raises ``ReportFailed``."""
        from clinic_app.reports.clinic.worklist import worklist_pdf

        with speaking(language, report.clinic.wordings):
            return worklist_pdf(report)

    def audit(self, report: AuditReport, language: str = ENGLISH) -> bytes:
        """Raises ``ReportFailed``."""
        from clinic_app.reports.clinic.audit import audit_pdf

        with speaking(language, report.clinic.wordings):
            return audit_pdf(report)

    def feedback(self, report: FeedbackReport, language: str = ENGLISH) -> bytes:
        """Raises ``ReportFailed``."""
        from clinic_app.reports.clinic.feedback import feedback_pdf

        with speaking(language, report.clinic.wordings):
            return feedback_pdf(report)

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        """(pages, PNG of ``page`` from 0 at ``width`` pixels). Raises ``ReportFailed``."""
        from clinic_app.reports.preview import page_picture

        return page_picture(pdf, page, width)


def open_report_renderer() -> ReportRenderer:
    """The renderer that the composition root hands to the services."""
    return PdfReportRenderer()
