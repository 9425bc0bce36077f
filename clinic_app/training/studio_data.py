"""Pictures that the style studio's nets learn from: photographs, drawn styles, made textures.

No label takes part. Faces come from the training parts of the data files alone; the pictures that
figures are measured on are faces of other people and style pictures that were never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from clinic_app.paths import RESOURCES
from clinic_app.training.prepare import Workspace
from clinic_app.training.style import to_faces

Bytes = NDArray[np.uint8]
Plane = NDArray[np.float64]
STYLES = RESOURCES / "styles"
WITHHELD = ("folds", "woodcut")
"""Style pictures that the perceptual net is not shown, to measure it on what a user may bring."""
KEPT_SIDE, CROP = 160, 96
JUDGED_SIDE = 112
HELD_OUT = 12
"""Faces, a third of them under studio light."""
MIXED, NOISY, TURNED = 0.35, 0.35, 0.3
"""Shares of crops that are blended with another, get noise, have their colours exchanged."""


@dataclass(frozen=True)
class StudioPictures:
    """Photographs and textures [n, 160, 160, 3], and how many of each kind there are."""

    photographs: Bytes
    textures: Bytes

    @property
    def counts(self) -> dict[str, int]:
        return {"photographs": len(self.photographs), "textures": len(self.textures)}


def style_pictures(folder: Path = STYLES) -> dict[str, Bytes]:
    """Our style pictures [h, w, 3] by name, sorted."""
    found = {}
    for path in sorted(folder.glob("*.png")):
        picture = cv2.imread(str(path))
        assert picture is not None
        found[path.stem] = np.ascontiguousarray(picture[:, :, ::-1]).astype(np.uint8)
    return found


def photographs(work: Workspace, utk: int, fer: int, yale: int) -> Bytes:
    """Faces of the training parts: colour, web, and under studio light."""
    rng = np.random.default_rng(work.seed)
    colour = work.utk_faces[1][work.utk_parts[0]]
    chosen = rng.choice(colour, min(utk, len(colour)), replace=False)
    lit = rng.choice(work.light_rows(work.yale_subjects.train), yale, replace=False)
    web = rng.choice(work.fer_split.train, fer, replace=False)
    parts = [
        [work.utk.images[row] for row in chosen],
        _coloured(work.yale.images[np.sort(lit)]),
        _coloured(work.fer.images[np.sort(web)]),
    ]
    return np.stack([_sized(picture) for part in parts for picture in part])


def textures(styles: dict[str, Bytes], each: int, made: int, seed: int = 0) -> Bytes:
    """`each` crops of every style picture, and `made` textures (`_texture`)."""
    rng = np.random.default_rng(seed)
    crops = [_random_crop(picture, rng) for picture in styles.values() for _ in range(each)]
    return np.stack([*crops, *(_texture(rng) for _ in range(made))])


def held_out_faces(work: Workspace, count: int = HELD_OUT, side: int = JUDGED_SIDE) -> Tensor:
    """Photographs [n, 3, side, side] of people that nothing was trained on."""
    rng = np.random.default_rng(work.seed + 1)
    others, lit = work.utk_faces[1][work.utk_parts[1]], work.yale_subjects.validation
    faces = [work.utk.images[r] for r in rng.choice(others, count - count // 3, replace=False)]
    rows = np.sort(rng.choice(work.light_rows(lit), count // 3, replace=False))
    return to_faces(_all_sized([*faces, *_coloured(work.yale.images[rows])], side))


def judged_faces(work: Workspace, count: int, side: int) -> Bytes:
    """Colour photographs [n, side, side, 3] of people that nothing was trained on, and that no
    epoch was chosen by."""
    rng = np.random.default_rng(work.seed + 1)
    others = work.utk_faces[1][work.utk_parts[1]]
    chose = rng.choice(others, HELD_OUT - HELD_OUT // 3, replace=False)
    rows = rng.choice(np.setdiff1d(others, chose), count, replace=False)
    return _all_sized([work.utk.images[row] for row in rows], side)


def held_out(work: Workspace, count: int = 8, side: int = JUDGED_SIDE) -> Tensor:
    """Pictures [n, 3, side, side] of nobody and nothing trained on: faces, styles, both mixed."""
    rng = np.random.default_rng(work.seed + 2)
    unseen = [picture for name, picture in style_pictures().items() if name in WITHHELD]
    drawn = [_random_crop(unseen[k % len(unseen)], rng) for k in range(count)]
    faces, patterns = held_out_faces(work, side=side), to_faces(_all_sized(drawn, side))
    return torch.cat([faces, patterns, 0.5 * faces[:count] + 0.5 * patterns])


def varied(pictures: Tensor, partners: Tensor, rng: torch.Generator) -> Tensor:
    """Crops [n, 3, 96, 96] of bytes [n, 160, 160, 3]: moved, mirrored, mixed, noisy, recoloured.

    An optimised transfer goes through blends and noise, so the net has to see those too.
    """

    def chance() -> float:
        return float(torch.rand((), generator=rng))

    crops = []
    for own, other in zip(pictures, partners, strict=True):
        x = _crop(own, rng)
        if chance() < MIXED:
            share = chance()
            x = share * x + (1 - share) * _crop(other, rng)
        if chance() < TURNED:
            x = x[torch.randperm(3, generator=rng)]
        if chance() < NOISY:
            x = x + 0.35 * chance() * torch.randn(x.shape, generator=rng)
        if chance() < 0.2:
            x = (x - x.mean()) * (0.3 + 1.2 * chance()) + x.mean()
        crops.append(x.clamp(0, 1))
    return torch.stack(crops)


def cropped(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Crops [n, 3, 96, 96] of bytes [n, 160, 160, 3], some reduced or mirrored."""
    return torch.stack([_crop(picture, rng) for picture in pictures])


