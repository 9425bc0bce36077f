"""Labelled pictures for `clinic-app evaluate`: encoded images end to end in one `.npz`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import InvalidInput
from clinic_app.inference.archives import UnreadableArchive, read_arrays
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.photo import decode_pixels

_OF_A_PICTURE: dict[str, tuple[tuple[int, ...], ...]] = {
    "ferplus_votes": ((8,), (10,)),
    "split": ((),),
    "dup_group": ((),),
    "subject": ((),),
    "azimuth": ((),),
    "elevation": ((),),
    "landmarks": ((68, 2),),
}
"""Shapes that each label which is read may have for one picture."""


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
    """Read a file of the layout above; raises `InvalidInput` with what is wrong.

    Labels that the program reads are numbers of the right shape; others are left as they are.
    """
    try:
        with path.open("rb") as stream:
            parts = read_arrays(stream)
    except (OSError, UnreadableArchive):
        raise InvalidInput("data", "The data file is not a readable .npz file.") from None
    blob, offset = parts.pop("blob", None), parts.pop("offset", None)
    if blob is None or offset is None:
        raise InvalidInput("data", "The data file has no 'blob' and 'offset' with pictures.")
    if blob.dtype != np.uint8 or blob.ndim != 1 or not _is_finite(offset):
        raise InvalidInput("data", "The data file's pictures are damaged.")
    offset = np.asarray(offset, dtype=np.int64)
    if offset.ndim != 1 or offset.size < 2 or (np.diff(offset) < 0).any():
        raise InvalidInput("data", "The data file's pictures are damaged.")
    if offset[0] < 0 or offset[-1] > blob.size:
        raise InvalidInput("data", "The data file's pictures are damaged.")
    n = offset.size - 1
    labels = {name: value for name, value in parts.items() if value.ndim and len(value) == n}
    for name in _OF_A_PICTURE.keys() & labels.keys():
        if labels[name].shape[1:] not in _OF_A_PICTURE[name] or not _is_finite(labels[name]):
            raise InvalidInput(
                "data",
                "The '{name}' labels of the data file are not numbers, or not as many a picture as"
                " they have to be.",
                name=name,
            )
    return LabelledPictures(blob, offset, labels)


def _is_finite(values: NDArray[np.generic]) -> bool:
    return values.dtype.kind in "biuf" and bool(np.isfinite(values).all())
