"""Model sets in the settings: keep, read a card, go back with the password."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.model_choice import ModelChoice
from clinic_app.services.model_sets import ModelSetService
from clinic_app.services.session import Desk as ServiceDesk
from clinic_app.ui.screens.admin.models import ModelsSection
from tests.fakes.clinic import PASSWORD
from tests.gui.admin.conftest import prove
from tests.gui.conftest import Driver
from tests.unit.services.test_model_sets import FakeSets


@pytest.fixture
def sets() -> FakeSets:
    return FakeSets()


@pytest.fixture
def section(inside: Driver, sets: FakeSets) -> ModelsSection:
    clinic, workspace = inside.clinic, inside.desk.workspace
    assert clinic is not None
    desk = ServiceDesk(clinic.services.session, clinic.store.unit_of_work, clinic.clock)
    services = replace(workspace.services, model_sets=ModelSetService(desk, sets))
    made = ModelsSection(replace(workspace, services=services), inside.jobs)
    made.setParent(inside.desk.stack)
    inside.desk.stack.addWidget(made)
    inside.desk.stack.setCurrentWidget(made)
    made.arrive()
    inside.settle()
    return made


def test_an_earlier_set_is_gone_back_to_with_the_password(
    inside: Driver, section: ModelsSection, sets: FakeSets
) -> None:
    assert "in use" in inside.words(section.sets)
    inside.click("Use old", section)
    prove(inside, PASSWORD)
    assert [one.name for one in sets.known() if one.active] == ["old"]
    assert inside.button("Use new", section).isVisible()


def test_a_set_that_does_not_verify_is_told_on_the_sheet(
    inside: Driver, section: ModelsSection, sets: FakeSets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> ModelChoice:
        raise ModelRejected("The file of the 'style' model was changed.")

    monkeypatch.setattr(sets, "check", refuse)
    inside.click("Use old", section)
    prove(inside, PASSWORD)
    assert "was changed" in inside.words()
    assert sets.known()[0].active


def test_the_card_of_a_set_is_shown_and_the_shipped_set_kept(
    inside: Driver, section: ModelsSection
) -> None:
    inside.click("Card of old", section)
    assert inside.desk.sheet is not None
    inside.click("Close")
    inside.click("Keep the shipped set", section)
    assert "is kept" in inside.words()
