"""Pictures come in as upright RGB bytes, or not at all and with one clear sentence."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.exif import upright
from clinic_app.inference.intake.photo import MAX_PHOTO_BYTES, read_photo, sniff_file
from tests.unit.inference.conftest import PORTRAIT, Saved, encoded


def difference(a: RgbImage, b: RgbImage) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.fixture(scope="module")
def scene(portrait: RgbImage) -> RgbImage:
    """120 x 90, colourful and lopsided, so that swaps of any kind show."""
    return np.ascontiguousarray(portrait[100:190, 150:270])


@pytest.mark.parametrize(
    ("kind", "options", "loss"),
    [
        ("JPEG", {"quality": 95}, 8),
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("JPEG", {"quality": 95, "progressive": True}, 8),
    ],
)
def test_every_format_gives_the_same_pixels(
    saved: Saved, scene: RgbImage, kind: str, options: dict[str, object], loss: float
) -> None:
    photo = read_photo(saved(scene, kind, **options))
    assert photo.image.dtype == np.uint8
    assert difference(photo.image, scene) <= loss


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "L"), ("JPEG", "L"), ("PNG", "LA"), ("BMP", "L")]
)
def test_gray_becomes_three_equal_channels(
    saved: Saved, scene: RgbImage, kind: str, mode: str
) -> None:
    image = read_photo(saved(scene, kind, mode=mode)).image
    assert image.shape == scene.shape
    assert difference(image[:, :, 0], image[:, :, 2]) == 0
    gray = np.asarray(Image.fromarray(scene).convert("L"))
    assert difference(image[:, :, 1], gray) <= 4


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_become_eight(tmp_path: Path, scene: RgbImage, kind: str) -> None:
    gray = np.asarray(Image.fromarray(scene).convert("L"))
    path = tmp_path / "deep"
    Image.fromarray(gray.astype(np.uint16) * 257).save(path, format=kind)
    assert difference(read_photo(path).image[:, :, 0], gray) <= 1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_colours_are_not_inverted(saved: Saved, scene: RgbImage, kind: str) -> None:
    options = {"quality": 95} if kind == "JPEG" else {}
    assert difference(read_photo(saved(scene, kind, mode="CMYK", **options)).image, scene) < 6


def test_cmyk_without_colour_information_is_refused(tmp_path: Path, scene: RgbImage) -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene).convert("CMYK").save(buffer, format="JPEG")
    data = buffer.getvalue()
    at = data.index(b"\xff\xee")
    without_adobe = data[:at] + data[at + 16 :]
    path = tmp_path / "inks.jpg"
    path.write_bytes(without_adobe)
    with pytest.raises(UnreadableImage, match=r"CMYK photo without colour information"):
        read_photo(path)


def test_transparent_parts_become_gray_not_black(tmp_path: Path, scene: RgbImage) -> None:
    alpha = np.full(scene.shape[:2], 255, np.uint8)
    alpha[:, :40] = 0
    path = tmp_path / "cutout.png"
    Image.fromarray(np.dstack([scene, alpha])).save(path)
    image = read_photo(path).image
    assert difference(image[:, 40:], scene[:, 40:]) == 0
    assert set(np.unique(image[:, :40])) == {128}


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(tmp_path: Path, scene: RgbImage, kind: str) -> None:
    first = Image.fromarray(scene)
    later = [Image.fromarray(scene[::-1].copy())] * 3
    path = tmp_path / "moving"
    options = {"lossless": True} if kind == "WEBP" else {}
    first.save(path, format=kind, save_all=True, append_images=later, **options)
    assert difference(read_photo(path).image, scene) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_pictures_come_in_upright(
    saved: Saved, scene: RgbImage, kind: str, orientation: int
) -> None:
    stored = {
        1: scene,
        2: scene[:, ::-1],
        3: scene[::-1, ::-1],
        4: scene[::-1],
        5: scene.transpose(1, 0, 2),
        6: scene.transpose(1, 0, 2)[::-1],
        7: scene.transpose(1, 0, 2)[::-1, ::-1],
        8: scene.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    options: dict[str, object] = {"exif": exif}
    if kind == "JPEG":
        options["quality"] = 95
    if kind == "WEBP":
        options["lossless"] = True
    path = saved(np.ascontiguousarray(stored), kind, **options)
    assert difference(read_photo(path).image, scene) <= (8 if kind == "JPEG" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_deep_tiffs_come_in_upright(
    tmp_path: Path, scene: RgbImage, orientation: int
) -> None:
    gray = np.asarray(Image.fromarray(scene).convert("L")).astype(np.uint16) * 257
    exif = Image.Exif()
    exif[274] = orientation
    paths = [tmp_path / "turned.tif", tmp_path / "stored.tif"]
    Image.fromarray(gray).save(paths[0], exif=exif)
    Image.fromarray(gray).save(paths[1])
    turned, stored = (read_photo(path).image for path in paths)
    assert np.array_equal(turned, upright(stored, orientation))


def test_the_capture_time_is_taken_from_the_camera(saved: Saved, scene: RgbImage) -> None:
    exif = Image.Exif()
    inner = exif.get_ifd(0x8769)
    inner[36867] = "2024:03:05 14:30:00"
    inner[36881] = "+02:00"
    path = saved(scene, "JPEG", exif=exif)
    assert read_photo(path).captured_at == datetime(2024, 3, 5, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("taken", ["1980:01:01 00:00:00", "2999:01:01 00:00:00", "nonsense", ""])
def test_an_unset_camera_clock_gives_way_to_the_time_of_the_file(
    saved: Saved, scene: RgbImage, taken: str
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = taken
    path = saved(scene, "JPEG", exif=exif)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read_photo(path).captured_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_the_hash_is_that_of_the_file() -> None:
    assert read_photo(PORTRAIT).sha256 == hashlib.sha256(PORTRAIT.read_bytes()).hexdigest()


def test_any_file_name_works(saved: Saved, scene: RgbImage) -> None:
    path = saved(scene, "PNG", name="Ünïcödé 写真 पोर्ट्रेट.png")
    assert difference(read_photo(path).image, scene) == 0


def test_the_name_does_not_decide_the_format(saved: Saved, scene: RgbImage) -> None:
    path = saved(scene, "PNG", name="picture.txt")
    assert difference(read_photo(path).image, scene) == 0


# ------------------------------------------------------------------ bad input


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4096)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "bad"
    path.write_bytes(data)
    with pytest.raises(UnreadableImage) as error:
        read_photo(path)
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert str(tmp_path) not in sentence
    return sentence


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match=r"^There is no such file\.$"):
        sniff_file(tmp_path / "nothing.png")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match=r"^This is a folder, not a picture\.$"):
        sniff_file(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    assert refused(tmp_path, b"") == "The file is empty."


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"Just some text, longer than any magic number.", "neither a picture nor a video"),
        (b"GIF89a" + bytes(60), "a GIF picture"),
        (b"%PDF-1.7" + bytes(60), "a PDF document"),
        (b"PK\x03\x04" + bytes(60), "a ZIP or office file"),
        (b"\0\0\0\x18ftypheic" + bytes(60), "HEIC or AVIF"),
        (b"\x7fELF" + bytes(60), "neither a picture nor a video"),
    ],
)
def test_another_kind_of_file_is_named(tmp_path: Path, data: bytes, named: str) -> None:
    sentence = refused(tmp_path, data)
    assert named in sentence
    assert "Please use a JPEG" in sentence


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
def test_a_truncated_picture(tmp_path: Path, scene: RgbImage, kind: str, part: float) -> None:
    data = encoded(scene, kind)
    sentence = refused(tmp_path, data[: int(len(data) * part)])
    assert sentence == "The picture file is incomplete: its end is missing."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_only_the_first_bytes_are_right(tmp_path: Path, scene: RgbImage, kind: str) -> None:
    data = encoded(scene, kind)[:16]
    assert "incomplete" in refused(tmp_path, data + b"\xff" * 4000) or "damaged" in refused(
        tmp_path, data + b"\xff" * 4000
    )


def test_damaged_pixels_are_not_patched_over(
    tmp_path: Path, portrait: RgbImage, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(encoded(portrait, "JPEG", quality=90))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(range(200)) * 2
    assert refused(tmp_path, bytes(data)) == "The picture file is damaged and cannot be read."
    assert capfd.readouterr().err == ""


def test_a_flipped_byte_in_a_png(tmp_path: Path, scene: RgbImage) -> None:
    data = bytearray(encoded(scene, "PNG"))
    data[len(data) // 2] ^= 1
    assert refused(tmp_path, bytes(data)) == "The picture file is damaged and cannot be read."


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 4000), (20, 20)])
def test_a_picture_too_small_for_any_face(tmp_path: Path, width: int, height: int) -> None:
    data = encoded(np.zeros((height, width, 3), np.uint8), "PNG")
    assert refused(tmp_path, data) == (
        f"The picture has only {width} × {height} pixels; a face cannot be seen in it."
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_sixty_megapixel_picture(tmp_path: Path, kind: str) -> None:
    data = encoded(np.zeros((6000, 10000), np.uint8), kind)
    assert refused(tmp_path, data) == (
        "The picture has 10000 × 6000 pixels, more than the limit of 50 megapixels; "
        "please use a smaller copy."
    )


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (10**9, 1)])
def test_a_decompression_bomb_is_refused_by_its_header(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    sentence = refused(tmp_path, png_header(*size))
    assert f"{size[0]} × {size[1]} pixels, more than the limit" in sentence


def test_a_picture_whose_pixels_do_not_fit_its_header(tmp_path: Path) -> None:
    assert "damaged" in refused(tmp_path, png_header(500, 500))


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as stream:
        stream.write(png_header(100, 100))
        stream.truncate(MAX_PHOTO_BYTES + 1)
    with pytest.raises(UnreadableImage, match=r"larger than 64 MB"):
        read_photo(path)


def test_libraries_stay_silent(
    tmp_path: Path, scene: RgbImage, capfd: pytest.CaptureFixture[str]
) -> None:
    """libpng complains aloud of a colour profile that does not fit; nobody needs to know."""
    path = tmp_path / "profile.png"
    profile = b"\0" * 128
    Image.fromarray(scene).convert("L").save(path, icc_profile=profile)
    assert read_photo(path).image.shape == scene.shape
    assert capfd.readouterr().err == ""
