"""The tone of English texts, as the library TextBlob reads it with the word list it comes with.

How well it reads the feedback of patients was never measured: the figure is the library's alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

LANGUAGE = "en"
"""The only language that the word list knows."""


class Tone(StrEnum):
    POSITIVE = "positive"
    NEITHER = "neither"
    NEGATIVE = "negative"


def reader_name() -> str:
    """Library and version, as a report names them."""
    from importlib.metadata import version

    return f"TextBlob {version('textblob')}"


def tones(texts: Sequence[str]) -> list[Tone]:
    """The sign of the polarity of each text: above 0, below 0, or 0 (also where no word of the
    list occurs). Loads the library on first use, which takes about a second."""
    from textblob.sentiments import PatternAnalyzer

    analyser = PatternAnalyzer()
    return [_tone(float(analyser.analyze(text).polarity)) for text in texts]


def _tone(polarity: float) -> Tone:
    if polarity > 0:
        return Tone.POSITIVE
    return Tone.NEGATIVE if polarity < 0 else Tone.NEITHER
