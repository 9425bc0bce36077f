"""A form that lay open while others wrote: it changes what was changed in it, and nothing else."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Form = TypeVar("Form", bound=_Dataclass)


def without_stale(wanted: Form, seen: Form | None, stored: Form) -> Form:
    """``wanted``, with the fields that are as they were ``seen`` when the form was opened taken
    from what is ``stored`` now: another laptop may have changed them since, and nobody meant to
    take that back."""
    if seen is None:
        return wanted
    left = [one.name for one in fields(wanted) if _same(one.name, wanted, seen)]
    return replace(wanted, **{name: getattr(stored, name) for name in left})


def _same(name: str, one: object, other: object) -> bool:
    return bool(getattr(one, name) == getattr(other, name))
