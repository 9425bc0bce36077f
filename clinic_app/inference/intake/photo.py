"""Still pictures: limits first, then decoding to upright RGB uint8 without metadata."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import FloatArray, RgbImage
from clinic_app.inference.intake.altered import refuse_marked, refuse_stripped
from clinic_app.inference.intake.exif import Exif, read_exif, upright
from clinic_app.inference.intake.headers import Damaged, read_header
from clinic_app.inference.intake.sniff import HEAD_BYTES, Container, container_of
from clinic_app.inference.native import MAX_PIXELS, cv2, native_stderr_caught

MAX_PHOTO_BYTES = 64 * 1024 * 1024
MAX_SIDE = 30_000
MIN_SIDE = 24
"""A face with the fewest usable pixels between its eyes (36) does not fit into less."""
_BEHIND_TRANSPARENCY = 128  # mid gray: neither clips nor adds an edge that a face has not


@dataclass(frozen=True, slots=True)
class Photo:
    """An upright picture with where it comes from; `captured_at` is UTC."""

    image: RgbImage
    sha256: str
    captured_at: datetime


def open_regular(path: Path) -> int:
    """Size in bytes of a readable, regular file; raises `UnreadableImage`."""
    try:
        if path.is_dir():
            raise UnreadableImage("This is a folder, not a picture.")
        if not path.is_file():
            raise UnreadableImage("There is no such file.")
        return path.stat().st_size
    except (OSError, ValueError):
        raise _unreadable() from None


def sniff_file(path: Path) -> Container:
    """The format of a file; raises `UnreadableImage` when it is missing, empty or another kind."""
    if open_regular(path) == 0:
        raise UnreadableImage("The file is empty.")
    try:
        with path.open("rb") as stream:
            return container_of(stream.read(HEAD_BYTES))
    except OSError:
        raise _unreadable() from None


def read_photo(path: Path) -> Photo:
    """Decode a picture file; raises `UnreadableImage` with one sentence that says what is wrong."""
    data = photo_bytes(path)
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        raise _unreadable() from None
    return decode_photo(data, modified)


def photo_bytes(path: Path) -> bytes:
    """What a picture file holds; raises `UnreadableImage`, also when it is larger than any."""
    if open_regular(path) > MAX_PHOTO_BYTES:
        raise UnreadableImage(
            "The picture file is larger than {megabytes} MB; please use a smaller copy.",
            megabytes=MAX_PHOTO_BYTES // 1024**2,
        )
    try:
        return path.read_bytes()
    except OSError:
        raise _unreadable() from None


def decode_photo(data: bytes, modified: datetime) -> Photo:
    """Decode a picture from its bytes; `modified` stands in for a missing capture time.

    Raises `UnreadableImage`, also for what the style studio made: that is no evidence.
    """
    refuse_marked(data)
    image, exif = _pixels_and_exif(data)
    refuse_stripped(image)
    return Photo(image, hashlib.sha256(data).hexdigest(), exif.taken or modified)


def decode_pixels(data: bytes) -> RgbImage:
    """Only the pixels of a picture, the studio's own too; raises `UnreadableImage`."""
    return _pixels_and_exif(data)[0]


def _pixels_and_exif(data: bytes) -> tuple[RgbImage, Exif]:
    container = container_of(data[:HEAD_BYTES])
    if container.is_video:
        raise UnreadableImage("The file is a video, not a picture.")
    header = read_header(data, container)
    check_size(header.width, header.height)
    exif = read_exif(header.exif, datetime.now(UTC))
    pixels = _decode(data)
    # OpenCV turns TIFF pictures itself, whatever it is asked.
    turned = exif.orientation if container is Container.TIFF else 1
    size = (header.width, header.height) if turned >= 5 else (header.height, header.width)
    if pixels.shape[:2] != size:
        raise Damaged
    return upright(_to_rgb(pixels), 1 if turned > 1 else exif.orientation), exif


def check_size(width: int, height: int) -> None:
    """Refuse sizes that no camera gives and no face fits in."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise UnreadableImage(
            "The picture has {width} × {height} pixels, more than the limit of {megapixels}"
            " megapixels; please use a smaller copy.",
            width=width,
            height=height,
            megapixels=MAX_PIXELS // 1000000,
        )
    if min(width, height) < MIN_SIDE:
        raise UnreadableImage(
            "The picture has only {width} × {height} pixels; a face cannot be seen in it.",
            width=width,
            height=height,
        )


def _decode(data: bytes) -> NDArray[np.generic]:
    with native_stderr_caught() as messages:
        try:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except (cv2.error, MemoryError):
            pixels = None
    if pixels is None or _was_patched_over(messages.text):
        raise Damaged
    decoded: NDArray[np.generic] = pixels
    return decoded


def _was_patched_over(messages: str) -> bool:
    """Whether libjpeg guessed pixels: it shifts or grays what follows broken data, and half a face
    must not be read as a whole one. A few stray bytes are a habit of some cameras."""
    stray = [int(count) for count in re.findall(r"(\d+) extraneous bytes", messages)]
    return messages.count("Corrupt JPEG data") > len(stray) or any(n > 16 for n in stray)


def _to_rgb(pixels: NDArray[np.generic]) -> RgbImage:
    image = _to_uint8(pixels)
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    if image.shape[2] == 2:  # gray and alpha
        image = np.concatenate([np.repeat(image[:, :, :1], 3, axis=2), image[:, :, 1:]], axis=2)
    if image.shape[2] == 4:
        return _flattened(image)
    if image.shape[2] != 3:
        raise UnreadableImage("The picture has a colour format that is not read.")
    rgb: RgbImage = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return rgb


def _to_uint8(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, dtype=np.uint8)
    if pixels.dtype == np.uint16:
        # Shifted, not divided: as floats a 50-megapixel picture would need a gigabyte.
        high: NDArray[np.uint8] = (pixels.astype(np.uint16, copy=False) >> 8).astype(np.uint8)
        return high
    if np.issubdtype(pixels.dtype, np.floating):
        return _floats_to_uint8(pixels)
    raise UnreadableImage("The picture has a colour depth that is not read.")


def _floats_to_uint8(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Values up to 1 are stretched to 255. In bands of rows: floats are large by themselves."""
    bands = [slice(start, start + 256) for start in range(0, len(pixels), 256)]
    top = max(float(_finite(pixels[band]).max(initial=0.0)) for band in bands)
    scaled = np.empty(pixels.shape, np.uint8)
    for band in bands:
        scaled[band] = np.clip(_finite(pixels[band]) * (255.0 if top <= 1.0 else 1.0), 0, 255)
    return scaled


def _finite(pixels: NDArray[np.generic]) -> FloatArray:
    return np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _flattened(bgra: NDArray[np.uint8]) -> RgbImage:
    rgb: RgbImage = cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB)
    alpha = bgra[:, :, 3:]
    if int(alpha.min()) == 255:
        return rgb
    share = alpha.astype(np.uint16)
    mixed = (rgb * share + _BEHIND_TRANSPARENCY * (255 - share) + 127) // 255
    flat: RgbImage = mixed.astype(np.uint8)
    return flat


def _unreadable() -> UnreadableImage:
    return UnreadableImage("The file cannot be opened (it is locked or may not be read).")
