"""Column types: identifiers as 16 bytes, moments as microseconds since 1970 in UTC."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    LargeBinary,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Identifier(TypeDecorator[UUID]):
    """A UUID, 16 bytes."""

    impl = LargeBinary(16)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.bytes

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> UUID | None:
        return None if value is None else identifier(value)


class Moment(TypeDecorator[datetime]):
    """A time-zone aware moment, exact to the microsecond, that sorts as a number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def identifier(value: bytes) -> UUID:
    """As it is read without its column type."""
    return UUID(bytes=bytes(value))


def moment(value: int) -> datetime:
    """As ``identifier``."""
    return _EPOCH + value * _MICROSECOND


def among(
    column: ColumnElement[Any], ids: Collection[UUID] | BindParameter[str]
) -> ColumnElement[bool]:
    """Whether an identifier is one of these, with all of them in one parameter: however many there
    are, the statement is the same one, compiled and prepared before.

    In a statement that is made once ``ids`` is ``IDS``, and what it stands for is ``listed``.
    """
    each = func.json_each(ids if isinstance(ids, BindParameter) else listed(ids))
    return column.in_(select(func.unhex(each.table_valued("value").c.value)))


def listed(ids: Collection[UUID]) -> str:
    """Identifiers as one parameter."""
    return json.dumps([one.hex for one in ids])


IDS: BindParameter[str] = bindparam("ids", type_=Text)
