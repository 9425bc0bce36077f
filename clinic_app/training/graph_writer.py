"""Nodes and constants of an ONNX graph that is written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


class GraphWriter:
    """Collects nodes and constants; answers with the names of what they make."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def op(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: object) -> str:
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def number(self, value: float) -> str:
        return self.constant(f"number_{len(self.constants)}", np.array(value, np.float32))

    def numbers(self, *values: int) -> str:
        return self.constant(f"numbers_{len(self.constants)}", np.array(values, np.int64))

    def half(self, name: str, value: torch.Tensor) -> str:
        """An array kept in fp16 and used in fp32."""
        kept = self.constant(f"{name}_half", value.detach().half().numpy())
        return self.op("Cast", [kept], name, to=TensorProto.FLOAT)

    def times(self, value: str, factor: float) -> str:
        return self.op("Mul", [value, self.number(factor)])

    def backwards(self, kernel: str) -> str:
        """Inputs and outputs of a kernel exchanged."""
        return self.op("Transpose", [kernel], perm=[1, 0, 2, 3])
