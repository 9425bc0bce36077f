"""The quality gate: measured axes, one table of limits with their sources, one hint at a time.

Exposure is judged by clipping and by contrast inside the face, never by how bright the face is on
average: a mean would refuse dark skin in perfectly good light.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.finding import Quality, QualityReason
from clinic_app.inference.alignment import AlignedFace
from clinic_app.inference.arrays import Points, RgbImage
from clinic_app.inference.asymmetry import eye_aspect_ratio
from clinic_app.inference.faces.yunet import Face
from clinic_app.inference.native import cv2
from clinic_app.inference.pose import Pose

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gate:
    """Limits of one axis. Beyond `refuse_*` there is no reading; beyond `hint_*` the live preview
    asks for better, because a picture that can be had better should be."""

    reason: QualityReason
    axis: str
    source: str
    refuse_below: float = -math.inf
    refuse_above: float = math.inf
    hint_below: float = -math.inf
    hint_above: float = math.inf

    def refuses(self, value: float) -> bool:
        return value < self.refuse_below or value > self.refuse_above

    def hints(self, value: float) -> bool:
        return self.refuses(value) or value < self.hint_below or value > self.hint_above


_GUIDE = "hint: common capture guidance; refusal: tuned on UTKFace, YouTube Faces, Yale B"
GATES = (  # in the order in which a person should deal with them
    Gate(
        QualityReason.SEVERAL_FACES,
        "second_face_share",
        "a face of a quarter of the area stands at most twice as far away: it may be the patient",
        refuse_above=0.25,
    ),
    Gate(
        QualityReason.TOO_SMALL,
        "between_eyes_px",
        "design: below 36 px refuse; 60 px is a laptop's 480-line camera at arm's length",
        refuse_below=36.0,
        hint_below=60.0,
    ),
    Gate(QualityReason.TOO_CLOSE, "frame_height_share", _GUIDE, hint_above=0.85),
    Gate(
        QualityReason.CUT_OFF,
        "inside_share",
        "share of the face's ellipse, brows to chin, inside the picture",
        refuse_below=0.9,
        hint_below=0.99,
    ),
    Gate(QualityReason.OFF_CENTRE, "off_centre", _GUIDE, hint_above=0.22),
    Gate(QualityReason.TOO_DARK, "highlight", _GUIDE, refuse_below=40.0, hint_below=60.0),
    Gate(QualityReason.TOO_DARK, "clipped_dark", _GUIDE, refuse_above=0.35, hint_above=0.15),
    Gate(QualityReason.TOO_BRIGHT, "clipped_bright", _GUIDE, refuse_above=0.25, hint_above=0.08),
    Gate(QualityReason.LOW_CONTRAST, "contrast", _GUIDE, refuse_below=28.0, hint_below=40.0),
    Gate(QualityReason.UNEVEN_LIGHT, "side_difference", _GUIDE, refuse_above=1.2, hint_above=0.35),
    Gate(
        QualityReason.TILTED,
        "turned_gain",
        "measured: 599 upright UTKFace portraits stay below -0.01; 99.4 % of 487 turned ones do "
        "not",
        refuse_above=0.0,
    ),
    Gate(QualityReason.TILTED, "roll_degrees", _GUIDE, refuse_above=35.0, hint_above=12.0),
    Gate(QualityReason.NOT_FRONTAL, "yaw_degrees", _GUIDE, refuse_above=32.0, hint_above=15.0),
    Gate(QualityReason.NOT_FRONTAL, "pitch_degrees", _GUIDE, refuse_above=32.0, hint_above=20.0),
    Gate(QualityReason.MOVING, "movement", _GUIDE, hint_above=4.0),
    Gate(QualityReason.BLURRED, "sharpness", _GUIDE, refuse_below=0.05, hint_below=0.09),
    Gate(
        QualityReason.EYES_CLOSED,
        "eye_opening",
        "measured: 99 % of UTKFace portraits are above 0.19; downcast eyes, which belong to sad "
        "faces, must pass",
        refuse_below=0.12,
        hint_below=0.155,
    ),
)
"""Angles are compared by size, whatever their sign."""

COMFORTABLE_BETWEEN_EYES = 90.0
"""Pixels between the eyes from which the interval is not widened and asymmetry is measured."""
ASYMMETRY_MAX_YAW, ASYMMETRY_MAX_PITCH = 10.0, 20.0
"""Degrees; turned further, the two sides of the face are not seen alike."""
_WIDEST = 1.5


def judge(scores: Scores) -> Quality:
    """Accepted or not, with every reason for refusing in the table's order."""
    refusing = [g.reason for g in GATES if g.axis in scores and g.refuses(_size(g.axis, scores))]
    reasons = tuple(dict.fromkeys(refusing))
    return Quality(not reasons, reasons, dict(scores))


