"""Archives of arrays are read whole, or refused with one kind of error whatever is wrong."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.inference.archives import UnreadableArchive, read_arrays


def archive(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


WHOLE = archive(first=np.arange(6.0).reshape(2, 3), second=np.array("words"))


def listed_with(place: int, value: int) -> bytes:
    """The archive with another byte in each entry of its list of parts."""
    data = bytearray(WHOLE)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + place] = value
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def single() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def test_every_array_is_given_under_its_name() -> None:
    arrays = read_arrays(io.BytesIO(WHOLE))
    assert arrays["first"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert str(arrays["second"]) == "words"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        single(),
        WHOLE[:-30],
        WHOLE[: len(WHOLE) // 2],
        archive(code=np.array([print], dtype=object)),
        listed_with(8, 0x61),  # encrypted, strongly
        listed_with(10, 0x61),  # a way of packing that is none
        listed_with(6, 0xFF),  # for a much newer program
        WHOLE.replace(b"'shape': (2, 3)", b"'shape': (2, (3"),
        WHOLE.replace(b"'shape': (2, 3)", b"'shape': (2,'3"),
    ],
)
def test_what_is_no_whole_archive_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableArchive):
        read_arrays(io.BytesIO(data))


@given(place=st.integers(0, len(WHOLE) - 1), change=st.integers(1, 255))
def test_one_changed_byte_gives_arrays_or_the_same_error(place: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[place] ^= change
    try:
        read_arrays(io.BytesIO(bytes(data)))
    except UnreadableArchive:
        return
