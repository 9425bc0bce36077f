"""Printing: gather the data of a report, render it, keep what was issued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clinic_app import __version__
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.finding import Finding
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, DeploymentContext, Patient, StaffUser
from clinic_app.domain.screening import Draft, Screening, as_it_stands
from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.audit import AuditService
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.feedback import FeedbackService
from clinic_app.services.feedback_analysis import ALWAYS, Months
from clinic_app.services.report_clinic import audit_report, feedback_report, gather_worklist
from clinic_app.services.report_data import (
    PERSON_KINDS,
    Report,
    ReportKind,
    ReportRenderer,
    ScreeningReport,
    Standing,
    document_id,
    fingerprint,
    printed_profile,
)
from clinic_app.services.report_person import (
    gather_person,
    newest_screening,
    review_lines,
    signed_note,
)
from clinic_app.services.safety import flows_of_screening
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.translations import ENGLISH, check_language
from clinic_app.services.withholding import JUDGE_FIRST, draft_for, withheld_from, without_estimates
from clinic_app.services.worklist import EVERYBODY


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A document and what is kept about it: ``issued.id`` and its hash stand on the paper."""

    pdf: bytes
    issued: IssuedReport


@dataclass(frozen=True, slots=True)
class Verified:
    """A report that this clinic issued under a printed hash; names are empty where unknown."""

    issued: IssuedReport
    patient_name: str
    issued_by: str


