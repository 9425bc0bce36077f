"""The two things kept from a picture's metadata: which way is up, and when it was taken."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.headers import tiff_tags

_ORIENTATION, _EXIF_DIRECTORY, _TAKEN, _OFFSET = 274, 34665, 36867, 36881
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before digital cameras: such a date is a camera's unset clock."""


@dataclass(frozen=True, slots=True)
class Exif:
    """`orientation` as EXIF numbers it, 1 (upright) to 8; `taken` with its time zone, if sane."""

    orientation: int = 1
    taken: datetime | None = None


def read_exif(block: bytes, now: datetime) -> Exif:
    """What a TIFF-structured EXIF block says; a damaged one says nothing."""
    try:
        first = tiff_tags(block, {_ORIENTATION, _EXIF_DIRECTORY})
        orientation = (first.get(_ORIENTATION) or [1])[0]
        inner = first.get(_EXIF_DIRECTORY)
        times = tiff_tags(block, {_TAKEN, _OFFSET}, inner[0]) if inner else {}
    except (struct.error, IndexError):
        return Exif()
    taken = _moment(_text(times.get(_TAKEN, [])), _text(times.get(_OFFSET, [])))
    if taken is not None and not EARLIEST <= taken <= now + timedelta(days=1):
        taken = None
    return Exif(orientation if 1 <= orientation <= 8 else 1, taken)


def upright(image: RgbImage, orientation: int) -> RgbImage:
    """Undo the camera's orientation: 2, 4, 5, 7 are mirrored, 3, 6, 8 turned."""
    if orientation in (5, 6, 7, 8):
        image = image.transpose(1, 0, *range(2, image.ndim))
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)


def _text(values: list[int]) -> str:
    return (
        bytes(value & 0xFF for value in values).split(b"\0")[0].decode("ascii", "replace").strip()
    )


def _moment(taken: str, offset: str) -> datetime | None:
    try:
        moment = datetime.strptime(taken, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  (zone follows)
        if offset:
            zone = datetime.strptime(offset, "%z").tzinfo
            return moment.replace(tzinfo=zone).astimezone(UTC)
        return moment.astimezone(UTC)  # a camera's clock shows local time
    except (ValueError, OverflowError, OSError):
        return None
