"""A report renderer that remembers what it was given."""

from __future__ import annotations

from clinic_app.services.report_data import ScreeningReport
from tests.fakes.reading import png


class FakeRenderer:
    def __init__(self) -> None:
        self.rendered: list[ScreeningReport] = []

    def screening(self, report: ScreeningReport) -> bytes:
        self.rendered.append(report)
        return f"%PDF-1.7\n{report.patient.display_name}\n%%EOF".encode()

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        return 1, png(width, width)
