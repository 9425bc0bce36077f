"""What the tables share: identifiers, folded records, stamped events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from clinic_app.db.columns import Identifier

metadata = MetaData()


def key(name: str = "id") -> Column[Any]:
    return Column(name, Identifier, primary_key=True, nullable=False)


def ref(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Identifier, nullable=nullable)


def merged() -> tuple[Column[Any], ...]:
    """Columns of a record that is folded field by field."""
    return (
        Column("known", Boolean, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("stamps", Text, nullable=False),
    )


def events(name: str) -> Table:
    """Events of records that are folded in stamp order; ``subject_id`` is the record."""
    return Table(
        name,
        metadata,
        key(),
        ref("subject_id"),
        *stamp(),
        Column("body", LargeBinary, nullable=False),
        Index(f"ix_{name}_subject", "subject_id", "hlc", "origin", "epoch", "seq"),
    )


def stamp() -> tuple[Column[Any], ...]:
    return (
        Column("hlc", BigInteger, nullable=False),
        Column("origin", SmallInteger, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("seq", Integer, nullable=False),
    )
