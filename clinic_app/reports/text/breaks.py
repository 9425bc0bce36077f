"""Where a line may end, in reading order (the parts of UAX #14 that clinical notes need).

Thai, Lao, Khmer and Burmese have no blanks between words and need a dictionary to break well; here
a line that is too long is broken between their letter groups, never inside one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NOT_FIRST = frozenset(
    "、。，．！？：；）］｝」』】〉》〕・ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ.,!?:;)]}%\u200c\u200d"
)
_NOT_LAST = frozenset("（［｛「『【〈《〔([{\u200d")
_AFTER = frozenset("-\u2010\u2013\u2014/")
_VIRAMA = 9
"""Canonical combining class of the sign that joins two consonants."""
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
"""Thai and Lao vowels written before their consonant."""


@dataclass(frozen=True, slots=True)
class Atom:
    """What stays together: characters ``start`` to ``end``, then blanks up to ``after``."""

    start: int
    end: int
    after: int


def atoms(text: str) -> Iterator[Atom]:
    """The text in pieces between which a line may end."""
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and text[end] == " ":
            end += 1  # an indentation at the start stays with its word
        while end < len(text) and text[end] != " ":
            end += 1
            if end < len(text) and may_break(text[end - 1], text[end]):
                break
        after = end
        while after < len(text) and text[after] == " ":
            after += 1
        yield Atom(start, end, after)
        start = after


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters that are not blanks."""
    if unicodedata.category(after)[0] == "M" or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    if before in _AFTER and after.isalpha():
        return True
    return _is_ideographic(before) or _is_ideographic(after)


def starts_cluster(text: str, index: int) -> bool:
    """Whether a cut before ``index`` separates no letter from its marks or joined letters."""
    before, after = text[index - 1], text[index]
    if unicodedata.category(after)[0] == "M" or after in "\u200c\u200d" or before == "\u200d":
        return False
    return unicodedata.combining(before) != _VIRAMA and before not in _LEADING_VOWELS


def _is_ideographic(character: str) -> bool:
    code = ord(character)
    return (
        0x2E80 <= code <= 0xA4CF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x3FFFF
    )
