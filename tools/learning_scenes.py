"""Learning for the pictures of the guide: a picture that a colleague took, to be read blind."""

from __future__ import annotations

from datetime import timedelta

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import Purpose
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.consent_texts import shown_in
from clinic_app.services.demo import DEMO_COLLEAGUE, DemoClinic
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.patients import NewPatient
from clinic_app.services.studio import SAMPLE
from clinic_app.services.translations import ENGLISH
from clinic_app.ui.screens.learning.view import LearningScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.window import MainWindow

_AGREED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.TRAINING_REUSE)
_PEOPLE = ("Lea", "Milo", "Noor")


def learning_scenes(door: FrontDoor, clinic: DemoClinic) -> list[Scene]:
    """The first of three pictures."""

    def take(_window: MainWindow) -> None:
        """As the colleague took them two days ago."""
        everybody = clinic.services.staff.everybody()
        colleague = next(one for one in everybody if one.user_name == DEMO_COLLEAGUE)
        past = door.past(clinic.services)
        there = past.at(utc_now() - timedelta(days=2), colleague)
        with past.together():
            for name in _PEOPLE:
                born = clinic.patients[0].birth_date
                patient = there.patients.register(NewPatient("Sample", name, born)).id
                there.consents.record(
                    patient, dict.fromkeys(_AGREED, True), shown=shown_in(ENGLISH)
                )
                draft = there.screenings.start(patient).id
                there.screenings.attach(draft, there.face_reader.read_file(SAMPLE))
                there.screenings.judge(draft, ClinicianSeverity.CANNOT_TELL)
                there.screenings.reveal(draft)
                there.screenings.finish(draft)

    return [Scene("learning", (take, lambda window: desk_of(window).show_learning(), _choose))]


def _screen(window: MainWindow) -> LearningScreen:
    screen = desk_of(window).present
    assert isinstance(screen, LearningScreen)
    return screen


def _choose(window: MainWindow) -> None:
    mild = _screen(window).choices.buttons[1]
    mild.setFocus()
    mild.click()
