"""The words in which a questionnaire is asked: English, or an official translation of the site.

A translation comes as a file that says where it is from. Nothing here translates: the program shows
what the file holds. Scores do not depend on the words; comparisons do, and stay within one version
and language.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.questionnaires import (
    ANSWERS,
    DIFFICULTY_ANSWERS,
    DIFFICULTY_ITEM,
    INSTRUMENTS,
    STEM,
    InstrumentName,
)

ENGLISH = "en"
LARGEST_FILE = 64 * 1024
"""In bytes; the longest questionnaire in any script needs a tenth of it."""
_LONGEST = 600
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what no line of text holds: controls, halves, the unassigned, breaks."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Wording:
    """``answers`` belong to the values 0 to 3. ``source`` and ``licence`` say where the words are
    from and on what terms; ``sha256`` is of the file, ``loaded_by`` and ``loaded_at`` who took it
    over and when (UTC)."""

    instrument: InstrumentName
    language: str
    version: str
    stem: str
    items: tuple[str, ...]
    answers: tuple[str, ...]
    difficulty_item: str
    difficulty_answers: tuple[str, ...]
    source: str = ""
    licence: str = ""
    sha256: str = ""
    loaded_by: UUID | None = None
    loaded_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of the words that people read, whatever the file is called or who
        loaded it: canonical JSON of stem, items, answers and the functional item."""
        words = [
            self.stem,
            self.items,
            self.answers,
            self.difficulty_item,
            self.difficulty_answers,
        ]
        plain = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()


_FROM_FILE = (
    "instrument",
    "language",
    "version",
    "source",
    "licence",
    "stem",
    "items",
    "answers",
    "difficulty_item",
    "difficulty_answers",
)


def english(name: InstrumentName) -> Wording:
    """The wording that ships."""
    instrument = INSTRUMENTS[name]
    return Wording(
        name,
        instrument.language,
        instrument.version,
        STEM,
        instrument.items,
        ANSWERS,
        DIFFICULTY_ITEM,
        DIFFICULTY_ANSWERS,
    )


def wording_in(wordings: Iterable[Wording], name: InstrumentName, language: str) -> Wording:
    """The loaded wording in ``language``, else the English one."""
    found = (one for one in wordings if one.instrument is name and one.language == language)
    return next(found, english(name))


def read_wording(content: bytes) -> Wording:
    """The wording in a JSON file with exactly the fields of ``docs/translation.md``.

    Raises ``InvalidInput`` (field ``file``) that names what is wrong.
    """
    if len(content) > LARGEST_FILE:
        raise InvalidInput("file", "This file is too large for a questionnaire.")
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("file", "This file is not JSON.") from error
    if not isinstance(plain, dict) or set(plain) != set(_FROM_FILE):
        raise InvalidInput(
            "file", "The file needs exactly these fields: {names}.", names=", ".join(_FROM_FILE)
        )
    if plain["instrument"] not in list(InstrumentName):
        raise InvalidInput(
            "file", "The instrument is one of {names}.", names=", ".join(InstrumentName)
        )
    name = InstrumentName(plain["instrument"])
    model = english(name)
    language, version = _line(plain, "language"), _line(plain, "version")
    if not _LANGUAGE.fullmatch(language) or language == ENGLISH:
        raise InvalidInput("file", "The language is a code such as “hi”, and not “en”.")
    if not _VERSION.fullmatch(version) or version == model.version:
        raise InvalidInput(
            "file", "The version is a short name of this translation, such as “hi-2011”."
        )
    return Wording(
        name,
        language,
        version,
        _line(plain, "stem"),
        _lines(plain, "items", len(model.items)),
        _lines(plain, "answers", len(ANSWERS)),
        _line(plain, "difficulty_item"),
        _lines(plain, "difficulty_answers", len(DIFFICULTY_ANSWERS)),
        _line(plain, "source"),
        _line(plain, "licence"),
        hashlib.sha256(content).hexdigest(),
    )


def _lines(plain: dict[str, Any], name: str, count: int) -> tuple[str, ...]:
    given = plain[name]
    if not isinstance(given, list) or len(given) != count:
        raise InvalidInput("file", "“{name}” needs exactly {count} texts.", name=name, count=count)
    kept = tuple(_text(one, name) for one in given)
    if len(set(kept)) != count:
        raise InvalidInput("file", "Two texts of “{name}” are the same.", name=name)
    return kept


def _line(plain: dict[str, Any], name: str) -> str:
    return _text(plain[name], name)


def _text(given: Any, name: str) -> str:
    """One line as the file has it: official words are not tidied, only refused. Joiners, direction
    marks and unbroken spaces belong to the words of many scripts."""
    good = (
        isinstance(given, str)
        and 0 < len(given.strip()) <= _LONGEST
        and not any(unicodedata.category(character) in _NO_TEXT for character in given)
    )
    if not good:
        raise InvalidInput(
            "file",
            "“{name}” needs a text of one line with at most {limit} characters.",
            name=name,
            limit=_LONGEST,
        )
    return str(given)
