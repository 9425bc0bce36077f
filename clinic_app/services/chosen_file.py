"""A file that somebody chose: its content, and what it is called in a sentence."""

from __future__ import annotations

from pathlib import Path

from clinic_app.domain.errors import InvalidInput


def chosen_bytes(path: Path, limit: int) -> bytes:
    """The first ``limit`` bytes of a file; raises ``InvalidInput`` (field ``file``)."""
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise InvalidInput(
            "file", "The file “{name}” cannot be read.", name=spoken_name(path)
        ) from error


def spoken_name(path: Path) -> str:
    """The last part of a path; of the present folder or a drive, which have none, all of it."""
    return path.name or str(path)
