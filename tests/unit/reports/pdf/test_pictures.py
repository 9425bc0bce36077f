from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import ReportFailed
from clinic_app.domain.finding import ActivationMap
from clinic_app.reports.pdf.pictures import SIDE, face_picture, overlay


def _png(colour: tuple[int, int, int], side: int = 64) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_map_tints_where_it_is_strong_and_leaves_the_rest() -> None:
    face = face_picture(_png((128, 128, 128)))
    values = tuple(1.0 if x >= 4 else 0.0 for _ in range(8) for x in range(8))
    shown = np.asarray(overlay(face, ActivationMap(8, 8, values)), dtype=int)
    left, right = shown[SIDE // 2, 4], shown[SIDE // 2, SIDE - 4]
    assert tuple(left) == (128, 128, 128)
    assert right[0] > right[2] + 80


def test_values_outside_the_range_do_no_harm() -> None:
    face = face_picture(_png((10, 10, 10)))
    assert overlay(face, ActivationMap(1, 1, (7.5,))).size == (SIDE, SIDE)


@pytest.mark.parametrize("png", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", _png((1, 2, 3))[:60]])
def test_damaged_pictures_are_a_clear_error(png: bytes) -> None:
    with pytest.raises(ReportFailed):
        face_picture(png)


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    buffer = BytesIO()
    Image.new("1", (5000, 5000)).save(buffer, "PNG")
    with pytest.raises(ReportFailed, match="too large"):
        face_picture(buffer.getvalue())
