"""A net of four numbers to train in tests: quickly, or slowly enough to be killed on the way.

`python -m tests.training.lines FOLDER` trains slowly and says "step" before every step.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clinic_app.training.loop import Schedule, train
from clinic_app.training.seeds import begun

ROWS = np.arange(64)
X = torch.rand(64, 3, generator=torch.Generator().manual_seed(0))
Y = X @ torch.tensor([1.0, -2.0, 0.5])
SCHEDULE = Schedule(epochs=4, batch=16, peak_rate=0.05, precision="fp32", average=0.5)


def squared(net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
    noise = torch.randn(len(rows), generator=rng) * 0.01
    return {"squared": (net(X[rows])[:, 0] - Y[rows] - noise).pow(2).mean()}


def score(net: nn.Module) -> dict[str, float]:
    with torch.no_grad():
        return {"score": -float((net(X)[:, 0] - Y).pow(2).mean())}


class Line(nn.Linear):
    """Four numbers, with dropout before them as our nets have it."""

    def __init__(self) -> None:
        super().__init__(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.dropout(x, 0.1, self.training))


def fresh() -> Line:
    return begun(Line, 1, "line")


def slowly(net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
    sys.stdout.write("step\n")
    sys.stdout.flush()
    time.sleep(0.05)
    return squared(net, rows, rng)


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(fresh(), ROWS, slowly, score, SCHEDULE, Path(sys.argv[1]), "line")
