"""The strip below every picture that the style studio saves: drawn for people, and found again
where a copy has lost the text in the file, as a screenshot, a JPEG or a smaller picture has, also
when it was turned by quarters, mirrored, or a third of the words is all that is to be seen.

Somebody who cuts the strip off, covers more of it or turns the picture by little is not found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.arrays import FloatArray, RgbImage
from clinic_app.inference.native import cv2

_WORDS = "ALTERED PICTURE - STYLE STUDIO"
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_DARK, _LIGHT = 24, 235
_WIDE = 0.8
"""Of the words, in widths of the picture: the same at every size, so that they are found at any."""
_TALL = 0.05
_LEAST_TALL = 14
"""Of the strip, in widths of the picture and in pixels."""
_DRAWN, _SCALE, _STROKE = 1600, 2.4, 6
"""Width in pixels of the picture for which the words are drawn, and how they are drawn."""

_LOOKED_AT = 480
"""Width in pixels to which a picture is brought before its strip is looked for."""
_SEARCHED = 0.16
"""Height above the lower edge in which the words may stand, in widths of the picture: that of the
strip below a picture of 90 pixels, in smaller ones the words are no letters any more."""
_ALIKE = 0.4
"""Correlation from which on it is the words; decision 16 says where copies and photos lie."""
_ALIKE_THIRD, _ALIKE_HALF = 0.65, 0.5
"""The same of a third of the words' length, and of the upper or the lower half of their letters."""
_WORTH_IT = 0.2
"""Correlation of all words from which on their parts are looked for: they are at least that."""
_ASIDE = 6
"""How far a part of the words may stand from its place, in pixels of the width looked at: fewer
letters are sooner alike to something, so they are not looked for everywhere."""
_CONTRAST = 50
"""Between letters and strip, of 211 when drawn; where there is less, noise is alike to anything."""
_EXACT = 5
"""How far the grey of a strip may be from its own on a screenshot, whose surroundings are often
nearly as dark."""
_NARROWEST, _TRIED = 90, 8
"""Of what is looked at, in pixels, and how many parts of a screenshot are."""
_MOST_SIDE = 1600
"""Of a picture that is looked at whole."""


def with_strip(image: RgbImage) -> RgbImage:
    """The picture [h, w, 3] above a strip that says what it is; nothing of it is covered."""
    width = image.shape[1]
    words = _scaled(_drawn_large(), width)
    tall = max(_LEAST_TALL, len(words), round(width * _TALL))
    strip = np.full((tall, width), _DARK, np.uint8)
    top = (tall - len(words)) // 2
    strip[top : top + len(words)] = words
    return np.ascontiguousarray(np.vstack([image, np.repeat(strip[:, :, None], 3, axis=2)]))


