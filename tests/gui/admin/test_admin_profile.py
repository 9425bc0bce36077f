"""The clinic's settings: filled, checked at their fields, saved with the password."""

from __future__ import annotations

from datetime import time

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import ClinicProfile, DeploymentContext
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.schedule import WeeklyHours
from clinic_app.ui.screens.admin.profile.clinic import ClinicSection
from clinic_app.ui.screens.admin.profile.contacts import ContactsSection
from clinic_app.ui.screens.admin.profile.form import ProfileSection
from clinic_app.ui.screens.admin.profile.hours import HoursSection, read_hours
from clinic_app.ui.screens.admin.profile.screening import ScreeningSection
from clinic_app.ui.screens.admin.profile.security import SecuritySection
from clinic_app.ui.screens.admin.profile.wording import ListsSection, TextsSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.widgets.tick import Tick
from tests.fakes.clinic import PASSWORD
from tests.gui.admin.conftest import fill, open_section, prove
from tests.gui.conftest import Driver


def saved(driver: Driver) -> ClinicProfile:
    return driver.clinic.services.clinic.profile()


def save(driver: Driver, section: ProfileSection) -> None:
    section.save.click()
    driver.settle()
    prove(driver, PASSWORD)
    assert driver.desk.sheet is None


def test_the_name_is_saved_and_shown_at_once(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "clinic", ClinicSection)
    fill(section.texts["name"], "Harbour & Hill")
    fill(section.minutes, "45")
    fill(section.languages, "en, ar")
    section.zone.setCurrentIndex(section.zone.findData("Africa/Nairobi"))
    save(inside, section)
    after = saved(inside)
    assert (after.name, after.appointment_minutes) == ("Harbour & Hill", 45)
    assert (after.languages, after.time_zone) == (("en", "ar"), "Africa/Nairobi")
    assert "Harbour & Hill" in inside.words(inside.desk.navigation)
    assert inside.window.windowTitle() == "Clinic App · Harbour & Hill"
    assert section.unfinished() == ""


def test_what_cannot_be_kept_is_told_at_its_field_before_a_password_is_asked_for(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "clinic", ClinicSection)
    for edit, text, field in (
        (section.texts["name"], "", "clinic_name"),
        (section.minutes, "3", "appointment_minutes"),
        (section.minutes, "many", "appointment_minutes"),
        (section.languages, "", "languages"),
    ):
        before = edit.text()
        fill(edit, text)
        section.save.click()
        inside.settle()
        assert inside.desk.sheet is None
        assert section.fields[field].invalid
        fill(edit, before)
    section.save.click()
    inside.settle()
    assert inside.desk.sheet is None  # nothing has changed, so no password is asked for


def test_a_wrong_password_changes_nothing(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "clinic", ClinicSection)
    fill(section.texts["phone"], "0800 1")
    section.save.click()
    inside.settle()
    prove(inside, "not the password")
    assert inside.desk.sheet is not None
    assert saved(inside).phone == ""
    assert section.texts["phone"].text() == "0800 1"


def test_two_sections_keep_what_was_typed_and_do_not_undo_each_other(
    inside: Driver, settings: AdminScreen
) -> None:
    clinic = open_section(inside, settings, "clinic", ClinicSection)
    fill(clinic.texts["phone"], "0800 1")
    security = open_section(inside, settings, "security", SecuritySection)
    fill(security.idle, "5")
    save(inside, security)
    clinic = open_section(inside, settings, "clinic", ClinicSection)
    assert clinic.texts["phone"].text() == "0800 1"
    assert "Name and contact" in settings.unfinished()
    save(inside, clinic)
    assert (saved(inside).phone, saved(inside).idle_lock_minutes) == ("0800 1", 5)
    assert inside.desk.profile.idle_lock_minutes == 5


def test_unsaved_changes_stay_between_visits_and_signing_out_asks_first(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "clinic", ClinicSection)
    fill(section.texts["phone"], "0800 1")
    inside.desk.go_to("today")
    inside.settle()
    assert inside.desk.present is not settings
    assert "not saved yet" in inside.words()
    inside.window.sign_out()
    inside.settle()
    assert "“Name and contact” are not saved yet." in inside.words(inside.sheet)
    inside.click("Stay here")
    inside.desk.go_to("admin")
    inside.settle()
    assert section.texts["phone"].text() == "0800 1"
    inside.click("Undo changes")
    inside.window.sign_out()
    inside.settle()
    assert inside.window.desk is None


