"""Item 9 opens the safety flow with the answer itself, and only a clinician's step closes it."""

from __future__ import annotations

import dataclasses
from datetime import MAXYEAR, UTC, datetime, timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, SafetyFlowOpen, StoreFull, WrongState
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyEventKind, SafetyState, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity, Draft
from tests.fakes.clinic import FakeClinic
from tests.unit.services.safety_steps import ASSESSMENT, PHQ9, answer, close, flow_id, record


@pytest.mark.parametrize("value", [1, 2, 3])
def test_the_flow_opens_with_the_answer_in_one_transaction(
    clinic: FakeClinic, draft: Draft, value: int
) -> None:
    before = clinic.store.commits
    answer(clinic, draft, value)
    assert clinic.store.commits == before + 1
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    assert (flow.state, flow.trigger, flow.highest_item_nine) == (
        SafetyState.OPEN,
        SafetyTrigger.ITEM_NINE_POSITIVE,
        value,
    )


def test_when_the_store_fails_neither_answer_nor_flow_is_there(
    clinic: FakeClinic, draft: Draft
) -> None:
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    with pytest.raises(StoreFull):
        answer(clinic, draft, 2)
    clinic.store.commit_fails_with = None
    assert clinic.services.screenings.draft(draft.id).sheets == ()
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("item", range(8))
def test_no_other_item_opens_it(clinic: FakeClinic, draft: Draft, item: int) -> None:
    answer(clinic, draft, 3, item)
    assert clinic.services.safety.unfinished() == []


def test_zero_opens_nothing(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 0)
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("changed", [0, None])
def test_the_flow_survives_a_changed_answer(
    clinic: FakeClinic, draft: Draft, changed: int | None
) -> None:
    answer(clinic, draft, 2)
    answer(clinic, draft, changed)
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    assert flow.state is SafetyState.OPEN
    assert flow.highest_item_nine == 2
    assert [event.kind for event in flow.events] == [
        SafetyEventKind.OPENED,
        SafetyEventKind.ANSWER_CHANGED,
    ]


def test_tapping_the_same_answer_again_adds_nothing(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 2)
    answer(clinic, draft, 2)
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    assert len(flow.events) == 1


def test_the_flow_survives_an_abandoned_form(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    clinic.services.screenings.abandon(draft.id)
    (waiting,) = clinic.services.safety.unfinished()
    assert waiting.flow.screening_id == draft.id
    assert waiting.patient.id == draft.patient_id


def test_the_flow_is_there_after_a_crash_and_a_new_sign_in(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1)
    services = clinic.sign_in()
    assert len(services.safety.unfinished()) == 1
    assert services.screenings.draft(draft.id).sheets[0].answers[8] == 1


def test_handing_in_without_item_nine_opens_the_flow(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1, item=0)
    assert clinic.services.safety.unfinished() == []
    clinic.services.screenings.complete(draft.id, PHQ9)
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    assert flow.trigger is SafetyTrigger.ITEM_NINE_NOT_ANSWERED
    assert flow.highest_item_nine is None


@pytest.mark.parametrize(
    ("item_nine", "trigger"),
    [
        (0, None),
        (1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (3, SafetyTrigger.ITEM_NINE_POSITIVE),
        (None, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
    ],
)
def test_a_questionnaire_entered_whole_opens_it_too(
    clinic: FakeClinic, item_nine: int | None, trigger: SafetyTrigger | None
) -> None:
    patient = clinic.add_patient()
    answers = (0,) * 8 + (item_nine,)
    draft = clinic.services.screenings.record_questionnaire(
        patient.id, PHQ9, answers, AnsweredBy.READ_ALOUD
    )
    flow = clinic.services.safety.of_screening(draft.id)
    assert (flow.trigger if flow else None) is trigger


def test_the_gad7_never_opens_it(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.screenings.record_questionnaire(
        patient.id, InstrumentName.GAD7, (3,) * 7, AnsweredBy.PATIENT
    )
    assert clinic.services.safety.unfinished() == []


def test_an_open_flow_blocks_finishing_until_it_is_assessed(
    clinic: FakeClinic, draft: Draft
) -> None:
    services = clinic.services
    answer(clinic, draft, 1)
    services.screenings.complete(draft.id, PHQ9)
    services.screenings.judge(draft.id, ClinicianSeverity.MODERATE)
    with pytest.raises(SafetyFlowOpen):
        services.screenings.finish(draft.id)
    closed = services.safety.assess(flow_id(clinic, draft), ASSESSMENT)
    assert closed.state is SafetyState.CLOSED
    assert services.screenings.finish(draft.id).id == draft.id
    assert services.safety.unfinished() == []


def test_an_incomplete_assessment_closes_nothing(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    with pytest.raises(InvalidInput) as caught:
        clinic.services.safety.assess(
            flow_id(clinic, draft), dataclasses.replace(ASSESSMENT, plan=" ")
        )
    assert caught.value.field == "plan"
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=1), timedelta(days=365)])
def test_a_next_contact_that_is_not_to_come_closes_nothing(
    clinic: FakeClinic, draft: Draft, ago: timedelta
) -> None:
    answer(clinic, draft, 1)
    identity = flow_id(clinic, draft)
    late = dataclasses.replace(ASSESSMENT, next_contact_at=clinic.clock.moment - ago)
    with pytest.raises(InvalidInput) as caught:
        clinic.services.safety.assess(identity, late)
    assert caught.value.field == "next_contact_at"
    assert len(clinic.services.safety.unfinished()) == 1


def test_a_next_contact_that_no_record_names_closes_nothing(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1)
    far = dataclasses.replace(ASSESSMENT, next_contact_at=datetime(MAXYEAR, 6, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="too far away") as caught:
        clinic.services.safety.assess(flow_id(clinic, draft), far)
    assert caught.value.field == "next_contact_at"
    assert len(clinic.services.safety.unfinished()) == 1


def test_a_closed_flow_is_not_assessed_twice(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    identity = flow_id(clinic, draft)
    clinic.services.safety.assess(identity, ASSESSMENT)
    with pytest.raises(WrongState, match="already closed"):
        clinic.services.safety.assess(identity, ASSESSMENT)


def test_crisis_contacts_are_there_even_while_the_window_is_locked(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    assert [contact.name for contact in clinic.services.safety.crisis_contacts()] == ["Night line"]


def test_every_step_is_audited(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 2)
    answer(clinic, draft, 0)
    close(clinic, draft)
    steps = [e.detail for e in clinic.store.tables.audit if e.kind is AuditKind.SAFETY]
    assert steps == ["opened", "answer_changed", "assessed"]


def test_open_flows_come_oldest_first(clinic: FakeClinic) -> None:
    patients = [clinic.add_patient(family_name=name) for name in ("Adeyemi", "Baker", "Costa")]
    for patient in patients:
        answer(clinic, clinic.services.screenings.start(patient.id), 1)
    assert [one.patient for one in clinic.services.safety.unfinished()] == patients


def test_all_flows_of_a_screening_are_told_oldest_first(clinic: FakeClinic, draft: Draft) -> None:
    first, second = (clinic.services.screenings, clinic.add_patient("Baker"))
    answer(clinic, draft, 1)
    one = close(clinic, draft)
    clinic.clock.advance(minutes=1)
    answer(clinic, draft, 3)
    two = close(clinic, draft)
    record(clinic, first.start(second.id), 1)
    flows = first.safety_flows(draft.patient_id, draft.id)
    assert [flow.id for flow in flows] == [one, two]
    assert [flow.highest_item_nine for flow in flows] == [1, 3]
