"""No core files: a crash inside a native library would write keys and records to the disk."""

from __future__ import annotations

import contextlib


def leave_no_core() -> None:
    """For this process and those that it starts. Crash collectors of the system (systemd-coredump,
    Apport) keep to the same limit. Windows has none; there an administrator switches dumps on."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
