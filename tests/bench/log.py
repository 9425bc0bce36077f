"""A long log at the centre, sealed and signed as a workstation would have sent it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.domain.operations import (
    SCHEMA_VERSION,
    EntityKind,
    Operation,
    encode_fields,
    pack,
)
from clinic_app.domain.record_codec import to_plain
from clinic_app.sync.centre import BATCH_OPERATIONS
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.wire import ClinicCipher, sealed, signed_batch
from tests.integration.db.records import NOON, a_patient
from tests.support.centre import EPOCH, RealCentre

EDITS = 4
"""Operations of one patient: registered, then changed."""


def fill_log(centre: RealCentre, enrolment: Enrolment, length: int) -> None:
    """Push ``length`` operations in the name of this workstation."""
    cipher = ClinicCipher(enrolment.clinic_key)
    key = Ed25519PrivateKey.from_private_bytes(enrolment.workstation_key)
    line = centre.dial(enrolment)
    previous = b""
    every = _operations(enrolment.workstation_id, length)
    while batch := list(islice(every, BATCH_OPERATIONS)):
        wire = signed_batch(sealed(batch, previous, cipher), key)
        line.push(wire)
        previous = wire[-1].hash
    line.close()


def _operations(origin: int, length: int) -> Iterator[Operation]:
    for seq in range(1, length + 1):
        yield Operation(
            origin,
            EPOCH,
            seq,
            (EPOCH + seq) << 16,
            SCHEMA_VERSION,
            EntityKind.PATIENT,
            _patient_id(origin, (seq - 1) // EDITS),
            _body(seq),
            b"",
        )


def _patient_id(origin: int, number: int) -> UUID:
    """A UUID of version 7, as workstations make them."""
    return UUID(int=EPOCH << 80 | 0x7 << 76 | 0b10 << 62 | origin << 40 | number)


def _body(seq: int) -> bytes:
    if seq % EDITS != 1:
        return pack(encode_fields({"phone": f"0700 {seq:07d}"}))
    fields = to_plain(a_patient(f"García {seq}", phone="0700 1234567", registered_at=NOON))
    del fields["id"]
    return pack(encode_fields(fields))
