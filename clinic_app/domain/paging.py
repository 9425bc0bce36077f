"""Pages of a long list: the next one starts after the last row of the one before (keyset)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def every(page: Callable[[Mark | None], Page[Row, Mark]]) -> Iterator[Row]:
    """All rows of a list; ``page`` is asked for each one with the mark where the former ended."""
    found = page(None)
    yield from found.rows
    while found.next is not None:
        found = page(found.next)
        yield from found.rows
