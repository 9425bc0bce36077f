"""Text as a block: cleaned, set in lines at the width it gets, cut between lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from string import Formatter

from clinic_app.reports.layout.blocks import Block, Columns, Space, Stack
from clinic_app.reports.layout.style import BODY, LABEL, LEADING
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.text.clean import clean, clean_line
from clinic_app.reports.text.lines import Line, Look, Piece, paragraph_lines

_ORPHANS = 2
"""Fewest lines of a paragraph at a page's end or start."""
_CENTRE = 0.35
"""Share of the size by which the baseline lies below the middle of the line: half a capital."""


class Align(Enum):
    LEFT = "left"
    RIGHT = "right"
    START = "start"
    """Left, or right where the paragraph is written from right to left."""


@dataclass(frozen=True)
class Lines:
    """Lines that have been set."""

    lines: tuple[Line, ...]
    leading: float
    size: float
    align: Align
    shift: float = 0.0

    def height(self, width: float) -> float:
        return self.leading * len(self.lines)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        count = int((room + 1e-6) // self.leading)
        if count >= len(self.lines):
            return self, None
        count = min(count, max(len(self.lines) - _ORPHANS, 1))
        if count < min(_ORPHANS, len(self.lines)):
            return None, self
        return self._with(self.lines[:count]), self._with(self.lines[count:])

    def _with(self, lines: tuple[Line, ...]) -> Lines:
        return Lines(lines, self.leading, self.size, self.align, self.shift)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        baseline = top - self.leading / 2 - _CENTRE * self.size - self.shift
        for line in self.lines:
            right = self.align is Align.RIGHT or (self.align is Align.START and line.right_to_left)
            surface.text(line, x + (width - line.width if right else 0.0), baseline)
            baseline -= self.leading


@dataclass(frozen=True)
class Text:
    """Paragraphs of pieces."""

    paragraphs: Sequence[Sequence[Piece]]
    align: Align = Align.START
    leading: float = LEADING
    shift: float = 0.0
    _set: dict[float, Lines] = field(default_factory=dict, repr=False, compare=False)

    def lines(self, width: float) -> Lines:
        if width not in self._set:
            size = max((p.look.size for row in self.paragraphs for p in row), default=1.0)
            lines = tuple(
                line for pieces in self.paragraphs for line in paragraph_lines(pieces, width)
            )
            self._set[width] = Lines(lines, size * self.leading, size, self.align, self.shift)
        return self._set[width]

    def height(self, width: float) -> float:
        return self.lines(width).height(width)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        return self.lines(width).split(width, room)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        self.lines(width).draw(surface, x, top, width)


def words(
    text: str, look: Look = BODY, align: Align = Align.LEFT, beside: Look | None = None
) -> Text:
    """One paragraph on as many lines as it needs.

    ``beside`` is the look of larger text in the same row, whose baseline it then shares.
    """
    leading = LEADING if beside is None else LEADING * beside.size / look.size
    shift = 0.0 if beside is None else _CENTRE * (beside.size - look.size)
    return Text([[Piece(clean_line(text), look)]], align, leading, shift)


def mixed(*pieces: tuple[str, Look], align: Align = Align.LEFT) -> Text:
    """One paragraph of fields, each in its own look and direction; their order is left to right.

    The blanks between them are the caller's.
    """
    return Text([[Piece(clean(text).replace("\n", " "), look) for text, look in pieces]], align)


def fields(look: Look, *texts: str) -> Text:
    """Texts in one look, each in its own direction: for names of any script in our sentences."""
    return mixed(*((text, look) for text in texts))


def filled(look: Look, sentence: str, **values: str) -> Text:
    """A translated sentence with texts of any script in its places, each in its own direction."""
    return fields(look, *split(sentence, **values))


def split(sentence: str, **values: str) -> list[str]:
    """A sentence with its places filled, cut where its own words and the values meet."""
    pieces: list[str] = []
    for before, place, _, _ in Formatter().parse(sentence):
        pieces += [before] if before else []
        pieces += [values[place]] if place else []
    return pieces


def prose(text: str, look: Look = BODY) -> Text:
    """Text with its own line breaks, each paragraph in its own direction."""
    return Text([[Piece(line, look)] for line in clean(text).split("\n")], Align.START)


def labelled(label: str, value: str, look: Look = BODY, label_look: Look = LABEL) -> Block:
    """A small label above its value."""
    return Stack([words(label, label_look), words(value or "–", look)])


def row(label: str, value: Block, look: Look = BODY, share: float = 0.19) -> Block:
    """A label with a value of any length, set in ``look``, beside it."""
    name = words(label, LABEL, beside=look)
    return Stack([Columns([name, value], [share, 1 - share], 10), Space(3)])


def bullet_list(items: Sequence[str], look: Look) -> Block:
    """Sentences, each behind a small dash."""
    rows: list[Block] = []
    for item in items:
        rows += [Columns([words("–", look), words(item, look)], [0.02, 0.98]), Space(1.5)]
    return Stack(rows)
