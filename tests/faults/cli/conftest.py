"""The fixtures of the command line's tests, for its faults."""

from __future__ import annotations

from tests.integration.cli.conftest import (
    _quick_sign_in,
    _same_answer_to_interrupts,
    cli,
    made_store,
    patient,
    reader,
    store,
)

__all__ = [
    "_quick_sign_in",
    "_same_answer_to_interrupts",
    "cli",
    "made_store",
    "patient",
    "reader",
    "store",
]
