"""The audit trail's head, kept outside the database so that cutting the trail shows.

Two fixed slots are written in turn, each with its own HMAC: a torn write leaves the other. It is
written after a commit and may lag behind by what a crash swallowed; it never leads.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from pathlib import Path

from clinic_app.db.files import AUDIT_FILE, file_access, write_atomically

_SLOT_BYTES = 512
_CONTENT = struct.Struct(">Q32s32s")
_NO_MAC = bytes(32)

Head = tuple[int, str]
"""Number and mac of an audit entry; (0, "") before the first."""


class AuditAnchor:
    """The file beside the store; ``key`` is used for nothing else."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._path = folder / AUDIT_FILE
        self._key = key
        self._trusted = False

    def create(self) -> None:
        """Begin an empty trail."""
        write_atomically(self._path, self._slot((0, "")).ljust(2 * _SLOT_BYTES, b"\0"))
        self._trusted = True

    def read(self) -> Head | None:
        """The newest head written; ``None`` when the file is missing or altered."""
        with file_access():
            try:
                content = self._path.read_bytes()
            except FileNotFoundError:
                return None
        return self.head_in(content)

    def head_in(self, content: bytes) -> Head | None:
        """The newest head in the content of such a file."""
        slots = (content[start : start + _CONTENT.size] for start in (0, _SLOT_BYTES))
        return max(filter(None, map(self._head, slots)), default=None)

    def compare(self, mac_of: Callable[[int], str | None]) -> None:
        """Decide whether the file may be moved on: only while the trail still holds its entry.

        Otherwise it stays as it is, as evidence.
        """
        head = self.read()
        self._trusted = head is not None and (head[0] == 0 or mac_of(head[0]) == head[1])

    def move(self, head: Head) -> None:
        """Remember a newer head. A failure only makes the file lag, so it is passed over: the
        change that it follows is already in the store."""
        if not self._trusted:
            return
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
            try:
                os.lseek(descriptor, head[0] % 2 * _SLOT_BYTES, os.SEEK_SET)
                os.write(descriptor, self._slot(head))
            finally:
                os.close(descriptor)

    def _slot(self, head: Head) -> bytes:
        number, mac = head
        raw = bytes.fromhex(mac) if mac else _NO_MAC
        return _CONTENT.pack(number, raw, self._seal(number, raw))

    def _head(self, slot: bytes) -> Head | None:
        if len(slot) != _CONTENT.size:
            return None
        number, raw, seal = _CONTENT.unpack(slot)
        if not hmac.compare_digest(seal, self._seal(number, raw)):
            return None
        return number, "" if raw == _NO_MAC else raw.hex()

    def _seal(self, number: int, raw: bytes) -> bytes:
        return hmac.new(self._key, struct.pack(">Q", number) + raw, hashlib.sha256).digest()
