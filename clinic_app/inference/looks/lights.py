"""Synthetic light for a face that was photographed once: shading of an ellipsoid of a face's shape.

The picture's own light counts as frontal. Under light from another side every pixel is multiplied
by the ratio of two Lambertian shadings with ambient light (quotient image: Shashua and
Riklin-Raviv, IEEE TPAMI 23(2), 2001); the exposure follows half way, as a camera's does. No cast
shadows: real side light is harder, so the figures compare looks and promise nothing more.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from clinic_app.inference.arrays import FloatArray

_AMBIENT = 0.2
_GAMMA = 2.2
_MIDDLE, _HALF = (0.5, 0.5), (0.46, 0.60)
"""Middle and half axes of the ellipsoid in the aligned crop."""


@dataclass(frozen=True)
class Light:
    """Degrees to the person's left (positive) or right, and above eye level."""

    azimuth: float
    elevation: float

    @property
    def angle(self) -> float:
        """From the frontal direction, degrees."""
        towards_camera = np.clip(_direction(self)[2], -1.0, 1.0)
        return float(np.degrees(np.arccos(towards_camera)))


LIGHTS = tuple(
    Light(azimuth, elevation)
    for elevation in (-20.0, 0.0, 40.0)
    for azimuth in (-75.0, -50.0, -25.0, 0.0, 25.0, 50.0, 75.0)
    if (azimuth, elevation) != (0.0, 0.0)
)
WITHIN = 60.0
"""Degrees; beyond it a side of the face lies in the dark."""


def lit(face: FloatArray, lights: tuple[Light, ...] = LIGHTS) -> FloatArray:
    """An aligned face [3, S, S] in [0, 1] under each light, [len(lights), 3, S, S]."""
    fields = np.stack([_field(light, face.shape[-1]) for light in lights])
    linear = np.power(face, np.float32(_GAMMA))[None] * fields[:, None]
    pictures: FloatArray = np.power(np.clip(linear, 0.0, 1.0), np.float32(1 / _GAMMA))
    return pictures


@functools.lru_cache(maxsize=64)
def _field(light: Light, side: int) -> FloatArray:
    axis = (np.arange(side) + 0.5) / side
    x = (axis[None, :] - _MIDDLE[0]) / _HALF[0]
    y = (axis[:, None] - _MIDDLE[1]) / _HALF[1]
    # Beyond the rim, and close to it, the normal stays that of nine tenths of the way out.
    radius = np.sqrt(x * x + y * y)
    inward = np.minimum(1.0, 0.9 / np.maximum(radius, 1e-6))
    nx, ny = x * inward, y * inward
    nz = np.sqrt(1.0 - np.minimum(nx * nx + ny * ny, 0.81))
    lx, ly, lz = _direction(light)
    shade = np.maximum(0.0, nx * lx + ny * ly + nz * lz)
    field = (_AMBIENT + (1 - _AMBIENT) * shade) / (_AMBIENT + (1 - _AMBIENT) * nz)
    field /= np.sqrt(field[radius <= 0.9].mean())
    return field.astype(np.float32)


def _direction(light: Light) -> tuple[float, float, float]:
    """Towards the light: right in the picture, down, towards the camera."""
    azimuth, elevation = np.radians(light.azimuth), np.radians(light.elevation)
    flat = np.cos(elevation)
    return float(flat * np.sin(azimuth)), float(-np.sin(elevation)), float(flat * np.cos(azimuth))
