"""Record identifiers: UUID version 7 (RFC 9562 section 5.7), made on the client, offline."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.sentence import Sentence

_SHOWN = 40
"""Characters of a wrong identifier that are quoted back: one of ours has 36."""


def new_id(now_ms: int | None = None) -> UUID:
    """A fresh UUIDv7; ``now_ms`` is Unix time in milliseconds (default: the system clock)."""
    millis = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    random_bits = secrets.randbits(74)
    value = (millis & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (random_bits >> 62) << 64
    value |= 0b10 << 62
    value |= random_bits & ((1 << 62) - 1)
    return UUID(int=value)


def parse_id(text: str, what: str = "record") -> UUID:
    """The identifier in ``text``; raises ``InvalidInput`` in plain words when it is none."""
    try:
        return UUID(text.strip())
    except ValueError as error:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        if what[0] in "aeio":
            raise InvalidInput(
                "id", "“{shown}” is not the ID of an {what}.", shown=shown, what=Sentence(what)
            ) from error
        raise InvalidInput(
            "id", "“{shown}” is not the ID of a {what}.", shown=shown, what=Sentence(what)
        ) from error
