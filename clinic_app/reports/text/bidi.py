"""The Unicode bidirectional algorithm (UAX #9) without explicit embeddings.

Lines are broken in reading order and only then put into visual order, so the *levels* are needed
and not a reordered string, which is all that python-bidi gives; the tests hold the two against each
other. Explicit controls never arrive here (``clean`` removes them), which leaves rules P2-P3,
W1-W7, N0-N2, I1-I2 and L1-L2.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

from clinic_app.reports.text.brackets import bracket_pairs

Item = TypeVar("Item")

_RIGHT = ("R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON")


def has_right_to_left(text: str) -> bool:
    """Whether any character is written from right to left (a quick test for the common case)."""
    return any(
        character >= "\u0590" and unicodedata.bidirectional(character) in ("R", "AL", "AN")
        for character in text
    )


def base_level(text: str) -> int:
    """0 or 1: the direction of the first strong character (P2, P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return 0
        if kind in _RIGHT:
            return 1
    return 0


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character of one paragraph."""
    if base == 0 and not has_right_to_left(text):
        return [0] * len(text)
    # An unassigned character has no class here; UAX #9 gives most of them L.
    kinds = [unicodedata.bidirectional(character) or "L" for character in text]
    # X9: boundary neutrals take no part; they follow the character before them.
    shown = [index for index, kind in enumerate(kinds) if kind != "BN"]
    original = [kinds[index] for index in shown]
    resolved = _resolve_weak(list(original), base)
    _resolve_brackets(resolved, [text[index] for index in shown], original, base)
    _resolve_neutral(resolved, base)
    result = [-1] * len(text)
    for index, kind in zip(shown, resolved, strict=True):
        result[index] = _implicit(kind, base)
    for index, level in enumerate(result):
        if level < 0:
            result[index] = result[index - 1] if index else base
    return _reset_white_space(result, kinds, base)


def visual_order(items: Sequence[Item], item_levels: Sequence[int]) -> list[Item]:
    """The items of one line from left to right (L2)."""
    order = list(items)
    line = list(item_levels)
    for level in range(max(line, default=0), 0, -1):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            line[start:end] = line[start:end][::-1]
            start = max(end, start + 1)
    return order


def _resolve_weak(kinds: list[str], base: int) -> list[str]:
    edge = "R" if base else "L"
    _marks_and_numbers(kinds, edge)
    for index in range(1, len(kinds) - 1):  # W4
        before, after = kinds[index - 1], kinds[index + 1]
        if before == after == "EN" and kinds[index] in ("ES", "CS"):
            kinds[index] = "EN"
        elif before == after == "AN" and kinds[index] == "CS":
            kinds[index] = "AN"
    _join_terminators(kinds)
    strong = edge
    for index, kind in enumerate(kinds):  # W6, W7
        if kind in ("ES", "ET", "CS"):
            kinds[index] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _marks_and_numbers(kinds: list[str], edge: str) -> None:
    """W1 to W3."""
    previous, strong = edge, edge
    for index, given in enumerate(kinds):
        kind = previous if given == "NSM" else given
        previous = kind
        if kind in ("L", "R", "AL"):
            strong = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        kinds[index] = "R" if kind == "AL" else kind


def _join_terminators(kinds: list[str]) -> None:
    """W5: a run of terminators beside a European number belongs to it."""
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > start and (
            (start > 0 and kinds[start - 1] == "EN") or kinds[end : end + 1] == ["EN"]
        ):
            kinds[start:end] = ["EN"] * (end - start)
        start = max(end, start + 1)


def _resolve_brackets(
    kinds: list[str], characters: list[str], original: list[str], base: int
) -> None:
    """N0: both brackets of a pair take the direction of what they enclose."""
    embedding = "R" if base else "L"
    for opened, closed in bracket_pairs(characters, kinds):
        inside = {_strong(kind) for kind in kinds[opened + 1 : closed]} - {""}
        if not inside:
            continue
        direction = embedding
        if embedding not in inside:
            before = (_strong(kind) for kind in reversed(kinds[:opened]))
            direction = next((kind for kind in before if kind), embedding)
        for place in (opened, closed):
            kinds[place] = direction
            follower = place + 1
            while follower < len(kinds) and original[follower] == "NSM":
                kinds[follower] = direction
                follower += 1


def _strong(kind: str) -> str:
    """How a resolved type counts as a neighbour of neutrals: numbers count as R."""
    if kind in ("EN", "AN", "R"):
        return "R"
    return "L" if kind == "L" else ""


def _resolve_neutral(kinds: list[str], base: int) -> None:
    """N1, N2."""
    embedding = "R" if base else "L"
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > start:
            before = _strong(kinds[start - 1]) if start else embedding
            after = _strong(kinds[end]) if end < len(kinds) else embedding
            kinds[start:end] = [before if before == after else embedding] * (end - start)
        start = max(end, start + 1)


def _implicit(kind: str, base: int) -> int:
    """I1, I2."""
    if base == 0:
        return {"L": 0, "R": 1}.get(kind, 2)
    return 1 if kind == "R" else 2


def _reset_white_space(result: list[int], kinds: list[str], base: int) -> list[int]:
    """L1 for the paragraph's end and its separators (lines drop their last spaces themselves)."""
    trailing = True
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] in ("B", "S"):
            result[index], trailing = base, True
        elif kinds[index] in ("WS", "BN") and trailing:
            result[index] = base
        else:
            trailing = False
    return result
