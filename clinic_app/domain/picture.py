"""A picture as it passes between layers: plain bytes, no library's type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """RGB pixels, row by row: ``len(rgb) == 3 * width * height``, values 0-255, never mirrored."""

    width: int
    height: int
    rgb: bytes

    def __post_init__(self) -> None:
        if len(self.rgb) != 3 * self.width * self.height:
            raise ValueError("The pixel data do not fit the picture's size.")
