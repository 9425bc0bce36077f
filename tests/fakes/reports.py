"""A report renderer that remembers what it was given."""

from __future__ import annotations

from clinic_app.services.report_data import (
    AuditReport,
    FeedbackReport,
    PersonReport,
    Report,
    ScreeningReport,
    WorklistReport,
)
from tests.fakes.reading import png


class FakeRenderer:
    def __init__(self) -> None:
        self.rendered: list[ScreeningReport] = []
        self.others: list[Report] = []
        self.languages: list[str] = []

    def screening(self, report: ScreeningReport, language: str = "en") -> bytes:
        self.languages.append(language)
        self.rendered.append(report)
        return f"%PDF-1.7\n{report.patient.display_name}\n%%EOF".encode()

    def person(self, report: PersonReport, language: str = "en") -> bytes:
        self.languages.append(language)
        return self._other(report, report.patient.display_name)

    def worklist(self, report: WorklistReport, language: str = "en") -> bytes:
        self.languages.append(language)
        return self._other(report, "worklist")

    def audit(self, report: AuditReport, language: str = "en") -> bytes:
        self.languages.append(language)
        return self._other(report, "audit")

    def feedback(self, report: FeedbackReport, language: str = "en") -> bytes:
        self.languages.append(language)
        return self._other(report, "feedback")

    def _other(self, report: Report, name: str) -> bytes:
        self.others.append(report)
        return f"%PDF-1.7\n{name}\n%%EOF".encode()

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        return 1, png(width, width)
