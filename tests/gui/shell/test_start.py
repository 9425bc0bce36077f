"""Starting the program: quick, and without what the first page does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QTimeZone

from clinic_app import app
from clinic_app.paths import ROOT
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.vault_storage import VaultState

_SCRIPT = """
import sys
from pathlib import Path
from clinic_app.app import run_window
code = run_window(Path(sys.argv[1]))
heavy = {"cv2", "onnxruntime", "sqlalchemy", "reportlab", "pyqtgraph", "cryptography", "numpy"}
print(code, sorted(heavy & set(sys.modules)))
"""


def test_the_first_page_stands_without_heavy_libraries(tmp_path: Path) -> None:
    environment = os.environ | {"CLINIC_APP_EXIT_WHEN_SHOWN": "1", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path / "store")],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "0 []", done.stderr
    assert done.stderr == ""
    assert not (tmp_path / "store" / "clinic-app.log").exists()


def test_the_folder_is_the_users_own_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "clinic-app" in str(app.default_folder())
    monkeypatch.setenv("CLINIC_APP_STORE", str(tmp_path))
    assert app.default_folder() == tmp_path
    assert app.demo_folder() == tmp_path / "demo"
    assert app.demo_folder(tmp_path / "other") == tmp_path / "other" / "demo"


def test_opening_the_front_door_makes_nothing(tmp_path: Path) -> None:
    door = app.open_front_door(tmp_path / "store")
    assert isinstance(door, FrontDoor)
    assert door.state() is VaultState.EMPTY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "zone"),
    [("Africa/Lagos", "Africa/Lagos"), (":Asia/Kolkata", "Asia/Kolkata")],
)
def test_the_time_zone_is_the_machines(
    variable: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", variable)
    assert app.system_time_zone() == zone


def test_a_time_zone_nobody_knows_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "../etc/passwd")
    assert app.system_time_zone() != "../etc/passwd"
    monkeypatch.setenv("TZ", "Nowhere/Land")
    assert app.system_time_zone() != "Nowhere/Land"


def test_where_no_file_tells_the_time_zone_qt_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(path: Path, encoding: str = "") -> str:
        raise FileNotFoundError(path)

    monkeypatch.setenv("TZ", "")  # as on Windows, where neither file is there
    monkeypatch.setattr(Path, "read_text", nothing)
    monkeypatch.setattr(Path, "resolve", lambda path: path)
    monkeypatch.setattr(QTimeZone, "systemTimeZoneId", lambda: QByteArray(b"Asia/Kolkata"))
    assert app.system_time_zone() == "Asia/Kolkata"
