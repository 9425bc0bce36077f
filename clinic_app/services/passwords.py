"""Which passwords are refused beyond their length (NIST SP 800-63B, section 5.1.1.2).

No rules of composition and no forced renewal; refused are what guessing programs try first: words
of the context (the program, the clinic, the person), repeated or sequential characters, and the
words that lead every published list of leaked passwords, however they are decorated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import check_password
from clinic_app.domain.site import PasswordPolicy

# fmt: off
COMMON = frozenset({
    "abc", "admin", "administrator", "azerty", "baseball", "changeme", "charlie", "clinic",
    "clinicapp", "computer", "counselor", "default", "doctor", "dragon", "football", "freedom",
    "guest", "hello", "hospital", "iloveyou", "letmein", "login", "lovely", "master", "medical",
    "michael", "monkey", "mustang", "nurse", "passphrase", "passw0rd", "password", "pass",
    "princess", "qazwsx", "qwerty", "qwertyuiop", "secret", "shadow", "starwars", "summer",
    "sunshine", "superman", "system", "temporary", "test", "therapy", "trustno", "winter",
    "spring", "autumn", "welcome", "whatever",
})
# fmt: on
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOK_ALIKE = str.maketrans("0134578@$!", "oieastbasi")
_LONGEST_RUN = 4
"""Characters: a run of this many neighbours counts as one."""

_LEAST_LEFT = 7
"""Different pieces that must be left once words and runs are taken for one each."""


def check_new_password(
    password: str, user_name: str, policy: PasswordPolicy, names: Iterable[str] = ()
) -> None:
    """Raise ``InvalidInput`` for a password that is too short or among the first to be guessed.

    ``names`` are words of the context: of the clinic and of the person.
    """
    check_password(password, user_name, policy)
    folded = unicodedata.normalize("NFKC", password).casefold()
    if _pieces(folded, _words(names)) < _LEAST_LEFT:
        raise InvalidInput(
            "password",
            "This password is one of the first that somebody would try. Several words that have"
            " nothing to do with each other make a good one.",
        )


def _words(names: Iterable[str]) -> frozenset[str]:
    text = " ".join(names).casefold()
    return frozenset(word for word in re.split(r"\W+", text) if len(word) >= 4)


def _pieces(folded: str, context: frozenset[str]) -> int:
    """How many different things a guesser has to get right: a known word, a run or a repetition
    counts as one, and everything else character by character."""
    known = sorted(COMMON | context, key=len, reverse=True)
    found: set[str] = set()
    for plain in (folded, folded.translate(_LOOK_ALIKE)):
        for word in known:
            while word in plain:
                found.add(word)
                start = plain.index(word)
                folded = folded[:start] + " " * len(word) + folded[start + len(word) :]
                plain = plain[:start] + " " * len(word) + plain[start + len(word) :]
    rest = _without_runs(folded).replace(" ", "")
    return len(found) + len(set(rest))


def _without_runs(text: str) -> str:
    """Neighbours on the keyboard or in the alphabet, and repetitions, as one character each."""
    kept = ""
    start = 0
    while start < len(text):
        length = max((_run(text, start, row) for row in _ROWS), default=1)
        length = max(length, len(text[start:]) - len(text[start:].lstrip(text[start])))
        kept += text[start]
        start += length if length >= _LONGEST_RUN or text[start : start + length].isspace() else 1
    return kept


def _run(text: str, start: int, row: str) -> int:
    """How far ``text`` follows ``row``, in either direction, from ``start``."""
    return max(_along(text, start, row), _along(text, start, row[::-1]))


def _along(text: str, start: int, row: str) -> int:
    place = row.find(text[start])
    length = 0
    while (
        place >= 0
        and start + length < len(text)
        and place + length < len(row)
        and text[start + length] == row[place + length]
    ):
        length += 1
    return max(length, 1)
