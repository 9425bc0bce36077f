"""Fits a schedule into a stretch of wall time: measure a step, then plan exactly that many.

A one-cycle schedule only works when its end is known, so the loop is not stopped by a clock; it is
given as many steps as the measured speed allows. A plan is kept on disk with the time spent, so
that a run that was cut short goes on with the same schedule.
"""

from __future__ import annotations

import copy
import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from clinic_app.training.files import whole
from clinic_app.training.loop import BatchLoss, Net, Schedule, train

Validate = Callable[[nn.Module], dict[str, float]]
WARM_STEPS, TIMED_STEPS = 2, 5
MOST_ROUNDS = 80


@dataclass(frozen=True)
class Plan:
    """What fits into the time: `rounds` of `steps` each, a validation after every round."""

    seconds: float
    step_seconds: float
    round_seconds: float
    rounds: int
    steps: int  # a round
    spent_seconds: float = 0.0

    def epochs(self, rows: int, batch: int) -> float:
        """How often each of `rows` is seen on average."""
        return self.rounds * self.steps * batch / rows


def plan(seconds: float, step: float, per_round: float, steps_per_epoch: int) -> Plan:
    """The longest plan within `seconds`: about one round per pass over the data, at least one."""
    passes = int(seconds / (steps_per_epoch * step + per_round))
    rounds = min(max(1, passes), MOST_ROUNDS)
    steps = max(1, int((seconds - rounds * per_round) / step / rounds))
    return Plan(seconds, step, per_round, rounds, steps)


class Clocked:
    """A batch loss that notes when each step began."""

    def __init__(self, batch_loss: BatchLoss) -> None:
        self._batch_loss, self.began = batch_loss, list[float]()

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        self.began.append(time.perf_counter())
        return self._batch_loss(net, rows, rng)


def measure(
    net: nn.Module,
    rows: NDArray[np.int64],
    batch_loss: BatchLoss,
    validate: Validate,
    schedule: Schedule,
    seconds: float,
) -> Plan:
    """Time some real steps of the loop on a copy of `net`, and plan `seconds` with them."""
    short = replace(schedule, epochs=1)
    clocked = Clocked(batch_loss)
    few = rows[: (WARM_STEPS + TIMED_STEPS) * schedule.batch]
    with tempfile.TemporaryDirectory() as scratch:
        train(copy.deepcopy(net), few, clocked, validate, short, Path(scratch), "measure")
        end = time.perf_counter()
    gaps = np.diff(clocked.began)[WARM_STEPS:]
    step = float(np.median(gaps)) if len(gaps) else end - clocked.began[-1]
    per_round = max(0.0, end - clocked.began[-1] - step)
    return plan(seconds, step, per_round, max(1, len(rows) // schedule.batch))


def spread(rows: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """`count` of the rows: a random part of them, or all of them more than once, evenly."""
    rng = np.random.default_rng(seed)
    passes = [rng.permutation(rows) for _ in range(math.ceil(count / len(rows)))]
    return np.concatenate(passes)[:count]


def train_in_time(
    net: Net,
    rows: NDArray[np.int64],
    batch_loss: BatchLoss,
    validate: Validate,
    schedule: Schedule,
    seconds: float,
    out: Path,
    name: str,
) -> tuple[Net, Plan]:
    """Train `net` for about `seconds` with `train`, resumably; also says what was spent.

    A plan for another length of time is thrown away together with its checkpoints.
    """
    out.mkdir(parents=True, exist_ok=True)
    kept = out / f"{name}.plan.json"
    found = Plan(**json.loads(kept.read_text())) if kept.exists() else None
    if found is None or found.seconds != seconds:
        for stale in (kept, out / f"{name}.last.pt", out / f"{name}.best.pt"):
            stale.unlink(missing_ok=True)
        found = measure(net, rows, batch_loss, validate, schedule, seconds)
        _keep(kept, found)
    some = spread(rows, found.steps * schedule.batch, schedule.seed)
    spending = _Spending(validate, found, kept)
    fitted = replace(schedule, epochs=found.rounds)
    trained = train(net, some, batch_loss, spending, fitted, out, name)
    return trained, spending.plan


class _Spending:
    """A validation that also keeps account of the time on disk."""

    def __init__(self, validate: Validate, plan: Plan, kept: Path) -> None:
        self._validate, self.plan, self._kept = validate, plan, kept
        self._since = time.perf_counter()

    def __call__(self, net: nn.Module) -> dict[str, float]:
        figures = self._validate(net)
        now = time.perf_counter()
        spent = self.plan.spent_seconds + now - self._since
        self.plan, self._since = replace(self.plan, spent_seconds=spent), now
        _keep(self._kept, self.plan)
        return figures


def _keep(path: Path, plan: Plan) -> None:
    with whole(path) as place:
        place.write_text(json.dumps(asdict(plan)))
