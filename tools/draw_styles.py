"""Draw the style pictures in resources/styles: `python tools/draw_styles.py [FOLDER]`.

Every picture is made by the code below from a fixed seed; nothing is traced or copied, so they
belong to the project. They are drawn at 512 x 512 and kept at 256 x 256, rich in one kind of mark,
and different in colour, since colour and texture are what a style net learns from them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE, KEPT_SIDE = 512, 256
Canvas = NDArray[np.float32]
Rng = np.random.Generator


def rgb(text: str) -> NDArray[np.float32]:
    """`#rrggbb` as three numbers in [0, 1]."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def palette(*colours: str) -> NDArray[np.float32]:
    return np.stack([rgb(colour) for colour in colours])


def smooth_noise(rng: Rng, scale: float, side: int = SIDE) -> Canvas:
    """Noise [side, side] in [0, 1] whose blobs are about `scale` pixels wide."""
    cells = max(2, round(side / scale))
    coarse = rng.random((cells + 3, cells + 3)).astype(np.float32)
    fine = cv2.resize(coarse, (side + 64, side + 64), interpolation=cv2.INTER_CUBIC)
    fine = fine[32 : 32 + side, 32 : 32 + side]
    return (fine - fine.min()) / (fine.max() - fine.min())


def flow(rng: Rng, scale: float) -> Canvas:
    """Directions [side, side] in radians that turn slowly from place to place."""
    return 2 * np.pi * smooth_noise(rng, scale)


def blend(stops: NDArray[np.float32], at: Canvas) -> Canvas:
    """Colours [h, w, 3] of a gradient through `stops`, read at `at` in [0, 1]."""
    place = np.clip(at, 0, 1) * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)
    share = (place - low)[..., None].astype(np.float32)
    mixed: Canvas = stops[low] * (1 - share) + stops[low + 1] * share
    return mixed


def grain(canvas: Canvas, rng: Rng, strength: float) -> Canvas:
    """Paper or canvas: fine noise that is the same in all colours."""
    noise = rng.normal(0, strength, canvas.shape[:2]).astype(np.float32)
    return canvas + cv2.GaussianBlur(noise, (0, 0), 0.8)[..., None]


def stroke(canvas: Canvas, points: NDArray[np.float64], colour: Canvas, width: int) -> None:
    """A smooth-edged line through `points` [n, 2] (x, y)."""
    fixed = np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)
    tone = tuple(float(c) for c in colour)
    cv2.polylines(canvas, [fixed], False, tone, width, cv2.LINE_AA, 4)


def follow(
    field: Canvas, start: NDArray[np.float64], steps: int, length: float
) -> NDArray[np.float64]:
    """The path [steps, 2] from `start` along a field of directions."""
    path = [start]
    for _ in range(steps - 1):
        x, y = np.clip(path[-1], 0, SIDE - 1).astype(int)
        angle = field[y, x]
        path.append(path[-1] + length * np.array([np.cos(angle), np.sin(angle)]))
    return np.stack(path)


def brush(rng: Rng) -> Canvas:
    """Long oil strokes along a turning field, blue to ochre."""
    colours = palette("#12284c", "#1f5a8c", "#5fa3c7", "#e8d9a0", "#d99a2b", "#7a3b12")
    field, tone = flow(rng, 170), smooth_noise(rng, 120)
    canvas = blend(colours, tone)
    for _ in range(5200):
        start = rng.random(2) * SIDE
        x, y = start.astype(int)
        shade = np.clip(tone[y, x] + rng.normal(0, 0.13), 0, 1)
        colour = blend(colours, np.float32([[shade]]))[0, 0] * rng.uniform(0.85, 1.12)
        stroke(canvas, follow(field, start, 9, 5.0), np.clip(colour, 0, 1), int(rng.integers(3, 8)))
    return grain(canvas, rng, 0.02)


def ink(rng: Rng) -> Canvas:
    """Pen hatching on warm paper: closer and crossed where it is darker."""
    canvas = np.ones((SIDE, SIDE, 3), np.float32) * rgb("#f4ecd8")
    dark, ink_colour = smooth_noise(rng, 110), rgb("#1d1b22")
    for turn, limit in ((0.7, 0.32), (-0.6, 0.52), (1.5, 0.7)):
        for _ in range(5200):
            start = rng.random(2) * SIDE
            x, y = start.astype(int)
            if dark[y, x] < limit * rng.uniform(0.85, 1.15):
                continue
            angle = turn + rng.normal(0, 0.07)
            end = start + rng.uniform(14, 34) * np.array([np.cos(angle), np.sin(angle)])
            bow = (start + end) / 2 + rng.normal(0, 1.0, 2)
            stroke(canvas, np.stack([start, bow, end]), ink_colour, 1)
    return grain(canvas, rng, 0.015)


