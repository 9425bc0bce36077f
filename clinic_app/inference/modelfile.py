"""Reads what an ONNX file declares about itself, without running or trusting it.

ONNX Runtime does not tell the operator set of a loaded model, and the `onnx` package is for
training only; the two fields needed are plain protocol-buffer fields of the outermost message.
"""

from __future__ import annotations

from clinic_app.domain.errors import ModelRejected

_OPSET_IMPORT = 8  # ModelProto.opset_import
_DOMAIN, _VERSION = 1, 2  # OperatorSetIdProto
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def operator_set(model: bytes) -> int:
    """Version of the standard operator set; raises `ModelRejected` when this is no ONNX model."""
    for field, value in _fields(model):
        if field == _OPSET_IMPORT and isinstance(value, bytes):
            parts = dict(_fields(value))
            version = parts.get(_VERSION)
            if parts.get(_DOMAIN, b"") in (b"", b"ai.onnx") and isinstance(version, int):
                return version
    raise ModelRejected("The model file does not name its operator set.")


def _fields(message: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, at = _varint(message, at)
            found.append((field, number))
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise _not_a_model()
        if at + length > len(message):
            raise _not_a_model()
        found.append((field, message[at : at + length]))
        at += length
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _not_a_model()


def _not_a_model() -> ModelRejected:
    return ModelRejected("The model file is not an ONNX model.")
