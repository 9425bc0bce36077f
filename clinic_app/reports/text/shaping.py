"""Text to glyphs: one run is one face and one direction."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz

from clinic_app.reports.text.fonts import Face, shelf

_SHARED = frozenset("।॥،؛؟")
"""Punctuation that several scripts have in common, and so several fonts."""

_MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One placed glyph, in the face's units; ``text`` is what it stands for (for copy and search).

    ``natural`` is the glyph's own advance, ``advance`` the one after kerning and mark placement.
    """

    number: int
    text: str
    advance: int
    natural: int
    x_offset: int
    y_offset: int


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs from left to right. ``width`` is in thousandths of the font size."""

    face: Face
    level: int
    glyphs: tuple[Glyph, ...]
    width: float


def face_runs(text: str, text_levels: Sequence[int], *, bold: bool) -> list[tuple[Face, int, str]]:
    """``text`` cut where the face or the direction changes, in reading order."""
    fonts = shelf(bold=bold)
    pieces: list[tuple[Face, int, str]] = []
    face: Face | None = None
    for character, level in zip(text, text_levels, strict=True):
        stay = character in _SHARED or unicodedata.category(character)[0] == "M"
        face = fonts.face_for(character, face, stay=stay)
        if pieces and pieces[-1][0] is face and pieces[-1][1] == level:
            pieces[-1] = (face, level, pieces[-1][2] + character)
        else:
            pieces.append((face, level, character))
    return pieces


@lru_cache(maxsize=8192)
def shape(face: Face, level: int, text: str) -> Run:
    """Shape one run; odd levels run from right to left."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    with face.lock:
        uharfbuzz.shape(face.font, buffer)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        natural = [face.font.get_glyph_h_advance(info.codepoint) for info in infos]
    meanings = _meanings(text, [info.cluster for info in infos], mirrored=level % 2 == 1)
    glyphs = tuple(
        Glyph(info.codepoint, meaning, place.x_advance, own, place.x_offset, place.y_offset)
        for info, place, own, meaning in zip(infos, positions, natural, meanings, strict=True)
    )
    return Run(face, level, glyphs, sum(glyph.advance for glyph in glyphs) * 1000 / face.units)


def _meanings(text: str, clusters: Sequence[int], *, mirrored: bool) -> list[str]:
    """The characters each glyph stands for.

    Within a cluster the glyphs take its characters one by one and the last takes the rest, so that
    text copied from the page is in reading order even where a vowel sign is drawn before its
    consonant. Glyphs beyond a cluster's characters stand for a zero-width space.
    """
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    places: dict[int, list[int]] = {}
    for index, cluster in enumerate(clusters):
        places.setdefault(cluster, []).append(index)
    meanings = ["\u200b"] * len(clusters)
    for cluster, indices in places.items():
        letters = text[cluster : ends[cluster]]
        # From right to left HarfBuzz gives the marks first; the last glyph is the letter.
        for nth, index in enumerate(reversed(indices) if mirrored else indices):
            last = nth == len(indices) - 1
            part = letters[nth:] if last else letters[nth : nth + 1]
            if mirrored:  # pages hold visual order; readers turn brackets back themselves
                part = _MIRRORED.get(part, part)
            meanings[index] = part or "\u200b"
    return meanings
