"""What a net costs: parameters, arithmetic, and time on one thread in ONNX Runtime."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor, nn

from clinic_app.training.nets import FACE_SIDE

WARM_RUNS, ROUNDS, RUNS_A_ROUND = 5, 12, 10


def parameters(net: nn.Module) -> int:
    """Number of learned values."""
    return sum(parameter.numel() for parameter in net.parameters())


@torch.no_grad()
def million_flop(net: nn.Module, side: int = FACE_SIDE) -> float:
    """Millions of operations for one face, two per multiply-add of convolutions and dense layers.

    `net` takes RGB [1, 3, side, side].
    """
    counted: list[float] = []

    def count(layer: nn.Module, given: tuple[Tensor, ...], answer: Tensor) -> None:
        if isinstance(layer, nn.Conv2d):
            kernel = layer.weight[0].numel()
            counted.append(2.0 * kernel * answer.numel())
        elif isinstance(layer, nn.Linear):
            counted.append(2.0 * layer.in_features * answer.numel())

    hooks = [m.register_forward_hook(count) for m in net.modules() if not list(m.children())]
    try:
        net.eval()(torch.rand(1, 3, side, side))
    finally:
        for hook in hooks:
            hook.remove()
    return sum(counted) / 1e6


def open_session(path: Path) -> ort.InferenceSession:
    """A session of one thread, as the program runs its models."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def time_interleaved(files: Mapping[str, Path], rounds: int = ROUNDS) -> dict[str, float]:
    """Median milliseconds per face of each file; the files take turns, so their ratios hold.

    Processor time of the process, not the clock on the wall: another program may be busy.
    """
    sessions = {name: open_session(path) for name, path in files.items()}
    face = np.random.default_rng(0).random((1, 3, FACE_SIDE, FACE_SIDE), dtype=np.float32)
    took: dict[str, list[float]] = {name: [] for name in files}
    for session in sessions.values():
        for _ in range(WARM_RUNS):
            session.run(None, {"face": face})
    for _ in range(rounds):
        for name, session in sessions.items():
            for _ in range(RUNS_A_ROUND):
                began = time.process_time()
                session.run(None, {"face": face})
                took[name].append(1000.0 * (time.process_time() - began))
    return {name: float(np.median(values)) for name, values in took.items()}
