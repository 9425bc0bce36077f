"""The array types that the stages hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.picture import Picture

RgbImage = NDArray[np.uint8]
"""[height, width, 3], RGB, 0-255, never mirrored."""

Points = NDArray[np.float64]
"""[k, 2] x, y in pixels; the left edge of the first pixel is 0, its centre 0.5."""

FloatArray = NDArray[np.float32]


def to_picture(image: RgbImage) -> Picture:
    """The same pixels without NumPy's type."""
    height, width = image.shape[:2]
    return Picture(width, height, np.ascontiguousarray(image).tobytes())


def image_of(picture: Picture) -> RgbImage:
    """The pixels [height, width, 3] of a picture."""
    flat = np.frombuffer(picture.rgb, np.uint8)
    return flat.reshape(picture.height, picture.width, 3)


def to_batch(image: RgbImage) -> FloatArray:
    """[h, w, 3] uint8 to [1, 3, h, w] float32 in [0, 1]."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1), dtype=np.float32)
    planes *= 1.0 / 255.0
    return planes[None]
