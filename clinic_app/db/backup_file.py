"""The format of a backup: an encrypted database, then what is needed to open and to judge it.

| part     | content                                                                         |
|----------|---------------------------------------------------------------------------------|
| database | the records, as SQLCipher wrote them: a snapshot of one moment                   |
| trailer  | JSON: store, time, program, key slots, audit anchor, and the sealed content list |
| footer   | 24 bytes: length of the database, length of the trailer, ``CLINBAK1``            |

What is read with a key only (names, counts, SHA-256 of the database) is sealed with AES-256-GCM
under a key derived from the store's, which also authenticates everything else in the trailer. The
database comes first, so that SQLite writes it in place and nothing has to be copied.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from clinic_app.db import keyslots
from clinic_app.db.keyslots import KeySlots, derive_key
from clinic_app.db.recovery_key import recovery_secret
from clinic_app.domain.errors import StoreDamaged, WrongPassword
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.services.backup_data import (
    BackupContent,
    BackupRejected,
    BackupStopped,
    Opening,
    Progress,
    StaffPassword,
    Stop,
)
from clinic_app.services.chosen_file import spoken_name

FORMAT = 1
MAGIC = b"CLINBAK1"
_FOOTER = struct.Struct(">QQ8s")
_TRAILER_LIMIT = 8 * 1024 * 1024
"""Bytes: thousands of key slots fit; a longer one is refused as hostile."""

_CHUNK = 1024 * 1024
_NONCE_BYTES = 12

INCOMPLETE = "This file is not a complete backup of a clinic: it is cut off, or something else."
DAMAGED = "This backup is damaged and cannot be trusted. Please use another one."
TOO_NEW = "This backup was made by a newer version of the program. Please update it."


@dataclass(frozen=True, slots=True)
class Trailer:
    """Everything behind the database. ``slots`` and ``anchor`` are the files of that moment."""

    store_id: str
    made_at: datetime
    program_version: str
    database_bytes: int
    slots: bytes
    anchor: bytes
    nonce: bytes = b""
    sealed: bytes = b""

    @property
    def key_slots(self) -> KeySlots:
        """Raises ``BackupRejected``."""
        try:
            found = keyslots.parse(self.slots)
        except StoreDamaged as error:
            raise BackupRejected(DAMAGED) from error
        if found.store_id != self.store_id:
            raise BackupRejected(DAMAGED)
        return found

    def key(self, opening: Opening) -> bytes:
        """The store key; raises ``WrongPassword``."""
        slots = self.key_slots
        if isinstance(opening, StaffPassword):
            return slots.open_with_password(opening.user_name, opening.password)
        return slots.open_with_recovery(recovery_secret(opening.key))

    def with_content(self, content: BackupContent, key: bytes) -> Trailer:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps(to_plain(content), sort_keys=True).encode()
        return replace(self, nonce=nonce, sealed=_aes(key).encrypt(nonce, plain, self._bound()))

    def content(self, key: bytes) -> BackupContent:
        """What is sealed; raises ``BackupRejected`` for another store's key and any alteration."""
        from cryptography.exceptions import InvalidTag

        try:
            plain = _aes(key).decrypt(self.nonce, self.sealed, self._bound())
            return from_plain(BackupContent, json.loads(plain))
        except (InvalidTag, ValueError, RecursionError) as error:
            raise BackupRejected(DAMAGED) from error

    def _bound(self) -> bytes:
        parts = [
            "clinic-app backup",
            FORMAT,
            self.store_id,
            self.made_at.isoformat(),
            self.program_version,
            self.database_bytes,
            hashlib.sha256(self.slots).hexdigest(),
            hashlib.sha256(self.anchor).hexdigest(),
        ]
        return json.dumps(parts).encode()


def _aes(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(derive_key(key, b"backup content"))


def append_trailer(file: BinaryIO, trailer: Trailer) -> None:
    """Write trailer and footer at the end of the database in ``file``."""
    plain = {
        "format": FORMAT,
        "store": trailer.store_id,
        "made_at": trailer.made_at.isoformat(),
        "program": trailer.program_version,
        "slots": _text(trailer.slots),
        "anchor": _text(trailer.anchor),
        "nonce": _text(trailer.nonce),
        "sealed": _text(trailer.sealed),
    }
    content = json.dumps(plain).encode()
    file.seek(0, os.SEEK_END)
    file.write(content + _FOOTER.pack(trailer.database_bytes, len(content), MAGIC))


def read_trailer(path: Path) -> Trailer:
    """What stands behind the database; nothing of it is authentic before ``content``.

    Raises ``BackupRejected`` for every file that is not a whole backup.
    """
    try:
        with path.open("rb") as file:
            return _trailer(file)
    except OSError as error:
        raise BackupRejected("The file “{name}” cannot be read.", name=spoken_name(path)) from error


def _trailer(file: BinaryIO) -> Trailer:
    size = file.seek(0, os.SEEK_END)
    if size < _FOOTER.size:
        raise BackupRejected(INCOMPLETE)
    file.seek(size - _FOOTER.size)
    database, length, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    if magic != MAGIC or database + length + _FOOTER.size != size or length > _TRAILER_LIMIT:
        raise BackupRejected(INCOMPLETE)
    file.seek(database)
    try:
        plain = json.loads(file.read(length))
        if type(plain["format"]) is int and plain["format"] > FORMAT:
            raise BackupRejected(TOO_NEW)
        if plain["format"] != FORMAT:
            raise ValueError("unknown format")
        texts = (plain["store"], plain["made_at"], plain["program"])
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("wrong type")
        made_at = datetime.fromisoformat(plain["made_at"])
        if made_at.tzinfo is None:
            raise ValueError("a time without its zone")
        parts = (_bytes(plain[name]) for name in ("slots", "anchor", "nonce", "sealed"))
        return Trailer(plain["store"], made_at, plain["program"], database, *parts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupRejected(DAMAGED) from error


def chunks(file: BinaryIO, length: int, progress: Progress, stop: Stop) -> Iterator[bytes]:
    """The first ``length`` bytes of ``file``; raises ``BackupStopped``."""
    file.seek(0)
    left = length
    while left:
        if stop():
            raise BackupStopped("This was stopped; nothing was changed.")
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise BackupRejected(INCOMPLETE)
        yield chunk
        left -= len(chunk)
        progress(1 - left / length)


def wrong_opening(error: WrongPassword) -> WrongPassword:
    """The same in words that fit a backup, whose passwords are those of its time."""
    return WrongPassword(
        "{error} A backup opens with the passwords of the day it was made.",
        error=error.sentence,
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
