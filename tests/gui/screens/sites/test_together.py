"""Three clinics, one of them at its window: from the first agreement to a head to compare."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from clinic_app.domain.consent import Purpose
from clinic_app.domain.joint_learning import RoundState
from clinic_app.ui.screens.admin.learning.view import LearningSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.learning.sites.panel import SitesPanel
from clinic_app.ui.shell.doors import Opened
from tests.fakes.clinic import PASSWORD
from tests.gui.conftest import Driver, Start, doors_of
from tests.gui.screens.sites.page import opened, sign
from tests.support.town import Town, let_few_suffice

MOST_STEPS = 60


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    let_few_suffice(monkeypatch)
    made = Town(tmp_path)
    made.join()
    return made


@pytest.fixture
def at_window(drive: Start, town: Town) -> Driver:
    """The administrator of the first clinic."""
    clinic = town.clinics[0]
    driver = drive(doors_of(clinic), Opened(clinic.front_door, clinic.services))
    driver.clinic = clinic
    return driver


def standing_of(panel: SitesPanel, name: str) -> str:
    spoken = (one.accessibleName() for one in panel.findChildren(QLabel))
    return next(one for one in spoken if one.startswith(name)).removeprefix(f"{name}: ")


def begin(driver: Driver, panel: SitesPanel) -> None:
    driver.click("Begin a round…", panel)
    sign(driver, panel, "For all of us.")
    assert driver.desk.sheet is None


def test_from_an_agreement_at_the_window_to_a_head_to_compare(
    at_window: Driver, town: Town
) -> None:
    driver = at_window
    panel = opened(driver)
    begin(driver, panel)
    assert standing_of(panel, "Clinic 1 (this clinic)") == "agreed"
    assert standing_of(panel, "Clinic 2") == "agreement awaited"
    round_id = town.service(0).look()[0].id
    for place in (1, 2):
        town.service(place).agree(round_id, (), "We too.", PASSWORD)
    panel.look()
    driver.settle()
    assert standing_of(panel, "Clinic 1 (this clinic)") == "sums awaited"
    ended: set[int] = set()
    for _ in range(MOST_STEPS):
        for place in {1, 2} - ended:
            if town.service(place).advance().state is RoundState.FINISHED:
                ended.add(place)
        driver.click("Go on now", panel)
        if "A round that has ended with a head" in driver.words(panel):
            break
    (row,) = town.clinics[0].services.learning.state().rows
    assert row.head.sites == ("Clinic 1", "Clinic 2", "Clinic 3")
    driver.click(f"Compare {row.head.version}", panel)
    screen = driver.desk.present
    assert isinstance(screen, AdminScreen)
    section = screen.section
    assert isinstance(section, LearningSection)
    words = driver.words(section)
    assert "Fitted together by Clinic 1, Clinic 2, Clinic 3" in words
    assert "It has not been compared with the shipped head yet." in words
    assert driver.button(f"Compare {row.head.version}", section).isEnabled()
    assert not driver.button(f"Promote… {row.head.version}", section).isEnabled()


def test_who_takes_the_consent_back_at_the_window_ends_the_round(
    at_window: Driver, town: Town
) -> None:
    driver = at_window
    panel = opened(driver)
    begin(driver, panel)
    person = town.agreed(0)[1][0]
    driver.desk.show_patient(person)
    driver.settle()
    screen = driver.desk.present
    switch = screen.consent.switch_of(Purpose.JOINT_LEARNING)  # type: ignore[union-attr]
    assert switch.isChecked()
    switch.click()
    driver.click("Record the consent")
    panel = opened(driver)
    assert "Consent to 1 of these cases was taken back" in driver.words(panel)
    driver.click("Go on now", panel)
    words = driver.words(panel)
    assert "A round that was stopped" in words
    assert "Stopped by Clinic 1." in words
    assert "Sums of this clinic had been sent" not in words
