"""A clinician's concern opens a safety flow, or is kept in the one that is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.safety import SafetyEventKind, SafetyState, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity, Draft
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.unit.services.safety_steps import answer, close, flow_id


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


def test_an_assessment_in_sight_of_a_concern_closes_it_though_the_clock_was_set_back(
    clinic: FakeClinic, draft: Draft
) -> None:
    answer(clinic, draft, 1)
    clinic.services.safety.raise_concern(draft.patient_id, draft.id)
    clinic.clock.moment -= timedelta(hours=1)
    answer(clinic, draft, 2)
    close(clinic, draft)
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    assert flow.state is SafetyState.CLOSED
    moments = [event.at for event in flow.events]
    assert moments == sorted(set(moments))
    assert flow.events[-1].kind is SafetyEventKind.ASSESSED
