"""The checks of `clinic-app doctor`, each with what was found and what would put it right."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clinic_app.cli import doors
from clinic_app.cli.display import has_display
from clinic_app.domain.errors import ClinicError
from clinic_app.paths import MODELS, RESOURCES

OLDEST_PYTHON = (3, 11)
FREE_SPACE_WANTED = 1_000_000_000
"""Bytes: a few hundred kept face images and a backup fit into less."""

_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
_FONTS = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSansArabic-Regular.ttf")
_QT_START_SECONDS = 60


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's list; ``fix`` is empty when nothing has to be done."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


def all_checks(store: Path | None) -> Iterator[Check]:
    """Every check in turn, the quick ones first."""
    yield python_version()
    yield display()
    yield qt_libraries()
    yield qt_starts()
    yield fonts()
    yield models()
    yield cameras()
    folder = doors.store_folder(store)
    yield store_state(folder)
    yield store_rights(folder)
    yield disk_space(folder)


def python_version() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check("Python", Verdict.WRONG, version, "Install Python 3.11 or newer.")
    return Check("Python", Verdict.OK, version)


def display() -> Check:
    if has_display():
        return Check("Display", Verdict.OK, "a window can be opened")
    return Check(
        "Display", Verdict.NOTE, "none was found; the commands work, the window does not open"
    )


def qt_libraries() -> Check:
    """The system libraries that Qt loads, on Linux; elsewhere Qt brings them along."""
    if not sys.platform.startswith("linux"):
        return Check("Qt libraries", Verdict.OK, "come with Qt")
    wanted = dict(_LIBRARIES)
    if os.environ.get("DISPLAY"):
        wanted |= _X11_LIBRARIES
    missing = [package for library, package in wanted.items() if not _loads(library)]
    if missing:
        fix = f"sudo apt-get install -y {' '.join(missing)}"
        return Check("Qt libraries", Verdict.WRONG, f"{len(missing)} are missing", fix)
    return Check("Qt libraries", Verdict.OK, f"{len(wanted)} found")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def qt_starts() -> Check:
    """Load Qt in a process of its own, where a missing part cannot hurt this one."""
    code = "import PySide6.QtWidgets as q; q.QApplication([]); print(q.__name__)"
    quiet = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=quiet,
            capture_output=True,
            text=True,
            timeout=_QT_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Check("Qt", Verdict.WRONG, "does not start", "Install the dependencies again.")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        return Check("Qt", Verdict.WRONG, lines[-1], "Install the dependencies again.")
    return Check("Qt", Verdict.OK, "starts")


def fonts() -> Check:
    folder = RESOURCES / "fonts"
    missing = [name for name in _FONTS if not (folder / name).is_file()]
    if missing:
        return Check(
            "Fonts", Verdict.WRONG, f"{', '.join(missing)} missing", "Fetch the program again."
        )
    return Check("Fonts", Verdict.OK, f"{len(list(folder.glob('*.ttf')))} found")


def models() -> Check:
    """Hash, opset and contract of every shipped model."""
    lines: list[str] = []
    try:
        doors.model_shelf().verify(lines.append)
    except ClinicError as error:
        fix = f"Put the original file back into {MODELS.name}/, then run “models verify”."
        return Check("Models", Verdict.WRONG, str(error), fix)
    return Check("Models", Verdict.OK, f"{len(lines)} verified")


def cameras() -> Check:
    """A missing camera is no fault: pictures can be opened from files."""
    try:
        found = [device for device in doors.face_reader().cameras() if not device.virtual]
    except ClinicError as error:
        return Check("Camera", Verdict.NOTE, str(error))
    if not found:
        return Check("Camera", Verdict.NOTE, "none was found; pictures can be opened from files")
    return Check("Camera", Verdict.OK, ", ".join(device.name for device in found))


def store_state(folder: Path) -> Check:
    """What is in the store's folder, without opening the store."""
    door = doors.front_door(folder)
    try:
        state = door.state()
    except ClinicError as error:
        return Check("Store", Verdict.WRONG, str(error), "Restore the folder from a backup.")
    finally:
        door.close()
    if state.value == "empty":
        return Check("Store", Verdict.NOTE, "no clinic has been set up yet", "Run “setup”.")
    return Check("Store", Verdict.OK, "a clinic is set up")


def store_rights(folder: Path) -> Check:
    """The folder must be writable, and nobody else's to read."""
    existing = _existing(folder)
    if not os.access(existing, os.W_OK | os.X_OK):
        fix = "Choose another folder with --store, or change its rights."
        return Check("Store folder", Verdict.WRONG, "cannot be written to", fix)
    if existing == folder and os.name == "posix":
        rights = stat.S_IMODE(folder.stat().st_mode)
        if rights & (stat.S_IRWXG | stat.S_IRWXO):
            found = f"other accounts of this computer can open it (rights {rights:o})"
            return Check("Store folder", Verdict.WRONG, found, f"chmod 700 {folder.name}")
    return Check("Store folder", Verdict.OK, "can be written to")


def disk_space(folder: Path) -> Check:
    free = shutil.disk_usage(_existing(folder)).free
    found = f"{free / 1e9:.1f} GB free"
    if free < FREE_SPACE_WANTED:
        return Check("Disk", Verdict.WRONG, found, "Free at least 1 GB.")
    return Check("Disk", Verdict.OK, found)


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if _is_there(place))


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # a name that is too long
        return False
