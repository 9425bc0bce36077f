"""The language that a report is written in: settled once for it, heard by every text of it.

Fixed words go through the resources of the window's languages. What people have typed, what the
site has worded and the questionnaires stand as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from clinic_app.services.translations import ENGLISH, Catalogue, Language, catalogue
from clinic_app.services.words import SCORE_BANDS

_ENGLISH = catalogue(ENGLISH)
_SPOKEN: ContextVar[Catalogue] = ContextVar("language of the report", default=_ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within this block every ``tr`` answers in the language; other threads keep theirs. A code
    that is not shipped is English."""
    before = _SPOKEN.set(catalogue(code))
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken() -> Language:
    """The language of this report."""
    return _SPOKEN.get().language


def tr(text: str, meaning: str = "") -> str:
    """``text`` in the language of the report; ``meaning`` tells English words apart that are two
    words elsewhere, as in the window."""
    found = _SPOKEN.get().texts.get(f"{text} [{meaning}]" if meaning else text)
    return text if found is None else found


def band_text(band: str | None) -> str:
    """The band of a questionnaire's total; nothing where there is no total."""
    return tr(SCORE_BANDS[band]) if band else ""
