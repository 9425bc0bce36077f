"""Kept pictures: decoded with care, and the activation map laid over the face."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinic_app.domain.errors import ReportFailed
from clinic_app.domain.finding import ActivationMap

SIDE = 320
"""Pixels: crops are printed about 35 mm wide, so this is 230 dots an inch."""
_LARGEST = 4096
_WARM = np.array([0.94, 0.47, 0.10], dtype=np.float32)
_STRONGEST = 0.65
"""Opacity of the map where it is 1; the face stays recognisable below it."""


def face_picture(png: bytes) -> Any:
    """The crop as a Pillow RGB image; raises ``ReportFailed`` when it cannot be read."""
    try:
        with Image.open(BytesIO(png), formats=("PNG",)) as opened:
            if max(opened.size) > _LARGEST:
                raise ReportFailed("The picture kept with this screening is too large to print.")
            return opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    except ReportFailed:
        raise
    except Exception as error:  # Pillow's errors over broken files share no base
        raise ReportFailed("The picture kept with this screening cannot be read.") from error


def overlay(face: Any, activation: ActivationMap) -> Any:
    """The face in grey with the map over it in one warm colour."""
    grey = np.asarray(face.convert("L"), dtype=np.float32)[..., None] / 255.0
    opacity = _STRONGEST * _enlarged(activation, grey.shape[1], grey.shape[0])[..., None]
    blended = np.clip(grey * (1.0 - opacity) + _WARM * opacity, 0.0, 1.0)
    return Image.fromarray(np.rint(blended * 255.0).astype(np.uint8), "RGB")


def _enlarged(activation: ActivationMap, width: int, height: int) -> NDArray[np.float32]:
    """The map at picture size, bilinear with half-pixel centres, clipped to [0, 1]."""
    values = np.asarray(activation.values, dtype=np.float32)
    grid = np.clip(values.reshape(activation.height, activation.width), 0.0, 1.0)
    rows = _bilinear(height, activation.height)
    columns = _bilinear(width, activation.width)
    return np.asarray(rows @ grid @ columns.T, dtype=np.float32)


def _bilinear(target: int, source: int) -> NDArray[np.float32]:
    """The matrix [target, source] that stretches a row of ``source`` values."""
    places = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
    lower = np.floor(places).astype(int)
    upper = np.minimum(lower + 1, source - 1)
    share = (places - lower).astype(np.float32)
    matrix = np.zeros((target, source), dtype=np.float32)
    np.add.at(matrix, (np.arange(target), lower), 1.0 - share)
    np.add.at(matrix, (np.arange(target), upper), share)
    return matrix