def _crop(picture: Tensor, rng: torch.Generator) -> Tensor:
    side = CROP
    if float(torch.rand((), generator=rng)) < 0.4:
        side = int(torch.randint(80, KEPT_SIDE + 1, (), generator=rng))
    top, left = (int(torch.randint(0, KEPT_SIDE - side + 1, (), generator=rng)) for _ in range(2))
    x = picture[top : top + side, left : left + side].permute(2, 0, 1).float() / 255
    if float(torch.rand((), generator=rng)) < 0.5:
        x = x.flip(2)
    if side != CROP:
        x = F.interpolate(x[None], (CROP, CROP), mode="bilinear", antialias=True)[0]
    return x


def _coloured(gray: Bytes) -> list[Bytes]:
    return [np.repeat(one[..., None], 3, axis=2) for one in gray]


def _sized(picture: Bytes, side: int = KEPT_SIDE) -> Bytes:
    h, w = picture.shape[:2]
    edge = min(h, w)
    top, left = (h - edge) // 2, (w - edge) // 2
    square = np.ascontiguousarray(picture[top : top + edge, left : left + edge])
    how = cv2.INTER_AREA if edge >= side else cv2.INTER_CUBIC
    return cv2.resize(square, (side, side), interpolation=how).astype(np.uint8)


def _all_sized(pictures: list[Bytes], side: int) -> Bytes:
    return np.stack([_sized(picture, side) for picture in pictures])


def _random_crop(picture: Bytes, rng: np.random.Generator) -> Bytes:
    least = min(picture.shape[:2])
    side = int(rng.integers(min(KEPT_SIDE, least) * 3 // 4, least + 1))
    top, left = (int(rng.integers(0, extent - side + 1)) for extent in picture.shape[:2])
    return _sized(picture[top : top + side, left : left + side])


def _texture(rng: np.random.Generator) -> Bytes:
    """One of eight kinds; half of them are ink on paper, as hard and fine as engravings are."""
    kind = int(rng.integers(8))
    if kind >= 4:
        return _inked((_bands, _hatching, _halftone, _strokes)[kind - 4](rng), rng)
    plane = (_noise, _stripes, _cells, _gradient)[kind](rng)
    low, high = plane.min(), plane.max()
    tones = np.sort(rng.random(2))
    spread = tones[0] + (tones[1] - tones[0]) * (plane - low) / max(float(high - low), 1e-6)
    return (255 * spread + 0.5).astype(np.uint8)


def _noise(rng: np.random.Generator) -> Plane:
    """Of one size of grain."""
    grain = rng.normal(size=(KEPT_SIDE, KEPT_SIDE, 3))
    return np.asarray(cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.4, 12))), np.float64)


def _stripes(rng: np.random.Generator) -> Plane:
    return _wave(rng, float(rng.uniform(3, 40)))[..., None] * rng.normal(size=3)


