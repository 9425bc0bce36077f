"""What stands on every page of a screening's report."""

from __future__ import annotations

from clinic_app.reports.frame import DOT, Frame, data_line, document_text, patient_text
from clinic_app.reports.language import tr
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport, Standing, document_id


def frame(report: ScreeningReport, clock: Clock, sha256: str) -> Frame:
    """Only a finished record is a document with an ID of its own."""
    visit = tr("Visit {id}").format(id=report.screening.id)
    ids = DOT.join((patient_text(report.patient.id), visit))
    if report.standing is Standing.NOT_STORED:
        ids = tr(wording.NOT_STORED)
    data = data_line(clock.full(report.printed_at), report.program_version)
    if report.standing is Standing.FINISHED:
        data = DOT.join((data, document_text(document_id(sha256))))
    return Frame(report.clinic.page_size, ids, data, report.clinic.crisis_contacts)
