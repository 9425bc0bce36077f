"""The wire form: golden bytes, and nothing altered gets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.domain.operations import Operation, encode_fields
from clinic_app.services.sync_data import OperationsForged
from clinic_app.sync import wire
from clinic_app.sync.centre import WireOperation
from clinic_app.sync.wire import ClinicCipher, chain_hash, checked, sealed, signed_batch

CIPHER = ClinicCipher(bytes(range(32)))
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
RECORD = UUID("01890000-0000-7000-8000-000000000001")
GOLDEN_BODY = (
    "01e69d66cbdfe54145a85c2258cb2487c6d2b97580f0d467ebbd264dca466070bb5fca0193622949a865074195"
)
GOLDEN_HASH = "11bc14bddc6d932e28db34fc1d342c1f21a31156cd5f0d5cdcfa32beec4755ee"


def operation(seq: int, **changed: object) -> Operation:
    body = encode_fields({"text": f"Sleeping better {seq}"})
    made = Operation(
        7, 1_772_442_000_000, seq, 116_155_000_000_000_000 + seq, 1, 7, RECORD, body, b""
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def batch(count: int = 3) -> list[WireOperation]:
    return signed_batch(sealed(map(operation, range(1, count + 1)), b"", CIPHER), KEY)


def accept(page: list[WireOperation]) -> list[WireOperation]:
    return checked(page, 0, b"", PUBLIC, "north")


def test_the_form_never_changes_unnoticed() -> None:
    """Stores out there compare these bytes; a new form needs a new first byte."""
    first = batch()[0]
    assert first.body.hex() == GOLDEN_BODY
    assert first.hash.hex() == GOLDEN_HASH


def test_the_same_operation_has_the_same_form_every_time() -> None:
    assert batch() == batch()


def test_a_batch_opens_to_what_was_sealed() -> None:
    opened = [CIPHER.open(one) for one in accept(batch())]
    assert opened == [operation(seq) for seq in (1, 2, 3)]


def test_two_texts_under_one_number_share_no_key_stream() -> None:
    """A cloned store writes other words under the same number."""
    one, other = (operation(1, body=body) for body in (b"{" + b"a" * 40, b"{" + b"b" * 40))
    first, second = CIPHER.seal(one)[17:], CIPHER.seal(other)[17:]
    difference = bytes(a ^ b for a, b in zip(first, second, strict=True))
    assert difference != bytes([0, *[ord("a") ^ ord("b")] * 40])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", 8),
        ("epoch", 5),
        ("hlc", 1),
        ("schema_version", 2),
        ("entity", 3),
        ("entity_id", UUID(int=9)),
        ("body", b"\x01" + bytes(60)),
        ("hash", bytes(32)),
        ("signature", bytes(64)),
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_an_altered_operation_is_refused(field: str, value: object, place: int) -> None:
    page = batch()
    page[place] = replace(page[place], **{field: value})  # type: ignore[arg-type]
    with pytest.raises(OperationsForged, match="north"):
        accept(page)


def test_a_chain_made_anew_without_the_key_is_refused() -> None:
    """Somebody who can write to the server rebuilds the hashes, but cannot sign them."""
    page = batch()
    forged = sealed([operation(1, body=b"{}"), operation(2), operation(3)], b"", CIPHER)
    forged[-1] = replace(forged[-1], signature=page[-1].signature)
    with pytest.raises(OperationsForged):
        accept(forged)


def test_what_no_signature_vouches_for_waits() -> None:
    page = [*batch(), *sealed([operation(4)], batch()[-1].hash, CIPHER)]
    assert accept(page) == page[:3]
    assert accept(page[:2]) == []


def test_a_page_ends_at_the_first_hole() -> None:
    page = batch()
    assert accept([page[0], page[2]]) == []
    assert accept(page[1:]) == []


def test_a_replayed_batch_does_not_chain() -> None:
    page = batch()
    moved = [replace(one, seq=one.seq + 3) for one in page]
    with pytest.raises(OperationsForged):
        checked(moved, 3, page[-1].hash, PUBLIC, "north")


def test_an_erased_body_keeps_the_chain_whole() -> None:
    page = batch()
    mark = CIPHER.mark(operation(2))
    page[1] = replace(page[1], body=mark)
    assert accept(page) == page
    erased = CIPHER.open(page[1])
    assert erased.erased
    assert CIPHER.seal(erased) == mark
    assert chain_hash(page[0].hash, erased, mark) == page[1].hash


def test_another_clinic_opens_nothing() -> None:
    with pytest.raises(OperationsForged):
        ClinicCipher(b"x" * 32).open(batch()[0])


def test_a_batch_stays_within_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BATCH_BYTES", 120)
    found = signed_batch(sealed(map(operation, range(1, 9)), b"", CIPHER), KEY)
    assert len(found) == 2
    monkeypatch.setattr(wire, "BATCH_BYTES", 1)
    assert len(signed_batch(sealed([operation(1)], b"", CIPHER), KEY)) == 1


def test_the_moment_of_receipt_is_the_servers_word_alone() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    page = [replace(one, received_at=at) for one in batch()]
    assert [CIPHER.open(one).received_at for one in accept(page)] == [at] * 3
