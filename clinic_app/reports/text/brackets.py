"""Paired brackets for rule N0 of UAX #9 (definitions BD14-BD16)."""

from __future__ import annotations

from collections.abc import Sequence

_RANGES = (
    (0x0F3A, 0x0F3D),
    (0x169B, 0x169C),
    (0x2045, 0x2046),
    (0x207D, 0x207E),
    (0x208D, 0x208E),
    (0x2308, 0x230B),
    (0x2329, 0x232A),
    (0x2768, 0x2775),
    (0x27C5, 0x27C6),
    (0x27E6, 0x27EF),
    (0x2983, 0x298C),
    (0x2991, 0x2998),
    (0x29D8, 0x29DB),
    (0x29FC, 0x29FD),
    (0x2E22, 0x2E29),
    (0x3008, 0x3011),
    (0x3014, 0x301B),
    (0xFE59, 0xFE5E),
    (0xFF5F, 0xFF60),
    (0xFF62, 0xFF63),
)
"""Blocks in which opening and closing brackets alternate (Unicode's BidiBrackets.txt)."""

_CLOSING_OF = {
    **{"(": ")", "[": "]", "{": "}", "\uff08": "\uff09", "\uff3b": "\uff3d", "\uff5b": "\uff5d"},
    **{chr(code): chr(code + 1) for first, last in _RANGES for code in range(first, last + 1, 2)},
    # These two pairs are crossed in the block of brackets with ticks.
    **{"\u298d": "\u2990", "\u298f": "\u298e"},
}
_CLOSING = frozenset(_CLOSING_OF.values())
_SAME = {"\u2329": "\u3008", "\u232a": "\u3009"}
_MAXIMUM_DEPTH = 63


def bracket_pairs(characters: Sequence[str], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """(opening, closing) places of brackets that are still neutral, by opening place."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for index, character in enumerate(characters):
        if kinds[index] != "ON":
            continue
        if character in _CLOSING_OF:
            if len(stack) == _MAXIMUM_DEPTH:
                break
            closing = _CLOSING_OF[character]
            stack.append((_SAME.get(closing, closing), index))
        elif character in _CLOSING:
            _close(_SAME.get(character, character), index, stack, pairs)
    return sorted(pairs)


def _close(
    character: str, index: int, stack: list[tuple[str, int]], pairs: list[tuple[int, int]]
) -> None:
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth][0] == character:
            pairs.append((stack[depth][1], index))
            del stack[depth:]
            return
