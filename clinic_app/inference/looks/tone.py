"""Brings a face to a reference look by one gain a pixel: nothing moves, and colours keep their hue.

The gain comes from two steps on the logarithm of brightness. A plane, fitted over the face, is
taken out in part: light from one side. Then the face's own tones are led to those of the reference
by a rising, piecewise linear curve. Both keep the face's middle tone where it is.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.reference_look import SHARES, Recipe
from clinic_app.inference.arrays import FloatArray, RgbImage, to_batch

Mask = NDArray[np.bool_]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_CENTRE, _RADII = (0.5, 0.52), (0.33, 0.42)
"""The face in the aligned crop, x and y: inside of hair, neck and background."""
_DARKEST = 0.02
_SLOPES = (0.6, 1.6)
"""The curve may be no flatter and no steeper, so that no tone is lost or torn apart."""
_MOST_GAIN = 2.0
_MOST_SLOPE = 0.6
"""Logarithm of brightness from the middle to the edge of the crop that is taken out at most."""


def with_look(faces: FloatArray, recipe: Recipe) -> FloatArray:
    """Aligned faces [n, 3, S, S] in [0, 1] with the look; same shape and range."""
    return np.stack([_face(face, recipe) for face in faces])


def picture_with_look(face: RgbImage, recipe: Recipe) -> RgbImage:
    """The same for one aligned face as people see it, uint8 [S, S, 3]."""
    planes = with_look(to_batch(face), recipe)[0]
    return np.ascontiguousarray((planes * 255.0 + 0.5).astype(np.uint8).transpose(1, 2, 0))


def _face(face: FloatArray, recipe: Recipe) -> FloatArray:
    aim, inside = recipe.aim, _inside(face.shape[-1])
    light = np.log(np.maximum(np.tensordot(_LUMA, face, axes=1), _DARKEST))
    level = light - np.float32(recipe.strength * aim.evenness) * _plane(light, inside)
    led = _led(level, inside, np.array(aim.tones), recipe.strength)
    # The middle of the face is the fixed point of both steps together.
    change = led - light + np.float32(np.median(light[inside]) - np.median(led[inside]))
    gain = np.exp(np.clip(change, -np.log(_MOST_GAIN), np.log(_MOST_GAIN)))
    evened: FloatArray = np.clip(face * gain, 0.0, 1.0).astype(np.float32)
    return evened


def _plane(light: FloatArray, inside: Mask) -> FloatArray:
    """The least-squares slope of light over the face, 0 in its middle, [S, S]."""
    x, y, solve = _plane_fit(light.shape[0])
    slope = np.clip(solve @ light[inside], -_MOST_SLOPE, _MOST_SLOPE)
    plane: FloatArray = (slope[0] * x + slope[1] * y).astype(np.float32)
    return plane


def _led(
    level: FloatArray, inside: Mask, tones: NDArray[np.float64], strength: float
) -> FloatArray:
    own = np.quantile(level[inside], SHARES)
    steps = np.maximum(np.diff(own), 1e-3)
    slopes = np.clip(np.diff(tones) / steps, *_SLOPES)
    slopes = 1.0 + strength * (slopes - 1.0)
    knots = own[0] + np.concatenate([[0.0], np.cumsum(steps)])
    aims = np.concatenate([[0.0], np.cumsum(slopes * steps)])
    aims += knots[2] - aims[2]
    # Beyond the ends tones keep their distance.
    far = 10.0
    knots = np.concatenate([[knots[0] - far], knots, [knots[-1] + far]])
    aims = np.concatenate([[aims[0] - far], aims, [aims[-1] + far]])
    led: FloatArray = np.interp(level, knots, aims).astype(np.float32)
    return led


@functools.lru_cache(maxsize=4)
def _inside(side: int) -> Mask:
    x, y = _axes(side)
    inside: Mask = (
        ((x - _CENTRE[0]) / _RADII[0]) ** 2 + ((y - _CENTRE[1]) / _RADII[1]) ** 2
    ) <= 1.0
    return inside


@functools.lru_cache(maxsize=4)
def _plane_fit(side: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """x and y around the middle of the face [S, S], and what makes slopes of light [2, k]."""
    x, y = (axis - np.float32(middle) for axis, middle in zip(_axes(side), _CENTRE, strict=True))
    x, y = np.broadcast_to(x, (side, side)), np.broadcast_to(y, (side, side))
    inside = _inside(side)
    columns = np.stack([x[inside], y[inside], np.ones(int(inside.sum()))], axis=1)
    return x, y, np.linalg.pinv(columns)[:2].astype(np.float32)


def _axes(side: int) -> tuple[FloatArray, FloatArray]:
    axis = ((np.arange(side) + 0.5) / side).astype(np.float32)
    return axis[None, :], axis[:, None]
