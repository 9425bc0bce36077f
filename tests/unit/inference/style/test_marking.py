"""What the studio makes can be looked at, and never be read as evidence."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.altered import MARK, is_marked, marked_png
from clinic_app.inference.intake.photo import decode_pixels, read_photo
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.paths import MODELS


def test_a_saved_picture_says_what_it_is_and_keeps_its_pixels(content: RgbImage) -> None:
    data = marked_png(content)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["Comment"] == MARK
        assert np.array_equal(np.asarray(opened), content)
    assert is_marked(data)
    assert np.array_equal(decode_pixels(data), content)


def test_intake_refuses_it_by_content_whatever_its_name(tmp_path: Path, content: RgbImage) -> None:
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(marked_png(content))
    for read in (read_photo, open_face_reader(MODELS).read_file):
        with pytest.raises(UnreadableImage, match="made in the style studio"):
            read(path)


def test_the_mark_survives_saving_as_jpeg_with_its_comment(
    tmp_path: Path, content: RgbImage
) -> None:
    path = tmp_path / "copy.jpg"
    Image.fromarray(content).save(path, comment=MARK)
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(path)


def test_an_ordinary_photo_is_not_marked(tmp_path: Path, content: RgbImage) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(content).save(path)
    assert read_photo(path).image.shape == content.shape
