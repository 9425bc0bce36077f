"""The clinic's secret for learning: who is locked away for judging, and pseudonyms in exports.

Made once and travelling with the records, so that every workstation of a clinic puts a person on
the same side. Should two have been made before the first sync, the one with the older stamp counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

LOCKED_TENTHS = 3
"""Of ten people this many are kept for judging heads and never fitted on."""


@dataclass(frozen=True, slots=True)
class LearningKey:
    """``secret`` is 32 random bytes."""

    id: UUID
    made_at: datetime
    secret: bytes = field(repr=False)


def _keyed(key: LearningKey, purpose: bytes, record: UUID) -> bytes:
    return hmac.new(key.secret, purpose + record.bytes, hashlib.sha256).digest()


def is_locked(key: LearningKey, records: Iterable[UUID]) -> bool:
    """Whether a person, under any of their merged records, is in the locked part.

    A merge can bring somebody into it and never out of it, so no head was ever fitted on people
    whom it is later judged by as if they were new.
    """
    drawn = (int.from_bytes(_keyed(key, b"locked", one)[:8], "big") for one in records)
    return any(one * 10 < LOCKED_TENTHS << 64 for one in drawn)


def pseudonym(key: LearningKey, purpose: str, record: UUID) -> str:
    """32 hexadecimal digits; the same record has the same one in every export of this clinic."""
    return _keyed(key, f"pseudonym {purpose}".encode(), record)[:16].hex()


def shuffled(key: LearningKey, reader: UUID, record: UUID) -> bytes:
    """Sorting by this gives each reader an order of their own."""
    return _keyed(key, b"order" + reader.bytes, record)
