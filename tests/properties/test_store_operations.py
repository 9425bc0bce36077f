"""The pure part of the log: bodies and chains."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain import operations as rules
from clinic_app.domain.operations import (
    chained,
    decode_fields,
    encode_fields,
    first_break,
    pack,
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(["name", "phone", "text", "é"]), values)


@given(fields=bodies)
def test_a_body_comes_back_equal_packed_or_not(fields: dict[str, Any]) -> None:
    body = encode_fields(fields)
    assert decode_fields(body) == decode_fields(pack(body)) == fields
    assert decode_fields(zlib.compress(body)) == fields
    assert encode_fields(decode_fields(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\x78\x9c",
        b"not a body",
        zlib.compress(b"[1]"),
        zlib.compress(b'{"a": 1}')[:-3],
        b"\x78\x9c" + b"\0" * 40,
    ],
)
def test_a_malformed_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode_fields(body)


def test_a_body_that_unpacks_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "BODY_LIMIT", 1000)
    bomb = zlib.compress(b'{"a": "' + b"x" * 100_000 + b'"}')
    with pytest.raises(ValueError, match="too long"):
        decode_fields(bomb)


def test_no_number_that_json_lacks_gets_into_a_body() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_fields({"percent": float("nan")})


def chain(length: int) -> list[rules.Operation]:
    made: list[rules.Operation] = []
    for seq in range(1, length + 1):
        made.append(
            chained(
                origin=0,
                epoch=5,
                seq=seq,
                hlc=seq << 16,
                entity=3,
                entity_id=UUID(int=seq),
                body=encode_fields({"n": seq}),
                previous=made[-1].hash if made else b"",
            )
        )
    return made


@given(
    length=st.integers(1, 8),
    place=st.integers(0, 7),
    part=st.sampled_from(["epoch", "seq", "hlc", "entity", "entity_id", "body", "hash"]),
)
def test_a_chain_shows_every_alteration(length: int, place: int, part: str) -> None:
    operations = chain(length)
    assert first_break(operations) is None
    place %= length
    old = getattr(operations[place], part)
    new = UUID(int=99) if part == "entity_id" else old + (b"x" if isinstance(old, bytes) else 1)
    operations[place] = replace(operations[place], **{part: new})
    assert first_break(operations) == place + 1


def test_a_chain_outlives_the_number_that_a_centre_gives() -> None:
    assert first_break([replace(operation, origin=7) for operation in chain(4)]) is None
