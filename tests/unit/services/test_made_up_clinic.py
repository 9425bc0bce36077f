"""The made-up clinic of three hundred: the same every time, whole, and about nobody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import WrongState
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.notes import NoteKind
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.made_up.clinic import FillingStopped, MadeUpClinic, seed_clinic
from clinic_app.services.made_up.names import SCRIPTS
from clinic_app.services.made_up.plan import DUPLICATES, PEOPLE, plan
from clinic_app.services.reading import Reading
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import FakeClock
from tests.fakes.reading import FakeFaceReader, FakeModelShelf, finding
from tests.fakes.reports import FakeRenderer
from tests.fakes.vault import FakeVault

LAST = datetime(2026, 3, 11, 12, tzinfo=UTC)
FEW = 80


def read(number: int, taken_at: datetime) -> Reading:
    spoilt = AbstainReason.NO_FACE if number % 4 == 0 else None
    return Reading(finding(Band(number % 3), abstained=spoilt), None)


def make_door(clock: FakeClock) -> FrontDoor:
    return FrontDoor(
        FakeVault(clock), FakeFaceReader(), FakeModelShelf(), FakeRenderer(), now=clock
    )


@pytest.fixture(scope="module")
def made_up() -> MadeUpClinic:
    clock = FakeClock()
    return seed_clinic(make_door(clock), read, people=FEW, now=clock)


def test_the_plan_is_the_same_every_time() -> None:
    assert list(plan(LAST, "Europe/Berlin")) == list(plan(LAST, "Europe/Berlin"))


def test_everybody_planned_is_an_example_of_some_script() -> None:
    people = list(plan(LAST, "UTC"))
    assert len(people) == PEOPLE - DUPLICATES
    assert sum(person.twin is not None for person in people) == DUPLICATES
    words = {family for script in SCRIPTS for family in script.families}
    assert {person.new.family_name for person in people} <= words
    assert len({person.new.family_name for person in people}) > 40
    assert all(person.new.phone.startswith("000 555") or not person.new.phone for person in people)


def test_most_are_adults_of_every_age_and_pictures_are_read_of_nobody_under_18() -> None:
    people = list(plan(LAST, "UTC"))
    ages = {one.number: (LAST.date() - one.new.birth_date).days / 365.25 for one in people}
    young = [one for one in people if ages[one.number] < 18]
    assert len(young) == 5
    assert min(ages.values()) >= 16
    assert max(Counter(round(age) for age in ages.values()).values()) < len(people) / 15
    grown = [one for one in people if one not in young]
    assert all((one.registered_at.date() - one.new.birth_date).days > 18 * 365 for one in grown)
    for one in young:
        assert set(one.purposes) <= {Purpose.SHARING}
        assert not any(visit.pictured for visit in one.visits)


def test_nobody_is_planned_twice_at_the_same_time_or_after_the_end() -> None:
    visits = [visit for person in plan(LAST, "America/New_York") for visit in person.visits]
    taken = Counter((visit.start, visit.clinician) for visit in visits)
    assert max(taken.values()) == 1
    assert all(visit.start < LAST for visit in visits)
    for visit in visits:
        answered = Response(InstrumentName.PHQ9, visit.phq9, AnsweredBy.PATIENT, visit.start, None)
        assert answered.score is not None


def test_it_has_something_of_every_kind(made_up: MadeUpClinic) -> None:
    services = made_up.services
    rows = services.patients.search("", limit=2 * FEW)
    assert len(rows) == made_up.people == FEW
    screenings = services.screenings.newest(limit=5000)
    assert len(screenings) > FEW
    flows = services.safety.unfinished()
    assert len(flows) == 4
    people = [row.patient.id for row in rows]
    asked = [one for person in people for one in services.consents.history(person)]
    assert {one.shown.language for one in asked if one.shown} == {"en", "hi"}
    assert all(one.shown is not None for one in asked if one.granted)
    notes = [note for one in people for note in services.notes.of_patient(one)]
    assert {note.kind for note in notes} == set(NoteKind)
    assert any(note.addendum_to for note in notes)
    assert sum(note.signed_at is None for note in notes) == 4
    assert services.tasks.open(overdue=True)
    assert len(services.handovers.newest(50).rows) == 12
    assert len(services.handovers.waiting()) == 1
    assert services.merges.suggestions()
    assert services.audit.verify().intact


def test_appointments_are_in_every_state_and_reviews_agree_and_overrule(
    made_up: MadeUpClinic,
) -> None:
    services = made_up.services
    people = [row.patient.id for row in services.patients.search("", limit=2 * FEW)]
    booked = [
        one.appointment for person in people for one in services.appointments.of_patient(person)
    ]
    assert {one.state for one in booked} == set(AppointmentState)
    assert any(one.wait_list for one in booked)
    assert any(one.series_id for one in booked)
    assert any(one.rescheduled for one in booked)
    counted = services.reviews.agreement()
    assert sum(one.agreed for one in counted) > 0
    assert sum(one.overruled for one in counted) > 0
    assert sum(one.no_estimate for one in counted) > 0
    paired = sum(one.paired for one in counted)
    assert 0 < paired < len(services.screenings.newest(limit=5000)) / 4  # few have pictures
    assert (services.feedback.analysis().ratings or 0) > 200


def test_a_filling_that_was_stopped_goes_on_with_the_same_people() -> None:
    clock = FakeClock()
    door = make_door(clock)
    wait = iter([False] * 5)
    with pytest.raises(FillingStopped):
        seed_clinic(door, read, now=clock, stop=lambda: next(wait, True))
    door.close()
    before = records(door, clock, 5)
    clock.advance(days=3)
    again = records(door, clock, 12)
    assert before.items() <= again.items()
    assert len(before) == 5 + 1
    assert len(again) == 12 + 1  # one of them stands there twice


def records(door: FrontDoor, clock: FakeClock, people: int) -> dict[UUID, str]:
    """Who is there after going on until so many were asked for."""
    wait = iter([False] * people)
    with pytest.raises(FillingStopped):
        seed_clinic(door, read, now=clock, stop=lambda: next(wait, True))
    door.close()
    services = door.sign_in("demo", "made up people only")
    found = {row.patient.id: row.patient.display_name for row in services.patients.search("")}
    door.close()
    return found


def test_a_part_that_fails_leaves_nothing() -> None:
    clock = FakeClock()
    door = make_door(clock)

    def broken(number: int, taken_at: datetime) -> Reading:
        raise WrongState("The camera is away.")

    with pytest.raises(WrongState, match="camera"):
        seed_clinic(door, broken, now=clock)
    door.close()
    services = door.sign_in("demo", "made up people only")
    numbers = [row.patient.local_number for row in services.patients.search("", limit=500)]
    assert numbers
    assert "M-012" not in numbers  # the first with a picture


def test_a_real_clinic_has_no_made_up_past(clinic: FakeClinic) -> None:
    with pytest.raises(WrongState, match="demo"):
        clinic.front_door.past(clinic.services)
