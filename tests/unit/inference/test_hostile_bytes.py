"""Whatever bytes come, the door answers with a picture or one clear sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.domain.errors import ModelRejected, UnreadableImage
from clinic_app.inference.intake.exif import Exif, read_exif
from clinic_app.inference.intake.photo import decode_photo
from clinic_app.inference.modelfile import operator_set
from tests.unit.inference.conftest import encoded

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SMALL = (np.arange(40 * 30 * 3) % 251).astype(np.uint8).reshape(30, 40, 3)
_FILES = {kind: encoded(_SMALL, kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF")}
_MAGIC = [
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\x40\0\0\0WEBP",
    b"BM",
    b"II*\0",
    b"MM\0*",
]


def answer(data: bytes) -> None:
    sentence = ""
    try:
        assert decode_photo(data, NOW).image.ndim == 3
    except UnreadableImage as error:
        sentence = str(error)
    assert not sentence or sentence.endswith(".")


@settings(max_examples=150)
@given(st.sampled_from(_MAGIC), st.binary(max_size=300))
def test_random_bytes_behind_a_magic_number(magic: bytes, rest: bytes) -> None:
    answer(magic + rest)


@settings(max_examples=150)
@given(st.sampled_from(sorted(_FILES)), st.integers(0, 10_000), st.integers(1, 255), st.integers())
def test_one_changed_byte_or_a_cut(kind: str, place: int, change: int, cut: int) -> None:
    data = bytearray(_FILES[kind])
    data[place % len(data)] ^= change
    answer(bytes(data))
    answer(bytes(data[: cut % len(data)]))


@given(st.binary(max_size=200))
def test_random_exif_says_nothing_or_something_sane(block: bytes) -> None:
    for order in (b"II*\0", b"MM\0*"):
        exif = read_exif(order + block, NOW)
        assert isinstance(exif, Exif)
        assert 1 <= exif.orientation <= 8


@given(st.binary(max_size=200))
def test_random_model_bytes_are_rejected_or_have_a_version(data: bytes) -> None:
    sentence = ""
    try:
        assert operator_set(data) >= 0
    except ModelRejected as error:
        sentence = str(error)
    assert not sentence or sentence.endswith(".")
