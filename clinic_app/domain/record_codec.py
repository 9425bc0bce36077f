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
from collections.abc import Callable, Hashable, Mapping
from datetime import MAXYEAR, UTC, date, datetime, time
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
    if isinstance(value, (date, time)):
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
    """The record of type ``kind`` in ``plain``, in which identifiers may stand as they are; raises
    ``ValueError`` when it does not fit."""
    try:
        return typing.cast(Record, _reader(typing.cast(Hashable, kind))(plain))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is not a {kind.__name__}.") from error


def check_fields(kind: type[Any], plain: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` when a field that is there does not fit; others may be missing."""
    try:
        for name, read in _field_readers(typing.cast(Hashable, kind)).items():
            if name in plain:
                read(plain[name])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is no part of a {kind.__name__}.") from error


Reader = Callable[[Any], Any]


@functools.cache
def _reader(kind: Hashable) -> Reader:
    """How to read ``kind``; worked out once, since a timeline reads thousands of values."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        read = _reader(next(option for option in arguments if option is not type(None)))
        return lambda plain: None if plain is None else read(plain)
    if origin is typing.Literal:
        return _choice_reader(arguments)
    if origin is tuple:
        repeated = len(arguments) == 2 and arguments[1] is Ellipsis
        return _list_reader(arguments[0]) if repeated else _tuple_reader(arguments)
    if origin is not None and issubclass(origin, Mapping):
        read_key, read_item = map(_reader, arguments)
        return lambda plain: {read_key(key): read_item(item) for key, item in plain.items()}
    if dataclasses.is_dataclass(kind):
        return _record_reader(typing.cast(type[Any], kind))
    return _scalar_reader(kind)


@functools.cache
def _field_readers(kind: Hashable) -> Mapping[str, Reader]:
    record = typing.cast(type[Any], kind)
    hints = typing.get_type_hints(record)
    return {f.name: _reader(hints[f.name]) for f in dataclasses.fields(record) if f.init}


def _record_reader(kind: type[Any]) -> Reader:
    readers = _field_readers(typing.cast(Hashable, kind))

    def read(plain: Any) -> Any:
        return kind(
            **{name: readers[name](item) for name, item in plain.items() if name in readers}
        )

    return read


def _choice_reader(options: tuple[Any, ...]) -> Reader:
    def read(plain: Any) -> Any:
        if plain not in options:
            raise ValueError("The value is none of those that are known.")
        return plain

    return read


def _tuple_reader(arguments: tuple[Any, ...]) -> Reader:
    readers = tuple(map(_reader, arguments))

    def read(plain: Any) -> Any:
        if isinstance(plain, str):
            raise TypeError("a text is not a list")
        if len(readers) != len(plain):
            raise ValueError("The list has the wrong length.")
        return tuple(one(item) for one, item in zip(readers, plain, strict=True))

    return read


def _list_reader(kind: Any) -> Reader:
    one = _reader(kind)

    def read(plain: Any) -> Any:
        if isinstance(plain, str):
            raise TypeError("a text is not a list")
        if kind is float and all(type(item) is float for item in plain):
            return tuple(plain)  # embeddings and maps: hundreds of numbers in each finding
        return tuple(map(one, plain))

    return read


def _scalar_reader(kind: Any) -> Reader:
    if kind is datetime:
        return _moment
    if kind is date:
        return date.fromisoformat
    if kind is time:
        return time.fromisoformat
    if kind is UUID:
        return lambda plain: plain if isinstance(plain, UUID) else _identifier(plain)
    if kind is bytes:
        return lambda plain: base64.b64decode(plain, validate=True)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind

    def read(plain: Any) -> Any:
        if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
            return float(plain)
        if not isinstance(plain, kind) or (kind is int and isinstance(plain, bool)):
            raise TypeError(f"expected {kind}")
        return plain

    return read


@functools.lru_cache(maxsize=4096)
def _identifier(plain: str) -> UUID:
    """Records that are read together name the same few people and cases."""
    return UUID(plain)


def is_kept(moment: datetime) -> bool:
    """Whether a record may name this moment: at the ends of all years it may be no date in another
    zone, and end whoever reads it."""
    return 1 < moment.year < MAXYEAR


def _moment(plain: str) -> datetime:
    moment = datetime.fromisoformat(plain)
    if not is_kept(moment):
        raise ValueError("The moment is too far away.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
