"""Pages of a long list: the next one starts after the last row of the one before (keyset)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

Row = TypeVar("Row")
Mark = TypeVar("Mark")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page that is ordered by a moment ended; ``id`` breaks ties."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Mark]):
    """``next`` is handed back for the following page; ``None`` after the last one."""

    rows: tuple[Row, ...]
    next: Mark | None = None
