"""Looking behind the repositories: a raw keyed connection, and pages decrypted by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from clinic_app.db import keyslots
from clinic_app.db.files import STORE_FILE
from clinic_app.db.store import EncryptedStore
from clinic_app.db.transaction import Transaction
from tests.integration.db.records import PASSWORD, USER

PAGE_BYTES = 4096
_RESERVE_BYTES = 80  # initialisation vector (16) and HMAC-SHA512 (64)
_SALT_BYTES = 16


def store_key(folder: Path, user: str = USER, password: str = PASSWORD) -> bytes:
    slots = keyslots.load(folder)
    assert slots is not None
    return slots.open_with_password(user, password)


@contextlib.contextmanager
def raw_connection(folder: Path) -> Iterator[Any]:
    """A connection with the store's key and none of the program's settings."""
    connection = sqlcipher.connect(str(folder / STORE_FILE), isolation_level=None)
    try:
        connection.execute(f"PRAGMA key = \"x'{store_key(folder).hex()}'\"")
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def transaction_of(store: EncryptedStore) -> Iterator[Transaction]:
    """A transaction on the open store, past the repositories; never committed."""
    db = store.begin()
    try:
        yield db
    finally:
        db.close()
        store.end()


def decrypted_pages(folder: Path) -> bytes:
    """The plaintext of every page of the main file, free pages too (SQLCipher 4 format)."""
    key = store_key(folder)
    content = (folder / STORE_FILE).read_bytes()
    plain = []
    for start in range(0, len(content), PAGE_BYTES):
        page = content[start : start + PAGE_BYTES]
        skipped = _SALT_BYTES if start == 0 else 0
        body, reserve = page[skipped:-_RESERVE_BYTES], page[-_RESERVE_BYTES:]
        decryptor = Cipher(AES(key), CBC(reserve[:16])).decryptor()
        plain.append(decryptor.update(body) + decryptor.finalize())
    return b"".join(plain)
