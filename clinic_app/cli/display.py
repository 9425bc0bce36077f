"""Whether a window can be shown."""

from __future__ import annotations

import os
import signal
import sys


def end_at_once_when_interrupted() -> None:
    """Let Ctrl-C end the program the way the system does, for work inside Qt.

    Python's own way, an exception at any line, would come up inside Qt, which cannot pass it on.
    Nothing is lost: every step is durable when it is done.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def has_display() -> bool:
    """Always assumed outside Linux, where no variable tells."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)