@cache
def _drawn_large() -> NDArray[np.uint8]:
    """The words in the middle of a picture's width. Letters of other sizes are made from these:
    drawn anew they would stand elsewhere, because each begins at a whole pixel."""
    canvas = np.full((_DRAWN // 8, 2 * _DRAWN), _DARK, np.uint8)
    place = (_DRAWN // 8, _DRAWN // 12)
    cv2.putText(canvas, _WORDS, place, _FONT, _SCALE, _LIGHT, _STROKE, cv2.LINE_AA)
    left, top, wide, high = cv2.boundingRect(canvas - np.uint8(_DARK))
    words = _scaled(canvas[top : top + high, left : left + wide], round(_WIDE * _DRAWN))
    aside = (_DRAWN - words.shape[1]) // 2
    return np.pad(words, ((0, 0), (aside, aside)), constant_values=_DARK)


def _scaled(grey: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    size = (width, max(1, round(len(grey) * width / grey.shape[1])))
    smaller = width < grey.shape[1]
    scaled: NDArray[np.uint8] = cv2.resize(
        grey, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    return scaled


def has_strip(image: RgbImage) -> bool:
    """Whether the words of the strip, or enough of them, stand at the lower edge of the picture
    [h, w, 3], or of a part of it, as on a screenshot, however it is turned or mirrored."""
    grey: NDArray[np.uint8] = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if max(grey.shape) > _MOST_SIDE:
        grey = _scaled(grey, max(1, _MOST_SIDE * grey.shape[1] // max(grey.shape)))
    return any(_stands_on_words(turned) for turned in _turned(grey))


def _turned(grey: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """By quarters, as it is first."""
    yield grey
    for quarter in (cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
        turned: NDArray[np.uint8] = cv2.rotate(grey, quarter)
        yield turned


def _stands_on_words(grey: NDArray[np.uint8]) -> bool:
    parts = chain((grey,), _above_floors(grey), _around_words(grey))
    return any(_shows_words(part) for part in parts)


def _above_floors(grey: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The parts [h, w] of a picture [h, w] that end in a row of the strip's grey, widest first."""
    dark = cv2.inRange(grey, _DARK - _EXACT, _DARK + _EXACT) > 0
    rows, edges = np.nonzero(np.diff(dark, axis=1, prepend=False, append=False))
    rows, starts, ends = rows[::2], edges[::2], edges[1::2]
    wide = ends - starts >= _NARROWEST
    runs = zip(rows[wide].tolist(), starts[wide].tolist(), ends[wide].tolist(), strict=True)
    longest: dict[int, tuple[int, int]] = {}
    for row, left, right in runs:
        before = longest.get(row, (0, 0))
        longest[row] = max(before, (left, right), key=lambda one: one[1] - one[0])
    floors = {run: row for row, run in longest.items()}
    for left, right in sorted(floors, key=lambda one: one[0] - one[1])[:_TRIED]:
        yield grey[: floors[left, right] + 1, left:right]


def _around_words(grey: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The parts that may be a picture on surroundings as dark as the strip, where it shows no edge:
    how wide it is, the words tell, which stand alone between dark rows. The lowest come first."""
    lit = grey > _DARK + _CONTRAST
    high, wide = _words().shape
    edges = np.flatnonzero(np.diff(lit.any(axis=1), prepend=False, append=False))
    tried = 0
    for top, end in zip(edges[-2::-2], edges[::-2], strict=True):
        columns = np.flatnonzero(lit[top:end].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        if not high / 2 <= (end - top) * wide / (right - left) <= high * 2:
            continue
        aside = round((right - left) * (1 / _WIDE - 1) / 2)
        yield grey[: end + 1, max(0, left - aside) : right + aside]
        tried += 1
        if tried == _TRIED:
            return


def likeness(grey: NDArray[np.uint8]) -> float:
    """Correlation of the words with what stands nearest to them above the lower edge, as it is or
    mirrored, -1 to 1."""
    near = _near(grey)
    if near is None:
        return 0.0
    words = _words()
    return max(_correlation(one, strokes, words, 0, _LOOKED_AT) for one, strokes in _mirrored(near))


def _shows_words(grey: NDArray[np.uint8]) -> bool:
    """Whether the words, or enough of them, stand above the lower edge."""
    near = _near(grey)
    if near is None:
        return False
    words, (high, wide) = _words(), _words().shape
    left, third, half = (_LOOKED_AT - wide) // 2, wide // 3, high // 2
    parts = [
        (words[:, start : start + third], left + start, _ALIKE_THIRD)
        for start in (0, third, 2 * third)
    ]
    parts += [(words[:half], left, _ALIKE_HALF), (words[half:], left, _ALIKE_HALF)]
    for one, strokes in _mirrored(near):
        whole = _correlation(one, strokes, words, 0, _LOOKED_AT)
        if whole >= _ALIKE:
            return True
        if whole < _WORTH_IT:
            continue
        for part, place, least in parts:
            here = max(0, place - _ASIDE), place + part.shape[1] + _ASIDE
            if _correlation(one, strokes, part, *here) >= least:
                return True
    return False


def _near(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """What stands near the lower edge, as wide as it is looked at; None where no words fit."""
    height, width = grey.shape
    if width < _NARROWEST:
        return None
    near = _scaled(grey[max(0, height - round(_SEARCHED * width)) :], _LOOKED_AT)
    return near if len(near) >= len(_words()) else None


def _mirrored(near: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], FloatArray]]:
    """With its strokes; as it is first."""
    strokes = _strokes(near)
    yield near, strokes
    yield near[:, ::-1], np.ascontiguousarray(strokes[:, ::-1])


def _correlation(
    near: NDArray[np.uint8], strokes: FloatArray, words: FloatArray, left: int, right: int
) -> float:
    """Of these words with what is most alike to them between two columns; 0 where that has too
    little contrast to be letters."""
    found = cv2.matchTemplate(strokes[:, left:right], words, cv2.TM_CCOEFF_NORMED)
    _, most, _, (aside, top) = cv2.minMaxLoc(found)
    there = near[top : top + words.shape[0], left + aside : left + aside + words.shape[1]]
    return float(most) if np.ptp(there) >= _CONTRAST else 0.0


@cache
def _words() -> FloatArray:
    """The strokes of the words alone, as they stand in a picture of the width looked at."""
    strip = _scaled(_drawn_large(), _LOOKED_AT)
    lit = strip > (_DARK + _LIGHT) // 2
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    return _strokes(strip)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _strokes(grey: NDArray[np.uint8]) -> FloatArray:
    """What changes along a row within the breadth of a letter: no edge of a floor, no slope."""
    fine: FloatArray = grey.astype(np.float32)
    level: FloatArray = cv2.blur(fine, (15, 1))
    return fine - level
