"""What every test runs under: no window system, no real home folder, no real key ring."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before Qt is imported anywhere.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Before NumPy is: tests run side by side, and its threads would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Repeatable, and without a time limit per example: the machine may be busy.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point every per-user folder to a temporary one, so that no test meets real records."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(home))
        for kind in ("DATA", "CONFIG", "CACHE", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
        for name in ("CLINIC_APP_USER", "CLINIC_APP_PASSWORD", "CLINIC_APP_STORE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _patience_with_qt() -> Iterator[None]:
    """What a test waits for by default: five seconds are short where the machine is busy."""
    from pytestqt.qtbot import QtBot

    with pytest.MonkeyPatch.context() as patch:
        for wait in (QtBot.waitSignal, QtBot.waitSignals, QtBot.waitUntil):
            defaults = wait.__kwdefaults__
            assert defaults is not None
            patch.setitem(defaults, "timeout", 30_000)
        yield
