"""Our own style pictures, drawn by `tools/draw_styles.py`."""

from __future__ import annotations

from pathlib import Path

from clinic_app.domain.errors import NotFound
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.photo import decode_pixels
from clinic_app.paths import RESOURCES

FOLDER = RESOURCES / "styles"


def picture_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the style pictures, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.png")))


def style_picture(name: str, folder: Path = FOLDER) -> RgbImage:
    """The picture [h, w, 3] of this name; raises `NotFound` for any other name."""
    if name not in picture_names(folder):
        raise NotFound("There is no style picture named '{name}'.", name=name[:40])
    return decode_pixels((folder / f"{name}.png").read_bytes())
