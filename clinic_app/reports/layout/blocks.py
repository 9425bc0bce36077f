"""Blocks: the parts a page is made of. All measures in points; ``top`` is a block's upper edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clinic_app.reports.layout.style import HAIRLINE
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.text.lines import Colour

_TALLEST_KEPT = 560.0
"""What is kept together must fit on a page; anything taller is cut after all."""
_MOST_WASTED = 330.0
"""Points of a page left empty to keep something together; rather than more, it is cut."""


class Block(Protocol):
    def height(self, width: float) -> float:
        """What the block needs at this width."""

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        """(what fits into ``room``, what remains); nothing fits: (None, the block)."""

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None: ...


class Solid:
    """Base of blocks that are never cut."""

    def height(self, width: float) -> float:
        raise TypeError(f"{type(self).__name__} has no height of its own")

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        return (self, None) if self.height(width) <= room else (None, self)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        """Draw nothing."""


@dataclass(frozen=True)
class Space(Solid):
    """Air; what falls on a page's end is dropped."""

    points: float

    def height(self, width: float) -> float:
        return self.points

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        return (self, None) if self.points <= room else (Space(max(room, 0.0)), None)


@dataclass(frozen=True)
class Rule(Solid):
    """A horizontal line."""

    colour: Colour = HAIRLINE
    thickness: float = 0.5

    def height(self, width: float) -> float:
        return self.thickness

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        y = top - self.thickness / 2
        surface.line([(x, y), (x + width, y)], self.colour, self.thickness)


@dataclass(frozen=True)
class Drawing(Solid):
    """A vector drawing of fixed height; ``paint`` gets (surface, x, top, width)."""

    points: float
    paint: Callable[[Surface, float, float, float], None]

    def height(self, width: float) -> float:
        return self.points

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        self.paint(surface, x, top, width)


@dataclass(frozen=True)
class Stack:
    """Blocks below each other."""

    blocks: Sequence[Block]

    def height(self, width: float) -> float:
        return sum(block.height(width) for block in self.blocks)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        left = room
        for index, block in enumerate(self.blocks):
            needed = block.height(width)
            if needed <= left:
                left -= needed
                continue
            head, tail = block.split(width, left)
            before = [*self.blocks[:index], *([head] if head is not None else [])]
            after = [*([tail] if tail is not None else []), *self.blocks[index + 1 :]]
            return (Stack(before) if before else None), (Stack(after) if after else None)
        return self, None

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        for block in self.blocks:
            block.draw(surface, x, top, width)
            top -= block.height(width)


@dataclass(frozen=True)
class Kept:
    """Stays on one page."""

    block: Block

    def height(self, width: float) -> float:
        return self.block.height(width)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        height = self.height(width)
        if height <= room:
            return self, None
        if height <= _TALLEST_KEPT and room <= _MOST_WASTED:
            return None, self
        return self.block.split(width, room)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        self.block.draw(surface, x, top, width)


@dataclass(frozen=True)
class Titled:
    """A title that never stands alone at a page's end."""

    title: Block
    body: Block

    def height(self, width: float) -> float:
        return self.title.height(width) + self.body.height(width)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        above = self.title.height(width)
        head, tail = self.body.split(width, room - above)
        if head is None:
            return None, self
        return Titled(self.title, head), tail

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        self.title.draw(surface, x, top, width)
        self.body.draw(surface, x, top - self.title.height(width), width)


@dataclass(frozen=True)
class Columns:
    """Blocks side by side; ``shares`` divide the width less the gaps."""

    blocks: Sequence[Block]
    shares: Sequence[float]
    gap: float = 0.0

    def _widths(self, width: float) -> list[float]:
        free = width - self.gap * (len(self.blocks) - 1)
        return [free * share / sum(self.shares) for share in self.shares]

    def height(self, width: float) -> float:
        pairs = zip(self.blocks, self._widths(width), strict=True)
        return max(block.height(own) for block, own in pairs)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        if self.height(width) <= room:
            return self, None
        pairs = zip(self.blocks, self._widths(width), strict=True)
        cuts = [block.split(own, room) for block, own in pairs]
        if any(head is None for head, _ in cuts):
            return None, self
        heads = [head or Space(0) for head, _ in cuts]
        tails = [tail or Space(0) for _, tail in cuts]
        return Columns(heads, self.shares, self.gap), Columns(tails, self.shares, self.gap)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        for block, own in zip(self.blocks, self._widths(width), strict=True):
            block.draw(surface, x, top, own)
            x += own + self.gap


@dataclass(frozen=True)
class Panel:
    """A block on a tinted ground, with an optional bar at its left edge."""

    block: Block
    fill: Colour
    bar: Colour | None = None
    padding: float = 10.0
    radius: float = field(default=3.0)

    def height(self, width: float) -> float:
        return self.block.height(width - 2 * self.padding) + 2 * self.padding

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        if self.height(width) <= room:
            return self, None
        inner = width - 2 * self.padding
        head, tail = self.block.split(inner, room - 2 * self.padding)
        if head is None or tail is None:
            return None, self
        return self._around(head), self._around(tail)

    def _around(self, block: Block) -> Panel:
        return Panel(block, self.fill, self.bar, self.padding, self.radius)

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        height = self.height(width)
        surface.rectangle(
            x, top - height, width, height, self.fill, 0.0 if self.bar else self.radius
        )
        if self.bar is not None:
            surface.rectangle(x, top - height, 2.5, height, self.bar)
        self.block.draw(surface, x + self.padding, top - self.padding, width - 2 * self.padding)
