"""Derive the face detector that ships: the published YuNet with free height and width.

    python tools/derive_yunet.py face_detection_yunet_2023mar.onnx models/third_party

Needs the `train` extra (`onnx`). The published file is fixed at 640 x 640; its weights and every
operator stay as they are, only the declared sizes become symbols, so that small frames need not be
padded to 640 x 640 (a pass at 256 x 192 takes a sixth of the time).
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import onnx

PUBLISHED_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
NAME = "face_detection_yunet.onnx"


def free_sizes(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with symbolic height, width and row counts."""
    height_width = model.graph.input[0].type.tensor_type.shape.dim[2:4]
    for dimension, symbol in zip(height_width, ("height", "width"), strict=True):
        dimension.dim_param = symbol
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"rows_{output.name.split('_')[1]}"
    del model.graph.value_info[:]  # inferred shapes of the fixed size
    onnx.helper.set_model_props(model, {"derived_from": f"sha256:{PUBLISHED_SHA256}"})
    onnx.checker.check_model(model)
    return model


def main(source: Path, folder: Path) -> None:
    published = source.read_bytes()
    if hashlib.sha256(published).hexdigest() != PUBLISHED_SHA256:
        sys.exit(f"{source.name} is not the published file of March 2023.")
    derived = free_sizes(onnx.load_model_from_string(published)).SerializeToString()
    (folder / NAME).write_bytes(derived)
    print(f"{NAME}: {len(derived)} bytes, sha256 {hashlib.sha256(derived).hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
