"""The composition root: the only package that knows every concrete class.

Nothing heavy is imported before it is used: the window is on screen before the database, the models
and the PDF renderer are loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic_app.app.late import (
    LateExchange,
    LateLearner,
    LateLookBench,
    LateReader,
    LateRenderer,
    LateSets,
    LateShelf,
    open_late_studio,
)
from clinic_app.paths import MODELS
from clinic_app.services.backup_data import Progress, Stop, never, unheard

if TYPE_CHECKING:
    from clinic_app.domain.people import StaffUser
    from clinic_app.services.demo import DemoClinic
    from clinic_app.services.front_door import FrontDoor
    from clinic_app.services.made_up.clinic import MadeUpClinic
    from clinic_app.services.storage import OpenStore
    from clinic_app.services.sync_data import OpenSync, SyncDesk

# Before NumPy is loaded: what is fitted beside other work leaves the other cores to the window.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DEMO_FOLDER = "demo"
SEEDED_FOLDER = "demo-clinic"


def default_folder() -> Path:
    """``CLINIC_APP_STORE``, else the user's own data folder of this program."""
    chosen = os.environ.get("CLINIC_APP_STORE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("clinic-app", appauthor=False)


def demo_folder(folder: Path | None = None) -> Path:
    """Where the made-up clinic lives: beside the real one, never in it."""
    return (folder or default_folder()) / DEMO_FOLDER


def open_front_door(folder: Path | None = None, open_sync: OpenSync | None = None) -> FrontDoor:
    """The closed clinic in ``folder`` (default: ``default_folder``). Cheap: nothing is opened.

    ``open_sync`` leads to another centre than the one of the enrolment file.
    """
    from clinic_app.db.vault import open_vault
    from clinic_app.services.front_door import FrontDoor

    def sync_of(store: OpenStore, user: StaffUser) -> SyncDesk:
        from clinic_app.sync import desk  # loads the database and cryptography

        return desk.open_sync(store, user)

    store = folder or default_folder()
    sets = LateSets(store)
    return FrontDoor(
        open_vault(store),
        LateReader(sets.folder),
        LateShelf(sets.folder),
        LateRenderer(),
        learner=LateLearner(),
        exchange=LateExchange(),
        look_bench=LateLookBench(sets.folder),
        studio=lambda: open_late_studio(sets.folder),
        model_sets=sets,
        time_zone=system_time_zone,
        open_sync=open_sync or sync_of,
    )


def open_demo(folder: Path | None = None) -> tuple[FrontDoor, DemoClinic]:
    """The made-up clinic beside ``folder``, signed in; made and filled the first time."""
    from clinic_app.services.demo import seed_demo

    front_door = open_front_door(demo_folder(folder))
    return front_door, seed_demo(front_door)


def open_seeded(
    folder: Path | None = None, progress: Progress = unheard, stop: Stop = never
) -> tuple[FrontDoor, MadeUpClinic]:
    """The clinic of three hundred made-up people beside ``folder``, signed in; see
    ``seed_clinic``. The door is closed again when that fails."""
    from clinic_app.inference.samples import SamplePictures
    from clinic_app.services.made_up.clinic import seed_clinic

    front_door = open_front_door((folder or default_folder()) / SEEDED_FOLDER)
    try:
        pictures = SamplePictures(LateReader(lambda: MODELS))
        return front_door, seed_clinic(front_door, pictures, progress=progress, stop=stop)
    except BaseException:
        front_door.close()
        raise


def run_window(folder: Path | None = None) -> int:
    """Show the window until it is closed; the exit code of the program."""
    from clinic_app.ui.shell.doors import Doors, Opened
    from clinic_app.ui.shell.program import run

    store = folder or default_folder()

    def demo() -> Opened:
        front_door, made_up = open_demo(store)
        return Opened(front_door, made_up.services)

    def seeded(progress: Progress, stop: Stop) -> Opened:
        front_door, made_up = open_seeded(store, progress, stop)
        return Opened(front_door, made_up.services)

    return run(Doors(lambda: open_front_door(store), demo, seeded), store)


def system_time_zone() -> str:
    """The IANA name of this machine's time zone: ``TZ``, ``/etc/timezone``, the target of
    ``/etc/localtime``, what Qt says (Windows has none of these files), else UTC."""
    candidates: tuple[Callable[[], str], ...] = (
        lambda: os.environ.get("TZ", "").removeprefix(":"),
        lambda: Path("/etc/timezone").read_text(encoding="ascii").strip(),
        lambda: str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2],
        _zone_by_qt,
    )
    for candidate in candidates:
        try:
            name = candidate()
            if name and ZoneInfo(name):
                return name
        except (OSError, ValueError, ZoneInfoNotFoundError):
            continue
    return "UTC"


def _zone_by_qt() -> str:
    from PySide6.QtCore import QTimeZone  # read only where nothing else has told

    return str(QTimeZone.systemTimeZoneId().data(), "ascii")
