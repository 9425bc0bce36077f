"""The fixtures of the command line's tests, for its faults."""

from __future__ import annotations

from tests.integration.cli.conftest import (
    _quick_sign_in,
    cli,
    made_store,
    patient,
    reader,
    store,
)

__all__ = ["_quick_sign_in", "cli", "made_store", "patient", "reader", "store"]
