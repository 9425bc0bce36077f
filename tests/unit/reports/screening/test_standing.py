"""A report that is not a finished record says so on the page."""

from __future__ import annotations

from dataclasses import replace

from clinic_app.services.report_data import Standing
from clinic_app.services.reports import unstored_report
from tests.fakes.clock import START
from tests.fakes.reading import finding
from tests.unit.reports.builders import report
from tests.unit.reports.reading import text_of


def test_a_finished_screening_carries_no_such_notice() -> None:
    text = text_of(report())
    assert "Draft:" not in text
    assert "Not stored" not in text


def test_a_draft_is_marked_as_one_and_still_names_the_patient() -> None:
    drafted = replace(report(), standing=Standing.DRAFT)
    text = text_of(drafted)
    assert "Draft: this screening is not finished" in text
    assert str(drafted.patient.id) in text


def test_a_reading_without_a_record_prints_no_placeholder() -> None:
    text = text_of(unstored_report(finding(), START))
    assert "Not stored: the reading of one picture alone" in text
    assert "Not stored in any record" in text
    for placeholder in ("00000000-0000", "Born", "0 years", "In a crisis", "Consent on record"):
        assert placeholder not in text
    assert "Visible depressive affect" in text
    assert "not a clinical score" in text
