"""Two laptops and a real central database: one in the window, one behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from clinic_app.app import open_front_door
from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.clock import utc_now
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.patients import NewPatient
from clinic_app.services.sync_data import WorkstationRevoked
from clinic_app.services.tasks import NewTask
from clinic_app.ui.screens.conflicts.view import ConflictsScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.sync.view import SyncScreen
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.widgets.marks import Mark
from tests.fakes.clinic import COLLEAGUE, PASSWORD, USER, set_up_answers
from tests.gui.conftest import Driver
from tests.support.centre import RealCentre

Drive = Callable[[Doors], Driver]


@dataclass
class Laptop:
    """``enrolment`` is the file with which it joins."""

    folder: Path
    enrolment: Path
    door: FrontDoor
    services: ClinicServices

    def join(self) -> None:
        self.services.sync.join(self.enrolment, PASSWORD)

    def sync(self) -> None:
        self.services.sync.round()


def laptop(folder: Path, centre: RealCentre, name: str, user: str) -> Laptop:
    folder.mkdir()
    file = folder / f"{name}.enrolment"
    file.write_bytes(centre.enrol(name).to_bytes(centre.root))
    door = open_front_door(folder / "store")
    done = door.set_up(replace(set_up_answers(), user_name=user))
    return Laptop(folder, file, door, done.services)


@pytest.fixture
def south(tmp_path: Path, centre: RealCentre) -> Iterator[Laptop]:
    """A laptop that has joined already, and has a patient and a task."""
    made = laptop(tmp_path / "south", centre, "south", COLLEAGUE)
    chidi = made.services.patients.register(NewPatient("Okafor", "Chidi", date(1990, 5, 17)))
    made.services.tasks.add(NewTask("Call the school", patient_id=chidi.id))
    made.join()
    yield made
    made.door.close()


@pytest.fixture
def north(tmp_path: Path, centre: RealCentre, south: Laptop, drive: Drive) -> Driver:
    """The window of a laptop that has not joined yet; rounds come when the test asks for them."""
    made = laptop(tmp_path / "north", centre, "north", USER)
    made.door.sign_out(made.services)

    def no_demo() -> Opened:
        raise AssertionError("the demo was not asked for")

    driver = drive(Doors(lambda: open_front_door(made.folder / "store"), no_demo))
    driver.sign_in()
    driver.until(lambda: driver.window.desk is not None)
    driver.settle()
    driver.desk.show_sync()
    driver.settle()
    driver.click("Join a centre…")
    screen = driver.desk.present
    assert isinstance(screen, SyncScreen)
    assert screen.sheet is not None
    screen.sheet.take_file(made.enrolment)
    driver.type(screen.sheet.password.edit, PASSWORD)
    driver.click("Join", screen.sheet.sheet)
    driver.until(lambda: driver.desk.link.state.joined)
    driver.settle()
    driver.desk.link.cancel()
    return driver


def services_of(driver: Driver) -> ClinicServices:
    found = driver.window._services
    assert found is not None
    return found


def sync_now(driver: Driver) -> None:
    driver.desk.link.rounds.sync_now()
    driver.settle()
    driver.desk.link.cancel()
    assert driver.desk.link.state.trouble is None


def test_what_another_laptop_entered_is_there_after_joining(north: Driver) -> None:
    assert "Up to date" in north.desk.navigation.state.text()
    assert "north (this laptop)" in north.words()
    assert "last answered: today" in north.words()
    north.desk.show_patients()
    north.settle()
    screen = north.desk.present
    assert isinstance(screen, PatientsScreen)
    assert screen.rows.rowCount() == 1
    assert screen.rows.index(0, 0).data() == "Okafor, Chidi"


def test_a_note_is_marked_until_it_has_travelled_and_is_read_elsewhere(
    north: Driver, south: Laptop
) -> None:
    services = services_of(north)
    (row,) = services.patients.search("Okafor", limit=5)
    note = services.notes.write(row.patient.id, "Sleeping better")
    services.notes.sign(note.id, PASSWORD)
    north.desk.show_patient(row.patient.id)
    north.settle()
    screen = north.desk.present
    assert screen is not None
    shown = [one for one in screen.findChildren(Mark) if one.isVisible()]
    assert len(shown) == 1
    sync_now(north)
    assert not [one for one in screen.findChildren(Mark) if one.isVisible()]
    south.sync()
    assert [one.text for one in south.services.notes.of_patient(row.patient.id)] == [
        "Sleeping better"
    ]


def test_rival_words_are_settled_in_the_window_and_hold_on_both_laptops(
    north: Driver, south: Laptop
) -> None:
    services = services_of(north)
    (row,) = services.tasks.open()
    services.tasks.change(row.task.id, NewTask("Call the school today"))
    south.services.tasks.change(row.task.id, NewTask("Write to the school"))
    south.sync()
    sync_now(north)
    assert north.desk.navigation.state.text() == "1 thing to settle"
    north.desk.show_today()
    north.settle()
    north.click("Settle what two workstations wrote differently")
    screen = north.desk.present
    assert isinstance(screen, ConflictsScreen)
    words = north.words(screen)
    assert "Workstation north" in words
    assert "Workstation south" in words
    (write,) = [name for name in names(north) if name.startswith("Write what holds…")]
    north.click(write)
    assert screen.merge is not None
    _, title = screen.merge.fields["title"]
    title.clear()
    north.type(title, "Call and write to the school")
    north.click("These words hold")
    assert "Nothing to settle" in north.words(screen)
    sync_now(north)
    assert "Up to date" in north.desk.navigation.state.text()
    south.sync()
    assert [one.task.title for one in south.services.tasks.open()] == [
        "Call and write to the school"
    ]
    assert south.services.sync.conflicts() == ()


def test_a_withdrawn_workstation_is_told_what_to_do(north: Driver, centre: RealCentre) -> None:
    centre.administration().revoke("north")
    services_of(north).tasks.add(NewTask("One more"))
    north.desk.link.rounds.sync_now()
    north.settle()
    trouble = north.desk.link.state.trouble
    assert trouble is not None
    assert trouble.kind is WorkstationRevoked
    assert north.desk.navigation.state.text() == "Sync needs attention"
    assert services_of(north).tasks.open()


def test_a_person_booked_twice_is_settled_by_moving_one_booking(
    north: Driver, south: Laptop
) -> None:
    services = services_of(north)
    (row,) = services.patients.search("Okafor", limit=5)
    start = utc_now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
    for book in (services.appointments.book, south.services.appointments.book):
        book(NewAppointment(row.patient.id, "talk", start), anyway=True)
    south.sync()
    sync_now(north)
    assert north.desk.navigation.state.text() == "1 thing to settle"
    north.desk.show_conflicts()
    north.settle()
    (move, _) = [name for name in names(north) if name.startswith("Move or cancel this one…")]
    north.click(move)
    north.click("Cancel it…", north.desk.sheet)
    north.click("Cancel the appointment", north.desk.sheet)
    assert "Nothing to settle" in north.words(north.desk.present)
    sync_now(north)
    south.sync()
    assert south.services.sync.conflicts() == ()
    held = [
        one
        for one in south.services.appointments.of_patient(row.patient.id)
        if one.appointment.state is AppointmentState.APPROVED
    ]
    assert len(held) == 1


def names(driver: Driver) -> list[str]:
    return [one.accessibleName() for one in driver.window.findChildren(QAbstractButton)]
