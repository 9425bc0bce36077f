"""The own judgement comes first, the estimate on request, and saving checks what is open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_app.domain.cautions import NOT_FOR_MINORS, Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment, SafetyEventKind, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.finish.presenter import CheckState
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.reading import reading
from tests.fakes.steps import Bench

ASSESSMENT = SafetyAssessment(
    "Asked in person.",
    "No means at home.",
    "Doctor told.",
    "Plan written.",
    START + timedelta(days=1),
)


def _bench(
    clinic: FakeClinic,
    *,
    band: Band = Band.MILD,
    abstained: AbstainReason | None = None,
    phq: tuple[int, ...] = (1,) * 8 + (0,),
    consent: tuple[Purpose, ...] = (Purpose.CAPTURE, Purpose.ANALYSIS),
    birth_date: date = date(1990, 5, 17),
) -> Bench:
    patient = clinic.add_patient(consent=consent, birth_date=birth_date)
    bench = Bench(clinic, patient, load=False)
    bench.screenings.attach(bench.draft_id, reading(band, abstained=abstained))
    for name, answers in ((InstrumentName.PHQ9, phq), (InstrumentName.GAD7, (0,) * 7)):
        for item, value in enumerate(answers):
            bench.screenings.answer(bench.draft_id, name, item, value, AnsweredBy.READ_ALOUD)
        bench.screenings.complete(bench.draft_id, name)
    bench.screen.load()
    return bench


def test_the_result_cannot_be_reached_before_the_own_judgement(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    assert bench.screen.step is Step.JUDGEMENT
    bench.screen.go(Step.RESULT)
    assert bench.screen.step is Step.JUDGEMENT
    bench.judgement.choose(ClinicianSeverity.MODERATE)
    bench.judgement.go_on()
    assert bench.screen.step is Step.RESULT


def test_judgement_note_and_flag_are_kept_as_they_are_given(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.MODERATE)
    bench.views[Step.JUDGEMENT].note = "Little eye contact."
    bench.judgement.flag(True)
    kept = bench.draft.judgement
    assert (kept.severity, kept.note, kept.flagged) == (
        ClinicianSeverity.MODERATE,
        "Little eye contact.",
        True,
    )


def test_a_note_still_being_typed_is_kept_when_the_step_is_left_or_the_window_locks(
    clinic: FakeClinic,
) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.views[Step.JUDGEMENT].note = "Sleeps badly"
    troubles: list[BaseException | None] = []
    bench.screen.keep_typed(troubles.append)
    assert troubles == [None]
    assert bench.draft.judgement.note == "Sleeps badly"
    bench.views[Step.JUDGEMENT].note = "Sleeps badly, worries"
    bench.screen.go(Step.FINISH)
    assert bench.draft.judgement.note == "Sleeps badly, worries"


def test_what_is_given_while_the_store_is_slow_takes_nothing_back(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.jobs.held = True
    bench.judgement.choose(ClinicianSeverity.SEVERE)
    bench.judgement.flag(True)
    bench.views[Step.JUDGEMENT].note = "Sleeps badly"
    bench.judgement.note_paused()
    kept: list[BaseException | None] = []
    bench.judgement.keep(kept.append)
    assert kept == []  # it is on its way
    bench.jobs.release()
    stored = bench.draft.judgement
    assert stored is not None
    assert (stored.severity, stored.flagged) == (ClinicianSeverity.SEVERE, True)
    assert stored.note == "Sleeps badly"
    assert kept == [None]


def test_a_flag_set_while_the_first_judgement_is_being_stored_stays(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.jobs.held = True
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.judgement.flag(True)
    bench.jobs.release()
    stored = bench.draft.judgement
    assert stored is not None
    assert stored.flagged


@pytest.mark.parametrize("then", ["reveal", "save"])
def test_a_note_that_a_full_disk_refused_is_kept_before_the_judgement_is_fixed(
    clinic: FakeClinic, then: str
) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.views[Step.JUDGEMENT].note = "Slept four hours"
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    bench.screen.go(Step.RESULT if then == "reveal" else Step.FINISH)
    bench.result.reveal() if then == "reveal" else bench.finish.save()
    clinic.store.commit_fails_with = None
    assert bench.draft.revealed_at is None
    assert clinic.services.screenings.count_of_patient(bench.patient.id) == 0
    if then == "reveal":
        bench.result.reveal()
        kept = bench.draft.judgement
    else:
        bench.finish.save()
        kept = clinic.services.screenings.get(bench.draft_id).judgement
    assert kept is not None
    assert kept.note == "Slept four hours"


def test_the_estimate_is_covered_until_it_is_asked_for_and_then_the_judgement_is_fixed(
    clinic: FakeClinic,
) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.SEVERE)
    bench.judgement.go_on()
    facts, finding = bench.views[Step.RESULT].last("show_result")
    assert facts.covered
    assert facts.estimate is None
    assert finding is None
    bench.result.reveal()
    facts, finding = bench.views[Step.RESULT].last("show_result")
    assert facts.estimate.band is Band.MILD
    assert finding == bench.draft.finding
    bench.screen.go(Step.JUDGEMENT)
    assert bench.views[Step.JUDGEMENT].last("show_judgement")[0].fixed


def test_a_refused_reveal_shows_nothing(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.result.reveal()
    assert len(bench.notices.reported) == 1
    assert bench.draft.revealed_at is None


@pytest.mark.parametrize("abstained", [None, AbstainReason.QUALITY])
def test_the_cautions_stand_beside_the_estimate_also_when_there_is_none(
    clinic: FakeClinic, abstained: AbstainReason | None
) -> None:
    bench = _bench(clinic, abstained=abstained)
    bench.screenings.set_cautions(bench.draft_id, (Caution.PALSY, Caution.EYELID))
    again = Bench(clinic, bench.patient)
    again.judgement.choose(ClinicianSeverity.MILD)
    again.judgement.go_on()
    again.result.reveal()
    assert again.views[Step.RESULT].last("show_result")[0].cautions == (
        "The estimate is less reliable: facial palsy or stroke; a drooping eyelid."
    )


@pytest.mark.parametrize(("years", "said"), [(17, NOT_FOR_MINORS), (18, "")])
def test_of_a_minor_the_result_says_that_the_estimate_is_not_meant_for_them(
    clinic: FakeClinic, years: int, said: str
) -> None:
    born = START.date().replace(year=START.year - years, day=1)
    bench = _bench(clinic, birth_date=born)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.judgement.go_on()
    bench.result.reveal()
    assert bench.views[Step.RESULT].last("show_result")[0].cautions == said


def test_the_cautions_are_not_put_into_the_clinicians_mouth(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.capture.mark(Caution.PALSY, True)
    bench.screen.go(Step.GAD7)
    bench.screen.go(Step.JUDGEMENT)
    assert bench.views[Step.JUDGEMENT].last("show_judgement")[0].note == ""


def test_the_clinicians_own_concern_opens_the_safety_steps(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.judgement.raise_concern()
    assert bench.flow.trigger is SafetyTrigger.CLINICIAN
    assert bench.navigator.safety == [bench.flow.id]


def test_a_concern_while_the_steps_are_handed_over_is_kept_and_shows_them(
    clinic: FakeClinic,
) -> None:
    bench = _bench(clinic, phq=(0,) * 8 + (1,))
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.services.safety.hand_over(bench.flow.id, colleague.id)
    shown = len(bench.navigator.safety)
    bench.judgement.raise_concern()
    assert bench.flow.events[-1].kind is SafetyEventKind.CONCERN_RAISED
    assert bench.navigator.safety[shown:] == [bench.flow.id]


def _finish(bench: Bench):
    return bench.views[Step.FINISH].last("show_finish")[0]


def test_saving_shows_the_report_and_the_record_is_as_it_was_taken(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.screen.go(Step.FINISH)
    assert _finish(bench).may_save
    bench.finish.save()
    assert bench.navigator.shown == [("report", bench.draft_id)]
    saved = bench.screenings.get(bench.draft_id)
    assert saved.judgement.severity is ClinicianSeverity.MILD
    assert saved.estimate_shown_at is None


@pytest.mark.parametrize("abstained", [None, AbstainReason.LOW_CONFIDENCE])
def test_a_picture_without_an_own_judgement_cannot_be_saved(
    clinic: FakeClinic, abstained: AbstainReason | None
) -> None:
    bench = _bench(clinic, abstained=abstained)
    bench.screen.go(Step.FINISH)
    state = _finish(bench)
    assert not state.may_save
    assert [c.step for c in state.checks if c.state is CheckState.BLOCKS] == [Step.JUDGEMENT]
    bench.finish.save()
    assert bench.navigator.shown == []
    bench.judgement.choose(ClinicianSeverity.CANNOT_TELL)
    assert _finish(bench).may_save


@pytest.mark.parametrize("judged", [False, True])
def test_the_page_does_not_tell_what_was_read_before_the_estimate_was_shown(
    clinic: FakeClinic, judged: bool
) -> None:
    pages = []
    for abstained in (None, AbstainReason.LOW_CONFIDENCE):
        bench = _bench(clinic, abstained=abstained)
        if judged:
            bench.judgement.choose(ClinicianSeverity.MILD)
        bench.screen.go(Step.FINISH)
        pages.append(_finish(bench))
    assert pages[0] == pages[1]
    assert pages[0].checks[-1].text == "A picture was taken."


def test_once_the_estimate_was_shown_the_page_tells_that_it_is_cannot_tell(
    clinic: FakeClinic,
) -> None:
    bench = _bench(clinic, abstained=AbstainReason.LOW_CONFIDENCE)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.judgement.go_on()
    bench.result.reveal()
    bench.screen.go(Step.FINISH)
    assert _finish(bench).checks[-1].text == "The picture was read: cannot tell."


def test_a_questionnaire_begun_but_not_handed_in_blocks_saving_until_it_is(
    clinic: FakeClinic,
) -> None:
    bench = Bench(clinic, clinic.add_patient(), load=False)
    bench.screenings.judge(bench.draft_id, ClinicianSeverity.MILD)
    bench.screenings.answer(bench.draft_id, InstrumentName.GAD7, 0, 1, AnsweredBy.READ_ALOUD)
    bench.screen.load()
    bench.screen.go(Step.FINISH)
    state = _finish(bench)
    assert not state.may_save
    blocking = [check for check in state.checks if check.state is CheckState.BLOCKS]
    assert [check.step for check in blocking] == [Step.GAD7]
    assert blocking[0].text.endswith("please hand it in first.")
    bench.screen.keep(bench.screenings.complete(bench.draft_id, InstrumentName.GAD7))
    assert _finish(bench).may_save


def test_an_open_safety_flow_blocks_saving_until_it_is_documented(clinic: FakeClinic) -> None:
    bench = _bench(clinic, phq=(0,) * 8 + (1,))
    assert bench.navigator.safety == [bench.flow.id]
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.screen.go(Step.FINISH)
    assert not _finish(bench).may_save
    assert _finish(bench).safety
    bench.finish.save()
    assert bench.navigator.shown == []
    assert len(bench.navigator.safety) == 2
    clinic.services.safety.assess(bench.flow.id, ASSESSMENT)
    bench.screen.check_flow()
    assert _finish(bench).may_save
    bench.finish.save()
    assert bench.navigator.shown == [("report", bench.draft_id)]


@pytest.mark.parametrize(
    ("consent", "kept"),
    [
        ((Purpose.CAPTURE, Purpose.ANALYSIS), False),
        ((Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES), True),
    ],
)
def test_the_page_says_whether_the_picture_is_kept(
    clinic: FakeClinic, consent: tuple[Purpose, ...], kept: bool
) -> None:
    bench = _bench(clinic, consent=consent)
    bench.judgement.choose(ClinicianSeverity.MILD)
    bench.screen.go(Step.FINISH)
    assert any("removed when you save" in text for text in _finish(bench).kept) is not kept
    bench.finish.save()
    assert bench.screenings.get(bench.draft_id).images_kept is kept


def test_throwing_a_draft_away_goes_back_to_the_patient(clinic: FakeClinic) -> None:
    bench = _bench(clinic)
    bench.screen.go(Step.FINISH)
    bench.finish.abandon()
    assert bench.navigator.shown == [("patient", bench.patient.id)]
    assert bench.screenings.drafts() == []