class ReportService:
    """Every printing is audited, and the hash of its data is kept to be verified later.

    Times are printed on the clinic's clocks, whichever laptop prints. ``language`` is the code of
    the language in which a report is written; it changes neither its data nor, so, the document's
    hash. Each raises ``InvalidInput`` for a language that the program does not have.
    """

    def __init__(self, desk: Desk, renderer: ReportRenderer) -> None:
        self._desk = desk
        self._renderer = renderer

    def screening(self, screening_id: UUID, language: str = ENGLISH) -> bytes:
        """The PDF of one screening; the printing is audited. Raises ``NotFound``."""
        return self.one_screening(screening_id, language).pdf

    def whole_screening(self, screening_id: UUID, language: str = ENGLISH) -> bytes:
        """As ``screening`` with the estimate in any case: for a person's own copy of the records,
        which the one who exports it does not read as a reviewer."""
        self._desk.allow(Action.EXPORT_PATIENT)
        return self._one_screening(screening_id, language, whole=True).pdf

    def one_screening(self, screening_id: UUID, language: str = ENGLISH) -> PrintedReport:
        """As ``screening``, with what is kept about the document. The estimate is left out for who
        may review and has recorded no own judgement yet."""
        return self._one_screening(screening_id, language, whole=False)

    def _one_screening(self, screening_id: UUID, language: str, *, whole: bool) -> PrintedReport:
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.PRINTED, user.id, "screening", screening_id)
            report = self._about_screening(work, screening_id, user, whole=whole)
            issued = self._issue(work, ReportKind.SCREENING, report, user, screening_id)
            work.commit()
        return PrintedReport(self._renderer.screening(report, language), issued)

    def _about_screening(
        self, work: UnitOfWork, screening_id: UUID, user: StaffUser, *, whole: bool
    ) -> ScreeningReport:
        report = self._report(work, work.screenings.get(screening_id), Standing.FINISHED)
        hidden = withheld_from(work, [report.screening], user)
        if not hidden or whole:
            return report
        (bare,) = without_estimates([report.screening], hidden)
        return replace(report, screening=bare, images=None, withheld=True, reviews=())

    def still_holds(self, issued: IssuedReport, *, newest: bool = False) -> bool:
        """Whether a report about a person would say the same now; with ``newest``, whether its
        screening is also the person's newest still. Nothing of the records is given out, so nothing
        is issued or audited. Raises ``NotFound``, and ``InvalidInput`` for a report that is about
        nobody."""
        user, kind = self._desk.allow(Action.PRINT_REPORT), ReportKind(issued.kind)
        if kind not in PERSON_KINDS or issued.patient_id is None:
            raise InvalidInput("kind", "This report is not about one patient.")
        report: Report
        with self._desk.unit_of_work() as work:
            if newest and newest_screening(work, issued.patient_id) != issued.subject_id:
                return False
            if issued.subject_id is not None:
                report = self._about_screening(work, issued.subject_id, user, whole=False)
            else:
                report = gather_person(work, issued.patient_id, kind, user, self._desk.now())
        return fingerprint(report) == issued.data_sha256

    def person(self, kind: ReportKind, patient_id: UUID, language: str = ENGLISH) -> PrintedReport:
        """The newest screening, the history, the summary, the referral letter or the version for
        the patient. Raises ``NotFound``, ``InvalidInput`` for a kind that is about nobody."""
        if kind not in PERSON_KINDS:
            raise InvalidInput("kind", "This report is not about one patient.")
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        if kind is ReportKind.SCREENING:
            with self._desk.unit_of_work() as work:
                screening_id = newest_screening(work, patient_id)
            return self.one_screening(screening_id, language)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            report = gather_person(work, patient_id, kind, user, now)
            work.audit.record(AuditKind.PRINTED, user.id, "patient", report.patient.id, kind.value)
            issued = self._issue(work, kind, report, user, None)
            work.commit()
        return PrintedReport(self._renderer.person(report, language), issued)

    def worklist(
        self, wanted: WorklistFilter = EVERYBODY, limit: int = 200, language: str = ENGLISH
    ) -> PrintedReport:
        """The first ``limit`` (1 to 1000) people of the worklist, as it stands now."""
        self._desk.allow(Action.SEE_WORKLIST)
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            report = gather_worklist(work, wanted, limit, user, now)
            work.audit.record(AuditKind.PRINTED, user.id, "worklist")
            issued = self._issue(work, ReportKind.WORKLIST, report, user, None)
            work.commit()
        return PrintedReport(self._renderer.worklist(report, language), issued)

    def audit(self, query: AuditQuery, password: str, language: str = ENGLISH) -> PrintedReport:
        """An extract of the audit trail, for administrators; asks for the password again.

        Raises ``WrongPassword``, ``SignInThrottled``, ``InvalidInput`` (too many entries).
        """
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        extract = AuditService(self._desk).extract(query, password)
        with self._desk.unit_of_work() as work:
            report = audit_report(work, extract, user)
            work.audit.record(AuditKind.PRINTED, user.id, "audit", query.patient_id)
            issued = self._issue(work, ReportKind.AUDIT, report, user, None)
            work.commit()
        return PrintedReport(self._renderer.audit(report, language), issued)

    def feedback(self, months: Months = ALWAYS, language: str = ENGLISH) -> PrintedReport:
        """The analysis of the feedback in these months, without small numbers."""
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        analysis = FeedbackService(self._desk).analysis(months)
        with self._desk.unit_of_work() as work:
            report = feedback_report(work, analysis, user, self._desk.now())
            work.audit.record(AuditKind.PRINTED, user.id, "feedback")
            issued = self._issue(work, ReportKind.FEEDBACK, report, user, None)
            work.commit()
        return PrintedReport(self._renderer.feedback(report, language), issued)

    def verify(self, typed: str) -> tuple[Verified, ...]:
        """The reports that this clinic issued under a printed hash (its first 8 digits or more),
        newest first; the reading is audited. Raises ``InvalidInput``."""
        user = self._desk.allow(Action.PRINT_REPORT)
        with self._desk.unit_of_work() as work:
            found = work.issued.with_hash(typed)
            names = {one.id: one.display_name for one in work.users.all()}
            verified = tuple(
                Verified(one, _patient_name(work, one.patient_id), names.get(one.by, ""))
                for one in found
            )
            work.audit.record(AuditKind.READ, user.id, "issued_report")
            work.commit()
        return verified

    def allow_copy(self, issued: IssuedReport, password: str) -> None:
        """Prove again who saves a report outside the encrypted store; both are audited.

        Raises ``WrongPassword`` or ``SignInThrottled``.
        """
        user = self._desk.allow(Action.PRINT_REPORT)
        self._desk.reauthenticate(password)
        about = issued.subject_id or issued.patient_id
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.EXPORTED, user.id, "report", about, issued.kind)
            work.commit()

    def _issue(
        self,
        work: UnitOfWork,
        kind: ReportKind,
        report: Report,
        user: StaffUser,
        subject_id: UUID | None,
    ) -> IssuedReport:
        """Keep the hash of the data; the same data printed again are the same document."""
        sha256 = fingerprint(report)
        patient = getattr(report, "patient", None)
        record = IssuedReport(
            id=document_id(sha256),
            kind=kind.value,
            data_sha256=sha256,
            issued_at=self._desk.now(),
            by=user.id,
            patient_id=patient.id if patient is not None else getattr(report, "patient_id", None),
            subject_id=subject_id,
            program_version=report.program_version,
        )
        try:
            return work.issued.get(record.id)
        except NotFound:
            work.issued.add(record)
        return record

    def draft(self, draft_id: UUID, language: str = ENGLISH, *, at_capture: bool = False) -> bytes:
        """The PDF of a draft as it stands, marked as one; the printing is audited.

        Raises ``WrongState`` while it holds a picture that was not judged or not shown.
        ``at_capture`` is for the command that has just taken the picture, prints its reading and
        noted in the draft that it was shown: then the page gives nothing away. Without that note
        it changes nothing.
        """
        user = self._desk.allow(Action.PRINT_REPORT)
        check_language(language)
        with self._desk.unit_of_work() as work:
            draft = draft_for(work.drafts.get(draft_id), user)
            seen = draft.revealed_at is not None or _cannot_tell(draft)
            if draft.hides_estimate and not (at_capture and seen):
                raise WrongState(JUDGE_FIRST)
            work.audit.record(AuditKind.PRINTED, user.id, "draft", draft_id)
            report = self._report(work, as_it_stands(draft), Standing.DRAFT)
            work.commit()
        return self._renderer.screening(report, language)

    def _report(
        self, work: UnitOfWork, screening: Screening, standing: Standing
    ) -> ScreeningReport:
        consent = current_consent(work.consents.of_patient(screening.patient_id))
        keep = screening.images_kept and consent.get(Purpose.KEEP_IMAGES, False)
        others = work.screenings.of_patient(screening.patient_id)
        earlier = [one for one in others if one.finished_at < screening.finished_at]
        later = [one.started_at for one in others if one.finished_at > screening.finished_at]
        safety = flows_of_screening(work, screening.patient_id, screening.id)
        acting = {event.by for flow in safety for event in flow.events}
        names = {user.id: user.display_name for user in work.users.all()}
        notes = work.notes.of_patient(screening.patient_id)
        beside = work.notes.signed_beside(notes)
        clinic = work.clinic.get()
        return ScreeningReport(
            clinic=printed_profile(clinic),
            patient=work.patients.get(screening.patient_id),
            screening=screening,
            taken_by=work.users.get(screening.taken_by).display_name,
            consent=consent,
            safety=safety,
            images=work.images.get(screening.id) if keep else None,
            notes=tuple(
                signed_note(note, names, beside.get(note.id, ()))
                for note in reversed(notes)
                if _belongs(note, screening, until=min(later, default=None))
            ),
            previous=tuple(reversed(earlier)),
            program_version=__version__,
            audit_head=_audit_head(work, screening.id),
            time_zone=clinic.time_zone,
            standing=standing,
            staff={one: work.users.get(one).display_name for one in sorted(acting)},
            reviews=review_lines(work.reviews.of_screening(screening.id), names),
        )

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        """(number of pages, PNG of ``page`` from 0 at ``width`` pixels)."""
        return self._renderer.preview(pdf, page, width)


