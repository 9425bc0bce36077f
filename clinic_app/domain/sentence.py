"""A sentence for people that can still be put into another language.

Rules and services write English. What reaches the window keeps its words and its values apart, so
that the window can look the words up and put the same values into them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | int | float | Sentence"


@dataclass(frozen=True, slots=True)
class Sentence:
    """``words`` is English with named places, as in "at most {limit:,} characters"; ``values`` fill
    them. A value that is a sentence itself is translated too. Without values the words stand as
    they are, braces included."""

    words: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text(_unchanged)

    def text(self, translate: Callable[[str], str]) -> str:
        """The whole sentence after ``translate`` has been asked for its words."""
        words = translate(self.words)
        if not self.values:
            return words
        return words.format_map(
            {
                name: value.text(translate) if isinstance(value, Sentence) else value
                for name, value in self.values.items()
            }
        )


def sentence(words: str, **values: Value) -> Sentence:
    """As in ``sentence("{name} is away.", name=name)``."""
    return Sentence(words, values)


def together(sentences: Sequence[Sentence]) -> Sentence:
    """One after the other, as one; of none, an empty one."""
    if not sentences:
        return Sentence("")
    whole = sentences[0]
    for one in sentences[1:]:
        whole = sentence("{first} {next}", first=whole, next=one)
    return whole


def _unchanged(words: str) -> str:
    return words
