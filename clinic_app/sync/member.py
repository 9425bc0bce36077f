"""What a workstation is at its centre, and what it keeps of it in the encrypted store."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.sync.wire import ClinicCipher


@dataclass(frozen=True, slots=True)
class Membership:
    """``origin`` is the number of this workstation; ``key`` signs what it sends."""

    clinic_id: UUID
    origin: int
    name: str
    centre: str
    cipher: ClinicCipher = field(repr=False)
    key: Ed25519PrivateKey = field(repr=False)
