"""Head pose has the documented signs and roughly the right size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.inference.alignment import template_points
from clinic_app.inference.arrays import Points
from clinic_app.inference.pose import head_pose
from tests.unit.inference.test_alignment import FACE_TEMPLATE

FLAT = template_points(FACE_TEMPLATE)
EYES = float(FLAT[1, 0] - FLAT[0, 0])
DEPTH = np.array([0.0, 0.0, 0.45, 0.06, 0.06]) * EYES


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Points:
    """The template's face as a solid, turned by degrees and seen from far away."""
    solid = np.column_stack([FLAT - FLAT.mean(axis=0), DEPTH])
    y, p, r = (math.radians(a) for a in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return (solid @ (about_z @ about_x @ about_y).T)[:, :2] * 300 + 200


def test_a_frontal_face_has_no_angle() -> None:
    pose = head_pose(turned(), FACE_TEMPLATE)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((0, 0, 0), abs=1e-6)


@pytest.mark.parametrize("angle", [-30.0, -12.0, 8.0, 25.0])
def test_single_turns_are_measured(angle: float) -> None:
    assert head_pose(turned(yaw=angle), FACE_TEMPLATE).yaw == pytest.approx(angle, abs=1.5)
    assert head_pose(turned(pitch=angle), FACE_TEMPLATE).pitch == pytest.approx(angle, abs=1.5)
    assert head_pose(turned(roll=angle), FACE_TEMPLATE).roll == pytest.approx(angle, abs=1e-6)


def test_turning_to_the_patients_left_moves_the_nose_to_the_pictures_right() -> None:
    to_the_left = turned(yaw=20)
    assert to_the_left[2, 0] > turned()[2, 0]
    assert head_pose(to_the_left, FACE_TEMPLATE).yaw > 0


@given(st.floats(0.2, 8), st.floats(-500, 500), st.floats(-500, 500))
def test_size_and_place_do_not_matter(scale: float, x: float, y: float) -> None:
    pose = head_pose(turned(10, -8, 5) * scale + (x, y), FACE_TEMPLATE)
    same = head_pose(turned(10, -8, 5), FACE_TEMPLATE)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx(
        (same.yaw, same.pitch, same.roll), abs=1e-6
    )
