"""Sync for the guide: the demo clinic joins a centre that another made-up laptop has joined.

Stores, rounds and conflicts are real; the server is the simulated one of the tests, so that the
pictures can be taken without a database.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from moves import drop_sheet
from PySide6.QtWidgets import QScrollArea

from clinic_app.app import demo_folder, open_front_door
from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import CrisisContact, DeploymentContext
from clinic_app.paths import ROOT
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.demo import DEMO_PHRASE, DemoClinic, seed_demo
from clinic_app.services.front_door import FrontDoor, SetUpAnswers
from clinic_app.services.sync_data import OpenSync
from clinic_app.services.tasks import NewTask
from clinic_app.sync.desk import CentreDesk
from clinic_app.sync.member import Membership
from clinic_app.ui.screens.conflicts.view import ConflictsScreen
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.sync.view import SyncScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.window import MainWindow

sys.path.insert(0, str(ROOT))

from tests.fakes.centre import FakeCentre


@dataclass
class TwoLaptops:
    """``demo`` is seen in the pictures, ``other`` works behind them."""

    demo: DemoClinic
    door: FrontDoor
    other: ClinicServices
    other_door: FrontDoor
    centre: FakeCentre
    enrolment: Path

    def close(self) -> None:
        session = self.demo.services.session
        session.give_back(session.user)
        self.door.sign_out(self.demo.services)
        self.other_door.sign_out(self.other)

    def sync_other(self) -> None:
        self.centre.now = utc_now()
        self.other.sync.round()


def two_laptops(folder: Path) -> TwoLaptops:
    """The demo clinic, not joined yet, and a laptop that has joined."""
    centre = FakeCentre()
    centre.now = utc_now()
    van, clinic = centre.enrol("van-2"), centre.enrol("clinic-1")
    enrolment = folder / "van-2.enrolment"
    enrolment.parent.mkdir(parents=True, exist_ok=True)
    enrolment.write_bytes(b"a file of the simulated centre")
    other_door = open_front_door(folder / "other", _member(clinic))
    other = other_door.set_up(_answers()).services
    other.sync.join(enrolment, DEMO_PHRASE)
    door = open_front_door(demo_folder(folder), _member(van))
    return TwoLaptops(seed_demo(door), door, other, other_door, centre, enrolment)


def sync_scenes(two: TwoLaptops) -> list[Scene]:
    """Before joining, joining, the page of a joined laptop, and two conflicts."""

    def alone(window: MainWindow) -> None:
        desk_of(window).show_sync()

    def ask(window: MainWindow) -> None:
        page = _page(window)
        page.ask_to_join()
        assert page.sheet is not None
        page.sheet.take_file(two.enrolment)

    def join(window: MainWindow) -> None:
        sheet = _page(window).sheet
        assert sheet is not None
        two.centre.now = utc_now()
        sheet.password.edit.setText(two.demo.phrase)
        sheet.join.click()

    def calm(window: MainWindow) -> None:
        window.notices.clear()

    def disagree(window: MainWindow) -> None:
        _disagree(two)
        two.centre.now = utc_now()
        desk_of(window).link.rounds.sync_now()

    def settle(window: MainWindow) -> None:
        desk_of(window).show_conflicts()

    def merge(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, ConflictsScreen)
        screen.write(two.demo.services.sync.conflicts()[0])

    def today(window: MainWindow) -> None:
        desk_of(window).show_today()

    def write(window: MainWindow) -> None:
        ada = next(one for one in two.demo.patients if one.given_name == "Ada")
        note = two.demo.services.notes.write(ada.id, "Called; all is well. Next week as agreed.")
        two.demo.services.notes.sign(note.id, two.demo.phrase)
        desk_of(window).show_patient(ada.id)

    return [
        Scene("sync-alone", (alone,)),
        Scene("sync-join", (ask,)),
        Scene("sync", (join, calm)),
        Scene("sync-conflicts", (disagree, settle)),
        Scene("sync-merge", (merge,)),
        Scene("sync-today", (drop_sheet, today)),
        Scene("sync-marks", (write, _scroll_to_timeline)),
    ]


def _page(window: MainWindow) -> SyncScreen:
    screen = desk_of(window).present
    assert isinstance(screen, SyncScreen)
    return screen


def _member(member: Membership) -> OpenSync:
    def open_sync(store: object, user: object) -> CentreDesk:
        return CentreDesk(store, user, lambda _: member)  # type: ignore[arg-type]

    return open_sync


def _answers() -> SetUpAnswers:
    return SetUpAnswers(
        clinic_name="Harbour Clinic",
        crisis_contacts=(CrisisContact("Made-up crisis line", "000 111 222", "day and night"),),
        deployment_context=DeploymentContext.CLINIC,
        user_name="rosa",
        password=DEMO_PHRASE,
        display_name="Rosa Example",
    )


def _disagree(two: TwoLaptops) -> None:
    """One task written differently, and one person booked at one time on both laptops."""
    mine = two.demo.services
    people = {one.given_name: one for one in two.demo.patients}
    ada, ben = people["Ada"], people["Ben"]
    me = mine.session.user.id
    task = mine.tasks.add(NewTask("Call Ada back", "Ask how the week went.", me, patient_id=ada.id))
    two.centre.now = utc_now()
    mine.sync.round()
    two.sync_other()
    mine.tasks.change(
        task.id,
        NewTask("Call Ada back", "Ask how the week went, and about the walks.", me, None, ada.id),
    )
    two.other.tasks.change(
        task.id,
        NewTask("Visit Ada at home", "Ask how the week went; bring the form.", me, None, ada.id),
    )
    start = _tomorrow(utc_now())
    mine.appointments.book(NewAppointment(ben.id, "talk", start, clinician_id=me), anyway=True)
    other_me = two.other.session.user.id
    two.other.appointments.book(
        NewAppointment(ben.id, "talk", start + timedelta(minutes=20), clinician_id=other_me),
        anyway=True,
    )
    two.sync_other()


def _tomorrow(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)


def _scroll_to_timeline(window: MainWindow) -> None:
    screen = desk_of(window).present
    assert isinstance(screen, PatientScreen)
    for area in screen.findChildren(QScrollArea):
        if area.isVisible() and area.isAncestorOf(screen.timeline):
            top = screen.timeline.mapTo(area.widget(), screen.timeline.rect().topLeft()).y()
            area.verticalScrollBar().setValue(top - 16)
