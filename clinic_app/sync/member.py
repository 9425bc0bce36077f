"""What a workstation is at its centre, as the enrolment file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.services.sync_data import HostStatus
from clinic_app.sync.centre import Dial
from clinic_app.sync.wire import ClinicCipher


@dataclass(frozen=True, slots=True)
class Membership:
    """``origin`` is the number of this workstation, ``key`` signs what it sends, ``dial`` opens
    its connections; ``hosts`` are the servers it tries, by name."""

    clinic_id: UUID
    origin: int
    workstation: str
    hosts: tuple[str, ...]
    cipher: ClinicCipher = field(repr=False)
    key: Ed25519PrivateKey = field(repr=False)
    dial: Dial = field(repr=False)
    root_public_key: bytes = b""
    """Whose signature the clinic's snapshots carry."""

    standing: Callable[[], tuple[HostStatus, ...]] | None = field(default=None, repr=False)
    """How each server did, in the order in which they are tried; None where that is not known."""


ReadMembership = Callable[[bytes], Membership]
"""Reads an enrolment file; raises ``InvalidInput`` for anything else."""


def read_membership(content: bytes) -> Membership:
    """The membership in an enrolment file of a centre on MySQL or MariaDB."""
    from clinic_app.sync.enrolment import read_enrolment
    from clinic_app.sync.mysql.dial import MysqlDial

    found = read_enrolment(content)
    dial = MysqlDial(found)
    return Membership(
        clinic_id=found.clinic_id,
        origin=found.workstation_id,
        workstation=found.workstation_name,
        hosts=tuple(map(str, found.hosts)),
        cipher=ClinicCipher(found.clinic_key),
        key=Ed25519PrivateKey.from_private_bytes(found.workstation_key),
        dial=dial,
        root_public_key=found.root_public_key,
        standing=dial.standing,
    )
