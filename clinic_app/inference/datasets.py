"""Labelled pictures for `clinic-app evaluate`: encoded images end to end in one `.npz`."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import InvalidInput
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.photo import decode_pixels


@dataclass(frozen=True)
class LabelledPictures:
    """`blob` cut by `offset` [n+1] into encoded images; labels by name, first axis n."""

    blob: NDArray[np.uint8]
    offset: NDArray[np.int64]
    labels: dict[str, NDArray[np.generic]]

    def __len__(self) -> int:
        return len(self.offset) - 1

    def encoded(self, row: int) -> bytes:
        """One picture as it lies in the file."""
        return self.blob[self.offset[row] : self.offset[row + 1]].tobytes()

    def image(self, row: int) -> RgbImage:
        """One picture, RGB; raises `UnreadableImage`."""
        return decode_pixels(self.encoded(row))

    def has(self, *names: str) -> bool:
        """Whether all these labels are there."""
        return all(name in self.labels for name in names)

    def column(self, name: str) -> NDArray[np.generic]:
        """A label array; raises `InvalidInput` when the file has none."""
        if name not in self.labels:
            raise InvalidInput("data", "The data file has no '{name}' labels.", name=name)
        return self.labels[name]


def load_pictures(path: Path) -> LabelledPictures:
    """Read a file of the layout above; raises `InvalidInput` with what is wrong."""
    try:
        with path.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("one array, not an archive of them")
            parts = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        raise InvalidInput("data", "The data file is not a readable .npz file.") from None
    blob, offset = parts.pop("blob", None), parts.pop("offset", None)
    if blob is None or offset is None:
        raise InvalidInput("data", "The data file has no 'blob' and 'offset' with pictures.")
    offset = np.asarray(offset, dtype=np.int64)
    rising = offset.ndim == 1 and offset.size > 1 and bool((np.diff(offset) >= 0).all())
    if blob.dtype != np.uint8 or blob.ndim != 1 or not rising:
        raise InvalidInput("data", "The data file's pictures are damaged.")
    if offset[0] < 0 or offset[-1] > blob.size:
        raise InvalidInput("data", "The data file's pictures are damaged.")
    n = offset.size - 1
    labels = {name: value for name, value in parts.items() if value.ndim and len(value) == n}
    return LabelledPictures(blob, offset, labels)
