"""Which words of rival texts differ, and the fields of a conflict beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from clinic_app.services.sync_data import Conflict
from clinic_app.ui.screens.conflicts.words import field_text, in_order

MOST_WORDS = 1_000
"""Longer texts are compared line by line, and by more lines than this not at all: the time grows
with the square."""

Run = tuple[str, bool]
"""A piece of text, and whether it differs."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of all versions, in their order; None where a version does not have it."""

    name: str
    texts: tuple[tuple[Run, ...] | None, ...]

    @property
    def differs(self) -> bool:
        return any(runs is None or any(odd for _, odd in runs) for runs in self.texts)


@dataclass(frozen=True, slots=True)
class Compared:
    conflict: Conflict
    rows: tuple[FieldRow, ...]


def compared(conflict: Conflict) -> Compared:
    """The fields of all versions beside each other."""
    names = in_order(name for one in conflict.versions for name, _ in one.fields)
    rows = []
    for name in names:
        given = [dict(one.fields).get(name) for one in conflict.versions]
        texts = [None if text is None else field_text(name, text) for text in given]
        runs = iter(marked([text for text in texts if text is not None]))
        rows.append(FieldRow(name, tuple(None if text is None else next(runs) for text in texts)))
    return Compared(conflict, tuple(rows))


def marked(texts: Sequence[str]) -> list[tuple[Run, ...]]:
    """Each text in pieces, with the words that not all texts share marked."""
    if not texts:
        return []
    pieces = _cut(texts)
    if pieces is None:
        same = len(set(texts)) == 1
        return [((text, not same),) for text in texts]
    odd = [[False] * len(words) for words in pieces]
    first = pieces[0]
    for number, words in enumerate(pieces[1:], start=1):
        matcher = SequenceMatcher(None, first, words, autojunk=False)
        for tag, start, end, other_start, other_end in matcher.get_opcodes():
            if tag != "equal":
                odd[0][start:end] = [True] * (end - start)
                odd[number][other_start:other_end] = [True] * (other_end - other_start)
    return [_joined(words, marks) for words, marks in zip(pieces, odd, strict=True)]


def _cut(texts: Sequence[str]) -> list[list[str]] | None:
    """Words with the space after them, or lines; None when both are too many."""
    for pattern in (r"\s*\S+\s*|\s+", r"[^\n]*\n|[^\n]+"):
        pieces = [re.findall(pattern, text) for text in texts]
        if all(len(words) <= MOST_WORDS for words in pieces):
            return pieces
    return None


def _joined(words: Sequence[str], marks: Sequence[bool]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for word, odd in zip(words, marks, strict=True):
        if runs and runs[-1][1] is odd:
            runs[-1] = (runs[-1][0] + word, odd)
        else:
            runs.append((word, odd))
    return tuple(runs)
