"""The mark in every picture that the style studio saves: altered, and so never evidence."""

from __future__ import annotations

import numpy as np

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.strip import has_strip
from clinic_app.inference.native import cv2
from clinic_app.services.png_text import with_text

MARK = "Clinic App style studio: altered picture, not evidence"


def marked_png(image: RgbImage) -> bytes:
    """A PNG file of `image` [h, w, 3] with the mark in a text chunk."""
    done, data = cv2.imencode(".png", np.ascontiguousarray(image[:, :, ::-1]))
    assert done
    return with_text(data.tobytes(), MARK)


def is_marked(data: bytes) -> bool:
    """Whether a picture file carries the mark, in whatever part or format it survived."""
    return MARK.encode("latin-1") in data


def refuse_marked(data: bytes) -> None:
    """Raises `UnreadableImage` for a file that the studio made."""
    if is_marked(data):
        raise _made_here()


def refuse_stripped(image: RgbImage) -> None:
    """Raises `UnreadableImage` for a copy of such a file that still shows the strip."""
    if has_strip(image):
        raise _made_here()


def _made_here() -> UnreadableImage:
    return UnreadableImage(
        "This picture was made in the style studio. It is altered and cannot be read as"
        " evidence; please use the photo itself."
    )
