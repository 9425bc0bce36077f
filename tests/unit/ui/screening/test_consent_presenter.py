"""Consent is recorded answer by answer; refusing costs nothing; taking back is confirmed."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import DeploymentContext
from clinic_app.ui.screens.screening.case import Step
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import face_images, reading
from tests.fakes.steps import Bench


def _state(bench: Bench):
    return bench.views[Step.CONSENT].last("show_consent")[0]


def test_every_answer_is_in_the_store_at_once(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.answer(Purpose.CAPTURE, True)
    assert clinic.services.consents.current(bench.patient.id) == {Purpose.CAPTURE: True}
    assert not _state(bench).may_go_on
    bench.consent.answer(Purpose.ANALYSIS, True)
    assert _state(bench).may_go_on
    assert _state(bench).usable


def test_refusing_the_picture_refuses_what_follows_from_it_but_not_sharing(
    clinic: FakeClinic,
) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.answer(Purpose.CAPTURE, False)
    answers = clinic.services.consents.current(bench.patient.id)
    assert answers == {
        Purpose.CAPTURE: False,
        Purpose.ANALYSIS: False,
        Purpose.KEEP_IMAGES: False,
        Purpose.TRAINING_REUSE: False,
    }
    bench.consent.go_on()
    assert bench.screen.step is Step.PHQ9


def test_questionnaires_only_is_one_press_away(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    assert bench.screen.step is Step.PHQ9
    assert clinic.services.consents.current(bench.patient.id)[Purpose.CAPTURE] is False
    assert not bench.feed.started


def test_no_picture_today_leaves_the_pictures_of_earlier_screenings(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES))
    bench = Bench(clinic, patient)
    earlier = new_id()
    with clinic.store.unit_of_work() as work:
        work.images.put(earlier, face_images(), kept=True)
        work.commit()
    bench.screen.go(Step.CONSENT)
    bench.consent.questionnaires_only()
    answers = clinic.services.consents.current(patient.id)
    assert answers[Purpose.CAPTURE] is False
    assert answers[Purpose.KEEP_IMAGES] is True
    with clinic.store.unit_of_work() as work:
        assert work.images.get(earlier) is not None


def test_taking_back_the_keeping_of_pictures_is_always_confirmed(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES))
    bench = Bench(clinic, patient)
    bench.consent.answer(Purpose.KEEP_IMAGES, False)
    assert bench.views[Step.CONSENT].last("ask_withdrawal") == (Purpose.KEEP_IMAGES,)
    assert clinic.services.consents.current(patient.id)[Purpose.KEEP_IMAGES] is True
    bench.consent.withdraw(Purpose.KEEP_IMAGES)
    assert clinic.services.consents.current(patient.id)[Purpose.KEEP_IMAGES] is False


def test_taking_back_a_yes_that_holds_a_picture_is_confirmed_first(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(), load=False)
    bench.screenings.attach(bench.draft_id, reading())
    bench.screen.load()
    bench.screen.go(Step.CONSENT)
    bench.consent.answer(Purpose.ANALYSIS, False)
    assert bench.views[Step.CONSENT].last("ask_withdrawal") == (Purpose.ANALYSIS,)
    assert bench.draft.finding is not None
    bench.consent.withdraw(Purpose.ANALYSIS)
    assert bench.draft.finding is None
    assert bench.screen.case.draft.finding is None


def test_a_guardian_answers_for_a_minor_unless_told_otherwise(clinic: FakeClinic) -> None:
    child = clinic.add_patient(birth_date=date(2014, 2, 3), consent=())
    bench = Bench(clinic, child)
    assert _state(bench).minor
    bench.consent.answer(Purpose.CAPTURE, True)
    bench.consent.choose_giver(GivenBy.PATIENT)
    bench.consent.answer(Purpose.ANALYSIS, True)
    history = clinic.services.consents.history(child.id)
    assert [event.given_by for event in history] == [GivenBy.GUARDIAN, GivenBy.PATIENT]


def test_where_pictures_are_off_the_questionnaires_go_on() -> None:
    clinic = FakeClinic(context=DeploymentContext.WORKPLACE)
    bench = Bench(clinic, clinic.add_patient(consent=()))
    assert not _state(bench).face_on
    assert _state(bench).may_go_on
    bench.consent.go_on()
    assert bench.screen.step is Step.PHQ9


def test_an_answer_that_cannot_be_stored_is_not_shown_as_given(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    trouble = OSError("disk")

    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(clinic.services.consents, "record", fail)
    bench.consent.answer(Purpose.CAPTURE, True)
    assert bench.notices.reported == [trouble]
    assert _state(bench).answers == {}
