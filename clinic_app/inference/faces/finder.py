"""Which scales to look at, and which of the faces is the person in front of the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.alignment import warp
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.faces.yunet import Face, YuNet, resized, suppress_overlaps
from clinic_app.inference.native import cv2

PREVIEW_SIDE = 256
STILL_SIDE = 320
DISTANT_SIDE = 960
"""Longest side of the frame that is searched, in pixels. A face needs about 12 of them."""
_SMALL_AT_STILL_SIDE = 40.0
"""Box height below which a second, finer look is taken: at 320 the neighbours may be missed."""
_BORDER = 0.5
"""Black border, as a share of the longer side, for pictures that a face fills completely."""
_LOOK_SIDE = 128
_FACE_IN_LOOK = 64.0
"""The close look: a 128-pixel square in which the face is 64 high. Measured on 250 video frames
with known landmarks, this size has the smallest error of 96 to 256."""


@dataclass(frozen=True, slots=True)
class Found:
    """The main face, if any, and the largest other one's area as a share of the main one's."""

    face: Face | None
    second_share: float = 0.0


class FaceFinder:
    """Finds and measures the one face."""

    def __init__(self, detector: YuNet) -> None:
        self._detector = detector

    def in_still(self, image: RgbImage) -> Found:
        """Search thoroughly: normal, then distant, then frame-filling faces."""
        faces = self._at(image, STILL_SIDE)
        shrunk = STILL_SIDE / max(image.shape[:2])
        if not faces or max(face.height for face in faces) * shrunk < _SMALL_AT_STILL_SIDE:
            faces = suppress_overlaps(faces + self._at(image, DISTANT_SIDE))
        if not faces:
            faces = self._with_border(image)
        return self._main(faces)

    def in_frame(self, image: RgbImage) -> Found:
        """One quick pass, for the live preview."""
        return self._main(self._at(image, PREVIEW_SIDE))

    def measured(self, image: RgbImage, face: Face) -> Face:
        """The same face looked at closely at a fixed size; `face` itself where that fails.

        The mirrored square is looked at too and the mean taken: steadier, and a mirrored picture
        gives the mirrored answer.
        """
        square, scale, shift = _close_look(image, face)
        turned = self._closest(np.ascontiguousarray(square[:, ::-1]))
        seen = _mean_face(self._closest(square), turned)
        return face if seen is None else seen.moved(1 / scale, *(-shift / scale))

    def turned_gain(self, image: RgbImage, face: Face) -> float:
        """By how much the detector likes a `measured` face better when it is turned, -1 to 1.

        Above zero the picture lies on its side or stands on its head. The detector still draws an
        upright face there, so neither its points nor the landmarks would tell.
        """
        square, _, _ = _close_look(image, face)
        views = [np.ascontiguousarray(np.rot90(square, quarter)) for quarter in (1, 2, 3)]
        turned = (seen.score if seen else 0.0 for seen in map(self._closest, views))
        return max(turned) - face.score

    def followed(self, image: RgbImage, face: Face) -> Face | None:
        """The face near where `face` was a moment ago, from one close look; `None` when lost."""
        square, scale, shift = _close_look(image, face)
        seen = self._closest(square)
        return None if seen is None else seen.moved(1 / scale, *(-shift / scale))

    def _closest(self, square: RgbImage) -> Face | None:
        faces = self._detector.detect(square, min_score=0.4)
        middle = np.array([_LOOK_SIDE / 2, _LOOK_SIDE / 2])
        near = [f for f in faces if float(np.hypot(*(f.centre - middle))) < _FACE_IN_LOOK / 2]
        return near[0] if near else None

    def _at(self, image: RgbImage, side: int) -> list[Face]:
        scale = min(1.0, side / max(image.shape[:2]))
        small = resized(image, scale)
        # Rounding the size makes the true scale differ slightly from the wanted one.
        true_scale = image.shape[1] / small.shape[1]
        return [face.moved(true_scale, 0.0, 0.0) for face in self._detector.detect(small)]

    def _with_border(self, image: RgbImage) -> list[Face]:
        scale = PREVIEW_SIDE / (1 + 2 * _BORDER) / max(image.shape[:2])
        small = resized(image, scale)
        edge = int(max(small.shape[:2]) * _BORDER)
        framed = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
        true_scale = image.shape[1] / small.shape[1]
        return [
            face.moved(1.0, -edge, -edge).moved(true_scale, 0.0, 0.0)
            for face in self._detector.detect(framed)
        ]

    @staticmethod
    def _main(faces: list[Face]) -> Found:
        if not faces:
            return Found(None)
        ranked = sorted(faces, key=lambda one: -one.area * one.score**2)
        others = ranked[1:]
        share = max((one.area for one in others), default=0.0) / ranked[0].area
        return Found(ranked[0], float(share))


def _close_look(image: RgbImage, face: Face) -> tuple[RgbImage, float, NDArray[np.float64]]:
    """A square around the face at a fixed size (black where the picture ends), scale and shift."""
    scale = _FACE_IN_LOOK / face.height
    shift = _LOOK_SIDE / 2 - face.centre * scale
    matrix = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    return warp(image, matrix, _LOOK_SIDE, border=cv2.BORDER_CONSTANT), scale, shift


def _mean_face(seen: Face | None, turned: Face | None) -> Face | None:
    if turned is None:
        return seen
    points = turned.points[[1, 0, 2, 4, 3]].copy()
    points[:, 0] = _LOOK_SIDE - points[:, 0]
    left = _LOOK_SIDE - turned.left - turned.width
    back = Face(left, turned.top, turned.width, turned.height, points, turned.score)
    if seen is None:
        return back
    return Face(
        (seen.left + back.left) / 2,
        (seen.top + back.top) / 2,
        (seen.width + back.width) / 2,
        (seen.height + back.height) / 2,
        (seen.points + back.points) / 2,
        max(seen.score, back.score),
    )
