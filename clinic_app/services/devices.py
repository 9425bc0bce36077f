"""Which workstations have written these records."""

from __future__ import annotations

from collections.abc import Callable

from clinic_app.domain.access import Action
from clinic_app.services.session import Desk
from clinic_app.services.storage import LogSequence


class DeviceService:
    """``sequences`` reads the operation log's sequences from the open store."""

    def __init__(self, desk: Desk, sequences: Callable[[], tuple[LogSequence, ...]]) -> None:
        self._desk = desk
        self._sequences = sequences

    def devices(self) -> tuple[LogSequence, ...]:
        """One row for each workstation since it was set up or restored, this one's marked."""
        self._desk.allow(Action.SEE_DEVICES)
        return self._sequences()
