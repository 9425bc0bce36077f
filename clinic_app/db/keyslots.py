"""Key slots: who can open the store. Each slot holds the store key, wrapped for one login.

A password slot wraps with AES-256-GCM under PBKDF2-HMAC-SHA256 of the password (at least 600,000
rounds: OWASP Password Storage Cheat Sheet); the recovery slot under HKDF of the recovery key, whose
145 bits need no stretching. User name, account and the store's identifier are authenticated with
it, so a slot cannot be moved to another name, account or store. Earlier programs wrote no account
into a slot; it gets one at its next sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.db.files import KEY_FILE, file_access, write_atomically
from clinic_app.domain.errors import StoreDamaged, WrongPassword
from clinic_app.domain.people import sign_in_name

FORMAT = 1
DEFAULT_ROUNDS = 600_000
MAXIMUM_ROUNDS = 50_000_000
"""More rounds than this in the file are not ours: they would only stall the program."""

KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_WRAPPED_BYTES = KEY_BYTES + 16
_RECOVERY = "recovery key"
"""The recovery slot's name: with its space it can be no user's."""

_WRONG = "User name or password is wrong."
_DAMAGED = (
    "The key file of this clinic is damaged. Please put back the file “keyslots.json” from a"
    " backup; the records themselves were not touched."
)


@dataclass(frozen=True, slots=True)
class Slot:
    """The store key, wrapped for ``name``; ``rounds`` is 0 in the recovery slot. ``account`` is
    whose password it takes: two laptops may have made accounts of one name before they met."""

    name: str
    rounds: int
    salt: bytes
    nonce: bytes
    wrapped: bytes
    account: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeySlots:
    """All slots of one store. Immutable: each change gives a new value, saved as a whole."""

    store_id: str
    users: tuple[Slot, ...] = ()
    recovery: Slot | None = None

    def with_user(
        self,
        user_name: str,
        password: str,
        key: bytes,
        rounds: int,
        account: UUID | None = None,
    ) -> KeySlots:
        """Add a login or replace its password."""
        name = slot_name(user_name)
        slot = _wrap(self.store_id, name, key, _stretched, password, rounds, account)
        others = tuple(one for one in self.users if one.name != name)
        return replace(self, users=(*others, slot))

    def without_user(self, user_name: str) -> KeySlots:
        name = slot_name(user_name)
        return replace(self, users=tuple(one for one in self.users if one.name != name))

    def with_recovery(self, secret: bytes, key: bytes) -> KeySlots:
        slot = _wrap(self.store_id, _RECOVERY, key, _derived, secret, 0)
        return replace(self, recovery=slot)

    def slot_of(self, user_name: str) -> Slot | None:
        name = slot_name(user_name)
        return next((one for one in self.users if one.name == name), None)

    def open_with_password(self, user_name: str, password: str) -> bytes:
        """The store key; ``WrongPassword`` for a wrong password and, after the same work, for a
        user who does not exist."""
        slot = self.slot_of(user_name) or self._nobody(user_name)
        return _unwrap(self.store_id, slot, _stretched(password, slot.salt, slot.rounds), _WRONG)

    def _nobody(self, user_name: str) -> Slot:
        """A slot that no password opens, and that takes as long to find out as the others."""
        rounds = max((one.rounds for one in self.users), default=DEFAULT_ROUNDS)
        salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
        return Slot(slot_name(user_name), rounds, salt, nonce, secrets.token_bytes(_WRAPPED_BYTES))

    def open_with_recovery(self, secret: bytes) -> bytes:
        """The store key; raises ``WrongPassword``."""
        wrong = "This recovery key does not belong to this clinic."
        if self.recovery is None:
            raise WrongPassword(wrong)
        key = _derived(secret, self.recovery.salt, 0)
        return _unwrap(self.store_id, self.recovery, key, wrong)


def slot_name(user_name: str) -> str:
    """Under which a slot stands: names that are the same at sign-in share one."""
    return sign_in_name(user_name)


def _stretched(password: str, salt: bytes, rounds: int) -> bytes:
    # NFKC: the same password typed on another keyboard or system (NIST SP 800-63B 5.1.1.2).
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.pbkdf2_hmac("sha256", text, salt, rounds, KEY_BYTES)


def _derived(secret: bytes, salt: bytes, _rounds: int) -> bytes:
    return derive_key(secret, b"recovery", salt)


def derive_key(key: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    """HKDF-SHA256 (RFC 5869): 32 bytes for one purpose, ``info``."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key)


