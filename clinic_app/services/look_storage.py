"""What reference looks need from the encrypted store."""

from __future__ import annotations

from typing import Protocol

from clinic_app.domain.reference_look import LookEvent


class LookEventRepository(Protocol):
    """``add`` is an operation of the log."""

    def add(self, record: LookEvent) -> None: ...
    def all(self) -> list[LookEvent]:
        """In stamp order."""
