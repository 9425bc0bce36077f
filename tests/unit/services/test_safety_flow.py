"""Item 9 opens the safety flow with the answer itself, and only a clinician's step closes it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    InvalidInput,
    NotFound,
    SafetyFlowOpen,
    StoreFull,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment, SafetyEventKind, SafetyState, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity, Draft
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.clock import START

PHQ9 = InstrumentName.PHQ9
ASSESSMENT = SafetyAssessment(
    "Asked directly", "no access", "the doctor on call", "safety plan", START + timedelta(days=1)
)


@pytest.fixture
def draft(clinic: FakeClinic) -> Draft:
    return clinic.services.screenings.start(clinic.add_patient().id)


def answer(clinic: FakeClinic, draft: Draft, value: int | None, item: int = 8) -> None:
    clinic.services.screenings.answer(draft.id, PHQ9, item, value, AnsweredBy.PATIENT)


def record(
    clinic: FakeClinic, draft: Draft, item_nine: int | None, *, replace: bool = False
) -> None:
    """A whole questionnaire, filled in elsewhere."""
    answers = (1,) * 8 + (item_nine,)
    clinic.services.screenings.record_questionnaire(
        draft.patient_id, PHQ9, answers, AnsweredBy.PATIENT, replace=replace
    )


def flow_id(clinic: FakeClinic, draft: Draft) -> UUID:
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    return flow.id


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


def test_a_closed_flow_is_not_assessed_twice(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    identity = flow_id(clinic, draft)
    clinic.services.safety.assess(identity, ASSESSMENT)
    with pytest.raises(WrongState, match="already closed"):
        clinic.services.safety.assess(identity, ASSESSMENT)


# --- after it was closed ------------------------------------------------------------------------


def close(clinic: FakeClinic, draft: Draft) -> UUID:
    identity = flow_id(clinic, draft)
    clinic.services.safety.assess(identity, ASSESSMENT)
    return identity


def test_a_higher_answer_opens_a_new_flow(clinic: FakeClinic, draft: Draft) -> None:
    answer(clinic, draft, 1)
    first = close(clinic, draft)
    answer(clinic, draft, 3)
    second = flow_id(clinic, draft)
    assert second != first
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("later", [(0,), (1,), (1, 1), (None, 0)])
def test_an_unchanged_answer_or_zero_opens_nothing(
    clinic: FakeClinic, draft: Draft, later: tuple[int | None, ...]
) -> None:
    answer(clinic, draft, 1)
    close(clinic, draft)
    for value in later:
        answer(clinic, draft, value)
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("later", [(0, 1), (None, 1), (2,), (3, 1)])
def test_an_answer_that_was_changed_after_the_assessment_opens_a_new_flow(
    clinic: FakeClinic, draft: Draft, later: tuple[int | None, ...]
) -> None:
    answer(clinic, draft, 1)
    first = close(clinic, draft)
    for value in later:
        answer(clinic, draft, value)
    (waiting,) = clinic.services.safety.unfinished()
    assert waiting.flow.id != first
    assert waiting.flow.highest_item_nine == max(value or 0 for value in later)


@pytest.mark.parametrize(
    ("first", "second", "trigger"),
    [
        (1, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (3, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (1, 3, SafetyTrigger.ITEM_NINE_POSITIVE),
        (None, 1, SafetyTrigger.ITEM_NINE_POSITIVE),
        (None, None, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
        (2, None, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
    ],
)
def test_a_new_administration_is_never_taken_for_the_one_that_was_dealt_with(
    clinic: FakeClinic,
    draft: Draft,
    first: int | None,
    second: int | None,
    trigger: SafetyTrigger,
) -> None:
    record(clinic, draft, first)
    closed = close(clinic, draft)
    record(clinic, draft, second, replace=True)
    (waiting,) = clinic.services.safety.unfinished()
    assert waiting.flow.id != closed
    assert (waiting.flow.trigger, waiting.flow.highest_item_nine) == (trigger, second)


def test_a_new_administration_is_not_measured_by_an_answer_of_the_one_before(
    clinic: FakeClinic, draft: Draft
) -> None:
    record(clinic, draft, 3)
    close(clinic, draft)
    record(clinic, draft, 0, replace=True)
    assert clinic.services.safety.unfinished() == []
    answer(clinic, draft, 1)
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("second", [1, 2, None])
def test_a_new_administration_while_a_flow_is_open_is_kept_in_it(
    clinic: FakeClinic, draft: Draft, second: int | None
) -> None:
    record(clinic, draft, 1)
    record(clinic, draft, second, replace=True)
    (waiting,) = clinic.services.safety.unfinished()
    assert [(event.kind, event.item_nine) for event in waiting.flow.events] == [
        (SafetyEventKind.OPENED, 1),
        (SafetyEventKind.ANSWER_CHANGED, second),
    ]


def test_zero_after_an_assessed_unanswered_item_opens_nothing(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    answer(clinic, draft, 0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


def test_handing_in_again_without_the_answer_opens_nothing_new(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


@pytest.mark.parametrize("between", ["nothing", "another item", "the functional item"])
def test_an_item_nine_left_out_and_assessed_does_not_alarm_again_while_it_is_unchanged(
    clinic: FakeClinic, draft: Draft, between: str
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    if between == "another item":
        answer(clinic, draft, 2, item=0)
    elif between == "the functional item":
        clinic.services.screenings.answer_difficulty(draft.id, PHQ9, 1)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert clinic.services.safety.unfinished() == []


def test_an_item_nine_answered_and_taken_back_after_the_assessment_is_asked_about_again(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    close(clinic, draft)
    answer(clinic, draft, 0)
    answer(clinic, draft, None)
    clinic.services.screenings.complete(draft.id, PHQ9)
    assert len(clinic.services.safety.unfinished()) == 1


def test_handing_in_without_item_nine_is_kept_in_a_flow_that_is_open(
    clinic: FakeClinic, draft: Draft
) -> None:
    clinic.services.safety.raise_concern(draft.patient_id, draft.id)
    answer(clinic, draft, 1, item=0)
    clinic.services.screenings.complete(draft.id, PHQ9)
    clinic.services.screenings.complete(draft.id, PHQ9)
    (waiting,) = clinic.services.safety.unfinished()
    told = [(event.kind, event.trigger) for event in waiting.flow.events]
    assert told == [
        (SafetyEventKind.OPENED, SafetyTrigger.CLINICIAN),
        (SafetyEventKind.ANSWER_CHANGED, SafetyTrigger.ITEM_NINE_NOT_ANSWERED),
    ]


def test_a_clinicians_concern_always_opens_a_flow(clinic: FakeClinic, draft: Draft) -> None:
    safety = clinic.services.safety
    answer(clinic, draft, 1)
    close(clinic, draft)
    for _ in range(2):
        safety.raise_concern(draft.patient_id, draft.id)
        flow = safety.of_screening(draft.id)
        assert flow is not None
        assert (flow.state, flow.trigger) == (SafetyState.OPEN, SafetyTrigger.CLINICIAN)
        close(clinic, draft)


def test_a_concern_about_nobody_is_refused(clinic: FakeClinic, draft: Draft) -> None:
    with pytest.raises(NotFound):
        clinic.services.safety.raise_concern(new_id(), draft.id)
    assert clinic.services.safety.unfinished() == []


def test_a_concern_while_one_is_open_does_not_open_a_second(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1)
    clinic.services.safety.raise_concern(draft.patient_id, draft.id)
    assert len(clinic.services.safety.unfinished()) == 1


@pytest.mark.parametrize("handed_over", [False, True])
def test_a_concern_while_one_is_open_is_kept_in_it_and_audited(
    clinic: FakeClinic, draft: Draft, handed_over: bool
) -> None:
    safety = clinic.services.safety
    answer(clinic, draft, 1)
    if handed_over:
        colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
        safety.hand_over(flow_id(clinic, draft), colleague.id)
    before = flow_id(clinic, draft)
    flow = safety.raise_concern(draft.patient_id, draft.id)
    assert flow.id == before
    assert flow.state is (SafetyState.HANDED_OVER if handed_over else SafetyState.OPEN)
    assert flow.events[-1].kind is SafetyEventKind.CONCERN_RAISED
    assert flow.events[-1].by == clinic.services.session.user.id
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject_id, entry.detail) == (
        AuditKind.SAFETY,
        flow.id,
        "concern_raised",
    )


def test_a_concern_is_refused_for_the_screening_of_somebody_else(
    clinic: FakeClinic, draft: Draft
) -> None:
    services, other = clinic.services, clinic.add_patient("Baker")
    services.screenings.judge(draft.id, ClinicianSeverity.MILD)
    audited = len([e for e in clinic.store.tables.audit if e.kind is AuditKind.SAFETY])
    for finished in (False, True):
        if finished:
            services.screenings.finish(draft.id)
        with pytest.raises(InvalidInput, match="another patient"):
            services.safety.raise_concern(other.id, draft.id)
    assert services.safety.unfinished() == []
    assert len([e for e in clinic.store.tables.audit if e.kind is AuditKind.SAFETY]) == audited
    services.safety.raise_concern(draft.patient_id, draft.id)
    assert len(services.safety.unfinished()) == 1


def test_a_concern_about_an_abandoned_draft_goes_with_the_flow_it_left(
    clinic: FakeClinic, draft: Draft
) -> None:
    safety, other = clinic.services.safety, clinic.add_patient("Baker")
    answer(clinic, draft, 1)
    clinic.services.screenings.abandon(draft.id)
    with pytest.raises(InvalidInput, match="another patient"):
        safety.raise_concern(other.id, draft.id)
    safety.raise_concern(draft.patient_id, draft.id)
    (waiting,) = safety.unfinished()
    assert waiting.flow.events[-1].kind is SafetyEventKind.CONCERN_RAISED


def test_a_concern_about_a_screening_that_is_not_there_is_refused(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    with pytest.raises(NotFound):
        clinic.services.safety.raise_concern(patient.id, new_id())


# --- handing over to a colleague ----------------------------------------------------------------


def test_a_handover_closes_only_when_the_colleague_acknowledges(
    clinic: FakeClinic, draft: Draft
) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    answer(clinic, draft, 2)
    identity = flow_id(clinic, draft)
    flow = clinic.services.safety.hand_over(identity, colleague.id)
    assert (flow.state, flow.handed_to) == (SafetyState.HANDED_OVER, "Tomas")
    assert len(clinic.services.safety.unfinished()) == 1
    with pytest.raises(WrongPassword):
        clinic.services.safety.acknowledge(identity, COLLEAGUE, PASSWORD)
    assert len(clinic.services.safety.unfinished()) == 1
    closed = clinic.services.safety.acknowledge(identity, COLLEAGUE, COLLEAGUE_PASSWORD)
    assert closed.state is SafetyState.CLOSED
    assert closed.events[-1].by == colleague.id


def test_nobody_else_can_acknowledge(clinic: FakeClinic, draft: Draft) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    answer(clinic, draft, 2)
    identity = flow_id(clinic, draft)
    clinic.services.safety.hand_over(identity, colleague.id)
    with pytest.raises(AccessDenied):
        clinic.services.safety.acknowledge(identity, "amina", PASSWORD)
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    assert kinds[-1] is AuditKind.REFUSED
    assert len(clinic.services.safety.unfinished()) == 1


def test_a_flow_is_not_handed_to_oneself_or_to_a_closed_account(
    clinic: FakeClinic, draft: Draft
) -> None:
    gone = clinic.add_staff("gone", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    answer(clinic, draft, 2)
    for to_user in (clinic.services.session.user.id, gone.id):
        with pytest.raises(InvalidInput):
            clinic.services.safety.hand_over(flow_id(clinic, draft), to_user)


def test_only_active_colleagues_are_offered(clinic: FakeClinic) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.add_staff("gone", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    assert clinic.services.safety.clinicians() == [colleague]


# --- around it ----------------------------------------------------------------------------------


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
