"""The languages of the interface, read from ``resources/translations/<code>/*.json``.

English stands in the code; its sentences are the keys. A file is one area of the screens:
``{"texts": {English: translation}}``. Files with ``"needs_clinical_review": true`` hold wording of
consent, safety and results: until somebody qualified has read it, the English stays beside it.
``language.json`` says what the language is called in itself and who has reviewed the translation.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic_app.domain.errors import InvalidInput
from clinic_app.paths import RESOURCES

_LOG = logging.getLogger("program")
FOLDER = RESOURCES / "translations"
ABOUT = "language.json"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """``name`` as its speakers write it; ``locale`` for numbers, e.g. ``hi_IN``; ``first_weekday``
    counts from Monday = 0; ``reviewed_by`` is empty until a person has checked the translation."""

    code: str
    name: str
    locale: str
    first_weekday: int = 0
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of a language; ``clinical`` are the keys that await a clinical review."""

    language: Language
    texts: Mapping[str, str]
    clinical: frozenset[str] = frozenset()

    def text(self, english: str) -> str:
        """The translation, or the English where there is none."""
        return self.texts.get(english, english)


_ENGLISH = Catalogue(Language(ENGLISH, "English", "en_GB"), {})


@functools.cache
def languages() -> tuple[Language, ...]:
    """English first, then what is shipped."""
    found = (path.parent.name for path in sorted(FOLDER.glob(f"*/{ABOUT}")))
    return (_ENGLISH.language, *(catalogue(code).language for code in found))


def check_language(code: str) -> None:
    """Raise ``InvalidInput`` unless reports can be written in the language of this code."""
    if code not in {one.code for one in languages()}:
        raise InvalidInput("language", "Reports are not written in this language.")


@functools.cache
def catalogue(code: str) -> Catalogue:
    """The texts of a language; English for one that is not shipped or cannot be read."""
    if code == ENGLISH:
        return _ENGLISH
    try:
        return read_catalogue(FOLDER / code)
    except (OSError, ValueError, TypeError, KeyError) as error:
        _LOG.warning("the translation %s cannot be read: %s", code[:10], type(error).__name__)
        return _ENGLISH


def read_catalogue(folder: Path) -> Catalogue:
    """Every file of a language; a text of two files is that of the first by name.

    Raises ``OSError``, ``ValueError``, ``TypeError`` or ``KeyError`` for files that are not as they
    should be.
    """
    about = _read(folder / ABOUT)
    language = Language(
        folder.name,
        about["name"],
        about["locale"],
        int(about["first_weekday"]),
        about["reviewed_by"] or "",
    )
    texts: dict[str, str] = {}
    clinical: set[str] = set()
    for path in areas(folder):
        area = _read(path)
        texts = {**area["texts"], **texts}
        if area.get("needs_clinical_review", False):
            clinical |= area["texts"].keys()
    return Catalogue(language, texts, frozenset(clinical))


def areas(folder: Path) -> list[Path]:
    """The files of texts, by name."""
    return sorted(path for path in folder.glob("*.json") if path.name != ABOUT)


def _read(path: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plain
