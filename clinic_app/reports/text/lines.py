"""Paragraphs to lines: greedy filling in reading order, then each line in visual order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinic_app.reports.text import bidi
from clinic_app.reports.text.breaks import Atom, atoms, starts_cluster
from clinic_app.reports.text.shaping import Run, face_runs, shape

Colour = tuple[float, float, float]

_SLACK = 1e-6
"""Points: sums of widths in different order differ by rounding."""
_LONGEST = 600
"""Characters: more than any line holds, so that a word of a whole page is not measured as one."""


@dataclass(frozen=True, slots=True)
class Look:
    """Size in points, weight and colour (red, green, blue in [0, 1]) of a piece of text."""

    size: float
    bold: bool
    colour: Colour


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one look; a paragraph is a row of pieces."""

    text: str
    look: Look


@dataclass(frozen=True, slots=True)
class Placed:
    """A run in its look."""

    run: Run
    look: Look

    @property
    def width(self) -> float:
        """In points."""
        return self.run.width * self.look.size / 1000


@dataclass(frozen=True, slots=True)
class Line:
    """Runs from left to right, their width in points, and how their paragraph runs."""

    placed: tuple[Placed, ...]
    width: float
    right_to_left: bool


def paragraph_lines(pieces: Sequence[Piece], width: float) -> Iterator[Line]:
    """The lines of one paragraph (no line feeds in it), none wider than ``width`` points unless a
    single letter is."""
    paragraph = _Paragraph(pieces)
    start, end, used = 0, 0, 0.0
    for atom in paragraph.atoms_within(width):
        blanks = paragraph.width(end, atom.start)
        own = paragraph.width(atom.start, atom.end)
        if atom.start > start and used + blanks + own > width + _SLACK:
            yield paragraph.line(start, end)
            start, used, blanks = atom.start, 0.0, 0.0
        used += blanks + own
        end = atom.end
    yield paragraph.line(start, end)


def text_width(text: str, look: Look) -> float:
    """Width in points of ``text`` on one line."""
    return _Paragraph([Piece(text, look)]).width(0, len(text))


class _Paragraph:
    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.text = "".join(piece.text for piece in pieces)
        self._looks = [piece.look for piece in pieces for _ in piece.text]
        if len(pieces) == 1:
            self._base = bidi.base_level(self.text)
            self._levels = bidi.levels(self.text, self._base)
        else:
            self._base = 0
            self._levels = [level for piece in pieces for level in _isolated(piece.text)]

    def atoms_within(self, width: float) -> Iterator[Atom]:
        """The atoms, with any that is wider than a whole line cut between characters."""
        for atom in atoms(self.text):
            start = atom.start
            while atom.end - start > _LONGEST or self.width(start, atom.end) > width + _SLACK:
                cut = self._cut(start, min(atom.end, start + _LONGEST), width)
                if cut == atom.end:
                    break
                yield Atom(start, cut, cut)
                start = cut
            yield Atom(start, atom.end, atom.after)

    def _cut(self, start: int, end: int, width: float) -> int:
        """The last place after ``start`` up to which the text fits (one cluster at least)."""
        places = [index for index in range(start + 1, end) if starts_cluster(self.text, index)]
        if not places:
            return end
        low, high = 0, len(places) - 1
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.width(start, places[middle]) <= width + _SLACK
            low, high = (middle, high) if fits else (low, middle - 1)
        return places[low]

    def _runs(self, start: int, end: int) -> Iterator[Placed]:
        while start < end:
            look, stop = self._looks[start], start
            while stop < end and self._looks[stop] == look:
                stop += 1
            levels = self._levels[start:stop]
            for face, level, text in face_runs(self.text[start:stop], levels, bold=look.bold):
                for word in _words(text):
                    yield Placed(shape(face, level, word), look)
            start = stop

    def width(self, start: int, end: int) -> float:
        return sum(placed.width for placed in self._runs(start, end))

    def line(self, start: int, end: int) -> Line:
        placed = list(self._runs(start, end))
        ordered = bidi.visual_order(placed, [one.run.level for one in placed])
        return Line(tuple(ordered), sum(one.width for one in ordered), self._base == 1)


def _isolated(text: str) -> list[int]:
    """Levels of one of several fields in a row, which runs from left to right.

    Each keeps its own direction, so that a telephone number after an Arabic name is not drawn into
    it; the blanks around a field belong to the row.
    """
    core = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    inner = bidi.levels(core, bidi.base_level(core))
    return [0] * before + inner + [0] * (len(text) - before - len(core))


def _words(text: str) -> Iterator[str]:
    """Words and blanks apart: words repeat, so shaped ones are found in the cache."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or (text[index] == " ") != (text[start] == " "):
            yield text[start:index]
            start = index
