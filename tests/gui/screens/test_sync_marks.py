"""What the centre has not heard yet is marked; bookings are confirmed by it, or collide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from clinic_app.services.appointments import NewAppointment
from clinic_app.services.sync_data import RoundResult
from clinic_app.ui.screens.appointments.confirming import confirm_bookings
from clinic_app.ui.screens.appointments.geometry import Target
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.widgets.marks import Mark
from tests.fakes.clinic import PASSWORD
from tests.gui.conftest import Driver
from tests.gui.screens.centre import AWAY, centre_of, sync_now

TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


# --- marks ----------------------------------------------------------------------------------------


def test_records_on_the_page_are_marked_until_they_have_travelled(joined: Driver) -> None:
    somebody = joined.clinic.add_patient()
    first = joined.clinic.services.notes.write(somebody.id, "First")
    joined.clinic.services.notes.sign(first.id, PASSWORD)
    centre_of(joined).unsent = {first.id}
    joined.desk.show_patient(somebody.id)
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, PatientScreen)

    def marks() -> list[Mark]:
        return [one for one in screen.findChildren(Mark) if one.isVisible()]

    assert len(marks()) == 1
    assert "not yet at the centre" in joined.words(screen.timeline)
    centre_of(joined).result = RoundResult(0, 3, 0, 4, 0.1)
    sync_now(joined)
    assert marks() == []


# --- bookings -------------------------------------------------------------------------------------


def test_a_booking_is_confirmed_by_the_centre_and_waits_when_it_is_away(joined: Driver) -> None:
    services = joined.clinic.services
    somebody = joined.clinic.add_patient()
    asked = services.appointments.request(
        NewAppointment(somebody.id, start=TEN, clinician_id=services.session.user.id)
    )
    centre = centre_of(joined)
    centre.unsent = {asked.id}
    centre.fails_with = AWAY
    joined.desk.show_appointments(TEN.date())
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, AppointmentsScreen)
    waiting = "Saved on this laptop; it is confirmed when the centre has it."
    confirmed = "Confirmed: the centre has it and no other booking overlaps."

    def opened() -> str:
        screen._open(asked.id)
        joined.settle()
        return joined.words(joined.desk.sheet)

    assert waiting not in opened()  # a request holds no time
    joined.click("Approve", joined.desk.sheet)
    joined.until(lambda: joined.window.notices.toast_text == waiting)
    assert services.appointments.get(asked.id).row.appointment.holds_time
    assert waiting in opened()
    centre.fails_with = None
    joined.click("Close", joined.desk.sheet)
    screen.presenter.move(Target(asked.id, TEN.replace(tzinfo=None, hour=11), None))
    joined.until(lambda: joined.window.notices.toast_text == confirmed)
    assert confirmed in opened()


def test_an_overlap_that_comes_with_the_round_leads_to_both(joined: Driver) -> None:
    clinic, centre = joined.clinic, centre_of(joined)
    services = clinic.services
    me = services.session.user.id
    somebody, other = clinic.add_patient(), clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))
    mine = services.appointments.book(NewAppointment(somebody.id, start=TEN, clinician_id=me))
    later = NewAppointment(other.id, start=TEN.replace(hour=14), clinician_id=me)
    event = services.appointments.book(later).events[0]
    assert event.slot is not None
    theirs = replace(
        event,
        id=UUID(int=7),
        kind=type(event.kind).RESCHEDULED,
        slot=replace(event.slot, start=TEN),
    )
    with clinic.store.unit_of_work() as work:  # it comes with the round
        work.appointments.add(theirs)
        work.commit()
    centre.result = RoundResult(1, 1, 1, 4, 0.1)
    confirm_bookings(joined.desk.workspace, [mine.id])
    joined.until(lambda: bool(joined.window.notices.texts))
    assert joined.window.notices.texts == [
        "Another booking overlaps. Both are kept; please move one of them."
    ]
    joined.click("Show both", joined.window.notices)
    screen = joined.desk.present
    assert isinstance(screen, AppointmentsScreen)
    joined.until(lambda: screen.clash.isVisible())
    assert screen.clash.text() == "2 appointments of these days collide with another one."
