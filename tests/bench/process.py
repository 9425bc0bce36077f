"""Start-up time and memory, each in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clinic_app.paths import ROOT

_READ = """
import json, resource, sys, time
from pathlib import Path

def peak_mb():
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the process that started this one
        peak = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(peak[0].split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6

begun = time.perf_counter()
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.paths import MODELS, RESOURCES
made = time.perf_counter()
reader = open_face_reader(MODELS)
reader.warm_up()
warm = time.perf_counter()
loaded = peak_mb()
for _ in range(5):
    reader.read_file(RESOURCES / "samples" / "astronaut.png")
print(json.dumps({
    "make_ms": (made - begun) * 1e3,
    "load_ms": (warm - made) * 1e3,
    "loaded_mb": loaded,
    "peak_mb": peak_mb(),
}))
"""


def reader_process(rounds: int = 5) -> dict[str, float]:
    """Medians over fresh processes: making the reader, loading models, memory after five photos."""
    answers = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", _READ], cwd=ROOT, capture_output=True, text=True, check=True
        )
        answers.append(json.loads(done.stdout))
    return {name: statistics.median(one[name] for one in answers) for name in answers[0]}


def window_seconds(rounds: int = 7, time_limit: float = 60.0) -> float | None:
    """Median seconds from starting the program to its first shown window, `None` if it fails."""
    took = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            begun = time.perf_counter()
            try:
                done = subprocess.run(
                    [sys.executable, "main.py"],
                    cwd=ROOT,
                    env=_environment(Path(home)),
                    capture_output=True,
                    timeout=time_limit,
                )
            except subprocess.TimeoutExpired:
                return None
            if done.returncode != 0:
                return None
            took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _environment(home: Path) -> dict[str, str]:
    own = {
        "CLINIC_APP_EXIT_WHEN_SHOWN": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    folders = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    return {**os.environ, **own, **{name: str(home) for name in folders}}


def resident_mb() -> float:
    """Memory that this process holds now (Linux only; elsewhere 0)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    (line,) = [one for one in status.read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) * 1024 / 1e6
