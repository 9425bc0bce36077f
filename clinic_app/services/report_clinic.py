"""What the reports about the clinic say: worklist, audit extract, feedback."""

from __future__ import annotations

from datetime import datetime

from clinic_app import __version__
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import StaffUser
from clinic_app.domain.schedule import to_local
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.domain.worklist import PHQ_RANKS, WorklistFilter, WorklistReason, WorklistRow
from clinic_app.services.audit import AuditExtract
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.feedback_analysis import FeedbackAnalysis
from clinic_app.services.report_data import (
    AuditReport,
    FeedbackReport,
    WorklistLine,
    WorklistReport,
    printed_profile,
)
from clinic_app.services.report_person import author_of
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.words import AUDIT_KINDS, SCORE_BANDS
from clinic_app.services.worklist import PAGE_SIZES, first_reason, reasons

_BANDS = {rank: band for band, rank in PHQ_RANKS.items()}
_REASONS = {
    WorklistReason.SAFETY_OPEN: "safety steps open",
    WorklistReason.NOT_ASSESSED: "not assessed",
    WorklistReason.QUESTIONNAIRE: "by questionnaire",
}
_AT = "%Y-%m-%d %H:%M"


def gather_worklist(
    work: UnitOfWork,
    wanted: WorklistFilter,
    limit: int,
    user: StaffUser,
    now: datetime,
) -> WorklistReport:
    """The first people of the list as it stands ``now``; raises ``InvalidInput`` unless ``limit``
    is 1 to 1000."""
    if limit not in PAGE_SIZES:
        raise InvalidInput("limit", "A printed worklist has between 1 and 1000 people.")
    page, clinic = work.worklist.page(wanted, limit), work.clinic.get()
    return WorklistReport(
        clinic=printed_profile(clinic),
        lines=tuple(_line(work, row, clinic.time_zone) for row in page.rows),
        total=work.worklist.count(wanted),
        narrowed=_narrowed(wanted),
        author=author_of(user),
        at=now,
        program_version=__version__,
        time_zone=clinic.time_zone,
    )


def _line(work: UnitOfWork, row: WorklistRow, time_zone: str) -> WorklistLine:
    patient = work.patients.get(row.patient_id)

    def day(moment: datetime) -> str:
        return to_local(moment, time_zone).date().isoformat()

    return WorklistLine(
        patient_id=row.patient_id,
        name=row.display_name,
        local_number=patient.local_number,
        born=patient.birth_date,
        heading=first_reason(row),
        reasons=reasons(row, day),
        waiting_since=row.waiting_since,
        last_screened_at=row.last_screened_at,
        phq9_total=row.phq9_total,
        gad7_total=row.gad7_total,
        flagged=row.flagged,
    )


def _narrowed(wanted: WorklistFilter) -> tuple[Sentence, ...]:
    """The filter in words."""
    said = [Sentence(_REASONS[wanted.reason])] if wanted.reason is not None else []
    said += [Sentence("flagged")] if wanted.flagged else []
    said += [Sentence("not reviewed")] if wanted.unreviewed else []
    if wanted.lowest_rank is not None:
        band = Sentence(SCORE_BANDS[_BANDS[wanted.lowest_rank]])
        said.append(sentence("{band} or above", band=band))
    said += [Sentence("asked for an appointment")] if wanted.requested else []
    said += [Sentence("with an overdue task")] if wanted.overdue_on is not None else []
    return tuple(said)


def audit_report(work: UnitOfWork, extract: AuditExtract, user: StaffUser) -> AuditReport:
    """The extract as it is printed."""
    clinic = work.clinic.get()
    return AuditReport(
        clinic=printed_profile(clinic),
        rows=extract.rows,
        check=extract.check,
        selection=_selection(extract.query, clinic.time_zone),
        author=author_of(user),
        at=extract.made_at,
        program_version=__version__,
        time_zone=clinic.time_zone,
        patient_id=extract.query.patient_id,
    )


def _selection(query: AuditQuery, time_zone: str) -> tuple[Sentence, ...]:
    """What was asked for, in words."""
    said: list[Sentence] = []
    if query.patient_id is not None:
        said.append(Sentence("Everything done with the records of one patient"))
    if query.by is not None:
        said.append(Sentence("By one member of staff"))
    said += [sentence("Action: {kind}", kind=Sentence(AUDIT_KINDS[one])) for one in query.kinds]
    if query.since is not None:
        said.append(sentence("From {at}", at=f"{to_local(query.since, time_zone):{_AT}}"))
    if query.until is not None:
        said.append(sentence("Before {at}", at=f"{to_local(query.until, time_zone):{_AT}}"))
    return tuple(said) or (Sentence("The whole trail"),)


def feedback_report(
    work: UnitOfWork,
    analysis: FeedbackAnalysis,
    user: StaffUser,
    now: datetime,
) -> FeedbackReport:
    """The analysis as it is printed. Its time is that of the newest answer or incident in it, so
    the same answers give the same document."""
    first, last = analysis.months.bounds
    ratings = work.ratings.newest(1, first=first, last=last).rows
    agreements = work.agreements.newest(1, first=first, last=last).rows
    moments = [one.given_at for one in ratings]
    moments += [one.given_at for one in agreements]
    moments += [one.opened_at for one in work.incidents.newest(1).rows]
    clinic = work.clinic.get()
    return FeedbackReport(
        clinic=printed_profile(clinic),
        analysis=analysis,
        author=author_of(user),
        at=max(moments, default=now),
        program_version=__version__,
        time_zone=clinic.time_zone,
    )
