"""`python main.py` chooses between the window, the demo and a command."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

import main


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments that the command line was started with, instead of running it."""
    calls: list[list[str]] = []
    command_line = ModuleType("clinic_app.cli")
    command_line.main = lambda: calls.append(sys.argv[1:])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, command_line.__name__, command_line)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return calls


def start_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["main.py", *arguments])
    with pytest.raises(SystemExit):
        main.start()


def test_without_a_display_the_demo_runs_and_says_why(
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start_with(monkeypatch)
    assert started == [["demo"]]
    assert "No display" in capsys.readouterr().out


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_with_a_display_the_window_opens(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "somewhere")
    start_with(monkeypatch)
    assert started == [[]]


def test_a_command_runs_without_a_display(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    start_with(monkeypatch, "doctor")
    assert started == [["doctor"]]
