"""Runs the published YuNet face detector over small crops, for aligning training data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

SIDE = 640
STRIDES = (8, 16, 32)


class CropDetector:
    """Five points per crop from a fixed 640x640 YuNet; several crops share one pass."""

    def __init__(self, model: Path, tiles: int = 3) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(str(model), options, ["CPUExecutionProvider"])
        self._tiles = tiles
        self._tile = SIDE // tiles

    def five_points(
        self, crops: Sequence[NDArray[np.uint8]], margin: float = 0.15
    ) -> NDArray[np.float64]:
        """Points [n, 5, 2] in pixels of each crop, nan where no face was found.

        Order as the detector gives it: image-left eye, image-right eye, nose tip, image-left and
        image-right mouth corner. Each crop is placed with `margin` of its size as padding.
        """
        found = np.full((len(crops), 5, 2), np.nan)
        per_pass = self._tiles * self._tiles
        for first in range(0, len(crops), per_pass):
            group = crops[first : first + per_pass]
            found[first : first + len(group)] = self._one_pass(group, margin)
        return found

    def _one_pass(self, crops: Sequence[NDArray[np.uint8]], margin: float) -> NDArray[np.float64]:
        canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
        placed = []
        for k, crop in enumerate(crops):
            colour = crop if crop.ndim == 3 else np.repeat(crop[:, :, None], 3, axis=2)
            scale = self._tile * (1 - 2 * margin) / max(colour.shape[:2])
            size = (round(colour.shape[1] * scale), round(colour.shape[0] * scale))
            small = cv2.resize(colour, size, interpolation=cv2.INTER_CUBIC)
            x = (k % self._tiles) * self._tile + (self._tile - size[0]) // 2
            y = (k // self._tiles) * self._tile + (self._tile - size[1]) // 2
            canvas[y : y + size[1], x : x + size[0]] = small[:, :, ::-1]
            placed.append((x, y, scale))
        scores, points = self._detect(canvas)
        centre = points.mean(axis=1)
        answer = np.full((len(crops), 5, 2), np.nan)
        for k, (x, y, scale) in enumerate(placed):
            tile_x, tile_y = (k % self._tiles) * self._tile, (k // self._tiles) * self._tile
            inside = (centre[:, 0] >= tile_x) & (centre[:, 0] < tile_x + self._tile)
            inside &= (centre[:, 1] >= tile_y) & (centre[:, 1] < tile_y + self._tile)
            inside &= scores > 0.6
            if inside.any():
                best = np.flatnonzero(inside)[np.argmax(scores[inside])]
                answer[k] = (points[best] - (x, y)) / scale
        return answer

    def _detect(self, canvas: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        batch = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        names = [o.name for o in self._session.get_outputs()]
        out = dict(
            zip(
                names,
                self._session.run(None, {self._session.get_inputs()[0].name: batch}),
                strict=True,
            )
        )
        scores, points = [], []
        for stride in STRIDES:
            columns = SIDE // stride
            grid = np.stack(
                np.meshgrid(np.arange(columns), np.arange(columns), indexing="xy"), axis=-1
            ).reshape(-1, 1, 2)
            certainty = out[f"cls_{stride}"][0, :, 0].clip(0, 1) * out[f"obj_{stride}"][
                0, :, 0
            ].clip(0, 1)
            scores.append(np.sqrt(certainty))
            points.append((out[f"kps_{stride}"][0].reshape(-1, 5, 2) + grid) * stride)
        return np.concatenate(scores), np.concatenate(points)
