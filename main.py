"""Start Clinic App: `python main.py` opens the window, `python main.py COMMAND` runs a command."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether a window can be shown: always assumed outside Linux, where no variable tells."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def start() -> None:
    """Run the command line; with no command and no display, run the demo instead of the window."""
    if len(sys.argv) == 1 and not has_display():
        print("No display was found, so the window cannot open. Running the demo instead.")
        sys.argv.append("demo")
    from clinic_app.cli import main

    sys.exit(main())


if __name__ == "__main__":
    start()
