"""Writes small ONNX files without the `onnx` package, which only training needs.

An ONNX file is a protocol-buffer message; the few fields used here are written directly. Names and
numbers of the fields are those of the published `onnx.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Value = int | float | str | Sequence[int]
_FLOAT, _INT64 = 1, 7


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while True:
        out.append((number & 0x7F) | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _bytes(tag: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(tag << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: Value) -> bytes:
    start = _bytes(1, name)
    if isinstance(value, float):
        return start + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return start + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return start + _bytes(4, value) + _number(20, 3)
    return start + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _tensor(name: str, array: NDArray[np.generic]) -> bytes:
    kind = _INT64 if array.dtype == np.int64 else _FLOAT
    dims = b"".join(_number(1, side) for side in array.shape)
    return (
        dims + _number(2, kind) + _bytes(8, name) + _bytes(9, np.ascontiguousarray(array).tobytes())
    )


def _value_info(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _bytes(1, _bytes(2, side) if isinstance(side, str) else _number(1, side)) for side in shape
    )
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


@dataclass
class GraphWriter:
    """Collects nodes in order of execution."""

    nodes: list[bytes] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)
    _names: int = 0

    def constant(self, array: NDArray[np.generic]) -> str:
        """A float32 or int64 constant; returns its name."""
        if array.dtype != np.int64:
            array = array.astype(np.float32)
        name = self._fresh("c")
        self.constants.append(_bytes(5, _tensor(name, array)))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Value) -> str:
        """One operator with one output; returns the output's name."""
        output = output or self._fresh("t")
        body = b"".join(_bytes(1, one) for one in inputs) + _bytes(2, output) + _bytes(4, kind)
        body += b"".join(_bytes(5, _attribute(k, v)) for k, v in attributes.items())
        self.nodes.append(_bytes(1, body))
        return output

    def model(
        self,
        inputs: Mapping[str, Sequence[int | str]],
        outputs: Mapping[str, Sequence[int | str]],
        *,
        opset: int = 18,
        int64: Sequence[str] = (),
    ) -> bytes:
        """The whole file; outputs named in `int64` are whole numbers, everything else float32."""
        graph = b"".join(self.nodes) + _bytes(2, "graph") + b"".join(self.constants)
        graph += b"".join(_bytes(11, _value_info(n, _FLOAT, s)) for n, s in inputs.items())
        graph += b"".join(
            _bytes(12, _value_info(n, _INT64 if n in int64 else _FLOAT, s))
            for n, s in outputs.items()
        )
        return _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, opset))

    def _fresh(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"
