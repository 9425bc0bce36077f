"""A patient who holds the laptop: things of the own record alone, and nothing of the staff's."""

from __future__ import annotations

import collections.abc as abc
from uuid import UUID

import pytest

from clinic_app.domain.access import allows
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import AccessDenied
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.session import SessionState
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.unit.services.calling import METHODS, refusals, refused
from tests.unit.services.who_may import BEHIND_LOCK, FIRST, HOLDER


@pytest.mark.parametrize("whose", ["own", "somebody else's"])
@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_a_patient_at_the_laptop_gets_past_no_door_of_the_staff(service: str, whose: str) -> None:
    for name in (one for one in FIRST if one.startswith(f"{service}.")):
        if allows(Role.PATIENT, FIRST[name]) or name in BEHIND_LOCK:
            continue  # the tests below
        if name == "appointments.of_patient":
            continue
        clinic = FakeClinic()
        own, other = clinic.add_patient(), clinic.add_patient("Quimby")
        clinic.services.clinic.hand_over(own.id)
        before, tables = refusals(clinic), clinic.store.tables
        about = own.id if whose == "own" else other.id
        assert refused(clinic.services, name, about), name
        assert refusals(clinic) == before + 1, name
        assert clinic.store.tables.changed_since(tables) == {"audit"}, name


PHQ9 = InstrumentName.PHQ9
OF_THE_PERSON: dict[str, abc.Callable[[ClinicServices, UUID, UUID], object]] = {
    "screenings.answer": lambda s, _, draft: s.screenings.answer(
        draft, PHQ9, 0, 1, AnsweredBy.PATIENT
    ),
    "screenings.answer_difficulty": lambda s, _, draft: s.screenings.answer_difficulty(
        draft, PHQ9, 1
    ),
    "screenings.complete": lambda s, _, draft: s.screenings.complete(draft, PHQ9),
    "consents.give_own": lambda s, who, _: s.consents.give_own(who, {Purpose.CAPTURE: True}),
    "appointments.request": lambda s, who, _: s.appointments.request(NewAppointment(who)),
    "appointments.of_patient": lambda s, who, _: s.appointments.of_patient(who),
    "appointments.free_times": lambda s, who, _: s.appointments.free_times(patient_id=who),
    "feedback.rate": lambda s, who, _: s.feedback.rate(4, patient_id=who),
    "feedback.agree": lambda s, who, _: s.feedback.agree(
        who, next(one.screening_id for one in s.patient_home.results()), Agreement.AGREE
    ),
}
"""What a patient may do: for the own record only."""
ABOUT_NOBODY = frozenset({"appointments.clinicians", *HOLDER})


def handed_over() -> tuple[FakeClinic, UUID, UUID, dict[UUID, UUID]]:
    """Two people with a begun draft and a reviewed result each; the first has the laptop."""
    clinic = FakeClinic()
    people = [clinic.add_patient(), clinic.add_patient("Quimby")]
    take, drafts = clinic.services.screenings, {}
    for one in people:
        done = take.record_questionnaire(
            one.id, InstrumentName.GAD7, (0,) * 7, AnsweredBy.PATIENT
        ).id
        take.finish(done)
        review = clinic.services.reviews.judge(done, ClinicianSeverity.NONE)
        clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)
        drafts[one.id] = take.start(one.id).id
        take.answer(drafts[one.id], PHQ9, 0, 1, AnsweredBy.PATIENT)
    clinic.services.clinic.hand_over(people[0].id)
    return clinic, people[0].id, people[1].id, drafts


def test_what_a_patient_may_do_is_tested_for_the_own_and_for_somebody_elses_record() -> None:
    patients = {name for name, action in FIRST.items() if allows(Role.PATIENT, action)}
    assert patients | {"appointments.of_patient"} == set(OF_THE_PERSON) | ABOUT_NOBODY


@pytest.mark.parametrize("name", OF_THE_PERSON)
def test_a_patient_does_it_for_the_own_record_alone(name: str) -> None:
    clinic, own, other, drafts = handed_over()
    call = OF_THE_PERSON[name]
    call(clinic.services, own, drafts[own])
    before, tables = refusals(clinic), clinic.store.tables
    with pytest.raises(AccessDenied):
        call(clinic.services, other, drafts[other])
    assert refusals(clinic) == before + 1
    assert clinic.store.tables.changed_since(tables) == {"audit"}


@pytest.mark.parametrize("name", sorted(HOLDER))
def test_the_own_pages_are_those_of_who_holds_the_laptop(name: str) -> None:
    clinic, own, _other, _drafts = handed_over()
    assert not refused(clinic.services, name, own)
    clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.session.state is SessionState.ACTIVE
    assert refused(clinic.services, name, own)
