"""`tools/bootstrap.sh` where nothing can be written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_app.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script, run by `make`")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script needs of a checkout, with a file in the place of the folder it writes to."""
    for name in ("pyproject.toml", "requirements.lock", "tools/bootstrap.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "build").touch()
    return tmp_path


def prepared(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "tools" / "bootstrap.sh", "run"], capture_output=True, text=True, check=False
    )


def test_a_folder_that_cannot_be_written_to_is_named(checkout: Path) -> None:
    done = prepared(checkout)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"Nothing can be written to {checkout}, so Clinic App cannot be prepared here."
    ]


def test_one_that_somebody_has_prepared_is_used_as_it_is(checkout: Path) -> None:
    files = ["pyproject.toml", "requirements.lock", "tools/bootstrap.sh"]
    sums = subprocess.run(
        ["cksum", *files], cwd=checkout, capture_output=True, text=True, check=True
    )
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "run.stamp").write_text(f"{checkout}\n{sums.stdout}", "utf-8")
    done = prepared(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
