"""Devices, models, retention, erasure requests and wordings in the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.translations import catalogue
from clinic_app.ui.screens.admin.devices import DevicesSection
from clinic_app.ui.screens.admin.erasures.view import ErasuresSection
from clinic_app.ui.screens.admin.languages import LanguagesSection
from clinic_app.ui.screens.admin.models import ModelsSection
from clinic_app.ui.screens.admin.retention.view import RetentionSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import PASSWORD
from tests.gui.admin.conftest import fill, open_section, prove
from tests.gui.conftest import Driver

# --- devices, models ------------------------------------------------------------------------------


def test_this_laptop_is_marked_among_the_devices(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "devices", DevicesSection)
    assert "this laptop" in inside.words(section)


def test_models_are_checked_and_lead_to_their_cards(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "models", ModelsSection)
    inside.click("Check the files", section)
    assert "as they were shipped" in section.result.text()
    inside.click("Read the cards", section)
    assert inside.desk.header.title.text() == "Models & about"


# --- retention ------------------------------------------------------------------------------------


def test_what_is_due_is_shown_before_it_is_removed(inside: Driver, settings: AdminScreen) -> None:
    clinic = inside.clinic
    assert clinic is not None
    somebody = clinic.add_patient()
    clinic.services.screenings.record_questionnaire(
        somebody.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.clock.moment += timedelta(days=40)
    section = open_section(inside, settings, "retention", RetentionSection)
    inside.click("Dry run")
    assert "Nothing is due." in inside.words(section)
    fill(section.edits["draft_days"], "30")
    inside.click("Dry run")
    assert "1 · Unfinished screenings that were left alone" in inside.words(section)
    assert "not saved" in inside.words(section)
    assert not section.remove.isEnabled()
    inside.click("Save…", section)
    prove(inside, PASSWORD)
    assert clinic.services.retention.settings().draft_days == 30
    inside.click("Dry run")
    inside.click("Remove what is due…")
    assert "cannot be undone" in inside.words(inside.desk.sheet)
    assert len(clinic.store.tables.drafts) == 1
    prove(inside, PASSWORD)
    assert len(clinic.store.tables.drafts) == 0
    assert "1 removed." in inside.words(section)
    assert not section.remove.isEnabled()


@pytest.mark.parametrize(("field", "text"), [("draft_image_days", ""), ("kept_image_days", "0")])
def test_days_that_cannot_be_are_told_at_their_field(
    inside: Driver, settings: AdminScreen, field: str, text: str
) -> None:
    section = open_section(inside, settings, "retention", RetentionSection)
    fill(section.edits[field], text)
    inside.click("Save…", section)
    assert inside.desk.sheet is None
    assert section.fields[field].invalid
    assert "Retention" in section.unfinished()


# --- erasure --------------------------------------------------------------------------------------


def _decide_button(section: ErasuresSection) -> QPushButton:
    return next(one for one in section.findChildren(QPushButton) if one.text() == "Decide…")


def test_requests_are_listed_and_decided(inside: Driver, settings: AdminScreen) -> None:
    clinic = inside.clinic
    assert clinic is not None
    section = open_section(inside, settings, "erasures", ErasuresSection)
    assert "Nobody has asked for erasure" in inside.words(section)
    somebody = clinic.add_patient()
    clinic.services.erasures.ask(somebody.id, "Moves abroad")
    section = open_section(inside, settings, "erasures", ErasuresSection)
    assert "Okafor, Chidi\nwaits for a decision" in inside.words(section)
    QTest.mouseClick(_decide_button(section), Qt.MouseButton.LeftButton)
    inside.settle()
    sheet = section.sheet
    assert sheet is not None
    inside.click("Refuse…", sheet.sheet)
    assert sheet._field.invalid
    inside.type(sheet.reason, "The law asks us to keep it.")
    inside.click("Refuse…", sheet.sheet)
    prove(inside, PASSWORD)
    assert "refused" in inside.words(sheet.sheet)
    inside.click("Close", sheet.sheet)
    assert "The law asks us to keep it." in inside.words(section)


# --- languages ------------------------------------------------------------------------------------


def test_the_administrator_reads_the_wording_that_awaits_a_clinician(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "languages", LanguagesSection)
    assert "Not reviewed by a professional translator or a clinician yet." in inside.words(section)
    hindi = catalogue("hi")
    model = section.tables["hi"].model()
    rows = {
        model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())
    }
    assert rows == {one: hindi.texts[one] for one in hindi.clinical}
    find = section.findChild(QLineEdit)
    inside.type(find, "keeping the picture")
    assert model.index(0, 0).data() == "Keeping the picture"
    assert model.rowCount() < len(rows)
