"""What stands on every page of a screening's report."""

from __future__ import annotations

from clinic_app.reports.frame import Frame
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport, Standing, document_id


def frame(report: ScreeningReport, clock: Clock, sha256: str) -> Frame:
    """Only a finished record is a document with an ID of its own."""
    ids = f"Patient {report.patient.id}   ·   Visit {report.screening.id}"
    if report.standing is Standing.NOT_STORED:
        ids = wording.NOT_STORED
    data = f"Data of {clock.full(report.printed_at)}   ·   Clinic App {report.program_version}"
    if report.standing is Standing.FINISHED:
        data += f"   ·   Document {document_id(sha256)}"
    return Frame(report.clinic.page_size, ids, data, report.clinic.crisis_contacts)
