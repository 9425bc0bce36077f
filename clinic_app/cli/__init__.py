"""`clinic-app`: the clinic's services without a window, for scripts and for looking after it."""

from __future__ import annotations

from clinic_app.cli.program import main

__all__ = ["main"]