def mosaic(rng: Rng) -> Canvas:
    """Small stone tiles with light joints, in rows that bend."""
    colours = palette("#0f4c5c", "#2a9d8f", "#e9c46a", "#f4a261", "#c8553d", "#f1e3c6")
    canvas = np.ones((SIDE, SIDE, 3), np.float32) * rgb("#d9d0bd")
    tone, bend, size = smooth_noise(rng, 90), smooth_noise(rng, 200), 13
    for row in range(-4, SIDE // size + 5):
        for column in range(-4, SIDE // size + 5):
            centre = np.array([column * size + (row % 2) * size / 2, row * size], float)
            x, y = np.clip(centre, 0, SIDE - 1).astype(int)
            centre = centre + np.array([0.0, 26.0 * bend[y, x]])
            angle = 0.9 * (bend[y, x] - 0.5) + rng.normal(0, 0.06)
            half = size * rng.uniform(0.36, 0.43)
            corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
            corners += rng.normal(0, 0.9, (4, 2))
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            shade = np.clip(tone[y, x] + rng.normal(0, 0.09), 0, 1)
            colour = blend(colours, np.float32([[shade]]))[0, 0] * rng.uniform(0.82, 1.1)
            shape = np.round((corners @ turn.T + centre) * 16).astype(np.int32)
            tint = tuple(float(c) for c in np.clip(colour, 0, 1))
            cv2.fillPoly(canvas, [shape], tint, cv2.LINE_AA, 4)
    return grain(canvas, rng, 0.02)


def glass(rng: Rng) -> Canvas:
    """Stained glass: bright cells between dark lead lines, lit unevenly."""
    colours = palette("#7b1e3a", "#c73e1d", "#f2a541", "#3b6e8f", "#1f3b73", "#2f7d4f", "#e8e0c8")
    seeds = rng.random((230, 2)) * (SIDE + 80) - 40
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    far = np.stack([(xs - x) ** 2 + (ys - y) ** 2 for x, y in seeds], axis=-1)
    near = np.partition(far, 1, axis=-1)[..., :2]
    edge = np.sqrt(near[..., 1]) - np.sqrt(near[..., 0])
    cell = far.argmin(axis=-1)
    canvas = colours[rng.integers(0, len(colours), len(seeds))][cell]
    canvas = canvas * (0.65 + 0.5 * smooth_noise(rng, 60))[..., None]
    streaks = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 6, 0.8)
    canvas = canvas + 0.25 * streaks[..., None]
    lead = np.clip((edge - 2.2) / 2.5, 0, 1)[..., None]
    return canvas * lead + rgb("#14110f") * (1 - lead)


def dots(rng: Rng) -> Canvas:
    """Pointillism: small dabs of pure colour, complementary beside each other."""
    light = palette("#f6d55c", "#f3a712", "#e4572e", "#f9efc7")
    dark = palette("#29335c", "#3f4b9b", "#2e8b8b", "#6a3d7c")
    canvas = np.ones((SIDE, SIDE, 3), np.float32) * rgb("#e9e2cf")
    tone = smooth_noise(rng, 130)
    for _ in range(26000):
        x, y = rng.integers(0, SIDE, 2)
        group = light if rng.random() < tone[y, x] else dark
        colour = np.clip(group[rng.integers(len(group))] + rng.normal(0, 0.04, 3), 0, 1)
        tint = tuple(float(c) for c in colour)
        place = (int(x) * 16 + int(rng.integers(16)), int(y) * 16 + int(rng.integers(16)))
        cv2.circle(canvas, place, int(rng.uniform(1.6, 3.4) * 16), tint, -1, cv2.LINE_AA, 4)
    return canvas


def waves(rng: Rng) -> Canvas:
    """Woodblock waves: bands of indigo with pale crests."""
    colours = palette("#102a43", "#1f4e79", "#4f86a6", "#a9c9d6", "#f3efe0")
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    lift = 46 * smooth_noise(rng, 130) + 15 * np.sin(xs / 37 + 5 * smooth_noise(rng, 190))
    phase = (ys + lift + 12 * smooth_noise(rng, 40)) / 30.0
    band = phase - np.floor(phase)
    canvas = blend(colours, band**1.4)
    outline = np.exp(-((band - 0.97) ** 2) / 0.0016) + np.exp(-(band**2) / 0.0010)
    canvas = canvas * (1 - 0.85 * np.clip(outline, 0, 1))[..., None]
    fine = 0.5 + 0.5 * np.sin(band * 40)
    canvas = canvas + 0.06 * (fine - 0.5)[..., None]
    return grain(canvas, rng, 0.025)


def wash(rng: Rng) -> Canvas:
    """Watercolour: pools of thin colour with dark rims on rough paper."""
    colours = palette("#e76f51", "#8ab17d", "#2a6f97", "#e9c46a", "#9b5d94", "#4d908e")
    canvas = np.ones((SIDE, SIDE, 3), np.float32) * rgb("#fbf7ee")
    for _ in range(16):
        shape = smooth_noise(rng, rng.uniform(60, 160)) + 0.25 * smooth_noise(rng, 16)
        level = np.quantile(shape, rng.uniform(0.72, 0.9))
        inside = 1 / (1 + np.exp(-(shape - level) * 70))
        rim = np.exp(-((shape - level - 0.015) ** 2) / 0.0005)
        strength = (0.34 * inside * (0.6 + 0.6 * smooth_noise(rng, 24)) + 0.3 * rim)[..., None]
        canvas = canvas * (1 - strength * (1 - colours[rng.integers(len(colours))]))
    paper = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 1.3)
    return canvas + 0.05 * paper[..., None]


