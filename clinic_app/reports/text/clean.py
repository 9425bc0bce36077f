"""The one door for text on its way into a report.

Reports have no markup language, so nothing needs escaping: ``<b>`` is three characters. What has to
go are characters that are no text: controls, lone surrogates, and the explicit direction controls
(U+202A-202E, U+2066-2069) with which one name can be made to look like another.
"""

from __future__ import annotations

import unicodedata

_LINE_ENDS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n"}
)
_DROPPED = frozenset(
    [
        *map(chr, range(0x202A, 0x202F)),  # embeddings and overrides
        *map(chr, range(0x2066, 0x206A)),  # isolates
        *"\u200e\u200f\u061c",  # direction marks
        *"\ufeff\ufff9\ufffa\ufffb",  # byte order mark, interlinear annotation
    ]
)
_TAB = "    "


def clean(text: str) -> str:
    """NFC text whose only control character is the line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    kept = "".join(character for character in lines.replace("\t", _TAB) if _is_text(character))
    # Composed last: a dropped control may have stood between a letter and its mark.
    return unicodedata.normalize("NFC", kept)


def clean_line(text: str) -> str:
    """The same on one line, with single spaces: for names, labels and table cells."""
    return " ".join(clean(text).split())


def _is_text(character: str) -> bool:
    if character == "\n":
        return True
    return character not in _DROPPED and unicodedata.category(character) not in ("Cc", "Cs")
