"""Blocks onto pages."""

from __future__ import annotations

from clinic_app.domain.errors import ReportFailed
from clinic_app.reports.layout.blocks import Block, Space, Stack

_LONGEST = 2000
"""Pages; far beyond any report, so that a mistake ends instead of filling the memory."""


def paginate(block: Block, width: float, room: float) -> list[Block]:
    """One block a page, each at most ``room`` points high."""
    pages: list[Block] = []
    rest: Block | None = block
    while rest is not None:
        head, rest = rest.split(width, room)
        if head is None or len(pages) == _LONGEST:
            raise ReportFailed("The report does not fit on its pages.")
        rest = _without_leading_space(rest)
        pages.append(head)
    return pages


def _without_leading_space(block: Block | None) -> Block | None:
    """A page starts with content, not with the air that was meant to separate it."""
    while isinstance(block, Stack):
        if not block.blocks:
            return None
        if not isinstance(block.blocks[0], Space):
            return block
        block = Stack(block.blocks[1:])
    return None if isinstance(block, Space) else block
