"""Which files a list of paths stands for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from clinic_app.services import saving

_PICTURES = "jpg jpeg jpe jfif png webp bmp dib tif tiff gif heic heif avif"
_VIDEOS = "mp4 m4v mov avi mkv webm mpg mpeg wmv"
EXTENSIONS = frozenset(f".{name}" for name in f"{_PICTURES} {_VIDEOS}".split())
"""What a picture or video is usually called: such files of a folder are reported even when they
cannot be read."""


def is_folder(path: str) -> bool:
    """An empty path is not the present folder."""
    return bool(path) and saving.is_folder(Path(path))


def expanded(paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Every file with what is wrong with it already, if anything; folders give their files."""
    for path in paths:
        if not path:
            yield path, "A path is empty."
            continue
        if not is_folder(path):
            yield path, None
            continue
        troubles: list[str] = []
        files = [file for file in _files_below(Path(path), troubles) if _looks_readable(file)]
        yield from ((str(file), None) for file in files)
        if troubles:
            yield path, "A folder in here cannot be opened."
        elif not files:
            yield path, "There are no pictures or videos in this folder."


def _files_below(folder: Path, troubles: list[str]) -> Iterator[Path]:
    """Files of a folder and the folders in it, sorted by name, hidden ones left out."""

    def note(error: OSError) -> None:
        troubles.append(str(error.filename))

    for place, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _looks_readable(path: Path) -> bool:
    """By extension, or by the first bytes where the name says nothing."""
    if path.suffix.lower() in EXTENSIONS:
        return True
    from clinic_app.domain.errors import UnreadableImage
    from clinic_app.inference.intake.photo import sniff_file

    try:
        sniff_file(path)
    except UnreadableImage:
        return False
    return True
