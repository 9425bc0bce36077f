"""Which way the head points, from the five landmarks under a scaled-orthographic camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clinic_app.inference.alignment import template_points
from clinic_app.inference.arrays import Points
from clinic_app.inference.manifest import FaceTemplate

_DEPTH = np.array([0.0, 0.0, 0.45, 0.06, 0.06])
"""Eyes, nose tip and mouth corners before the eyes' plane, in interocular distances: rounded from
common generic head models. Only the nose's matters; a fifth more or less changes yaw by a fifth."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees. Yaw > 0: turned to the patient's left; pitch > 0: looking down; roll > 0: the head
    leans clockwise in the picture. Proxies: the mean over people is near zero, not each person's.
    """

    yaw: float
    pitch: float
    roll: float


def head_pose(points: Points, template: FaceTemplate) -> Pose:
    """Pose of five points [5, 2] in picture pixels, with the template as the frontal face."""
    flat = template_points(template)
    flat = flat / float(np.hypot(*(flat[1] - flat[0])))
    solid = np.column_stack([flat, _DEPTH])
    solid = solid - solid.mean(axis=0)
    seen = points - points.mean(axis=0)
    camera = np.linalg.lstsq(solid, seen, rcond=None)[0].T  # [2, 3]
    roll = math.atan2(camera[1, 0] - camera[0, 1], camera[0, 0] + camera[1, 1])
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    level = turn @ camera
    scale = float(np.linalg.norm(level, axis=1).max())
    yaw, pitch = np.degrees(np.arcsin(np.clip(level[:, 2] / max(scale, 1e-9), -1.0, 1.0)))
    return Pose(float(yaw), float(pitch), math.degrees(roll))
