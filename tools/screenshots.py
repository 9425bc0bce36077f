"""Take the pictures of the guide from the real window on the demo clinic, drawn into memory.

    python tools/screenshots.py docs/screenshots [--size 1280x800] [--text 100] [--look light]
        [--language en]

Everything is real: an encrypted store in a temporary folder, the shipped models on the sample
portrait, the report as it is printed. Everybody is made up.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from desk_scenes import desk_scenes
from drift_scenes import drift_scenes, photographed_clinic
from entry_scenes import first_run_scenes, sign_in_scenes
from filled_scenes import filled_scenes
from moves import Move
from PySide6.QtWidgets import QApplication
from screening_scenes import (
    duplicate_scenes,
    patient_mode_scenes,
    report_scenes,
    review_scenes,
    screening_scenes,
)
from sites_scenes import doors_of, sites_scenes, three_clinics
from sync_scenes import sync_scenes, two_laptops

from clinic_app.app import open_demo, open_front_door, open_seeded
from clinic_app.cli.demo import take_screening
from clinic_app.services.patients import NewPatient
from clinic_app.services.translations import languages
from clinic_app.ui.language import speak
from clinic_app.ui.screenshots import LOOKS, Scene, photograph
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.theme import apply_theme


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    parser.add_argument("--text", type=int, default=100, help="size of text in percent, 100-200")
    parser.add_argument("--language", choices=[one.code for one in languages()], default="en")
    parser.add_argument(
        "--look", choices=sorted(LOOKS), action="append", help="default: light and dark"
    )
    parser.add_argument(
        "--filled", type=Path, metavar="OUT", help="the clinic of `demo --seed-clinic --out OUT`"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    width, _, height = chosen.size.partition("x")
    for look in chosen.look or ("light", "dark"):
        frame = _frame(look, int(width), int(height), chosen.text / 100, chosen.language)
        if chosen.filled:
            print(*take_filled_pictures(chosen.filled, chosen.folder, look, frame), sep="\n")
            continue
        with tempfile.TemporaryDirectory(prefix="clinic-app-pictures-") as store:
            for path in take_pictures(Path(store), chosen.folder, look, frame):
                print(path)


def take_filled_pictures(out: Path, folder: Path, look: str, frame: Move) -> list[Path]:
    """The screens of the large demo clinic in one look; it is made when it is not there yet."""
    door, clinic = open_seeded(out)
    try:
        opened = Opened(door, clinic.services)
        doors = Doors(lambda: door, lambda: opened)
        first, *others = filled_scenes(opened)
        taken = photograph(
            doors, (Scene(first.name, (frame, *first.moves)), *others), folder, (look,)
        )
        door.sign_out(clinic.services)
    finally:
        door.close()
    return taken


def take_pictures(store: Path, folder: Path, look: str, frame: Move) -> list[Path]:
    """Every screen in one look."""

    def take(doors: Doors, *scenes: Scene) -> list[Path]:
        first = Scene(scenes[0].name, (frame, *scenes[0].moves))
        return photograph(doors, (first, *scenes[1:]), folder, (look,))

    taken = take(Doors(lambda: open_front_door(store / "empty"), _no_demo), *first_run_scenes())
    door, clinic = open_demo(store)
    try:
        opened = Opened(door, clinic.services)
        doors = Doors(lambda: door, lambda: opened)
        draft, _ = take_screening(clinic.services)
        backups = store / "backups"
        backups.mkdir()
        enter = Scene("today", (lambda window: window.entry.entered.emit(opened),))
        taken += take(
            doors,
            *sign_in_scenes(),
            enter,
            *desk_scenes(door, clinic, backups),
            *screening_scenes(draft.id),
        )
        screening = clinic.services.screenings.finish(draft.id)
        ada = next(patient for patient in clinic.patients if patient.given_name == "Ada")
        clinic.services.patients.register(
            NewPatient(ada.family_name, "Adah", ada.birth_date, ada.phone)
        )
        pages = (*report_scenes(opened, screening), *review_scenes(screening), *duplicate_scenes())
        taken += take(doors, *pages, *patient_mode_scenes(opened, clinic))
        session = clinic.services.session
        session.give_back(session.user)
        door.sign_out(clinic.services)
    finally:
        door.close()
    taken += _take_drift(store / "months", take) + _take_sync(store / "two", take)
    return taken + _take_sites(store / "three", take)


def _take_drift(store: Path, take: Callable[..., list[Path]]) -> list[Path]:
    """Drift, on a demo clinic of its own."""
    door, clinic = photographed_clinic(store)
    try:
        opened = Opened(door, clinic.services)
        taken = take(Doors(lambda: door, lambda: opened), *drift_scenes(opened))
        door.sign_out(clinic.services)
    finally:
        door.close()
    return taken


def _take_sync(store: Path, take: Callable[..., list[Path]]) -> list[Path]:
    """Sync, on a demo clinic of its own."""
    two = two_laptops(store)
    try:
        opened = Opened(two.door, two.demo.services)
        first, *others = sync_scenes(two)
        enter = Scene(first.name, (lambda window: window.entry.entered.emit(opened), *first.moves))
        return take(Doors(lambda: two.door, lambda: opened), enter, *others)
    finally:
        two.close()


def _take_sites(store: Path, take: Callable[..., list[Path]]) -> list[Path]:
    """Learning with other clinics, in a group of made-up ones."""
    town = three_clinics(store)
    doors, opened = doors_of(town)
    first, *others = sites_scenes(town)
    enter = Scene(first.name, (lambda window: window.entry.entered.emit(opened), *first.moves))
    return take(doors, enter, *others)


def _frame(look: str, width: int, height: int, scale: float, language: str) -> Move:
    def frame(window: MainWindow) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, LOOKS[look], scale)
        speak(language)
        window.resize(width, height)

    return frame


def _no_demo() -> Opened:
    raise RuntimeError("The pictures of the first run never open the demo.")


if __name__ == "__main__":
    main()
