"""Writes a trained net as a self-contained ONNX file and proves that it computes the same."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

from clinic_app.training.graphs import SEVERITY_OUTPUTS as SEVERITY_OUTPUTS
from clinic_app.training.graphs import SeverityGraph as SeverityGraph
from clinic_app.training.graphs import folded as folded
from clinic_app.training.nets import FACE_SIDE

OPSET = 18
PARITY_LIMIT = 2e-3
"""Largest difference allowed between torch and ONNX Runtime, relative to an output's own range."""


@dataclass(frozen=True)
class ExportedFile:
    """A written ONNX file and how far it is from torch, per output."""

    path: Path
    bytes: int
    parity: dict[str, float]


def export(
    graph: nn.Module,
    path: Path,
    outputs: Sequence[str],
    metadata: Mapping[str, object],
    *,
    free_size: bool = False,
) -> ExportedFile:
    """Write `graph` (input `face`) to `path` with metadata, after checking parity with ORT.

    Batch is always dynamic, height and width only with `free_size`. Raises ValueError when an
    output differs from torch by more than the parity limit.
    """
    graph = graph.cpu().eval()
    sample = torch.rand(2, 3, FACE_SIDE, FACE_SIDE, generator=torch.Generator().manual_seed(1))
    axes: dict[int, object] = {0: torch.export.Dim("n", min=1, max=4096)}
    if free_size:
        axes[2] = torch.export.Dim("height", min=48, max=2048)
        axes[3] = torch.export.Dim("width", min=48, max=2048)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecation notes
        torch.onnx.export(
            graph,
            (sample,),
            str(partial),
            input_names=["face"],
            output_names=list(outputs),
            dynamic_shapes=(axes,),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    add_metadata(partial, metadata)
    parity = check_parity(graph, partial, outputs, free_size=free_size)
    partial.replace(path)
    return ExportedFile(path, path.stat().st_size, parity)


def check_parity(
    graph: nn.Module, path: Path, outputs: Sequence[str], *, free_size: bool = False
) -> dict[str, float]:
    """Largest torch-against-ORT difference per output over batches of one and three."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = torch.Generator().manual_seed(2)
    shapes = [(1, FACE_SIDE, FACE_SIDE), (3, FACE_SIDE, FACE_SIDE)]
    if free_size:
        shapes.append((2, 150, 130))
    worst = dict.fromkeys(outputs, 0.0)
    for n, h, w in shapes:
        face = torch.rand(n, 3, h, w, generator=rng)
        with torch.no_grad():
            answer = graph(face)
        expected = answer if isinstance(answer, tuple) else (answer,)
        got = session.run(list(outputs), {"face": face.numpy()})
        for name, e, g in zip(outputs, expected, got, strict=True):
            reference = e.numpy()
            scale = max(1.0, float(np.abs(reference).max()))
            gap = float(np.abs(reference.astype(np.float64) - g).max()) / scale
            worst[name] = max(worst[name], gap)
    bad = {name: gap for name, gap in worst.items() if gap > PARITY_LIMIT}
    if bad:
        raise ValueError(f"{path.name} differs from the trained net: {bad}")
    return worst


def add_metadata(path: Path, metadata: Mapping[str, object]) -> None:
    """Write texts into the file's metadata (values that are no text as JSON), drop all else.

    The exporter's own notes hold file names of the building machine and double the text's size.
    """
    model = onnx.load(str(path))
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    onnx.helper.set_model_props(model, texts)
    model.producer_name = "clinic_app.training"
    model.graph.ClearField("metadata_props")
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        value.ClearField("metadata_props")
    for constant in model.graph.initializer:
        constant.ClearField("metadata_props")
    write_model(model, path)


def write_model(model: onnx.ModelProto, path: Path) -> None:
    """Check a model and put it in the place of `path` in one step."""
    onnx.checker.check_model(model)
    partial = path.with_suffix(".partial")
    partial.write_bytes(model.SerializeToString())
    partial.replace(path)
