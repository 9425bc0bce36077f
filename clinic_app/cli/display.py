"""Whether a window can be shown."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Always assumed outside Linux, where no variable tells."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)
