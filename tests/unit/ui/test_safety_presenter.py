"""The safety steps: two ways out, everything required, nothing closed by accident."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import AccessDenied, InvalidInput, StoreFull, WrongPassword
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.ui.screens.safety.presenter import (
    SafetyPresenter,
    Situation,
    Written,
    assessment_of,
)
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.jobs import HeldJobs, RecordedView

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOMORROW = (max(utc_now(), START) + timedelta(days=2)).astimezone().date().isoformat()
WRITTEN = Written("Passive thoughts.", "None at home.", "Her sister.", "Call.", TOMORROW, "10:00")


class Steps:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.colleague = self.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
        patient = self.clinic.add_patient()
        self.clinic.services.screenings.record_questionnaire(
            patient.id, InstrumentName.PHQ9, (0, 0, 0, 0, 0, 0, 0, 0, 2), AnsweredBy.PATIENT
        )
        self.flow_id: UUID = self.clinic.services.safety.unfinished()[0].flow.id
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.presenter = SafetyPresenter(
            self.view, self.clinic.services, self.jobs, self.flow_id, patient.id
        )

    def flow(self) -> SafetyFlow:
        with self.clinic.store.unit_of_work() as work:
            return work.safety.flow(self.flow_id)

    def situation(self) -> Situation:
        self.presenter.look()
        self.jobs.run_all()
        return self.view.last("show_situation")[0]


@pytest.fixture
def steps() -> Steps:
    return Steps()


def test_the_steps_show_who_may_be_called_and_who_can_take_over(steps: Steps) -> None:
    situation = steps.situation()
    assert [contact.name for contact in situation.contacts] == ["Night line"]
    assert [user.user_name for user in situation.colleagues] == [COLLEAGUE]
    assert situation.handed_to is None


def test_an_open_flow_may_not_be_left(steps: Steps) -> None:
    assert not steps.situation().may_be_left


def test_a_documented_assessment_closes_the_flow(steps: Steps) -> None:
    steps.presenter.assess(WRITTEN)
    steps.jobs.run_all()
    assert steps.view.last("show_done")[0].state is SafetyState.CLOSED
    assert steps.flow().state is SafetyState.CLOSED


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("clinical_assessment", " "),
        ("means_access", ""),
        ("who_was_told", "\n"),
        ("plan", ""),
        ("day", "soon"),
        ("day", "1.1.2020"),
        ("clock", "later"),
    ],
)
def test_an_incomplete_assessment_is_named_and_closes_nothing(
    steps: Steps, field: str, text: str
) -> None:
    steps.presenter.assess(replace(WRITTEN, **{field: text}))
    named = steps.view.last("show_error")[0].field
    assert named == {"clock": "time"}.get(field, field)
    assert steps.jobs.held == []


def test_the_next_contact_must_lie_in_the_future() -> None:
    with pytest.raises(InvalidInput, match="future"):
        assessment_of(replace(WRITTEN, day="1.3.2026"), NOW)
    kept = assessment_of(replace(WRITTEN, day="4.3.2026"), NOW)
    assert kept.next_contact_at > NOW


def test_handing_over_leaves_the_flow_open_until_the_colleague_takes_over(steps: Steps) -> None:
    steps.presenter.hand_over(steps.colleague.id)
    steps.jobs.run_all()
    situation = steps.view.last("show_situation")[0]
    assert situation.flow.state is SafetyState.HANDED_OVER
    assert situation.may_be_left
    assert situation.handed_to == steps.colleague
    steps.presenter.acknowledge(COLLEAGUE, COLLEAGUE_PASSWORD)
    steps.jobs.run_all()
    assert steps.flow().state is SafetyState.CLOSED


def test_nobody_chosen_hands_nothing_over(steps: Steps) -> None:
    steps.presenter.hand_over(None)
    assert steps.view.last("show_error")[0].field == "handed_to"
    assert steps.jobs.held == []


@pytest.mark.parametrize(
    ("user", "password", "kind"),
    [(COLLEAGUE, "wrong password", WrongPassword), ("amina", PASSWORD, AccessDenied)],
)
def test_only_the_colleague_takes_over_and_only_with_the_own_password(
    steps: Steps, user: str, password: str, kind: type[Exception]
) -> None:
    steps.presenter.hand_over(steps.colleague.id)
    steps.jobs.run_all()
    steps.presenter.acknowledge(user, password)
    steps.jobs.run_all()
    assert isinstance(steps.view.last("show_failure")[0], kind)
    assert steps.flow().state is SafetyState.HANDED_OVER


def test_the_colleague_may_also_take_over_when_signed_in(steps: Steps) -> None:
    steps.presenter.hand_over(steps.colleague.id)
    steps.jobs.run_all()
    services = steps.clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    view = RecordedView()
    patient = services.safety.unfinished()[0].patient
    presenter = SafetyPresenter(view, services, steps.jobs, steps.flow_id, patient.id)
    presenter.look()
    steps.jobs.run_all()
    assert view.last("show_situation")[0].handed_to == steps.colleague


def test_pressing_twice_documents_once(steps: Steps) -> None:
    steps.presenter.assess(WRITTEN)
    steps.presenter.assess(WRITTEN)
    assert len(steps.jobs.held) == 1


def test_a_full_disk_is_told_and_the_flow_stays_open(steps: Steps) -> None:
    steps.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    steps.presenter.assess(WRITTEN)
    steps.jobs.run_all()
    assert str(steps.view.last("show_failure")[0]) == "The disk is full."
    assert steps.flow().state is SafetyState.OPEN


def test_a_flow_closed_elsewhere_has_nothing_left_to_do(steps: Steps) -> None:
    steps.presenter.assess(WRITTEN)
    steps.jobs.run_all()
    assert steps.situation().flow is None
