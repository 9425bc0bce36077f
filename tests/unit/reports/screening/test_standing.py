"""A report that is not a finished record says so on the page."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from pypdf import PdfReader

from clinic_app.reports.renderer import open_report_renderer
from clinic_app.services.report_data import ScreeningReport, Standing
from clinic_app.services.reports import unstored_report
from tests.fakes.clock import START
from tests.fakes.reading import finding
from tests.unit.reports.builders import report


def words_of(data: ScreeningReport) -> str:
    pages = PdfReader(BytesIO(open_report_renderer().screening(data))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_finished_screening_carries_no_such_notice() -> None:
    text = words_of(report())
    assert "Draft:" not in text
    assert "Not stored" not in text


def test_a_draft_is_marked_as_one_and_still_names_the_patient() -> None:
    drafted = replace(report(), standing=Standing.DRAFT)
    text = words_of(drafted)
    assert "Draft: this screening is not finished" in text
    assert str(drafted.patient.id) in text


def test_a_reading_without_a_record_prints_no_placeholder() -> None:
    text = words_of(unstored_report(finding(), START))
    assert "Not stored: the reading of one picture alone" in text
    assert "Not stored in any record" in text
    for placeholder in ("00000000-0000", "Born", "0 years", "In a crisis", "Consent on record"):
        assert placeholder not in text
    assert "Visible depressive affect" in text
    assert "not a clinical score" in text
