"""Reading a picture tells nobody, and leaves no identifier of the computer behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_app.paths import ROOT

SAMPLE = ROOT / "resources" / "samples" / "astronaut.png"


@pytest.mark.parametrize("told", [{}, {"ORT_DISABLE_TELEMETRY": "0"}], ids=["not told", "told to"])
def test_reading_a_picture_keeps_nothing_to_report(tmp_path: Path, told: dict[str, str]) -> None:
    """What ONNX Runtime means to send lies in the user's cache folder until it is sent.

    The environment is bare: ONNX Runtime is quiet by itself where it takes a machine for a
    build server.
    """
    system = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    home = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "clinic_app.cli", "screen", str(SAMPLE)],
        cwd=ROOT,
        env=system | home | told,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Visible depressive affect" in done.stdout
    assert sorted(path.name for path in tmp_path.rglob("*")) == []