def hint(scores: Scores) -> QualityReason | None:
    """The single most useful thing to change, or `None` when all is well."""
    for gate in GATES:
        if gate.axis in scores and gate.hints(_size(gate.axis, scores)):
            return gate.reason
    return None


def interval_widening(between_eyes: float) -> float:
    """Factor on the interval: 1 from 90 px between the eyes, 1.5 at the smallest accepted face."""
    least = 36.0
    missing = (COMFORTABLE_BETWEEN_EYES - between_eyes) / (COMFORTABLE_BETWEEN_EYES - least)
    return 1.0 + (_WIDEST - 1.0) * float(np.clip(missing, 0.0, 1.0))


def asymmetry_allowed(scores: Scores) -> bool:
    """Whether the face is large and frontal enough to compare its sides."""
    return (
        scores["between_eyes_px"] >= COMFORTABLE_BETWEEN_EYES
        and abs(scores["yaw_degrees"]) <= ASYMMETRY_MAX_YAW
        and abs(scores["pitch_degrees"]) <= ASYMMETRY_MAX_PITCH
    )


def geometry_scores(
    face: Face, crop: AlignedFace, pose: Pose, second_share: float, image: RgbImage
) -> dict[str, float]:
    """Axes that need no pixel values."""
    height, width = image.shape[:2]
    centre_x, centre_y = face.centre
    return {
        "second_face_share": second_share,
        "inside_share": _inside_share(crop, width, height),
        "yaw_degrees": pose.yaw,
        "pitch_degrees": pose.pitch,
        "roll_degrees": pose.roll,
        "frame_height_share": face.height / height,
        "off_centre": float(max(abs(centre_x / width - 0.5), abs(centre_y / height - 0.5))),
    }


LIVE_ONLY = ("frame_height_share", "off_centre", "movement")
"""Axes that guide the person in front of a camera and say nothing about a finished picture."""


def light_scores(crop: AlignedFace) -> dict[str, float]:
    """Axes that need the pixels of the face: exposure, contrast, evenness, sharpness."""
    gray = cv2.cvtColor(crop.image, cv2.COLOR_RGB2GRAY)
    inside = _face_mask(crop.side)
    values = gray[inside]
    low, high = np.percentile(values, (5, 95))
    middle = crop.side // 2
    left = float(gray[:, :middle][inside[:, :middle]].mean())
    right = float(gray[:, middle:][inside[:, middle:]].mean())
    return {
        "highlight": float(high),
        "clipped_dark": float((values <= 6).mean()),
        "clipped_bright": float((values >= 250).mean()),
        "contrast": float(high - low),
        "side_difference": abs(left - right) / max((left + right) / 2.0, 1.0),
        "sharpness": sharpness(gray, inside),
    }


def eye_scores(points: Points) -> dict[str, float]:
    """Axes that need the landmarks [68, 2]."""
    return {"eye_opening": eye_aspect_ratio(points)}


def sharpness(gray: NDArray[np.uint8], inside: NDArray[np.bool_]) -> float:
    """Strength of the finest detail relative to the contrast of the face, size-normalised because
    the crop has a fixed size: the ratio of standard deviations of a Laplacian and the gray values.
    """
    smooth = cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 0.8)
    edges = cv2.Laplacian(smooth, cv2.CV_32F)
    return float(edges[inside].std() / max(float(gray[inside].std()), 1.0))


def _size(axis: str, scores: Scores) -> float:
    value = scores[axis]
    return abs(value) if axis.endswith("_degrees") else value


def _inside_share(crop: AlignedFace, width: int, height: int) -> float:
    """Share of the face's ellipse that the picture holds."""
    x, y = crop.to_picture(_ellipse_grid() * crop.side).T
    return float(((x >= 0) & (x <= width) & (y >= 0) & (y <= height)).mean())


@lru_cache
def _ellipse_grid() -> Points:
    side = 24
    y, x = np.nonzero(_face_mask(side))
    return (np.stack([x, y], axis=1) + 0.5) / side


@lru_cache
def _face_mask(side: int) -> NDArray[np.bool_]:
    """An ellipse over brows to chin of the aligned crop: skin, not hair or wall."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    inside: NDArray[np.bool_] = ((x - 0.5) / 0.32) ** 2 + ((y - 0.57) / 0.38) ** 2 <= 1.0
    return inside
