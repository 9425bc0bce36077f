"""The styles' transform net as an ONNX file, and what a picture costs."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import torch

from clinic_app.training.cost import open_session
from clinic_app.training.export import OPSET, PARITY_LIMIT, add_metadata
from clinic_app.training.styles_net import FOLD, StylesGraph, StylesNet

WARM_RUNS, TIMED_RUNS = 3, 21
_LEAST, _MOST = 32 // FOLD, 2048 // FOLD


def export_styles(net: StylesNet, path: Path) -> None:
    """Write `net` to `path`: inputs `picture` [1, 3, h, w] and `weights` [k], output `styled`.

    Raises ValueError when the file differs from torch on two sizes.
    """
    graph = StylesGraph(net.cpu().eval())
    sample = (torch.rand(1, 3, 64, 96), torch.full((net.styles,), 1 / net.styles))
    height, width = (torch.export.Dim(side, min=_LEAST, max=_MOST) for side in ("h", "w"))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecation notes
        torch.onnx.export(
            graph,
            sample,
            str(partial),
            input_names=["picture", "weights"],
            output_names=["styled"],
            dynamic_shapes=({2: FOLD * height, 3: FOLD * width}, None),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    add_metadata(partial, {"name": "styles"})
    gap = _gap(graph, partial)
    if gap > PARITY_LIMIT:
        raise ValueError(f"{path.name} differs from the trained net by {gap:.5f}")
    partial.replace(path)


@torch.no_grad()
def _gap(graph: StylesGraph, path: Path) -> float:
    session, rng, worst = open_session(path), torch.Generator().manual_seed(4), 0.0
    for height, width in ((64, 96), (120, 88)):
        picture = torch.rand(1, 3, height, width, generator=rng)
        weights = torch.rand(graph.net.styles, generator=rng)
        (found,) = session.run(["styled"], {"picture": picture.numpy(), "weights": weights.numpy()})
        worst = max(worst, float(np.abs(found - graph(picture, weights).numpy()).max()))
    return worst


def styled_milliseconds(path: Path, styles: int, side: int) -> float:
    """Median processor time of one picture of `side` x `side`, one thread."""
    session, rng = open_session(path), np.random.default_rng(0)
    picture = rng.random((1, 3, side, side), dtype=np.float32)
    weights = np.eye(styles, dtype=np.float32)[0]
    took = []
    for _ in range(WARM_RUNS + TIMED_RUNS):
        began = time.thread_time()
        session.run(["styled"], {"picture": picture, "weights": weights})
        took.append(1000.0 * (time.thread_time() - began))
    return float(np.median(took[WARM_RUNS:]))