def _cells(rng: np.random.Generator) -> Plane:
    ys, xs = np.mgrid[0:KEPT_SIDE, 0:KEPT_SIDE].astype(np.float32)
    seeds = rng.random((int(rng.integers(8, 60)), 2)) * KEPT_SIDE
    away = (xs[..., None] - seeds[:, 0]) ** 2 + (ys[..., None] - seeds[:, 1]) ** 2
    return rng.normal(size=(len(seeds), 3))[away.argmin(axis=-1)]


def _gradient(rng: np.random.Generator) -> Plane:
    """A slow change of colour."""
    few, size = rng.normal(size=(4, 4, 3)), (KEPT_SIDE, KEPT_SIDE)
    return np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_CUBIC), np.float64)


def _bands(rng: np.random.Generator) -> Plane:
    """Noise of a narrow band of sizes: blots, worms, marble."""
    grain, size = rng.normal(size=(KEPT_SIDE, KEPT_SIDE)), float(np.exp(rng.uniform(-0.5, 1.8)))
    fine, coarse = (cv2.GaussianBlur(grain, (0, 0), s) for s in (size, 1.6 * size))
    return np.asarray(fine - coarse, np.float64)


def _hatching(rng: np.random.Generator) -> Plane:
    """Lines that bend and swell, now and then crossed."""
    period = float(np.exp(rng.uniform(np.log(3), np.log(18))))
    bent = rng.uniform(0, 6) * _slow(rng)
    lines = _wave(rng, period, bent)
    if rng.random() < 0.3:
        lines = np.maximum(lines, _wave(rng, period, bent))
    return lines + rng.uniform(0, 1) * _slow(rng)


def _halftone(rng: np.random.Generator) -> Plane:
    """Dots on a grid that grow and shrink."""
    period, angle = float(np.exp(rng.uniform(np.log(4), np.log(18)))), float(rng.uniform(0, np.pi))
    one, other = (_wave(rng, period, angle=angle + turn) for turn in (0.0, np.pi / 2))
    return one * other + rng.uniform(0, 0.8) * _slow(rng)


def _strokes(rng: np.random.Generator) -> Plane:
    """Short lines, crowded."""
    plane = np.zeros((KEPT_SIDE, KEPT_SIDE), np.float32)
    length, width = float(rng.uniform(4, 40)), int(rng.integers(1, 4))
    for x, y in rng.random((int(rng.integers(100, 600)), 2)) * KEPT_SIDE:
        angle = float(rng.uniform(0, np.pi))
        end = (int(x + length * np.cos(angle)), int(y + length * np.sin(angle)))
        cv2.line(plane, (int(x), int(y)), end, float(rng.normal()), width)
    return plane.astype(np.float64)


def _wave(
    rng: np.random.Generator, period: float, bent: Plane | float = 0.0, angle: float | None = None
) -> Plane:
    """A sine of this period in pixels, in any direction where no `angle` is given."""
    ys, xs = np.mgrid[0:KEPT_SIDE, 0:KEPT_SIDE].astype(np.float64)
    angle = float(rng.uniform(0, np.pi)) if angle is None else angle
    along = (xs * np.cos(angle) + ys * np.sin(angle)) / period
    return np.asarray(np.sin(2 * np.pi * along + bent), np.float64)


def _slow(rng: np.random.Generator) -> Plane:
    """A field [160, 160] between about -2 and 2 that changes slowly."""
    few, size = rng.normal(size=(5, 5)), (KEPT_SIDE, KEPT_SIDE)
    return np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_CUBIC), np.float64)


def _inked(plane: Plane, rng: np.random.Generator) -> Bytes:
    """A field [h, w] as ink of one colour on paper of another, with edges as soft as printing."""
    above = plane - np.quantile(plane, rng.uniform(0.25, 0.75))
    steep = rng.uniform(4, 60) / max(float(plane.std()), 1e-6)
    share = 1 / (1 + np.exp(-np.clip(steep * above, -30, 30)))
    ink, paper = rng.random((2, 3))
    if rng.random() < 0.5:
        ink, paper = np.full(3, 0.25 * rng.random()), np.full(3, 1 - 0.25 * rng.random())
    return (255 * (share[..., None] * ink + (1 - share[..., None]) * paper) + 0.5).astype(np.uint8)
