"""The int8 twin of an exported net: u8 activations, s8 weights per channel in a reduced range.

What is between the first and the last rectified convolution becomes integers; standardising, heads,
the decision and everything per pixel stay floats. The graph decides, not the names of layers.

Weights stay within [-64, 64]: processors with AVX2 but without VNNI add two products of 8 bits in
16, and 2 * 255 * 64 is the largest sum that fits.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData, create_calibrator
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from clinic_app.training.evaluate import Bytes

LARGEST_WEIGHT = 64
LONG_SUM = 1000
"""Convolutions that add at least this many products are given weights with a zero point of 1.

ONNX Runtime then takes its matrix kernel, not its direct one: with AMX that is a third faster and
in a cold cache it is faster everywhere; without AMX, in a warm cache, it costs about a tenth.
"""
_CHUNK = 32
_INTEGER_TYPES = ["Conv", "Add", "Relu"]


@dataclass(frozen=True)
class RangeRule:
    """How the range of an activation follows from what is seen on calibration faces."""

    name: str
    method: CalibrationMethod
    options: tuple[tuple[str, object], ...] = ()


RULES = (
    RangeRule("largest", CalibrationMethod.MinMax),
    RangeRule(
        "99.99 %",
        CalibrationMethod.Percentile,
        (("percentile", 99.99), ("symmetric", False)),
    ),
)


def quantise(source: Path, target: Path, faces: Bytes, rule: RangeRule) -> None:
    """Write the int8 twin of `source` to `target`; ranges come from faces [n, h, w, 3]."""
    model = onnx.load(str(source))
    names = integer_nodes(model)
    if not names:
        raise ValueError(f"{source.name} has no rectified convolution to quantise")
    quantizer = QDQQuantizer(
        onnx.shape_inference.infer_shapes(model),
        True,  # per channel
        True,  # reduced range
        QuantType.QInt8,
        QuantType.QUInt8,
        activation_ranges(source, faces, rule),
        names,
        [],
        _INTEGER_TYPES,
        {"TensorQuantOverrides": _matrix_weights(model, names)},
    )
    quantizer.quantize_model()
    quantizer.model.topological_sort()
    twin = quantizer.model.model
    onnx.helper.set_model_props(twin, {p.key: p.value for p in model.metadata_props})
    twin.producer_name = model.producer_name
    del twin.graph.value_info[:]
    onnx.checker.check_model(twin)
    target.write_bytes(twin.SerializeToString())


def integer_nodes(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes that become integers.

    Convolutions whose answer is rectified, alone or after the sum of a residual block, that sum,
    and the rectifiers, which the unsigned range then makes for nothing.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    made_by = {name: node for node in model.graph.node for name in node.output}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)

    def rectified(node: onnx.NodeProto) -> bool:
        return [user.op_type for user in users.get(node.output[0], [])] == ["Relu"]

    def residual_sum(node: onnx.NodeProto) -> bool:
        return node.op_type == "Add" and not constants & set(node.input) and rectified(node)

    def hidden(node: onnx.NodeProto) -> bool:
        if node.op_type != "Conv":
            return False
        return rectified(node) or any(residual_sum(u) for u in users.get(node.output[0], []))

    inside = [n for n in model.graph.node if hidden(n) or residual_sum(n)]
    kept = {n.name for n in inside}
    rectifiers = [
        n
        for n in model.graph.node
        if n.op_type == "Relu" and n.input[0] in made_by and made_by[n.input[0]].name in kept
    ]
    return [n.name for n in [*inside, *rectifiers]]


def activation_ranges(source: Path, faces: Bytes, rule: RangeRule) -> TensorsData:
    """Lowest and highest value of every activation that is to be quantised."""
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):  # it prints its progress
        calibrator = create_calibrator(
            source,
            _INTEGER_TYPES,
            augmented_model_path=str(Path(folder) / "augmented.onnx"),
            calibrate_method=rule.method,
            extra_options=dict(rule.options),
        )
        for first in range(0, len(faces), _CHUNK):
            calibrator.collect_data(_OneBatch(faces[first : first + _CHUNK]))
        return calibrator.compute_data()


class _OneBatch(CalibrationDataReader):
    """A batch of faces, given once."""

    def __init__(self, faces: Bytes) -> None:
        batch = faces.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        self._feeds: Iterator[dict[str, NDArray[np.float32]]] = iter([{"face": batch}])

    def get_next(self) -> Any:
        return next(self._feeds, None)


def _matrix_weights(model: onnx.ModelProto, names: list[str]) -> dict[str, list[dict[str, object]]]:
    """Scales and the zero point 1 for the weights of long sums; they stay in the reduced range."""
    arrays = {t.name: t for t in model.graph.initializer}
    chosen: dict[str, list[dict[str, object]]] = {}
    for node in model.graph.node:
        if node.op_type != "Conv" or node.name not in names:
            continue
        weight = onnx.numpy_helper.to_array(arrays[node.input[1]])
        if weight[0].size < LONG_SUM:
            continue
        largest = np.abs(weight).reshape(len(weight), -1).max(axis=1)
        scales = np.maximum(largest, np.finfo(np.float32).tiny * 128) / (LARGEST_WEIGHT - 1)
        rows: list[dict[str, object]] = [
            {
                "quant_type": QuantType.QInt8,
                "axis": 0,
                "scale": np.asarray(scale, np.float32),
                "zero_point": np.array(1, np.int8),
            }
            for scale in scales
        ]
        chosen[node.input[1]] = rows
    return chosen
