"""Tables whose header stands on every page that they reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Rule, Space, Stack
from clinic_app.reports.layout.texts import words
from clinic_app.reports.pdf.surface import Surface


@dataclass(frozen=True)
class Repeated:
    """A header over a body, drawn again on each page that the body goes on to."""

    header: Block
    body: Block

    def height(self, width: float) -> float:
        return self.header.height(width) + self.body.height(width)

    def split(self, width: float, room: float) -> tuple[Block | None, Block | None]:
        head, tail = self.body.split(width, room - self.header.height(width))
        if head is None:
            return None, self
        below = None if tail is None else Repeated(self.header, tail)
        return Repeated(self.header, head), below

    def draw(self, surface: Surface, x: float, top: float, width: float) -> None:
        self.header.draw(surface, x, top, width)
        self.body.draw(surface, x, top - self.header.height(width), width)


def table(titles: Sequence[str], rows: Iterable[Sequence[Block]], shares: Sequence[float]) -> Block:
    """Rows of cells under titles, a hairline between them; a row stays on one page if it can."""
    header = Stack([Columns([words(title, style.LABEL) for title in titles], shares, 6), Space(2)])
    body: list[Block] = []
    for cells in rows:
        line = Columns(list(cells), shares, 6)
        body.append(Kept(Stack([Rule(thickness=0.35), Space(2), line, Space(2)])))
    return Repeated(header, Stack(body))