def _cannot_tell(draft: Draft) -> bool:
    return draft.finding is not None and draft.finding.severity is None


def _patient_name(work: UnitOfWork, patient_id: UUID | None) -> str:
    if patient_id is None:
        return ""
    try:
        return work.patients.get(patient_id).display_name
    except NotFound:  # the record has not reached this laptop
        return ""


def _belongs(note: Note, screening: Screening, until: datetime | None) -> bool:
    """Signed since this screening began and before the next one did."""
    signed = note.signed_at
    return signed is not None and screening.started_at <= signed and (not until or signed < until)


def _audit_head(work: UnitOfWork, screening_id: UUID) -> str:
    """The audit entry that recorded the screening: on paper it bears witness to the chain up to
    there, and unlike today's head it is the same on every print."""
    entry = work.audit.entry_of(AuditKind.CREATED, "screening", screening_id)
    return f"{entry[0]}:{entry[1][:16]}" if entry else ""


def unstored_report(finding: Finding, at: datetime, time_zone: str = "UTC") -> ScreeningReport:
    """The report of a reading that belongs to no record: nobody is named, no picture is printed."""
    nobody = UUID(int=0)
    return ScreeningReport(
        clinic=ClinicProfile(nobody, "Clinic not recorded", (), DeploymentContext.CLINIC),
        patient=Patient(nobody, "Person not recorded", "", at.date()),
        screening=Screening(nobody, nobody, nobody, at, at, (), None, finding, at),
        taken_by="Not recorded",
        consent={},
        safety=(),
        images=None,
        notes=(),
        previous=(),
        program_version=__version__,
        time_zone=time_zone,
        standing=Standing.NOT_STORED,
    )
