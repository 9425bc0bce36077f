"""Width and height from a picture's header, and whether the file is whole, before any decoding.

Only the outermost structure is walked, with every length checked against the bytes there are; the
decoder never sees a picture whose declared size is over the limit or whose end is missing.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.intake.sniff import Container
from clinic_app.inference.native import MAX_PIXELS

MOST_SCANS = 100
"""Of a JPEG. Encoders write some ten; each is a pass over all pixels, which 40 bytes can ask for
and nothing interrupts. libtiff has the same limit for JPEGs inside a TIFF."""
_MARKER_BEHIND_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""In the data of a scan 0xFF stands only before a zero or as a restart marker."""


@dataclass(frozen=True, slots=True)
class Header:
    """Size in pixels as stored (before the EXIF orientation), and the EXIF block, if any."""

    width: int
    height: int
    exif: bytes = b""


class Truncated(UnreadableImage):
    """The file ends before the picture does."""

    def __init__(self) -> None:
        super().__init__("The picture file is incomplete: its end is missing.")


class Damaged(UnreadableImage):
    """The structure of the file is broken."""

    def __init__(self) -> None:
        super().__init__("The picture file is damaged and cannot be read.")


def read_header(data: bytes, container: Container) -> Header:
    """The header of a still picture; raises `UnreadableImage` when truncated or damaged."""
    try:
        return _READERS[container](data)
    except (struct.error, IndexError):
        raise Truncated from None


def _jpeg(data: bytes) -> Header:
    size: tuple[int, int] | None = None
    exif, components, adobe = b"", 0, False
    at = 2
    while True:
        marker, at = _next_marker(data, at)
        if marker == 0xD9:
            raise Damaged
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if length < 2 or at + length > len(data):
            raise Truncated
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width, components = struct.unpack_from(">HHB", body, 1)
            size = (width, height)
        elif marker == 0xE1 and body[:6] == b"Exif\0\0":
            exif = exif or body[6:]
        elif marker == 0xEE and body[:5] == b"Adobe":
            adobe = True
        at += length
        if marker == 0xDA:
            break
    if size is None or _further_scans(data, at) >= MOST_SCANS:
        raise Damaged
    if data.rfind(b"\xff\xd9", at) < 0:
        raise Truncated
    if components == 4 and not adobe:
        # Without Adobe's mark nobody can tell whether the inks are stored inverted.
        raise UnreadableImage(
            "The picture is a CMYK photo without colour information; please save it as RGB."
        )
    return Header(*size, exif)


def _further_scans(data: bytes, at: int) -> int:
    """How many follow the one whose data begin at `at`, up to the end of the first picture; no more
    than ``MOST_SCANS`` are counted."""
    scans = 0
    while scans < MOST_SCANS and (found := _MARKER_BEHIND_SCAN.search(data, at)):
        marker, at = data[found.end() - 1], found.end()
        if marker in (0xD8, 0xD9):
            break
        if marker != 0x01:  # which alone of those left stands without a length
            (length,) = struct.unpack_from(">H", data, at)
            at += length
        scans += marker == 0xDA
    return scans


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at] != 0xFF:
        raise Damaged
    while data[at] == 0xFF:
        at += 1
    return data[at], at + 1


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise Damaged
    width, height = struct.unpack_from(">II", data, 16)
    exif, pixels, at = b"", False, 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Truncated
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[at + 4 : end - 4]) != checksum:
            raise Damaged
        if kind == b"eXIf":
            exif = data[at + 8 : end - 4]
        pixels = pixels or kind == b"IDAT"
        if kind == b"IEND":
            break
        at = end
    if not pixels:
        raise Damaged
    return Header(width, height, exif)


def _webp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise Truncated
    found: tuple[int, int] | None = None
    exif, at = b"", 12
    while at + 8 <= size + 8:
        kind, length = struct.unpack_from("<4sI", data, at)
        body = at + 8
        if body + length > len(data):
            raise Truncated
        if found is None:
            found = _webp_size(data, kind, body)
        if kind == b"EXIF":
            exif = data[body : body + length].removeprefix(b"Exif\0\0")
        at = body + length + (length & 1)
    if found is None:
        raise Damaged
    return Header(*found, exif)


def _webp_size(data: bytes, kind: bytes, body: int) -> tuple[int, int] | None:
    if kind == b"VP8X":
        width = int.from_bytes(data[body + 4 : body + 7], "little") + 1
        height = int.from_bytes(data[body + 7 : body + 10], "little") + 1
        return width, height
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, body + 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, body + 1)
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    return None


def _bmp(data: bytes) -> Header:
    (start, info) = struct.unpack_from("<II", data, 10)
    if info == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        packed = 0
    else:
        width, height, _, bits, packed = struct.unpack_from("<iiHHI", data, 18)
    height = abs(height)
    if width <= 0 or height == 0:
        raise Damaged
    row = (width * bits + 31) // 32 * 4
    if packed in (0, 3) and start + row * height > len(data):
        raise Truncated
    return Header(width, height)


_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_WIDTH, _HEIGHT, _OFFSETS, _COUNTS = 256, 257, 273, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_COUNTS = 322, 323, 324, 325
_TAGS = {
    *(_WIDTH, _HEIGHT, _OFFSETS, _COUNTS),
    *(_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_COUNTS),
}


def _tiff(data: bytes) -> Header:
    tags = tiff_tags(data, _TAGS)
    if not tags.get(_WIDTH) or not tags.get(_HEIGHT):
        raise Damaged
    # A tile is unpacked whole, and may be far larger than the picture that it shows a corner of.
    if (tags.get(_TILE_WIDTH) or [0])[0] * (tags.get(_TILE_HEIGHT) or [0])[0] > MAX_PIXELS:
        raise Damaged
    for offsets, counts in ((_OFFSETS, _COUNTS), (_TILES, _TILE_COUNTS)):
        for start, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
            if start + count > len(data):
                raise Truncated
    return Header(tags[_WIDTH][0], tags[_HEIGHT][0], exif=data)


def tiff_tags(data: bytes, wanted: set[int], directory: int | None = None) -> dict[int, list[int]]:
    """Whole numbers of the wanted tags of one directory (the first one by default).

    Text comes as its bytes' numbers. Raises `struct.error` beyond the end of the data.
    """
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0] if directory is None else directory
    (entries,) = struct.unpack_from(order + "H", data, at)
    found: dict[int, list[int]] = {}
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        size = _TIFF_SIZES.get(kind, 0)
        if tag not in wanted or size not in (1, 2, 4) or count > 1_000_000:
            continue
        place = entry + 8
        if size * count > 4:
            (place,) = struct.unpack_from(order + "I", data, place)
        letter = {1: "B", 2: "H", 4: "I"}[size]
        found[tag] = list(struct.unpack_from(f"{order}{count}{letter}", data, place))
    return found


_READERS = {
    Container.JPEG: _jpeg,
    Container.PNG: _png,
    Container.WEBP: _webp,
    Container.BMP: _bmp,
    Container.TIFF: _tiff,
}
