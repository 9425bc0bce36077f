"""A line of text inside a PNG file, where no pixel is touched."""

from __future__ import annotations

import struct
import zlib

_KEYWORD = b"Comment"
_BEHIND_HEADER = 8 + 25
"""Signature and IHDR chunk of a PNG file."""


def with_text(png: bytes, text: str) -> bytes:
    """The file with ``text`` in a tEXt chunk, uncompressed, so that its bytes can be searched."""
    body = b"tEXt" + _KEYWORD + b"\0" + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_BEHIND_HEADER] + chunk + png[_BEHIND_HEADER:]
