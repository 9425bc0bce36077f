"""What clinics that learn together send each other: signed by a site, sealed for its group.

The centre sees which site sent how many bytes when, and no word more: contents are encrypted with
AES-SIV under the group's key. What vectors hold is masked besides (`inference.learning.masks`), so
that not even the group sees the sums of one site.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clinic_app.domain.joint_learning import JoinedGroup, SiteGroup
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.sync.keys import is_signed

JOIN, FIRST_STEP, STOP = 0, 1, 255
"""Numbers of a site's messages in a round: its agreement, its steps, the end."""

_HEADER = struct.Struct(">32s16sHH")
_CONTEXT = b"clinic-app sites message 1\0"
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Row:
    """A message as it lies at the centre, ``received`` by the centre's own clock."""

    round: UUID
    site: int
    number: int
    body: bytes
    received: datetime | None = field(default=None, compare=False)


class Box(Protocol):
    """Where messages lie: added once, never changed."""

    def rounds(self) -> list[UUID]:
        """The rounds that anybody has opened; identifiers follow time."""

    def holding(self, site: int, number: int) -> frozenset[UUID]:
        """The rounds in which anything lies in this place, whoever could read it."""

    def read(self, round_id: UUID) -> list[Row]:
        """All messages of a round, by site and number."""

    def post(self, row: Row) -> None:
        """Add a message; one that is there already stays as it is. Raises ``SitesTrouble`` when
        that is another one."""


class SiteKey:
    """A site's secret of 32 bytes: signs its messages."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._signer = Ed25519PrivateKey.from_private_bytes(_derived(secret, b"signing"))

    @property
    def public(self) -> bytes:
        return self._signer.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    def mark(self, round_id: UUID, listed: bytes) -> bytes:
        """Changes with what is listed, and says nothing about it to whoever lacks the secret."""
        key = _derived(self._secret, b"cases " + round_id.bytes)
        return hmac.new(key, listed, hashlib.sha256).digest()


class RoundKey:
    """A site's key for one round alone (X25519), of 32 random bytes that are forgotten at its end:
    whoever gets hold of a site later cannot take the masks off what it sent."""

    def __init__(self, secret: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(secret)

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def shared(self, group: SiteGroup, round_id: UUID, other: bytes, history: bytes) -> bytes:
        """The secret with another site for one step (32 bytes).

        ``history`` is the hash of everything that was sent before: sites to which the centre shows
        different pasts have masks that do not cancel.
        """
        secret = self._key.exchange(X25519PublicKey.from_public_bytes(other))
        return _derived(secret, b"mask " + group.digest + round_id.bytes + history)


def sealed(joined: JoinedGroup, key: SiteKey, row: Row) -> Row:
    """The row with its content signed and encrypted; the same bytes at every try."""
    header = _header(joined.group, row)
    signature = key.sign(_CONTEXT + header + row.body)
    body = _cipher(joined).encrypt(row.body + signature, [header])
    return Row(row.round, row.site, row.number, body)


def opened(joined: JoinedGroup, row: Row) -> bytes:
    """The content; raises ``SitesTrouble`` when it is not from the site that it names."""
    header = _header(joined.group, row)
    try:
        content = _cipher(joined).decrypt(row.body, [header])
        sender = joined.group.members[row.site]
    except (InvalidTag, ValueError, IndexError) as error:
        raise _foreign() from error
    bare, signature = content[:-_SIGNATURE_BYTES], content[-_SIGNATURE_BYTES:]
    if not is_signed(sender.public_key, signature, _CONTEXT + header + bare):
        raise _foreign()
    return bare


def _header(group: SiteGroup, row: Row) -> bytes:
    return _HEADER.pack(group.digest, row.round.bytes, row.site, row.number)


def _cipher(joined: JoinedGroup) -> AESSIV:
    return AESSIV(_derived(joined.key, b"messages " + joined.group.id.bytes, 64))


def _derived(secret: bytes, purpose: bytes, length: int = 32) -> bytes:
    info = b"clinic-app sites 1: " + purpose
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)


def _foreign() -> SitesTrouble:
    return SitesTrouble("A message was not sent by the clinic that it names, or was altered.")