def woodcut(rng: Rng) -> Canvas:
    """Black and cream lines of a woodcut, thick and thin with the light."""
    tone = 0.75 * smooth_noise(rng, 120) + 0.25 * smooth_noise(rng, 40)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    lean = 0.6 * np.sin(xs / 95) + 40 * smooth_noise(rng, 160) / 9
    lines = 0.5 + 0.5 * np.sin((ys + 9 * lean + 0.25 * xs) / 1.75)
    cut = 1 / (1 + np.exp(-(lines - (0.12 + 0.8 * tone)) * 14))
    nicks = smooth_noise(rng, 5) > 0.83
    cut = np.where(nicks, 1 - cut, cut)[..., None]
    canvas = rgb("#f2e6cc") * cut + rgb("#191410") * (1 - cut)
    block = (smooth_noise(rng, 150) > 0.62)[..., None]
    return np.where(block, canvas * rgb("#e2725b"), canvas).astype(np.float32)


def chalk(rng: Rng) -> Canvas:
    """Soft pastel chalk in short parallel hatches over dark paper."""
    colours = palette("#f7cac9", "#f7786b", "#92a8d1", "#88b04b", "#f6e3b4", "#d65076")
    canvas = np.ones((SIDE, SIDE, 3), np.float32) * rgb("#2f2a35")
    tone, rough = smooth_noise(rng, 100), smooth_noise(rng, 2, SIDE + 64)
    canvas = cv2.copyMakeBorder(canvas, 32, 32, 32, 32, cv2.BORDER_REPLICATE)
    for _ in range(5200):
        layer = np.zeros((64, 64), np.float32)
        angle = -0.9 + rng.normal(0, 0.18)
        reach = rng.uniform(10, 26) * np.array([np.cos(angle), np.sin(angle)])
        centre = np.array([32.0, 32.0])
        line = np.round(np.stack([centre - reach, centre + reach]) * 16).astype(np.int32)
        cv2.polylines(
            layer, [line.reshape(-1, 1, 2)], False, 1.0, int(rng.integers(3, 7)), cv2.LINE_AA, 4
        )
        x, y = rng.integers(0, SIDE, 2)
        shade = np.clip(tone[y, x] + rng.normal(0, 0.16), 0, 1)
        colour = blend(colours, np.float32([[shade]]))[0, 0]
        patch, tooth = canvas[y : y + 64, x : x + 64], rough[y : y + 64, x : x + 64]
        cover = (0.8 * layer * (tooth > 0.3))[..., None]
        patch[:] = patch * (1 - cover) + colour * cover
    return cv2.GaussianBlur(canvas[32:-32, 32:-32], (0, 0), 0.5)


def folds(rng: Rng) -> Canvas:
    """Flat facets of folded paper, each shaded on its own."""
    colours = palette("#264653", "#2a9d8f", "#8ab17d", "#e9c46a", "#f4a261", "#e76f51")
    step, rows = 46, SIDE // 46 + 3
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(rows)), axis=-1) * float(step) - step
    grid = grid + rng.normal(0, 9, grid.shape)
    canvas = np.zeros((SIDE, SIDE, 3), np.float32)
    tone = smooth_noise(rng, 160)
    for row in range(rows - 1):
        for column in range(rows - 1):
            a, b = grid[row, column], grid[row, column + 1]
            c, d = grid[row + 1, column + 1], grid[row + 1, column]
            for triangle in (np.stack([a, b, c]), np.stack([a, c, d])):
                x, y = np.clip(triangle.mean(axis=0), 0, SIDE - 1).astype(int)
                shade = np.clip(tone[y, x] + rng.normal(0, 0.07), 0, 1)
                colour = blend(colours, np.float32([[shade]]))[0, 0] * rng.uniform(0.7, 1.15)
                tint = tuple(float(v) for v in np.clip(colour, 0, 1))
                cv2.fillConvexPoly(
                    canvas, np.round(triangle * 16).astype(np.int32), tint, cv2.LINE_AA, 4
                )
    return grain(canvas, rng, 0.012)


STYLES: dict[str, Callable[[Rng], Canvas]] = {
    "brush": brush,
    "chalk": chalk,
    "dots": dots,
    "folds": folds,
    "glass": glass,
    "ink": ink,
    "mosaic": mosaic,
    "wash": wash,
    "waves": waves,
    "woodcut": woodcut,
}


def draw(name: str) -> NDArray[np.uint8]:
    """The style picture `name`, RGB [512, 512, 3]."""
    canvas = STYLES[name](np.random.default_rng(sorted(STYLES).index(name)))
    return np.clip(canvas * 255 + 0.5, 0, 255).astype(np.uint8)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "resources/styles")
    folder.mkdir(parents=True, exist_ok=True)
    for name in STYLES:
        picture = cv2.resize(draw(name), (KEPT_SIDE, KEPT_SIDE), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
