"""`clinic-app`: the clinic's services without a window, for scripts and for looking after it."""

from __future__ import annotations

from collections.abc import Sequence

INTERRUPTED = 130
"""What a shell reports for a program that was interrupted (128 + SIGINT)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of `clinic_app.cli.program`; quiet also when interrupted while loading."""
    try:
        from clinic_app.cli.program import main as run
    except KeyboardInterrupt:
        return INTERRUPTED
    return run(arguments)
