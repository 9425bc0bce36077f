"""What a report is given, and writing files whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import InvalidInput, NotFound, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity, Draft
from clinic_app.services.report_data import ReportKind, Standing
from clinic_app.services.reports import unstored_report
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.reading import finding, reading

ALL = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)


def screened(clinic: FakeClinic, consent: tuple[Purpose, ...] = ALL) -> Draft:
    """A draft with picture, questionnaire and judgement."""
    patient = clinic.add_patient(consent=consent)
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.attach(draft.id, reading())
    screenings.record_questionnaire(patient.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT)
    return screenings.judge(draft.id, ClinicianSeverity.MILD)


def test_a_report_says_what_is_stored_and_its_printing_is_audited(clinic: FakeClinic) -> None:
    draft = screened(clinic)
    note = clinic.services.notes.write(draft.patient_id, "Seen today.")
    clinic.services.notes.write(draft.patient_id, "A draft that is not printed.")
    clinic.services.notes.sign(note.id, PASSWORD)
    screening = clinic.services.screenings.finish(draft.id)
    assert clinic.services.reports.screening(screening.id).startswith(b"%PDF")
    (report,) = clinic.renderer.rendered
    assert report.screening == screening
    assert report.standing is Standing.FINISHED
    assert report.patient.id == draft.patient_id
    assert report.taken_by == "Amina Diallo"
    assert report.images is not None
    assert [one.note.text for one in report.notes] == ["Seen today."]
    assert report.clinic.crisis_contacts
    assert AuditKind.PRINTED in [entry.kind for entry in clinic.store.tables.audit]


def test_a_report_names_the_audit_entry_of_its_screening_and_stays_the_same(
    clinic: FakeClinic,
) -> None:
    screening = clinic.services.screenings.finish(screened(clinic).id)
    for _ in range(2):
        clinic.services.reports.screening(screening.id)
    first, again = clinic.renderer.rendered
    assert first == again
    (recorded,) = [
        entry
        for entry in clinic.store.tables.audit
        if entry.kind is AuditKind.CREATED
        and entry.subject_id == screening.id
        and entry.subject == "screening"
    ]
    assert first.audit_head == f"{recorded.number}:{recorded.mac[:16]}"


def test_a_report_holds_the_notes_signed_before_the_next_screening(clinic: FakeClinic) -> None:
    services = clinic.services
    old = services.screenings.finish(screened(clinic).id)
    for text in ("After the first.", "After the second."):
        note = services.notes.write(old.patient_id, text)
        services.notes.sign(note.id, PASSWORD)
        draft = services.screenings.start(old.patient_id)
        services.screenings.judge(draft.id, ClinicianSeverity.MILD)
        services.screenings.finish(draft.id)
    services.reports.screening(old.id)
    (report,) = clinic.renderer.rendered
    assert [one.note.text for one in report.notes] == ["After the first."]


def test_saving_outside_the_store_asks_for_the_password_and_is_audited(clinic: FakeClinic) -> None:
    screening = clinic.services.screenings.finish(screened(clinic).id)
    issued = clinic.services.reports.one_screening(screening.id).issued
    with pytest.raises(WrongPassword):
        clinic.services.reports.allow_copy(issued, "not the password")
    assert clinic.store.tables.audit[-1].kind is AuditKind.SIGN_IN_FAILED
    clinic.services.reports.allow_copy(issued, PASSWORD)
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject_id) == (AuditKind.EXPORTED, screening.id)


def test_every_safety_flow_of_the_screening_is_in_its_report(clinic: FakeClinic) -> None:
    services = clinic.services
    draft = services.screenings.start(clinic.add_patient().id)
    services.screenings.judge(draft.id, ClinicianSeverity.MILD)
    for value in (1, 3):
        services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, value, AnsweredBy.PATIENT)
        (waiting,) = services.safety.unfinished()
        services.safety.assess(
            waiting.flow.id,
            SafetyAssessment("a", "b", "c", "d", clinic.clock() + timedelta(days=1)),
        )
    services.screenings.complete(draft.id, InstrumentName.PHQ9)
    services.reports.draft(draft.id)
    screening = services.screenings.finish(draft.id)
    services.reports.screening(screening.id)
    for report in clinic.renderer.rendered:
        assert [flow.highest_item_nine for flow in report.safety] == [1, 3]
        assert set(report.staff) == {services.session.user.id}


def test_no_image_is_printed_without_the_consent_to_keep_it(clinic: FakeClinic) -> None:
    never = clinic.services.screenings.finish(screened(clinic, ALL[:2]).id)
    withdrawn = clinic.services.screenings.finish(screened(clinic).id)
    clinic.services.consents.record(withdrawn.patient_id, {Purpose.KEEP_IMAGES: False})
    for screening in (never, withdrawn):
        clinic.services.reports.screening(screening.id)
    assert [report.images for report in clinic.renderer.rendered] == [None, None]


def test_what_a_doctor_concluded_is_printed_for_all_but_doctors_who_have_yet_to_judge(
    clinic: FakeClinic,
) -> None:
    screening = clinic.services.screenings.finish(screened(clinic).id)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    first = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    review = first.reviews.judge(screening.id, ClinicianSeverity.SEVERE)
    first.reports.screening(screening.id)
    assert clinic.renderer.rendered[-1].reviews == (), "it is not concluded yet"
    first.reviews.conclude(review.id, Verdict.OVERRULE, "She smiled out of politeness.")
    for services in (first, clinic.sign_in()):
        services.reports.screening(screening.id)
        (line,) = clinic.renderer.rendered[-1].reviews
        assert (line.by, line.own, line.verdict, line.text) == (
            "Tomas",
            ClinicianSeverity.SEVERE,
            Verdict.OVERRULE,
            "She smiled out of politeness.",
        )
    clinic.add_staff("lena", "copper-window-rain", Role.DOCTOR)
    clinic.sign_in("lena", "copper-window-rain").reports.screening(screening.id)
    unread = clinic.renderer.rendered[-1]
    assert (unread.withheld, unread.reviews) == (True, ())


def test_earlier_screenings_come_oldest_first(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    patient = clinic.add_patient()
    finished = []
    for _ in range(3):
        draft = screenings.start(patient.id)
        screenings.judge(draft.id, ClinicianSeverity.NONE)
        finished.append(screenings.finish(draft.id))
    clinic.services.reports.screening(finished[2].id)
    assert list(clinic.renderer.rendered[0].previous) == finished[:2]


def test_a_draft_is_printed_as_a_draft_once_its_estimate_was_shown(clinic: FakeClinic) -> None:
    draft = screened(clinic)
    with pytest.raises(WrongState, match="own judgement first"):
        clinic.services.reports.draft(draft.id)
    clinic.services.screenings.reveal(draft.id)
    clinic.services.reports.draft(draft.id)
    (report,) = clinic.renderer.rendered
    assert (report.standing, report.images) == (Standing.DRAFT, None)
    assert clinic.services.screenings.drafts()


def test_a_report_of_nothing_is_refused(clinic: FakeClinic) -> None:
    for attempt in (clinic.services.reports.screening, clinic.services.reports.draft):
        with pytest.raises(NotFound):
            attempt(new_id())


def test_a_reading_without_a_record_names_nobody(clinic: FakeClinic) -> None:
    report = unstored_report(finding(), START)
    assert report.standing is Standing.NOT_STORED
    assert report.patient.display_name == "Person not recorded"
    assert report.clinic.name == "Clinic not recorded"
    assert (report.images, report.notes, report.previous) == (None, (), ())


def test_a_report_holds_until_something_in_it_changes(clinic: FakeClinic) -> None:
    draft = screened(clinic)
    screening = clinic.services.screenings.finish(draft.id)
    reports, notes = clinic.services.reports, clinic.services.notes
    one = reports.one_screening(screening.id).issued
    history = reports.person(ReportKind.HISTORY, draft.patient_id).issued
    clinic.add_patient("Aalto", "Bo")
    before = len(clinic.store.tables.audit)
    assert reports.still_holds(one)
    assert reports.still_holds(one, newest=True)
    assert reports.still_holds(history)
    assert len(clinic.store.tables.audit) == before  # nothing is issued, nothing was read out
    notes.sign(notes.write(draft.patient_id, "Seen today.").id, PASSWORD)
    assert not reports.still_holds(one)
    assert not reports.still_holds(history)


def test_a_newer_screening_outdates_the_report_of_the_newest(clinic: FakeClinic) -> None:
    draft = screened(clinic)
    screening = clinic.services.screenings.finish(draft.id)
    reports = clinic.services.reports
    issued = reports.one_screening(screening.id).issued
    later = clinic.services.screenings.start(draft.patient_id)
    clinic.clock.moment += timedelta(days=7)
    clinic.services.screenings.judge(later.id, ClinicianSeverity.NONE)
    clinic.services.screenings.finish(later.id)
    assert not reports.still_holds(issued, newest=True)


def test_whether_a_report_about_nobody_holds_cannot_be_told(clinic: FakeClinic) -> None:
    issued = clinic.services.reports.worklist().issued
    with pytest.raises(InvalidInput):
        clinic.services.reports.still_holds(issued)
