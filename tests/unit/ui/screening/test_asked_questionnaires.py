"""The clinic says which questionnaires a screening asks; the steps follow it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.questionnaires import GAD7, AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.screening.case import Step, done_steps, open_to_visit
from clinic_app.ui.screens.today.presenter import progress_of
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.steps import Bench


def _asking(clinic: FakeClinic, *names: InstrumentName) -> None:
    settings = clinic.services.clinic
    settings.save(replace(settings.profile(), instruments=names), PASSWORD)


@pytest.mark.parametrize("picture", [False, True])
def test_a_questionnaire_that_the_clinic_does_not_ask_is_no_step(
    clinic: FakeClinic, picture: bool
) -> None:
    _asking(clinic, InstrumentName.GAD7)
    bench = Bench(clinic, clinic.add_patient(**({} if picture else {"consent": ()})))
    if picture:
        bench.consent.go_on()
        assert bench.screen.step is Step.PICTURE
        bench.capture.go_on()
    else:
        bench.consent.questionnaires_only()
    assert bench.screen.step is Step.GAD7
    assert Step.PHQ9 not in open_to_visit(bench.screen.case)
    assert Step.PHQ9 in done_steps(bench.screen.case)
    bench.gad7.back()
    assert bench.screen.step is Step.PICTURE


def test_the_patient_is_asked_only_what_the_clinic_asks(clinic: FakeClinic) -> None:
    _asking(clinic, InstrumentName.GAD7)
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    bench.gad7.hand_over()
    question = bench.patient_view.last("show_question")[0]
    assert (question.text, question.of) == (GAD7.items[0], 7)


def test_nothing_is_said_to_be_left_out_that_was_never_to_be_asked(clinic: FakeClinic) -> None:
    _asking(clinic, InstrumentName.PHQ9)
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    assert progress_of(bench.draft, bench.screen.case.clinic.instruments) == "PHQ-9 to do"
    for item in range(9):
        bench.phq9.answer(item, 0)
    bench.phq9.hand_in()
    assert bench.screen.step is Step.JUDGEMENT
    bench.judgement.choose(ClinicianSeverity.NONE)
    bench.judgement.go_on()
    facts, _ = bench.views[Step.RESULT].last("show_result")
    assert facts.left_out == ()
    bench.result.go_on()
    (state,) = bench.views[Step.FINISH].last("show_finish")
    assert not any("GAD-7" in check.text for check in state.checks)
    bench.finish.save()
    (screening,) = clinic.services.screenings.of_patient(bench.patient.id)
    assert [one.instrument for one in screening.responses] == [InstrumentName.PHQ9]


def test_what_was_begun_before_the_setting_changed_is_gone_on_with(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=())
    draft = clinic.services.screenings.start(patient.id)
    gad7, by = InstrumentName.GAD7, AnsweredBy.READ_ALOUD
    clinic.services.screenings.answer(draft.id, gad7, 0, 2, by)
    _asking(clinic, InstrumentName.PHQ9)
    bench = Bench(clinic, patient)
    assert Step.GAD7 in open_to_visit(bench.screen.case)
    assert Step.GAD7 not in done_steps(bench.screen.case)
