"""Does the activation map depend on what was learned? (Adebayo et al., 2018, cascading test)

The weights of the exported graph are shuffled layer by layer, from the head whose map it is down to
the first convolution; heads that the map does not come from are no part of it. A map that explains
the net must fall apart; one that only draws the edges of the face would stay as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training.evaluate import Bytes, mean_with_interval, run_batches

WITH_WEIGHTS = ("Conv", "Gemm", "MatMul", "ConvInteger", "QLinearConv", "QLinearMatMul")
MAP = "activation_map"
_SSIM_SIDE = 48
Maps = NDArray[np.float64]


def randomisation_check(path: Path, faces: Bytes, *, seeds: int = 3) -> dict[str, Any]:
    """Similarity of each face's map before and after shuffling, by how many layers are shuffled.

    `faces` are [n, 96, 96, 3]. Rows of `cascade`: layers shuffled counted from the output, rank
    correlation of the cells, structural similarity of the drawn maps; means over seeds, intervals
    over faces. `other_faces` is the similarity of the true maps of two different faces: what is
    left when only the usual place of a face speaks.
    """
    model = onnx.load(str(path))
    layers = weights_behind(model, MAP)
    kept = {t.name: onnx.numpy_helper.to_array(t).copy() for t in model.graph.initializer}
    whole, band = _maps(model, faces)
    before = _of_class(whole, band)
    rows = []
    for depth in _depths(len(layers)):
        ranks, likeness = [], []
        for seed in range(seeds):
            rng = np.random.default_rng([seed, depth])
            _put(model, {n: _shuffled(kept[n], rng) for n in _names(layers[:depth])})
            after = _of_class(_maps(model, faces)[0], band)
            ranks.append(_ranks(before, after))
            likeness.append(_likeness(before, after))
            _put(model, kept)
        rows.append(
            {
                "layers": depth,
                "rank_correlation": mean_with_interval(np.mean(ranks, axis=0)),
                "ssim": mean_with_interval(np.mean(likeness, axis=0)),
            }
        )
    shifted = np.roll(before, 1, axis=0)
    return {
        "n": len(faces),
        "seeds": seeds,
        "layers": len(layers),
        "cells": list(before.shape[1:]),
        "cascade": rows,
        "other_faces": {
            "rank_correlation": mean_with_interval(_ranks(before, shifted)),
            "ssim": mean_with_interval(_likeness(before, shifted)),
        },
    }


def weights_behind(model: onnx.ModelProto, output: str) -> list[list[str]]:
    """Names of the weight arrays of every layer that `output` comes from, the nearest first."""
    arrays = {t.name: len(t.dims) for t in model.graph.initializer}
    made_by = {name: node for node in model.graph.node for name in node.output}
    asked, layers = {output}, []
    for node in reversed(model.graph.node):  # a graph lists its nodes in the order of computing
        if not asked.intersection(node.output):
            continue
        asked.update(node.input)
        if node.op_type not in WITH_WEIGHTS:
            continue
        found = [n for name in node.input for n in _sources(name, arrays, made_by)]
        if found:
            layers.append(found)
    return layers


def _sources(name: str, arrays: dict[str, int], made_by: dict[str, Any]) -> list[str]:
    """The array behind an input that is a constant, also one stored as integers or reshaped."""
    if name in arrays:
        return [name] if arrays[name] >= 2 else []
    node = made_by.get(name)
    passing = ("DequantizeLinear", "Unsqueeze", "Reshape", "Transpose", "Identity", "Squeeze")
    if node is None or node.op_type not in passing:
        return []
    return _sources(node.input[0], arrays, made_by)


def _depths(layers: int) -> list[int]:
    """1, 2, 4, ... and all layers."""
    powers = [2**k for k in range(layers.bit_length()) if 2**k < layers]
    return [*powers, layers]


def _names(layers: list[list[str]]) -> list[str]:
    return list(dict.fromkeys(name for layer in layers for name in layer))


def _shuffled(values: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    return rng.permutation(values.ravel()).reshape(values.shape)


def _put(model: onnx.ModelProto, values: dict[str, NDArray[Any]]) -> None:
    for tensor in model.graph.initializer:
        if tensor.name in values:
            tensor.CopyFrom(onnx.numpy_helper.from_array(values[tensor.name], tensor.name))


def _maps(model: onnx.ModelProto, faces: Bytes) -> tuple[Maps, NDArray[np.int64]]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    maps, band = run_batches(session, faces, (MAP, "band"))
    return maps.astype(np.float64), band.astype(np.int64)


def _of_class(maps: Maps, band: NDArray[np.int64]) -> Maps:
    """The map that the program shows: that of the decided band, [n, h, w]."""
    return maps[np.arange(len(maps)), band]


def _ranks(a: Maps, b: Maps) -> NDArray[np.float64]:
    return np.array([metrics.spearman(x.ravel(), y.ravel()) for x, y in zip(a, b, strict=True)])


def _likeness(a: Maps, b: Maps) -> NDArray[np.float64]:
    return np.array([ssim(_drawn(x), _drawn(y)) for x, y in zip(a, b, strict=True)])


def _drawn(cells: Maps) -> NDArray[np.float64]:
    """A map as it is laid over the face: lowest cell 0, highest 1, enlarged smoothly."""
    low, high = cells.min(), cells.max()
    scaled = (cells - low) / (high - low) if high > low else np.zeros_like(cells)
    size = (_SSIM_SIDE, _SSIM_SIDE)
    return np.asarray(cv2.resize(scaled, size, interpolation=cv2.INTER_LINEAR), np.float64)


def ssim(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Structural similarity (Wang et al., 2004) of two pictures in [0, 1]."""

    def mean(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5), np.float64)

    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * ma * mb + c1) * (2 * both + c2)
    return float((top / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())
