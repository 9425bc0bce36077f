"""One form, one record: what is sent twice (a double click, a second try) is kept once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from clinic_app.domain.errors import NotFound, WrongState

Record = TypeVar("Record")


def once(get: Callable[[UUID], Record], entry_id: UUID | None) -> Record | None:
    """The record that this form has made already, if any."""
    if entry_id is None:
        return None
    try:
        return get(entry_id)
    except NotFound:
        return None


def check_same(same: bool) -> None:
    """Raises ``WrongState`` where the number of the form is that of somebody else's record."""
    if not same:
        raise WrongState("A record with this number is there already; please open a new form.")
