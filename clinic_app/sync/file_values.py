"""Values in the JSON of files that travel by hand: keys in base64, texts and whole numbers.

The readers raise ``TypeError`` or ``ValueError`` for anything else; who reads a file makes
one sentence of that.
"""

from __future__ import annotations

import base64
from typing import Any


def key_text(key: bytes) -> str:
    """A key or signature as it is written."""
    return base64.b64encode(key).decode("ascii")


def read_key(value: Any, length: int | None = None) -> bytes:
    """What ``key_text`` wrote; of this many bytes, where a number is given."""
    key = base64.b64decode(read_text(value), validate=True)
    if length is not None and len(key) != length:
        raise ValueError("wrong length")
    return key


def read_text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def read_whole(value: Any, least: int = 0) -> int:
    """A whole number from ``least`` to 65,535: a place in a list, a port, a workstation."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 16:
        raise TypeError("not a number in its range")
    return value
