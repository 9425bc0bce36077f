"""The three forms of feedback: who may give, handle, read and export what."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    InvalidInput,
    NotFound,
    NotSignedIn,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.feedback import Agreement, Author, DegreeOfHarm, IncidentCategory
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.feedback import NewIncident
from clinic_app.services.feedback_analysis import Months
from clinic_app.services.feedback_table import FeedbackKind
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic


def finished(clinic: FakeClinic, patient_id: UUID) -> UUID:
    """A screening that nobody has reviewed."""
    screenings = clinic.services.screenings
    draft = screenings.record_questionnaire(
        patient_id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    return screenings.finish(draft.id).id


def reviewed(clinic: FakeClinic, patient_id: UUID) -> UUID:
    screening_id = finished(clinic, patient_id)
    review = clinic.services.reviews.judge(screening_id, ClinicianSeverity.MILD)
    clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)
    return screening_id


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_rating_is_kept_with_its_words_and_without_a_name(clinic: FakeClinic) -> None:
    kept = clinic.services.feedback.rate(4, " kind \n people ")
    (only,) = clinic.services.feedback.ratings().rows
    assert only == kept
    assert (only.rating, only.patient_id, only.author) == (4, None, Author.PATIENT)
    assert clinic.store.tables.audit[-2].subject == "rating"


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_only_one_to_five_is_a_rating(clinic: FakeClinic, rating: int) -> None:
    with pytest.raises(InvalidInput):
        clinic.services.feedback.rate(rating)
    assert clinic.services.feedback.ratings().rows == ()


def test_an_unknown_person_is_no_author(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.feedback.rate(4, patient_id=new_id())


def test_a_result_is_agreed_with_only_after_a_review(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    early = finished(clinic, patient.id)
    with pytest.raises(WrongState):
        clinic.services.feedback.agree(patient.id, early, Agreement.AGREE)
    shown = reviewed(clinic, patient.id)
    kept = clinic.services.feedback.agree(patient.id, shown, Agreement.PARTLY, "nearly")
    assert clinic.services.feedback.agreements().rows == (kept,)


def test_nobody_agrees_with_somebody_elses_result(clinic: FakeClinic) -> None:
    one, other = clinic.add_patient(), clinic.add_patient("Baker", "Bo")
    shown = reviewed(clinic, one.id)
    with pytest.raises(InvalidInput):
        clinic.services.feedback.agree(other.id, shown, Agreement.AGREE)
    assert clinic.services.feedback.agreements().rows == ()


def test_an_incident_goes_from_open_to_closed_and_back(clinic: FakeClinic) -> None:
    feedback = clinic.services.feedback
    made = feedback.report_incident(
        NewIncident("The printer showed another name.", IncidentCategory.PRIVACY, DegreeOfHarm.LOW)
    )
    noted = feedback.note_incident(made.id, "Seen by two people.", harm=DegreeOfHarm.MODERATE)
    assert (noted.open, noted.harm) == (True, DegreeOfHarm.MODERATE)
    closed = feedback.close_incident(made.id, "The tray is emptied now.")
    assert not closed.open
    assert feedback.incidents(open_only=True).rows == ()
    with pytest.raises(WrongState):
        feedback.close_incident(made.id, "Once more.")
    assert feedback.reopen_incident(made.id, "It happened again.").open
    assert [step.text for step in feedback.incident(made.id).events][-1] == "It happened again."


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_incident_needs_words_to_be_opened_and_closed(clinic: FakeClinic, text: str) -> None:
    feedback = clinic.services.feedback
    with pytest.raises(InvalidInput):
        feedback.report_incident(NewIncident(text))
    made = feedback.report_incident(NewIncident("A chair broke."))
    with pytest.raises(InvalidInput):
        feedback.close_incident(made.id, text)
    assert feedback.incident(made.id).open


def test_counselors_report_but_neither_close_nor_read_single_answers(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    feedback = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).feedback
    feedback.rate(5)
    made = feedback.report_incident(NewIncident("A chair broke."))
    feedback.note_incident(made.id, "It was an old one.")
    assert feedback.analysis().incidents_open == 1
    for forbidden in (
        lambda: feedback.close_incident(made.id, "Mended."),
        lambda: feedback.reopen_incident(made.id, "Mended."),
        feedback.ratings,
        feedback.agreements,
        lambda: feedback.export(FeedbackKind.RATINGS, COLLEAGUE_PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            forbidden()
        assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_a_patient_at_the_laptop_gives_feedback_only_as_oneself(clinic: FakeClinic) -> None:
    me, other = clinic.add_patient(), clinic.add_patient("Baker", "Bo")
    mine, theirs = reviewed(clinic, me.id), reviewed(clinic, other.id)
    feedback = clinic.services.feedback
    clinic.services.clinic.hand_over(me.id)
    feedback.rate(2, "long wait", patient_id=me.id, author=Author.STAFF)
    feedback.agree(me.id, mine, Agreement.DISAGREE, author=Author.STAFF)
    for forbidden in (
        lambda: feedback.rate(1, patient_id=other.id),
        lambda: feedback.agree(other.id, theirs, Agreement.AGREE),
        lambda: feedback.report_incident(NewIncident("A chair broke.")),
        feedback.analysis,
        feedback.material,
        feedback.incidents,
        feedback.ratings,
        lambda: feedback.export(FeedbackKind.RATINGS, PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            forbidden()
    clinic.services.clinic.resume(PASSWORD)
    (rated,), (agreed,) = feedback.ratings().rows, feedback.agreements().rows
    assert (rated.author, agreed.author) == (Author.PATIENT, Author.PATIENT)
    assert (rated.patient_id, agreed.screening_id) == (me.id, mine)


def test_behind_the_lock_nobody_gives_feedback(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        clinic.services.feedback.rate(5)


def test_the_export_names_nobody_and_runs_no_formula(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    feedback = clinic.services.feedback
    feedback.rate(1, '=HYPERLINK("http://example.org")', patient_id=patient.id)
    feedback.rate(5, "two\nlines, “quoted”")
    with pytest.raises(WrongPassword):
        feedback.export(FeedbackKind.RATINGS, "a guess")
    content = feedback.export(FeedbackKind.RATINGS, PASSWORD)
    heading, second, first = table(content)
    assert heading == ["given_on", "clinic_id", "author", "rating", "language", "text"]
    assert second[3:] == ["5", "en", "two\nlines, “quoted”"]
    assert first[5].startswith("'=HYPERLINK")
    assert str(patient.id).encode() not in content
    kinds = [entry.kind for entry in clinic.store.tables.audit[-2:]]
    assert AuditKind.EXPORTED in kinds


def test_every_form_is_exported_by_month(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    feedback = clinic.services.feedback
    month = clinic.clock().strftime("%Y-%m")
    feedback.agree(patient.id, reviewed(clinic, patient.id), Agreement.AGREE)
    made = feedback.report_incident(NewIncident("A chair broke.", IncidentCategory.EQUIPMENT))
    feedback.close_incident(made.id, "Mended.")
    inside, before = Months(month, month), Months("2001-01", "2001-12")
    agreed = table(feedback.export(FeedbackKind.AGREEMENTS, PASSWORD, inside))
    incidents = table(feedback.export(FeedbackKind.INCIDENTS, PASSWORD, inside))
    assert agreed[1][3] == "agree"
    assert incidents[1][2:5] == ["equipment", "no_harm", "closed"]
    assert "closed: Mended." in incidents[1][6]
    for kind in FeedbackKind:
        assert len(table(feedback.export(kind, PASSWORD, before))) == 1


@pytest.mark.parametrize(
    ("first", "last"), [("2026", ""), ("2026-13", ""), ("", "26-01"), ("2026-02", "2026-01")]
)
def test_a_span_of_months_that_is_none_is_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidInput):
        Months(first, last)


def test_the_same_form_sent_twice_is_one_record(clinic: FakeClinic) -> None:
    feedback, entry = clinic.services.feedback, new_id()
    first = feedback.rate(4, "Kind", entry_id=entry)
    assert feedback.rate(4, "Kind", entry_id=entry) == first
    incident = NewIncident("A form went missing")
    opened = feedback.report_incident(incident)
    assert feedback.report_incident(incident) == opened
    assert len(clinic.store.tables.ratings) == 1
    assert len(feedback.incidents().rows) == 1
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    other = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).feedback
    for call in (
        lambda: other.rate(1, entry_id=entry),
        lambda: other.report_incident(incident),
    ):
        with pytest.raises(WrongState, match="new form"):
            call()
