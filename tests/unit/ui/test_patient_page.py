"""What one person's page says and does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_app.domain.change import Direction
from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.site import ReliableChange
from clinic_app.services.patients import NewPatient
from clinic_app.services.timeline import PAGE
from clinic_app.ui.screens.patient import texts
from clinic_app.ui.screens.patient.course import lanes_of, mixes_models
from clinic_app.ui.screens.patient.presenter import PatientPresenter, Record
from clinic_app.ui.screens.today.presenter import TodayPresenter, progress_of
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.reading import finding

PHQ9_ANSWERS = (1, 1, 2, 2, 1, 1, 1, 1, 0)


class Page:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.patient = self.clinic.add_patient()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.started: list[object] = []
        self.presenter = PatientPresenter(
            self.view, self.clinic.services, self.jobs, self.patient.id, self.started.append
        )

    def record(self) -> Record:
        self.presenter.look()
        self.jobs.run_all()
        return self.view.last("show_record")[0]

    def screening(self, phq9: tuple[int | None, ...] = PHQ9_ANSWERS) -> Screening:
        screenings = self.clinic.services.screenings
        draft = screenings.record_questionnaire(
            self.patient.id, InstrumentName.PHQ9, phq9, AnsweredBy.PATIENT
        )
        screenings.judge(draft.id, ClinicianSeverity.MILD)
        return screenings.finish(draft.id)


@pytest.fixture
def page() -> Page:
    return Page()


def answered(*answers: int | None) -> Response:
    return Response(InstrumentName.PHQ9, answers, AnsweredBy.PATIENT, START)


def test_the_page_names_the_staff_and_says_whether_pictures_are_taken_here(page: Page) -> None:
    record = page.record()
    assert list(record.names.values()) == ["Amina Diallo"]
    assert record.face_on


def test_an_older_slower_page_is_dropped(page: Page) -> None:
    page.presenter.look()
    page.presenter.look()
    page.jobs.run(1)
    page.jobs.run(0)
    assert page.view.names() == ["show_record"]


def test_starting_twice_leads_to_one_draft(page: Page) -> None:
    page.presenter.start_screening()
    page.presenter.start_screening()
    page.jobs.run_all()
    assert page.started == [page.record().timeline.draft.id]


def test_consent_is_recorded_with_who_decided(page: Page) -> None:
    page.presenter.record_consent({Purpose.SHARING: True}, GivenBy.GUARDIAN, "Mother present")
    page.jobs.run_all()
    assert page.view.names() == ["show_consent_recorded", "show_record"]
    newest = page.record().timeline.events[0]
    assert texts.consent_text((newest,), page.record().names) == (
        "Agreed: sharing the results with other clinicians. Given by a guardian, recorded by"
        " Amina Diallo. “Mother present”"
    )


def test_a_correction_that_cannot_be_kept_is_told_at_its_field(page: Page) -> None:
    page.presenter.correct(NewPatient(" ", "Chidi", date(1990, 5, 17)))
    page.jobs.run_all()
    error = page.view.last("show_correction_error")[0]
    assert isinstance(error, InvalidInput)
    assert error.field == "family_name"


def test_a_correction_shows_on_the_page(page: Page) -> None:
    page.presenter.correct(NewPatient("Okafor", "Chidi", date(1990, 5, 18)))
    page.jobs.run_all()
    assert page.record().timeline.patient.birth_date == date(1990, 5, 18)


def test_a_record_that_is_gone_is_told(page: Page) -> None:
    gone = PatientPresenter(page.view, page.clinic.services, page.jobs, new_id(), page.started)
    gone.look()
    page.jobs.run_all()
    assert isinstance(page.view.last("show_failure")[0], NotFound)


def test_consents_recorded_together_make_one_row(page: Page) -> None:
    page.screening()
    page.presenter.record_consent({Purpose.SHARING: True}, GivenBy.PATIENT, "")
    page.jobs.run_all()
    kinds = [type(row).__name__ for row in texts.rows_of(page.record().timeline.events)]
    assert kinds == ["tuple", "Screening", "tuple"]


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ((1, 1, 2, 2, 1, 1, 1, 1, 0), "PHQ-9  10 of 27 · moderate"),
        ((0, 0, None, 1, 0, 0, 0, 0, 0), "PHQ-9  1 of 27 · none-minimal · prorated"),
        ((1, 1, 1, 1, 1, 1, 1, 1, None), "PHQ-8  8 of 24 · mild"),
        ((None, None, None, 1, 0, 0, 0, 0, 0), "PHQ-9  no total, 3 questions not answered"),
    ],
)
def test_a_score_says_what_it_is_the_score_of(answers: tuple[int | None, ...], text: str) -> None:
    assert texts.score_text(answered(*answers)) == text


def test_question_nine_is_mentioned_only_when_it_needs_a_word() -> None:
    assert texts.item_nine_text(answered(*[0] * 9)) == ""
    assert "was answered" in texts.item_nine_text(answered(*[0] * 8, 1))
    assert "no PHQ-9 total" in texts.item_nine_text(answered(*[0] * 8, None))


def test_the_estimate_is_named_as_what_it_is() -> None:
    assert texts.estimate_text(finding(Band.MODERATE)).startswith(
        "Visible depressive affect: moderate ("
    )
    unsure = texts.estimate_text(finding(abstained=AbstainReason.NO_FACE))
    assert unsure.startswith("Cannot tell")


def test_the_course_of_a_scale_never_mixes_in_another(page: Page) -> None:
    first = page.screening()
    later = page.screening((1, 1, 1, 1, 1, 1, 1, 1, 0))
    without_nine = replace(first, responses=(answered(1, 1, 1, 1, 1, 1, 1, 1, None),))
    phq, gad, estimate = lanes_of((first, without_nine, later), frozenset(), ReliableChange())
    assert [point.label for point in phq.points] == ["10", "8"]
    assert gad.points == estimate.points == ()


def test_a_reliable_change_is_told_with_its_rule(page: Page) -> None:
    page.screening((2, 2, 2, 2, 2, 2, 2, 2, 0))
    page.screening((1, 1, 1, 1, 1, 1, 1, 1, 0))
    screenings = page.clinic.services.screenings.of_patient(page.patient.id)
    phq, _, _ = lanes_of(screenings, frozenset(), ReliableChange())
    assert [point.change for point in phq.points] == [None, Direction.IMPROVED]
    assert "8 points fewer since 2 Mar 2026 (rule: at least 5)" in phq.points[1].spoken
    calm, _, _ = lanes_of(screenings, frozenset(), ReliableChange(phq9=9))
    assert [point.change for point in calm.points] == [None, None]


def test_totals_in_other_words_are_not_joined_to_a_course(page: Page) -> None:
    made = [page.screening(), page.screening((1, 1, 1, 1, 1, 1, 1, 1, 0)), page.screening()]
    other = replace(made[1].responses[0], language="hi")
    words = (made[0], replace(made[1], responses=(other,)), made[2])
    phq, _, _ = lanes_of(words, frozenset(), ReliableChange())
    assert [point.joined for point in phq.points] == [True, False, False]
    phq, _, _ = lanes_of(made, frozenset(), ReliableChange())
    assert [point.joined for point in phq.points] == [True, True, True]


def test_estimates_of_different_models_in_one_course_are_told(page: Page) -> None:
    read, unread = finding(Band.MODERATE), finding(abstained=AbstainReason.LOW_CONFIDENCE)
    newer = replace(read, models={**read.models, "severity": "9.0.0"})
    first, second, third = (
        replace(page.screening(), id=new_id(), finding=one) for one in (read, newer, unread)
    )
    assert mixes_models((first, second), set())
    assert not mixes_models((first, second), {second.id})
    other = replace(unread, models=newer.models)
    assert not mixes_models((first, first, third, replace(third, finding=other)), set())


def test_the_estimate_is_a_lesser_lane_with_intervals_and_abstentions(page: Page) -> None:
    plain = page.screening()
    read = replace(plain, finding=finding(Band.MODERATE))
    unread = replace(plain, finding=finding(abstained=AbstainReason.LOW_CONFIDENCE))
    hidden = replace(plain, id=new_id())
    _, _, lane = lanes_of((read, unread, hidden), {hidden.id}, ReliableChange())
    assert lane.lesser
    by_label = {point.label: point for point in lane.points}
    assert by_label["hidden"].value is by_label["cannot tell"].value is None
    told = by_label["60"]
    assert (told.low, told.high) == (pytest.approx(48, abs=1), pytest.approx(72, abs=1))
    assert "moderate, 60 of 100, 90 % interval 48 to 72, model 0.1.0" in told.spoken


def test_a_signed_note_shows_signer_time_and_hash(page: Page) -> None:
    notes = page.clinic.services.notes
    note = notes.sign(notes.write(page.patient.id, "Sleeping well.").id, PASSWORD)
    said = texts.note_status(note, page.record().names, page.record().me)
    assert said.startswith("Signed by Amina Diallo, 2 Mar 2026, ")
    assert said.endswith(f"SHA-256 {note.sha256[:16]}…")


def test_more_than_a_page_of_screenings_is_read_page_by_page(page: Page) -> None:
    first = page.screening()
    with page.clinic.store.unit_of_work() as work:
        for day in range(1, PAGE + 20):
            at = first.finished_at - timedelta(days=day)
            work.screenings.add(replace(first, id=new_id(), finished_at=at))
        work.commit()

    def shown() -> int:
        page.jobs.run_all()
        events = page.view.last("show_record")[0].timeline.events
        return sum(isinstance(one, Screening) for one in events)

    page.presenter.look()
    assert shown() == PAGE
    page.presenter.show_older()
    assert shown() == PAGE + 20
    assert page.view.last("show_record")[0].timeline.older is None


def test_a_draft_says_what_it_still_needs(page: Page) -> None:
    screenings = page.clinic.services.screenings
    draft = screenings.start(page.patient.id)
    assert progress_of(draft) == "PHQ-9 to do · GAD-7 to do"
    draft = screenings.answer(draft.id, InstrumentName.PHQ9, 0, 1, AnsweredBy.PATIENT)
    assert progress_of(draft) == "PHQ-9 1 of 9 · GAD-7 to do"
    draft = screenings.record_questionnaire(
        page.patient.id, InstrumentName.GAD7, (0,) * 7, AnsweredBy.PATIENT
    )
    draft = screenings.judge(draft.id, ClinicianSeverity.NONE)
    assert progress_of(draft) == "PHQ-9 1 of 9 · GAD-7 done · judgement recorded"


def test_the_first_screen_puts_open_safety_steps_first(page: Page) -> None:
    view = RecordedView()
    page.clinic.services.screenings.record_questionnaire(
        page.patient.id, InstrumentName.PHQ9, (0,) * 8 + (3,), AnsweredBy.PATIENT
    )
    TodayPresenter(view, page.clinic.services, page.jobs).look()
    page.jobs.run_all()
    waiting = view.last("show_waiting")[0]
    assert [one.patient.id for one in waiting.flows] == [page.patient.id]
    assert [one.patient.id for one in waiting.drafts] == [page.patient.id]


def test_safety_steps_are_told_without_a_label_of_risk(page: Page) -> None:
    services = page.clinic.services
    services.screenings.record_questionnaire(
        page.patient.id, InstrumentName.PHQ9, (0,) * 8 + (3,), AnsweredBy.PATIENT
    )
    flow = services.safety.unfinished()[0].flow
    lines = texts.safety_lines(flow, services.staff.names())
    assert lines == ["Open: an assessment or a hand-over is needed."]
    flow = services.safety.raise_concern(page.patient.id, flow.screening_id)
    lines = texts.safety_lines(flow, services.staff.names())
    assert "raised a concern" in lines[0]
    assert "risk" not in " ".join(lines).lower()
