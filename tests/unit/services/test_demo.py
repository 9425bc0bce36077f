"""The demo clinic: made-up people, filled once, and no way to back-date real records."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.domain.screening import Screening
from clinic_app.services.demo import DEMO_COLLEAGUE, DEMO_COLLEAGUE_PHRASE, DemoClinic, seed_demo
from clinic_app.services.front_door import FrontDoor
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import FakeClock
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.vault import FakeVault


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def door(clock: FakeClock) -> FrontDoor:
    return FrontDoor(
        FakeVault(clock), FakeFaceReader(), FakeModelShelf(), FakeRenderer(), now=clock
    )


@pytest.fixture
def demo(door: FrontDoor, clock: FakeClock) -> DemoClinic:
    return seed_demo(door, now=clock)


def test_the_clinic_says_that_it_is_made_up(demo: DemoClinic) -> None:
    profile = demo.services.clinic.profile()
    assert profile.demo
    assert "demo" in profile.name.lower()


def test_everybody_in_it_is_an_example(demo: DemoClinic) -> None:
    families = {patient.family_name for patient in demo.patients}
    assert families == {"Example", "Sample", "Specimen", "مثال", "उदाहरण"}
    assert all(
        patient.phone.startswith("000 555") or not patient.phone for patient in demo.patients
    )


def test_it_shows_every_kind_of_work(demo: DemoClinic) -> None:
    services = demo.services
    assert len(services.safety.unfinished()) == 1
    assert len(services.timeline.unfinished()) == 2
    ada = next(patient for patient in demo.patients if patient.given_name == "Ada")
    visits = services.screenings.of_patient(ada.id)
    assert [visit.responses[0].score.total for visit in visits] == [8, 12, 16]
    assert visits[0].finished_at > visits[-1].finished_at
    assert all(note.signed_at for note in services.notes.of_patient(ada.id))


def test_no_face_is_in_it(demo: DemoClinic) -> None:
    for patient in demo.patients:
        events = demo.services.timeline.of_patient(patient.id).events
        assert all(event.finding is None for event in events if isinstance(event, Screening))


def test_coming_again_finds_the_same_people(
    door: FrontDoor, demo: DemoClinic, clock: FakeClock
) -> None:
    door.sign_out(demo.services)
    again = seed_demo(door, now=clock)
    assert {patient.id for patient in again.patients} == {patient.id for patient in demo.patients}
    assert len(again.services.safety.unfinished()) == 1


def test_there_is_a_colleague_to_hand_over_to(door: FrontDoor, demo: DemoClinic) -> None:
    assert [user.user_name for user in demo.services.safety.clinicians()] == [DEMO_COLLEAGUE]
    services = door.sign_in(DEMO_COLLEAGUE, DEMO_COLLEAGUE_PHRASE)
    assert services.session.user.display_name == "Sam Sample"


def test_real_records_cannot_be_given_a_past(clinic: FakeClinic, clock: FakeClock) -> None:
    with pytest.raises(WrongState, match="demo"):
        clinic.front_door.at(clinic.services, clock())
