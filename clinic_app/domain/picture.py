"""A picture as it passes between layers: plain bytes, no library's type."""

from __future__ import annotations

import hashlib
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

    @property
    def digest(self) -> bytes:
        """SHA-256 of size and pixels: equal for copies in whatever kind of file."""
        found = hashlib.sha256(f"{self.width}x{self.height}:".encode())
        found.update(self.rgb)
        return found.digest()
