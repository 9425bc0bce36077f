"""A models folder with the real face detector and tiny nets of the same contract as the real ones.

The severity of a crop follows its mean brightness, so tests can choose what is read; `tilt` moves
the raw and the evened-out reading apart. The landmarks are a fixed face, shifted by the content of
the crop's left half, so that a mirrored crop gives another answer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from clinic_app.paths import ROOT
from tests.onnx_writer import GraphWriter

SIDE = 96
TEMPLATE = {
    "size": SIDE,
    "left_eye": [0.3054, 0.3848],
    "right_eye": [0.6946, 0.3848],
    "nose": [0.5, 0.578],
    "mouth_left": [0.3397, 0.7405],
    "mouth_right": [0.6603, 0.7405],
}


def standard_shape() -> np.ndarray:
    """68 points of a schematic, symmetric face in [0, 1] with open eyes."""
    jaw = [(0.5 - 0.45 * np.cos(a), 0.45 + 0.5 * np.sin(a)) for a in np.linspace(0, np.pi, 17)]
    right_brow = [(x, 0.27) for x in np.linspace(0.18, 0.43, 5)]
    left_brow = [(1 - x, y) for x, y in reversed(right_brow)]
    nose = [(0.5, y) for y in np.linspace(0.4, 0.578, 4)]
    nostrils = [(x, 0.62) for x in np.linspace(0.42, 0.58, 5)]
    right_eye = [
        (0.245, 0.385),
        (0.28, 0.365),
        (0.33, 0.365),
        (0.366, 0.385),
        (0.33, 0.405),
        (0.28, 0.405),
    ]
    left_eye = [(1 - right_eye[k][0], right_eye[k][1]) for k in (3, 2, 1, 0, 5, 4)]
    upper = [(x, 0.70 if 0.4 < x < 0.6 else 0.74) for x in np.linspace(0.34, 0.66, 7)]
    lower = [(x, 0.80) for x in np.linspace(0.60, 0.40, 5)]
    inner = [(x, 0.74) for x in np.linspace(0.37, 0.63, 5)] + [(x, 0.76) for x in (0.57, 0.5, 0.43)]
    points = [*jaw, *right_brow, *left_brow, *nose, *nostrils, *right_eye, *left_eye, *upper]
    return np.array([*points, *lower, *inner], dtype=np.float32)


def severity_model(tilt: float = 0.0, sure: float = 40.0) -> bytes:
    """Bands from the mean brightness in [0, 1]: dark is severe; `sure` sharpens the answer."""
    g = GraphWriter()
    axes = g.constant(np.array([1, 2, 3], np.int64))
    mean = g.node("ReduceMean", ["face", axes], keepdims=0)  # [n]
    column = g.node("Unsqueeze", [mean, g.constant(np.array([1], np.int64))])
    centres = g.constant(np.array([[0.9, 0.6, 0.35, 0.1]]) + tilt)
    gap = g.node("Sub", [column, centres])
    squared = g.node("Mul", [gap, gap])
    logits = g.node("Mul", [squared, g.constant(np.array(-sure))], "severity_logits")
    g.node("ArgMax", [logits], "band", axis=1, keepdims=0)
    g.node("Sub", [g.constant(np.array(1.0)), mean], "sadness")
    spread = g.constant(np.linspace(-1, 1, 8)[None])
    g.node("Mul", [column, spread], "emotion_logits")
    g.node("Mul", [column, g.constant(np.linspace(0, 1, 512)[None])], "embedding")
    weights = g.constant(np.tile(np.array([1, -1, 0.5, 2.0])[:, None, None, None], (1, 3, 1, 1)))
    pooled = g.node("AveragePool", ["face"], kernel_shape=[8, 8], strides=[8, 8])
    g.node("Conv", [pooled, weights], "activation_map")
    return g.model(
        {"face": ["n", 3, SIDE, SIDE]},
        {
            "severity_logits": ["n", 4],
            "emotion_logits": ["n", 8],
            "sadness": ["n"],
            "band": ["n"],
            "embedding": ["n", 512],
            "activation_map": ["n", 4, SIDE // 8, SIDE // 8],
        },
        int64=["band"],
    )


def style_model(gain: float = 1.0) -> bytes:
    """Multiplies by `gain` and clips; takes any size."""
    g = GraphWriter()
    brighter = g.node("Mul", ["face", g.constant(np.array(gain))])
    g.node("Clip", [brighter, g.constant(np.array(0.0)), g.constant(np.array(1.0))], "normalised")
    shape = ["n", 3, "height", "width"]
    return g.model({"face": shape}, {"normalised": shape})


def landmarks_model(eye_opening: float = 1.0) -> bytes:
    """The standard face, moved sideways by a twentieth of the left half's brightness."""
    shape = standard_shape()
    lids = [37, 38, 40, 41, 43, 44, 46, 47]
    shape[lids, 1] = 0.385 + (shape[lids, 1] - 0.385) * eye_opening
    g = GraphWriter()
    starts, ends = np.array([0], np.int64), np.array([SIDE // 2], np.int64)
    left = g.node(
        "Slice", ["face", g.constant(starts), g.constant(ends), g.constant(np.array([3], np.int64))]
    )
    mean = g.node("ReduceMean", [left, g.constant(np.array([1, 2, 3], np.int64))], keepdims=0)
    moved = g.node("Unsqueeze", [mean, g.constant(np.array([1, 2], np.int64))])
    direction = np.zeros((1, 68, 2))
    direction[:, ::2, 0] = 0.05
    direction[:, 48, 1] = -0.05  # one lip corner rises with the light on its side
    shift = g.node("Mul", [moved, g.constant(direction)])
    g.node("Add", [shift, g.constant(shape[None])], "points")
    return g.model({"face": ["n", 3, SIDE, SIDE]}, {"points": ["n", 68, 2]})


def manifest_of(files: dict[str, bytes]) -> dict[str, Any]:
    """A manifest for `files` by model name."""
    calibration = {
        "percent_interval": {
            "coverage": 0.9,
            "rows": [{"percent_from": 0, "low": -10, "high": 25}],
        },
        "abstain_below_max_probability": 0.0,
    }
    models: dict[str, Any] = {}
    for name, data in files.items():
        models[name] = {
            "file": f"{name}.onnx",
            "version": f"test-{name}",
            "sha256": hashlib.sha256(data).hexdigest(),
            "opset": 11 if name == "face" else 18,
            "licence": "test",
            "meaning": f"what {name} means",
        }
    if "severity" in models:
        models["severity"] |= {"calibration": calibration, "reading_that_counts": "normalised"}
    if "landmarks" in models:
        models["landmarks"]["asymmetry_test_retest"] = {
            "eye_opening_percent": 1.0,
            "brow_height_percent": 2.0,
            "lip_corner_percent": 1.5,
        }
    return {"schema": 1, "face_template": TEMPLATE, "models": models}


def write_models(folder: Path, **changed: bytes) -> Path:
    """Write a complete models folder; keyword arguments replace single model files."""
    files = {
        "face": (ROOT / "models/third_party/face_detection_yunet.onnx").read_bytes(),
        "landmarks": landmarks_model(),
        "style": style_model(),
        "severity": severity_model(),
        **changed,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}.onnx").write_bytes(data)
    write_manifest(folder, manifest_of(files))
    shutil.copytree(ROOT / "models/third_party", folder / "third_party", dirs_exist_ok=True)
    return folder


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