def _wrap(
    store_id: str,
    name: str,
    key: bytes,
    derive: Any,
    secret: str | bytes,
    rounds: int,
    account: UUID | None = None,
) -> Slot:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    wrapping = AESGCM(derive(secret, salt, rounds))
    wrapped = wrapping.encrypt(nonce, key, _bound_to(store_id, name, account))
    return Slot(name, rounds, salt, nonce, wrapped, account)


def _unwrap(store_id: str, slot: Slot, wrapping_key: bytes, wrong: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(wrapping_key).decrypt(
            slot.nonce, slot.wrapped, _bound_to(store_id, slot.name, slot.account)
        )
    except InvalidTag as error:
        raise WrongPassword(wrong) from error


def _bound_to(store_id: str, name: str, account: UUID | None) -> bytes:
    whose = [] if account is None else [account.hex]
    return json.dumps(["clinic-app key slot", FORMAT, store_id, name, *whose]).encode()


def load(folder: Path) -> KeySlots | None:
    """The slots in the folder, ``None`` when there is no key file; raises ``StoreDamaged``."""
    with file_access():
        try:
            content = (folder / KEY_FILE).read_bytes()
        except FileNotFoundError:
            return None
    return parse(content)


def parse(content: bytes) -> KeySlots:
    """The slots in a key file's content; raises ``StoreDamaged``."""
    try:
        plain = json.loads(content)
        if plain["format"] != FORMAT or not isinstance(plain["store"], str):
            raise ValueError("unknown format")
        recovery = plain["recovery"]
        return KeySlots(
            plain["store"],
            tuple(_slot(one, least_rounds=1) for one in plain["users"]),
            None if recovery is None else _slot(recovery, least_rounds=0),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreDamaged(_DAMAGED) from error


def save(folder: Path, slots: KeySlots) -> None:
    """Replace the key file as a whole."""
    plain = {
        "format": FORMAT,
        "store": slots.store_id,
        "users": [_plain(slot) for slot in slots.users],
        "recovery": None if slots.recovery is None else _plain(slots.recovery),
    }
    write_atomically(folder / KEY_FILE, json.dumps(plain, indent=1).encode())


def _slot(plain: dict[str, Any], least_rounds: int) -> Slot:
    name, rounds = plain["name"], plain["rounds"]
    salt, nonce, wrapped = (
        base64.b64decode(plain[part], validate=True) for part in ("salt", "nonce", "wrapped")
    )
    if not isinstance(name, str) or type(rounds) is not int:
        raise ValueError("wrong type")
    sizes = (len(salt), len(nonce), len(wrapped))
    if sizes != (_SALT_BYTES, _NONCE_BYTES, _WRAPPED_BYTES):
        raise ValueError("wrong size")
    if not least_rounds <= rounds <= MAXIMUM_ROUNDS:
        raise ValueError("unbelievable number of rounds")
    account = plain.get("account")
    return Slot(name, rounds, salt, nonce, wrapped, None if account is None else UUID(account))


def _plain(slot: Slot) -> dict[str, Any]:
    account = {} if slot.account is None else {"account": slot.account.hex}
    return {
        "name": slot.name,
        **account,
        "rounds": slot.rounds,
        "salt": base64.b64encode(slot.salt).decode(),
        "nonce": base64.b64encode(slot.nonce).decode(),
        "wrapped": base64.b64encode(slot.wrapped).decode(),
    }
