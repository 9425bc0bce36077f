"""A form that lay open while others wrote: it changes what was changed in it, and nothing else."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Form = TypeVar("Form", bound=_Dataclass)


def form_of(kind: type[Form], record: object) -> Form:
    """A record as it stands, in the form in which it is changed: the fields of the same names."""
    return kind(**{one.name: getattr(record, one.name) for one in fields(kind)})


def without_stale(wanted: Form, seen: Form | None, stored: Form) -> Form:
    """``wanted``, with the fields that are as they were ``seen`` when the form was opened taken
    from what is ``stored`` now: another laptop may have changed them since, and nobody meant to
    take that back."""
    if seen is None:
        return wanted
    names = [one.name for one in fields(wanted)]
    left = [name for name in names if getattr(wanted, name) == getattr(seen, name)]
    return replace(wanted, **{name: getattr(stored, name) for name in left})
