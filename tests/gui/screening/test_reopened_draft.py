"""A program that was killed in the middle of a screening goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot

from clinic_app.app import open_front_door
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyState
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.screening.case import Step
from tests.fakes.clinic import PASSWORD, USER
from tests.gui.screening.conftest import _window
from tests.support.children import child

_KILLED = """
import os, signal, sys
from datetime import date
from functools import partial
from pathlib import Path
from clinic_app.app import open_front_door
from clinic_app.db import vault
from clinic_app.domain.consent import Purpose
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.patients import NewPatient
from tests.fakes.clinic import set_up_answers
from tests.integration.cli.clinic import QUICK_ROUNDS

vault.open_vault = partial(vault.FolderVault, rounds=QUICK_ROUNDS)
services = open_front_door(Path(sys.argv[1])).set_up(set_up_answers()).services
patient = services.patients.register(NewPatient("Okafor", "Chidi", date(1990, 5, 17)))
draft = services.screenings.start(patient.id)
if sys.argv[2] != "consent":
    services.consents.record(patient.id, dict.fromkeys(Purpose, False))
if sys.argv[2] in ("answers", "item nine"):
    for item in range(4):
        services.screenings.answer(
            draft.id, InstrumentName.PHQ9, item, 2, AnsweredBy.READ_ALOUD
        )
if sys.argv[2] == "item nine":
    services.clinic.hand_over(patient.id)
    services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.PATIENT)
print(draft.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("killed_after", "step"),
    [("consent", Step.CONSENT), ("answers", Step.PHQ9), ("item nine", Step.PHQ9)],
)
def test_a_killed_program_goes_on_at_the_right_step(
    qtbot: QtBot, tmp_path: Path, killed_after: str, step: Step
) -> None:
    folder = tmp_path / "store"
    with child(_KILLED, folder, killed_after) as running:
        draft_id = UUID(running.stdout.readline().strip())
        assert running.wait() == -9
    front_door = open_front_door(folder)
    services = front_door.sign_in(USER, PASSWORD)
    desks = _window(qtbot, front_door, services)
    window = next(desks)
    screen = window.open(draft_id)
    assert screen.presenter.step is step
    if killed_after != "consent":
        shown = [row.value for row in screen.phq9.rows]
        assert shown[:4] == [2, 2, 2, 2]
    if killed_after == "item nine":
        assert services.safety.unfinished()[0].flow.state is SafetyState.OPEN
        window.until(lambda: window.desk.sheet is not None)
        assert window.desk.sheet.findChild(SafetySteps) is not None
        assert screen.presenter.case.draft.sheet(InstrumentName.PHQ9).answers[8] == 1
    next(desks, None)
    front_door.close()
