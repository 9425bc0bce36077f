"""Records to plain JSON values and back, driven by their type annotations.

Operations in the log, drafts and the JSON of the command line all use this form: enumerations by
value, identifiers and moments as text (UTC, ISO 8601), tuples as lists, bytes as base64. Unknown
fields are passed over when reading, and missing ones take their default, so that a newer minor
version can add a field.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import types
import typing
from collections.abc import Hashable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

Record = TypeVar("Record")


def to_plain(value: Any) -> Any:
    """``value`` as JSON-ready dictionaries, lists, texts and numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no plain form.")


def from_plain(kind: type[Record], plain: Any) -> Record:
    """The record of type ``kind`` in ``plain``; raises ``ValueError`` when it does not fit."""
    try:
        return typing.cast(Record, _read(kind, plain))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is not a {kind.__name__}.") from error


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(typing.cast(Any, kind))


def _read(kind: Any, plain: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [option for option in typing.get_args(kind) if option is not type(None)]
        return None if plain is None else _read(inner[0], plain)
    if origin is tuple:
        return _read_tuple(typing.get_args(kind), plain)
    if origin is not None and issubclass(origin, Mapping):
        key_kind, item_kind = typing.get_args(kind)
        return {_read(key_kind, key): _read(item_kind, item) for key, item in plain.items()}
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast(Hashable, kind))
        names = {f.name for f in dataclasses.fields(kind) if f.init}
        given = {name: _read(hints[name], item) for name, item in plain.items() if name in names}
        return typing.cast(type[Any], kind)(**given)
    return _read_scalar(kind, plain)


def _read_tuple(arguments: tuple[Any, ...], plain: Any) -> tuple[Any, ...]:
    if isinstance(plain, str):
        raise TypeError("a text is not a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        if arguments[0] is float and all(type(item) is float for item in plain):
            return tuple(plain)  # embeddings and maps: hundreds of numbers in each finding
        return tuple(_read(arguments[0], item) for item in plain)
    if len(arguments) != len(plain):
        raise ValueError("The list has the wrong length.")
    return tuple(_read(kind, item) for kind, item in zip(arguments, plain, strict=True))


def _read_scalar(kind: Any, plain: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(plain)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind is date:
        return date.fromisoformat(plain)
    if kind is UUID:
        return UUID(plain)
    if kind is bytes:
        return base64.b64decode(plain, validate=True)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if not isinstance(plain, kind) or (kind is int and isinstance(plain, bool)):
        raise TypeError(f"expected {kind}")
    return plain
