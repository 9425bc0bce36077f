"""Temperatures and cuts between bands of a severity file that is already written.

They are put into the file as it ships, floats or integers, so that they are chosen on what the
program will run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from clinic_app.training.export import write_model

PLAIN_LOGITS = "plain_emotion_logits"


def temperatures_of(model: onnx.ModelProto) -> tuple[float, float]:
    """What the logits of the bands and of the emotions of a severity file are divided by."""
    calibration = _calibration(model)
    return float(calibration["temperature"]), float(calibration["emotion_temperature"])


def set_temperatures(path: Path, severity: float, emotion: float) -> None:
    """Divide the logits of a severity file by other temperatures; `sadness` stays as it is.

    Half of `sadness` is the emotion head's. Files before 1.3.0 took it after its temperature, which
    moved faces past each other; they are given a `sadness` that no calibration changes. Raises
    ValueError, and changes nothing, when the file does not tell its temperatures or has no heads as
    `graphs.SeverityGraph` makes them.
    """
    model = onnx.load(str(path))
    held = temperatures_of(model)
    _take_plain_logits(model, path.name)
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    logits = {name: _width(model, name) for name in ("severity_logits", "emotion_logits")}
    if not {"weight", "bias", "map_weight"} <= stored.keys() or None in logits.values():
        raise ValueError(f"{path.name} has no heads whose temperature could be set")
    bands, emotions = (int(width or 0) for width in logits.values())
    ratio = np.ones(stored["bias"].dims[0], np.float32)
    ratio[:bands] = held[0] / severity
    ratio[bands : bands + emotions] = held[1] / emotion
    _scale(stored["weight"], ratio[:, None])
    _scale(stored["bias"], ratio)
    _scale(stored["map_weight"], ratio[None, :bands])
    _give(model, "emotion_temperature", np.array([emotion], np.float32))
    calibration = {
        **_calibration(model),
        "temperature": severity,
        "emotion_temperature": emotion,
    }
    texts = {p.key: p.value for p in model.metadata_props}
    onnx.helper.set_model_props(model, {**texts, "calibration": json.dumps(calibration)})
    write_model(model, path)


def set_cuts(path: Path, cuts: Sequence[float]) -> None:
    """Put other cuts of `sadness` between the bands into a severity file.

    Raises ValueError when the file holds none.
    """
    model = onnx.load(str(path))
    if [constant.name for constant in model.graph.initializer].count("cuts") != 1:
        raise ValueError(f"{path.name} holds no cuts between bands")
    _give(model, "cuts", np.array([cuts], np.float32))
    write_model(model, path)


def _calibration(model: onnx.ModelProto) -> dict[str, Any]:
    texts = {p.key: p.value for p in model.metadata_props}
    if "calibration" not in texts:
        raise ValueError("the file does not tell how it was calibrated")
    found: dict[str, Any] = json.loads(texts["calibration"])
    return found


def _width(model: onnx.ModelProto, output: str) -> int | None:
    """How many numbers an output gives for a face; None where there is no such output."""
    for value in model.graph.output:
        if value.name == output:
            return int(value.type.tensor_type.shape.dim[1].dim_value)
    return None


def _scale(tensor: onnx.TensorProto, factor: NDArray[np.float32]) -> None:
    scaled = (numpy_helper.to_array(tensor) * factor).astype(np.float32)
    tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))


def _give(model: onnx.ModelProto, name: str, value: NDArray[np.float32]) -> None:
    """Put a constant in the place of the one of that name, or beside the others."""
    tensor = numpy_helper.from_array(value, name)
    for held in model.graph.initializer:
        if held.name == name:
            held.CopyFrom(tensor)
            return
    model.graph.initializer.append(tensor)


def _take_plain_logits(model: onnx.ModelProto, name: str) -> None:
    """Let the emotions' part of `sadness` have no temperature, where it still has one.

    Raises ValueError when it comes from anywhere else than the logits of the emotions.
    """
    nodes = model.graph.node
    shares = [place for place, node in enumerate(nodes) if node.op_type == "Softmax"]
    if len(shares) != 1:
        raise ValueError(f"{name} has no heads whose temperature could be set")
    softmax = nodes[shares[0]]
    inputs = ["emotion_logits", "emotion_temperature"]
    if list(softmax.input) == inputs[:1]:
        plain = onnx.helper.make_node("Mul", inputs, [PLAIN_LOGITS], PLAIN_LOGITS)
        softmax.input[0] = PLAIN_LOGITS
        nodes.insert(shares[0], plain)
        return
    makers = [node for node in nodes if softmax.input[0] in node.output]
    if [(node.op_type, sorted(node.input)) for node in makers] != [("Mul", inputs)]:
        raise ValueError(f"{name} takes sadness from other logits than a severity net's")
