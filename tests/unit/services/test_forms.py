"""Words of a begun form: the own ones only, gone with the form, the person and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.forms import FORM_LIMIT, FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.services.retention import RetentionKind
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic

FORM = FormKind.SAFETY_ASSESSMENT
WORDS = {"plan": "Call tomorrow"}


@pytest.fixture
def flow_id(clinic: FakeClinic) -> UUID:
    clinic.services.screenings.record_questionnaire(
        clinic.add_patient().id, InstrumentName.PHQ9, (0,) * 8 + (2,), AnsweredBy.PATIENT
    )
    return clinic.services.safety.unfinished()[0].flow.id


def assess(clinic: FakeClinic, flow_id: UUID) -> None:
    later = clinic.clock() + timedelta(days=1)
    clinic.services.safety.assess(flow_id, SafetyAssessment("a", "b", "c", "d", later))


def test_words_are_replaced_not_doubled_and_read_again(clinic: FakeClinic, flow_id: UUID) -> None:
    forms = clinic.services.forms
    assert forms.kept(FORM, flow_id) is None
    first = forms.keep(FORM, flow_id, {"plan": "Call"})
    second = forms.keep(FORM, flow_id, WORDS)
    assert first.id == second.id
    assert forms.kept(FORM, flow_id) == second
    forms.discard(FORM, flow_id)
    assert forms.kept(FORM, flow_id) is None


def test_nobody_meets_the_words_of_somebody_else(clinic: FakeClinic, flow_id: UUID) -> None:
    clinic.services.forms.keep(FORM, flow_id, WORDS)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    colleague = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    assert colleague.forms.kept(FORM, flow_id) is None
    colleague.forms.discard(FORM, flow_id)
    colleague.forms.keep(FORM, flow_id, {"plan": "Mine"})
    own = clinic.sign_in(USER, PASSWORD).forms.kept(FORM, flow_id)
    assert own is not None
    assert own.texts == WORDS


def test_closing_the_flow_clears_every_begun_assessment_of_it(
    clinic: FakeClinic, flow_id: UUID
) -> None:
    clinic.services.forms.keep(FORM, flow_id, WORDS)
    assess(clinic, flow_id)
    assert clinic.store.tables.forms == {}
    with pytest.raises(WrongState):
        clinic.services.forms.keep(FORM, flow_id, WORDS)


def test_a_refused_assessment_leaves_the_words(clinic: FakeClinic, flow_id: UUID) -> None:
    clinic.services.forms.keep(FORM, flow_id, WORDS)
    late = SafetyAssessment("a", "b", "c", "d", clinic.clock() - timedelta(days=1))
    with pytest.raises(InvalidInput):
        clinic.services.safety.assess(flow_id, late)
    assert clinic.services.forms.kept(FORM, flow_id) is not None


def test_an_unknown_flow_and_far_too_much_text_change_nothing(
    clinic: FakeClinic, flow_id: UUID
) -> None:
    with pytest.raises(NotFound):
        clinic.services.forms.keep(FORM, new_id(), WORDS)
    with pytest.raises(InvalidInput):
        clinic.services.forms.keep(FORM, flow_id, {"plan": "x" * (FORM_LIMIT + 1)})
    assert clinic.store.tables.forms == {}


def left_behind(clinic: FakeClinic, flow_id: UUID) -> UUID:
    """Words about a flow that was closed elsewhere: its closing arrived with a round of sync."""
    draft = clinic.services.forms.keep(FORM, flow_id, WORDS)
    assess(clinic, flow_id)
    with clinic.store.unit_of_work() as work:
        work.forms.save(draft)
        work.commit()
    return draft.id


def test_words_about_a_flow_that_was_closed_elsewhere_go_at_the_next_sign_in(
    clinic: FakeClinic, flow_id: UUID
) -> None:
    left_behind(clinic, flow_id)
    clinic.sign_in(USER, PASSWORD)
    assert clinic.store.tables.forms == {}


def test_a_store_of_an_earlier_program_goes_by_time_once(clinic: FakeClinic, flow_id: UUID) -> None:
    """Words from before an erasure go, later ones stay."""
    patient_id = next(iter(clinic.store.tables.patients))
    assess(clinic, flow_id)
    old = clinic.services.forms.keep(FormKind.INTERVENTION, patient_id, {"text": "old"})
    clinic.clock.advance(minutes=1)
    erasures = clinic.services.erasures
    erasures.complete(erasures.ask(patient_id).id, PASSWORD)
    with clinic.store.unit_of_work() as work:  # on this laptop they are still there
        work.forms.save(old)
        work.commit()
    clinic.store.tables.erasures_known.clear()
    clinic.clock.advance(minutes=1)
    new = clinic.services.forms.keep(FormKind.TASK, patient_id, {"title": "new"})
    clinic.sign_in(USER, PASSWORD)
    assert list(clinic.store.tables.forms) == [new.id]


def test_erasure_counts_and_removes_them(clinic: FakeClinic, flow_id: UUID) -> None:
    left_behind(clinic, flow_id)
    patient_id = next(iter(clinic.store.tables.patients))
    erasures = clinic.services.erasures
    assert erasures.plan(patient_id).forms == 1
    done = erasures.complete(erasures.ask(patient_id).id, PASSWORD)
    assert "begun forms 1" in done.decision
    assert clinic.store.tables.forms == {}


def test_retention_removes_old_ones_but_never_those_of_open_safety_steps(
    clinic: FakeClinic, flow_id: UUID
) -> None:
    clinic.services.forms.keep(FORM, flow_id, WORDS)
    retention = clinic.services.retention
    retention.save(replace(retention.settings(), draft_days=30), PASSWORD)
    clinic.clock.advance(days=40)
    assert retention.run(PASSWORD).count(RetentionKind.FORMS) == 0
    old = left_behind(clinic, flow_id)
    assert retention.dry_run().count(RetentionKind.FORMS) == 0
    clinic.clock.advance(days=31)
    found = [one for one in retention.run(PASSWORD).items if one.kind is RetentionKind.FORMS]
    assert [one.record_id for one in found] == [old]
    assert clinic.store.tables.forms == {}
