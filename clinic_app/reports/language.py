"""The language that a report is written in: settled once for it, heard by every text of it.

Fixed words go through the resources of the window's languages. What people have typed and what the
site has worded stand as they are. Questionnaires are printed in the official translation that the
site has loaded for this language, else in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.wordings import Wording, wording_in
from clinic_app.services.translations import ENGLISH, Catalogue, Language, catalogue
from clinic_app.services.words import SCORE_BANDS

_ENGLISH = catalogue(ENGLISH)
_SPOKEN: ContextVar[Catalogue] = ContextVar("language of the report", default=_ENGLISH)
_LOADED: ContextVar[tuple[Wording, ...]] = ContextVar("wordings of the clinic", default=())


@contextmanager
def speaking(code: str, wordings: Iterable[Wording] = ()) -> Iterator[None]:
    """Within this block every ``tr`` answers in the language; other threads keep theirs. A code
    that is not shipped is English. ``wordings`` are the official translations of the site."""
    before, loaded = _SPOKEN.set(catalogue(code)), _LOADED.set(tuple(wordings))
    try:
        yield
    finally:
        _SPOKEN.reset(before)
        _LOADED.reset(loaded)


def spoken() -> Language:
    """The language of this report."""
    return _SPOKEN.get().language


def asked(name: InstrumentName) -> Wording:
    """The official words of a questionnaire that this report prints."""
    return wording_in(_LOADED.get(), name, spoken().code)


def tr(text: str, meaning: str = "") -> str:
    """``text`` in the language of the report; ``meaning`` tells English words apart that are two
    words elsewhere, as in the window."""
    found = _SPOKEN.get().texts.get(f"{text} [{meaning}]" if meaning else text)
    return text if found is None else found


def band_text(band: str | None) -> str:
    """The band of a questionnaire's total; nothing where there is no total."""
    return tr(SCORE_BANDS[band]) if band else ""
