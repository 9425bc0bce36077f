"""The clinic's keys at the centre.

The *root key* is printed once by ``clinic-app server init``. From it come the key that signs the
workstations' certificates and enrolment files, and the key that wraps the *clinic key*, which every
workstation gets in its enrolment file. The server keeps the clinic key wrapped and never sees it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clinic_app.domain.errors import InvalidInput
from clinic_app.sync.centre import Enrolled

KEY_BYTES = 32
_NONCE_BYTES = 12
_CHECK_BYTES = 3
_GROUP = 4
_PRINTED = 8 * (KEY_BYTES + _CHECK_BYTES) // 5
_CERTIFICATE = b"clinic-app workstation certificate 1\0"
_LOOK_ALIKE = str.maketrans({"0": "O", "1": "I", "8": "B"})


class RootKey:
    """Signs for the clinic and wraps its key."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._signer = Ed25519PrivateKey.from_private_bytes(_derived(secret, b"signing"))
        self._wrapper = AESGCM(_derived(secret, b"wrapping"))

    @classmethod
    def new(cls) -> RootKey:
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def typed(cls, text: str) -> RootKey:
        """The key as it was printed; raises ``InvalidInput`` for a mistyped one."""
        symbols = "".join(c for c in text.upper() if not c.isspace() and c not in "-‐‑–—_.")
        symbols = symbols.translate(_LOOK_ALIKE)
        try:
            content = base64.b32decode(symbols.encode("ascii"))
        except (binascii.Error, UnicodeEncodeError):
            content = b""
        secret, check = content[:KEY_BYTES], content[KEY_BYTES:]
        if len(symbols) != _PRINTED or check != _check(secret):
            raise InvalidInput(
                "root key",
                "This is not the clinic's root key as it was printed; please compare it again.",
            )
        return cls(secret)

    def printed(self) -> str:
        """56 letters and digits in fourteen groups; the last five are a check."""
        text = base64.b32encode(self._secret + _check(self._secret)).decode("ascii")
        return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))

    @property
    def public(self) -> bytes:
        return self._signer.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    def copy_key(self, clinic_id: UUID) -> bytes:
        """The store key of the private copy from which the reporting tables are made."""
        return _derived(self._secret, b"reporting copy of " + clinic_id.bytes)

    def wrap(self, clinic_key: bytes, clinic_id: UUID) -> bytes:
        """The clinic key as the server keeps it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._wrapper.encrypt(nonce, clinic_key, clinic_id.bytes)

    def unwrap(self, wrapped: bytes, clinic_id: UUID) -> bytes:
        """Raises ``InvalidInput`` when it was wrapped with another root key, or altered."""
        nonce, content = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return self._wrapper.decrypt(nonce, content, clinic_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise InvalidInput("root key", "This root key belongs to another clinic.") from error


def certificate_message(clinic_id: UUID, one: Enrolled) -> bytes:
    """What the root key signs about a workstation."""
    texts = b"".join(
        len(text).to_bytes(2, "big") + text for text in (one.name.encode(), one.account.encode())
    )
    return _CERTIFICATE + clinic_id.bytes + one.id.to_bytes(2, "big") + one.public_key + texts


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _derived(secret: bytes, purpose: bytes) -> bytes:
    info = b"clinic-app root key 1: " + purpose
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"clinic-app root key\0" + secret).digest()[:_CHECK_BYTES]
