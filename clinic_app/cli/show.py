"""No command: the window, or the demo where no window can be shown."""

from __future__ import annotations

from pathlib import Path

from clinic_app.cli.display import end_at_once_when_interrupted, has_display
from clinic_app.cli.output import say


def open_window() -> int:
    """Open the window on the usual store; the exit code of the program."""
    if not has_display():
        say("No display was found, so the window cannot open. Running the demo instead.")
        from clinic_app.cli.demo import run_demo

        return run_demo(Path("out"))
    end_at_once_when_interrupted()
    from clinic_app.app import run_window

    return run_window()
