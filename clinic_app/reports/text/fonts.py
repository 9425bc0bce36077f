"""The shipped fonts, and which of them has a character.

A file is opened when the first character needs it; the Latin font comes first, the symbols last,
and what none has is drawn as the Latin font's box.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uharfbuzz

from clinic_app.domain.errors import ReportFailed
from clinic_app.paths import RESOURCES

_CHAIN = (
    "NotoSans",
    "NotoSansArabic",
    "NotoSansHebrew",
    "NotoSansDevanagari",
    "NotoSansBengali",
    "NotoSansTamil",
    "NotoSansThai",
    "NotoSansTelugu",
    "NotoSansKannada",
    "NotoSansMalayalam",
    "NotoSansGujarati",
    "NotoSansGurmukhi",
    "NotoSansOriya",
    "NotoSansSinhala",
    "NotoSansMyanmar",
    "NotoSansKhmer",
    "NotoSansLao",
    "NotoSansEthiopic",
    "NotoSansGeorgian",
    "NotoSansArmenian",
    "NotoSansThaana",
    "WenQuanYiMicroHei",
    "DroidSansFallback-Rare",
    "Symbola",
)
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, eq=False)
class Face:
    """One font file, opened. ``emboldened`` asks for thickened outlines: there is no bold cut.

    ``face`` and ``font`` are HarfBuzz's, in the file's own units (``units`` to the em).
    """

    name: str
    emboldened: bool
    face: Any
    font: Any
    characters: frozenset[int]
    units: int
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def has(self, character: str) -> bool:
        return ord(character) in self.characters


class FontShelf:
    """The faces of one weight, in the order in which they are asked."""

    def __init__(self, folder: Path, *, bold: bool) -> None:
        self._bold = bold
        self._paths = [path for family in _CHAIN if (path := _find(folder, family, bold=bold))]
        if not self._paths or not self._paths[0].name.startswith("NotoSans-"):
            raise ReportFailed("The fonts for reports are missing from the program's folder.")
        self._opened: dict[Path, Face] = {}
        self._chosen: dict[str, Face] = {}
        self._lock = threading.Lock()

    def face_for(self, character: str, previous: Face | None, *, stay: bool) -> Face:
        """The face to draw ``character`` with, after one drawn with ``previous``.

        ``stay`` prefers the previous face (marks, and signs that several scripts share); joiners
        always stay.
        """
        if previous is not None and (character in _JOINERS or (stay and previous.has(character))):
            return previous
        with self._lock:
            if character not in self._chosen:
                faces = (self._open(path) for path in self._paths)
                found = next((face for face in faces if face.has(character)), None)
                self._chosen[character] = found or self._open(self._paths[0])
            return self._chosen[character]

    def _open(self, path: Path) -> Face:
        if path not in self._opened:
            face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
            self._opened[path] = Face(
                name=path.stem,
                emboldened=self._bold and not path.stem.endswith("-Bold"),
                face=face,
                font=uharfbuzz.Font(face),
                characters=frozenset(face.unicodes),
                units=int(face.upem),
            )
        return self._opened[path]


def _find(folder: Path, family: str, *, bold: bool) -> Path | None:
    names = [f"{family}-Bold.ttf"] if bold else []
    names += [f"{family}-Regular.ttf", f"{family}.ttf"]
    return next((path for name in names if (path := folder / name).is_file()), None)


_SHELVES: dict[bool, FontShelf] = {}
_SHELVES_LOCK = threading.Lock()


def shelf(*, bold: bool) -> FontShelf:
    """The shelf of shipped fonts; opened once."""
    with _SHELVES_LOCK:
        if bold not in _SHELVES:
            _SHELVES[bold] = FontShelf(RESOURCES / "fonts", bold=bold)
        return _SHELVES[bold]
