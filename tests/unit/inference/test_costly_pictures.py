"""Small files that would take hours or gigabytes to decode are refused by their structure."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from datetime import UTC, datetime

import numpy as np
import pytest

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.headers import Damaged
from clinic_app.inference.intake.photo import decode_photo
from tests.unit.inference.conftest import encoded

NOW = datetime(2026, 11, 29, tzinfo=UTC)
START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


def with_more_scans(data: bytes, more: int) -> bytes:
    """A progressive JPEG that goes over its last coefficients again and again."""
    last, end = data.rfind(START_OF_SCAN), data.rfind(END_OF_IMAGE)
    return data[:end] + more * data[last:end] + data[end:]


@pytest.fixture(scope="module")
def progressive(portrait: RgbImage) -> bytes:
    return encoded(portrait[100:190, 150:270], "JPEG", progressive=True)


def test_a_jpeg_of_far_more_scans_than_any_encoder_writes_is_refused(progressive: bytes) -> None:
    """Each is a pass over all pixels that 40 bytes can ask for."""
    assert decode_photo(progressive, NOW).image.shape == (90, 120, 3)
    with pytest.raises(Damaged):
        decode_photo(with_more_scans(progressive, 200), NOW)


def test_no_table_between_two_scans_hides_the_rest_of_them(progressive: bytes) -> None:
    """A comment may hold the two bytes that end a picture."""
    end = progressive.rfind(END_OF_IMAGE)
    comment = b"\xff\xfe\x00\x04" + END_OF_IMAGE
    hidden = progressive[:end] + comment + progressive[end:]
    with pytest.raises(Damaged):
        decode_photo(with_more_scans(hidden, 200), NOW)


def test_scans_of_pictures_behind_the_first_one_do_not_count(progressive: bytes) -> None:
    """Phones append further pictures and a film to a photo."""
    assert decode_photo(progressive + 100 * progressive, NOW).image.shape == (90, 120, 3)


def tiled_tiff(side: int, tile: int) -> bytes:
    """A black RGB picture of `side` pixels square in one deflated tile of `tile` pixels square."""
    pack = zlib.compressobj(9)
    row = bytes(3 * tile)
    content = b"".join(pack.compress(row) for _ in range(tile)) + pack.flush()
    short, long, tags = 3, 4, 11
    bits_at = 8 + 2 + 12 * tags + 4
    values = (
        *((256, long, side), (257, long, side), (258, short, bits_at), (259, short, 8)),
        *((262, short, 2), (277, short, 3), (284, short, 1), (322, long, tile), (323, long, tile)),
        *((324, long, bits_at + 6), (325, long, len(content))),
    )
    directory = b"".join(
        struct.pack("<HHII", tag, kind, 3 if tag == 258 else 1, value)
        for tag, kind, value in values
    )
    head = b"II*\0" + struct.pack("<IH", 8, tags)
    return head + directory + bytes(4) + struct.pack("<3H", 8, 8, 8) + content


def test_a_tile_of_a_tiff_may_stand_over_the_edge_of_the_picture() -> None:
    assert np.array_equal(
        decode_photo(tiled_tiff(30, 256), NOW).image, np.zeros((30, 30, 3), np.uint8)
    )


def test_a_tile_that_is_larger_than_any_picture_is_refused_undecoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole tile is unpacked, however little of it the picture shows."""
    monkeypatch.setattr("clinic_app.inference.intake.photo._decode", pytest.fail)
    with pytest.raises(Damaged):
        decode_photo(tiled_tiff(30, 7_200), NOW)


def test_a_picture_of_floats_is_brought_to_bytes_with_little_more_than_itself(
    portrait: RgbImage,
) -> None:
    large = np.tile(portrait[:, :, 0].astype(np.float32) / 255, (4, 4))
    packed = encoded(large, "TIFF")
    tracemalloc.start()
    try:
        image = decode_photo(packed, NOW).image
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.abs(image[:, :, 0].astype(int) - large * 255).max() <= 1
    assert most < 3 * large.nbytes