def test_opening_hours_are_read_as_people_type_them(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "hours", HoursSection)
    assert section.days[0].text() == "09:00-17:00"
    fill(section.days[5], "14-18, 9:30 - 12.30")
    fill(section.days[0], "")
    save(inside, section)
    hours = saved(inside).opening_hours
    assert [one for one in hours if one.weekday == 0] == []
    assert [one for one in hours if one.weekday == 5] == [
        WeeklyHours(5, time(9, 30), time(12, 30)),
        WeeklyHours(5, time(14), time(18)),
    ]
    assert section.days[5].text() == "09:30-12:30, 14:00-18:00"


@pytest.mark.parametrize("text", ["nine to five", "17:00-09:00", "9-12, 11-14", "9-25"])
def test_hours_that_cannot_be_are_told_at_their_day(
    inside: Driver, settings: AdminScreen, text: str
) -> None:
    section = open_section(inside, settings, "hours", HoursSection)
    fill(section.days[2], text)
    section.save.click()
    inside.settle()
    assert inside.desk.sheet is None
    assert section.fields["day_2"].invalid


def test_midnight_ends_a_day() -> None:
    assert list(read_hours(1, "20:00–24:00")) == [WeeklyHours(1, time(20), time(0))]
    with pytest.raises(InvalidInput):
        list(read_hours(1, "20:00"))


def test_the_last_crisis_contact_cannot_be_removed(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "contacts", ContactsSection)
    assert "Remove" not in inside.words(section)
    inside.click("Add another contact")
    section.save.click()
    inside.settle()
    assert section.rows[1]["crisis_contact_name"].invalid
    fill(section.rows[1]["crisis_contact_name"].editor, "Duty doctor")  # type: ignore[arg-type]
    section.save.click()
    inside.settle()
    assert section.rows[1]["crisis_contact_phone"].invalid
    fill(section.rows[1]["crisis_contact_phone"].editor, "0800 9")  # type: ignore[arg-type]
    save(inside, section)
    assert [one.name for one in saved(inside).crisis_contacts] == ["Night line", "Duty doctor"]
    inside.click("Remove contact 1")
    save(inside, section)
    assert [one.name for one in saved(inside).crisis_contacts] == ["Duty doctor"]


def test_a_school_switches_the_face_module_off(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "screening", ScreeningSection)
    section.context.setCurrentIndex(section.context.findData(DeploymentContext.SCHOOL))
    assert not section.face.isEnabled()
    assert "the face module is off" in inside.words(section)
    section.instruments[InstrumentName.GAD7].setChecked(False)
    fill(section.phq9, "6")
    save(inside, section)
    after = saved(inside)
    assert not after.face_module_enabled
    assert after.instruments == (InstrumentName.PHQ9,)
    assert after.reliable_change.phq9 == 6


def test_a_text_per_band_is_kept_with_its_source(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "texts", TextsSection)
    text, source = section.texts[InstrumentName.PHQ9, "mild"]
    assert "Watchful waiting" in text.toPlainText()
    assert source.text() == "Kroenke & Spitzer 2002"
    assert section.unfinished() == ""
    text.setPlainText("Ask again in two weeks.")
    fill(source, "Our own pathway, 2026")
    text, _ = section.texts[InstrumentName.PHQ9, "severe"]
    text.setPlainText("")
    fill(_, "")
    save(inside, section)
    kept = {one.band: one for one in saved(inside).band_texts}
    assert (kept["mild"].text, kept["mild"].source) == (
        "Ask again in two weeks.",
        "Our own pathway, 2026",
    )
    assert "severe" not in kept


def test_lists_hold_one_entry_a_line(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "lists", ListsSection)
    section.lists["intervention_kinds"].setPlainText(" Talk \n\nWalk\nTalk")
    save(inside, section)
    assert saved(inside).intervention_kinds == ("Talk", "Walk")
    section.lists["safety_plan_headings"].setPlainText(" \n ")
    section.save.click()
    inside.settle()
    assert section.fields["safety_plan_headings"].invalid


def test_a_longer_minimum_holds_for_the_next_password(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "security", SecuritySection)
    fill(section.least, "8")
    section.save.click()
    inside.settle()
    assert section.fields["password_policy"].invalid
    fill(section.least, "20")
    save(inside, section)
    inside.click("Change your password…")
    assert "At least 20 characters (0 now)" in inside.words(inside.desk.sheet)


def test_a_new_recovery_key_is_shown_until_it_is_on_paper(
    inside: Driver, settings: AdminScreen
) -> None:
    open_section(inside, settings, "security", SecuritySection)
    before = inside.clinic.vault.recovery_key
    inside.click("Make a new recovery key…")
    prove(inside, PASSWORD)
    sheet = inside.sheet
    key = inside.clinic.vault.recovery_key
    assert key != before
    assert key in inside.words(sheet)
    assert not sheet.dismissible
    assert not inside.button("Done", sheet).isEnabled()
    sheet.findChild(Tick).click()
    inside.click("Done", sheet)
    assert inside.desk.sheet is None
