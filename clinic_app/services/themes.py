"""What is written about often: words and pairs of words, by how many people use them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from clinic_app.services.small_numbers import SMALLEST

MOST_THEMES = 20
_SHORTEST = 3
_SENTENCE = re.compile(r"[.!?;:\n\r()\[\]\"“”…]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_COMMON_WORDS = """
    about above after again against all also although always and any anyone anything are aren't
    because been before being below between both but came can can't cannot come could couldn't did
    didn't does doesn't doing don't done down during each even ever every everyone everything few
    for from further get gets getting give given goes going gone got had hadn't has hasn't have
    haven't having her here hers herself him himself his how however i'd i'll i'm i've into isn't
    it's its itself just let like lot made make makes many may maybe might more most much must
    myself never nor not nothing now off often once one only onto other others our ours ourselves
    out over own perhaps put quite rather really same say said see seem seems shall she should
    shouldn't since some someone something sometimes still such take than that that's the their
    theirs them themselves then there there's these they they're thing things this those though
    through too took under until upon use used using very want wanted was wasn't way well went were
    weren't what when where which while who whom whose why will with within without won't would
    wouldn't yes yet you you'd you'll you're you've your yours yourself
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Theme:
    """A word or two words in a row; ``authors`` is how many people wrote it, at least 5."""

    words: str
    authors: int


def themes(texts: Iterable[tuple[Hashable, str]], limit: int = MOST_THEMES) -> tuple[Theme, ...]:
    """The most frequent themes of (author, text), most people first.

    One person counts once however often they write it. A theme of fewer than ``SMALLEST`` people
    is never given. A single word is left out where it is nearly always (for all but fewer than
    ``SMALLEST`` people) part of a pair that is given.
    """
    authors: dict[str, set[Hashable]] = {}
    for author, text in texts:
        for found in _found(text):
            authors.setdefault(found, set()).add(author)
    counted = {words: len(who) for words, who in authors.items() if len(who) >= SMALLEST}
    for pair in [words for words in counted if " " in words]:
        for word in pair.split(" "):
            if word in counted and counted[word] - counted[pair] < SMALLEST:
                del counted[word]
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Theme(words, number) for words, number in ordered[:limit])


def _found(text: str) -> set[str]:
    found: set[str] = set()
    for sentence in _SENTENCE.split(text.casefold().replace("’", "'")):
        words = _WORD.findall(sentence)
        telling = [len(word) >= _SHORTEST and word not in _COMMON for word in words]
        found.update(word for word, tells in zip(words, telling, strict=True) if tells)
        for (first, first_tells), (second, second_tells) in pairwise(
            zip(words, telling, strict=True)
        ):
            if first_tells and second_tells and first != second:
                found.add(f"{first} {second}")
    return found
