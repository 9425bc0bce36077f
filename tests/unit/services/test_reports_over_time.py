"""What the reports over time are given, who may have them, and their hashes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.access import ALLOWED, Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    InvalidInput,
    NotFound,
    NotSignedIn,
    WrongPassword,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.audit_data import EVERYTHING, AuditQuery
from clinic_app.services.report_data import (
    PERSON_KINDS,
    AuditReport,
    PersonReport,
    ReportKind,
    WorklistReport,
    document_id,
    fingerprint,
)
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.reading import reading

OVER_TIME = [kind for kind in PERSON_KINDS if kind is not ReportKind.SCREENING]


def screened(clinic: FakeClinic, patient: Patient, *, picture: bool = False) -> Screening:
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    if picture:
        screenings.attach(draft.id, reading())
    screenings.record_questionnaire(patient.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    return screenings.finish(draft.id)


def reviewed(clinic: FakeClinic, screening: Screening) -> None:
    review = clinic.services.reviews.judge(screening.id, ClinicianSeverity.MILD)
    clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)


def given(clinic: FakeClinic, kind: ReportKind, patient: Patient) -> PersonReport:
    """What the renderer got."""
    clinic.services.reports.person(kind, patient.id)
    report = clinic.renderer.others[-1]
    assert isinstance(report, PersonReport)
    return report


@pytest.fixture
def patient(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


@pytest.mark.parametrize("kind", OVER_TIME)
def test_the_same_data_are_the_same_document_kept_once(
    clinic: FakeClinic, patient: Patient, kind: ReportKind
) -> None:
    screened(clinic, patient)
    first = clinic.services.reports.person(kind, patient.id).issued
    clinic.clock.advance(days=3)
    assert clinic.services.reports.person(kind, patient.id).issued == first
    assert first.id == document_id(first.data_sha256)
    assert first.data_sha256 == fingerprint(clinic.renderer.others[-1])
    assert (first.kind, first.patient_id) == (kind.value, patient.id)
    with clinic.store.unit_of_work() as work:
        assert work.issued.of_patient(patient.id) == [first]


def test_a_setting_that_is_not_printed_makes_no_other_document(
    clinic: FakeClinic, patient: Patient
) -> None:
    screened(clinic, patient)
    kinds = (ReportKind.SCREENING, ReportKind.HISTORY)
    before = [clinic.services.reports.person(kind, patient.id).issued for kind in kinds]
    with clinic.store.unit_of_work() as work:  # as a restore drill leaves it
        work.clinic.save(replace(work.clinic.get(), restore_drill_at=clinic.clock()))
        work.commit()
    assert [clinic.services.reports.person(kind, patient.id).issued for kind in kinds] == before


def test_new_data_are_another_document_and_the_time_is_the_datas(
    clinic: FakeClinic, patient: Patient
) -> None:
    screening = screened(clinic, patient)
    before = given(clinic, ReportKind.HISTORY, patient)
    assert before.at == screening.finished_at
    clinic.clock.advance(days=1)
    note = clinic.services.notes.write(patient.id, "Seen today.")
    drafted = given(clinic, ReportKind.HISTORY, patient)
    assert fingerprint(drafted) == fingerprint(before)  # a draft is in no report
    clinic.services.notes.sign(note.id, PASSWORD)
    after = given(clinic, ReportKind.HISTORY, patient)
    assert [one.note.text for one in after.notes] == ["Seen today."]
    assert after.at == after.notes[0].note.signed_at
    assert fingerprint(after) != fingerprint(before)


def test_every_printing_is_audited_with_its_kind(clinic: FakeClinic, patient: Patient) -> None:
    clinic.services.reports.person(ReportKind.SUMMARY, patient.id)
    entry = [one for one in clinic.store.tables.audit if one.kind is AuditKind.PRINTED][-1]
    assert (entry.subject, entry.subject_id, entry.detail) == ("patient", patient.id, "summary")


def test_the_patients_version_holds_reviewed_results_alone_and_nothing_of_the_face(
    clinic: FakeClinic, patient: Patient
) -> None:
    screening = screened(clinic, patient)
    assert given(clinic, ReportKind.PATIENT, patient).course == ()
    reviewed(clinic, screening)
    report = given(clinic, ReportKind.PATIENT, patient)
    (row,) = report.course
    assert row.gad is not None
    assert (row.estimate, row.own, row.reviews, row.flagged) == (None, None, (), False)
    assert (report.safety, report.tasks) == ((), ())


def test_a_doctor_who_has_not_judged_gets_no_estimate_on_paper(
    clinic: FakeClinic, patient: Patient
) -> None:
    screening = screened(clinic, patient, picture=True)
    (own,) = given(clinic, ReportKind.HISTORY, patient).course
    assert own.estimate is not None
    assert not own.estimate.withheld
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    doctor = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    (row,) = given(clinic, ReportKind.HISTORY, patient).course
    assert row.estimate is not None
    assert row.estimate.withheld
    assert (row.estimate.band, row.estimate.percent) == (None, None)
    doctor.reports.screening(screening.id)
    printed = clinic.renderer.rendered[-1]
    assert printed.withheld
    assert (printed.screening.finding, printed.images) == (None, None)
    with pytest.raises(AccessDenied):  # the whole one is for an export alone
        doctor.reports.whole_screening(screening.id)
    doctor.reviews.judge(screening.id, ClinicianSeverity.MODERATE)
    doctor.reports.screening(screening.id)
    assert clinic.renderer.rendered[-1].screening == screening


def test_merged_records_are_one_person(clinic: FakeClinic, patient: Patient) -> None:
    other = clinic.add_patient("Okafor", "Chidy")
    screened(clinic, patient)
    clinic.clock.advance(days=1)
    screened(clinic, other)
    clinic.services.merges.merge(other.id, patient.id, "same person")
    report = given(clinic, ReportKind.HISTORY, other)
    assert report.patient.id == patient.id
    assert report.also == (other.id,)
    assert len(report.course) == 2
    assert report.course[0].at < report.course[1].at


def test_the_newest_screening_is_printed_for_a_person(clinic: FakeClinic, patient: Patient) -> None:
    with pytest.raises(NotFound, match="no finished screening"):
        clinic.services.reports.person(ReportKind.SCREENING, patient.id)
    screened(clinic, patient)
    clinic.clock.advance(days=1)
    newest = screened(clinic, patient)
    issued = clinic.services.reports.person(ReportKind.SCREENING, patient.id).issued
    assert issued.subject_id == newest.id


def test_kinds_about_the_clinic_are_refused_for_a_person(
    clinic: FakeClinic, patient: Patient
) -> None:
    with pytest.raises(InvalidInput):
        clinic.services.reports.person(ReportKind.WORKLIST, patient.id)
    with pytest.raises(NotFound):
        clinic.services.reports.person(ReportKind.HISTORY, new_id())


def test_the_worklist_is_printed_as_it_stands_with_the_words_of_the_screen(
    clinic: FakeClinic, patient: Patient
) -> None:
    clinic.services.reports.worklist()
    report = clinic.renderer.others[-1]
    assert isinstance(report, WorklistReport)
    assert [line.name for line in report.lines] == [patient.display_name]
    assert str(report.lines[0].reasons[0]) == "Not assessed yet"
    assert report.total == 1
    with pytest.raises(InvalidInput):
        clinic.services.reports.worklist(limit=0)


def test_an_extract_of_the_audit_trail_needs_the_password_and_says_what_was_verified(
    clinic: FakeClinic, patient: Patient
) -> None:
    with pytest.raises(WrongPassword):
        clinic.services.reports.audit(EVERYTHING, "not the password")
    clinic.services.reports.audit(AuditQuery(patient_id=patient.id), PASSWORD)
    report = clinic.renderer.others[-1]
    assert isinstance(report, AuditReport)
    assert report.check.intact
    assert report.rows
    assert report.patient_id == patient.id


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR])
def test_the_audit_extract_is_for_who_may_see_the_trail(clinic: FakeClinic, role: Role) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    if Action.SEE_AUDIT in ALLOWED[role]:
        assert services.reports.audit(EVERYTHING, COLLEAGUE_PASSWORD).pdf
        return
    with pytest.raises(AccessDenied):
        services.reports.audit(EVERYTHING, COLLEAGUE_PASSWORD)


def test_nothing_is_printed_or_verified_in_a_patients_hands_or_behind_the_lock(
    clinic: FakeClinic, patient: Patient
) -> None:
    reports, session = clinic.services.reports, clinic.services.session
    attempts = (
        lambda: reports.person(ReportKind.HISTORY, patient.id),
        reports.worklist,
        reports.feedback,
        lambda: reports.audit(EVERYTHING, PASSWORD),
        lambda: reports.verify("0123456789"),
    )
    clinic.services.clinic.hand_over(patient.id)
    for attempt in attempts:
        with pytest.raises(AccessDenied):
            attempt()
    session.lock()
    for attempt in attempts:
        with pytest.raises(NotSignedIn):
            attempt()
    assert clinic.renderer.others == []


def test_a_printed_hash_leads_to_who_issued_it_about_whom(
    clinic: FakeClinic, patient: Patient
) -> None:
    issued = clinic.services.reports.person(ReportKind.HISTORY, patient.id).issued
    (found,) = clinic.services.reports.verify(issued.data_sha256[:8].upper())
    assert found.issued == issued
    assert (found.patient_name, found.issued_by) == (patient.display_name, "Amina Diallo")
    assert clinic.services.reports.verify("f" * 64) == ()
    with pytest.raises(InvalidInput):
        clinic.services.reports.verify("no hash")


def test_saving_a_copy_of_any_kind_asks_for_the_password_and_is_audited(
    clinic: FakeClinic, patient: Patient
) -> None:
    reports = clinic.services.reports
    issued = reports.person(ReportKind.HISTORY, patient.id).issued
    with pytest.raises(WrongPassword):
        reports.allow_copy(issued, "not the password")
    reports.allow_copy(issued, PASSWORD)
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject_id, entry.detail) == (
        AuditKind.EXPORTED,
        patient.id,
        "history",
    )


def test_every_report_is_written_in_the_language_that_is_asked_for(
    clinic: FakeClinic, patient: Patient
) -> None:
    screening = screened(clinic, patient)
    reports, renderer = clinic.services.reports, clinic.renderer
    draft = clinic.services.screenings.start(patient.id)
    for kind in PERSON_KINDS:
        english = reports.person(kind, patient.id)
        assert reports.person(kind, patient.id, "hi").issued == english.issued
    reports.worklist(language="hi")
    reports.screening(screening.id, "hi")
    reports.draft(draft.id, "hi")
    assert renderer.languages == ["en", "hi"] * len(PERSON_KINDS) + ["hi"] * 3


def test_a_language_that_the_program_does_not_have_is_refused_before_anything_is_written(
    clinic: FakeClinic, patient: Patient
) -> None:
    screening = screened(clinic, patient)
    before = len(clinic.store.tables.audit)
    reports = clinic.services.reports
    for asked in (
        lambda: reports.person(ReportKind.HISTORY, patient.id, "xx"),
        lambda: reports.one_screening(screening.id, "xx"),
        lambda: reports.worklist(language="xx"),
    ):
        with pytest.raises(InvalidInput, match="not written in this language"):
            asked()
    assert clinic.renderer.languages == []
    assert len(clinic.store.tables.audit) == before
