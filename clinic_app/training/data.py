"""Decoded training images and their labels, cached as plain arrays.

The files are described in the data README. Nothing here is shipped: caches live in the build
folder. Images are uint8; gray sets are [n, h, w], colour sets [n, h, w, 3] in RGB order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.training.files import whole

FER_FILE = "fer2013_ferplus.npz"
YALE_FILE = "yaleb_cropped_lighting.npz"
UTK_FILE = "utkface_sample.npz"
YTF_FILE = "ytf_landmarks68.npz"
VGG_FILE = "vgg16_imagenet_conv_fp16.safetensors"


@dataclass(frozen=True)
class FerData:
    """FER2013 images with FER+ votes, all rows of the file in its own order."""

    images: NDArray[np.uint8]  # [n, 48, 48]
    votes: NDArray[np.int64]  # [n, 10]
    fer_label: NDArray[np.int64]  # [n] 0 angry ... 6 neutral
    split: NDArray[np.int64]  # 0 training, 1 public test
    leaks: NDArray[np.bool_]  # pixel-identical to an image of the reserved part
    dup_group: NDArray[np.int64]  # -1 or a number shared by identical images


@dataclass(frozen=True)
class YaleData:
    """Extended Yale B crops: one subject under many light directions, same pose."""

    images: NDArray[np.uint8]  # [n, 192, 168]
    subject: NDArray[np.int64]
    azimuth: NDArray[np.float64]  # degrees, 0 frontal
    elevation: NDArray[np.float64]

    def frontal_of(self, subject: int) -> int:
        """Row of the subject's image lit from the front."""
        rows = np.flatnonzero(self.subject == subject)
        angle = np.abs(self.azimuth[rows]) + np.abs(self.elevation[rows])
        return int(rows[np.argmin(angle)])


@dataclass(frozen=True)
class UtkData:
    """Aligned colour faces; attributes only serve to compare groups."""

    images: NDArray[np.uint8]  # [n, 200, 200, 3]
    age: NDArray[np.int64]
    gender: NDArray[np.int64]
    race: NDArray[np.int64]


@dataclass(frozen=True)
class YtfData:
    """Video frames with 68 pseudo-label points in pixels of the stored image."""

    images: list[NDArray[np.uint8]]  # each [h, w, 3]
    landmarks: NDArray[np.float32]  # [n, 68, 2]
    identity: NDArray[np.int64]


def load_fer(data: Path, cache: Path) -> FerData:
    """FER2013 with FER+ votes; decoding is done once and cached."""
    with np.load(data / FER_FILE, allow_pickle=False) as z:
        return FerData(
            images=_cached(cache / "fer_images.npy", lambda: np.stack(_decode(z, gray=True))),
            votes=z["ferplus_votes"].astype(np.int64),
            fer_label=z["fer_label"].astype(np.int64),
            split=z["split"].astype(np.int64),
            leaks=z["leaks_into_reserved"].astype(bool),
            dup_group=z["dup_group"].astype(np.int64),
        )


def load_yale(data: Path, cache: Path) -> YaleData:
    """Extended Yale B with its light directions."""
    with np.load(data / YALE_FILE, allow_pickle=False) as z:
        return YaleData(
            images=_cached(cache / "yale_images.npy", lambda: np.stack(_decode(z, gray=True))),
            subject=z["subject"].astype(np.int64),
            azimuth=z["azimuth"].astype(np.float64),
            elevation=z["elevation"].astype(np.float64),
        )


def load_utk(data: Path, cache: Path) -> UtkData:
    """UTKFace sample with its group attributes."""
    with np.load(data / UTK_FILE, allow_pickle=False) as z:
        return UtkData(
            images=_cached(cache / "utk_images.npy", lambda: np.stack(_decode(z, gray=False))),
            age=z["age"].astype(np.int64),
            gender=z["gender"].astype(np.int64),
            race=z["race"].astype(np.int64),
        )


def load_ytf(data: Path) -> YtfData:
    """YouTube Faces frames; sizes differ, so the images stay a list."""
    with np.load(data / YTF_FILE, allow_pickle=False) as z:
        return YtfData(
            images=_decode(z, gray=False),
            landmarks=z["landmarks"].astype(np.float32),
            identity=z["identity"].astype(np.int64),
        )


def _decode(archive: np.lib.npyio.NpzFile, *, gray: bool) -> list[NDArray[np.uint8]]:
    blob, offset = archive["blob"], archive["offset"]
    flag = cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR
    images = []
    for start, end in pairwise(offset):
        image = cv2.imdecode(blob[start:end], flag)
        if image is None:
            raise ValueError(f"bytes {start} to {end} of the data file are not an image")
        turned = image if gray else image[:, :, ::-1]
        images.append(np.ascontiguousarray(turned, dtype=np.uint8))
    return images


def _cached(path: Path, make: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    if not path.exists():
        with whole(path) as place:
            np.save(place, make())
    return np.load(path, mmap_mode="r")
