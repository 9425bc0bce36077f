"""One training loop for every network: seeded, averaged, resumable, with its history on disk."""

from __future__ import annotations

import copy
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from clinic_app.training.files import whole
from clinic_app.training.seeds import drawn

log = logging.getLogger("training")

BatchLoss = Callable[[nn.Module, Tensor, torch.Generator], dict[str, Tensor]]
"""(net, row numbers, generator) -> named loss terms, already weighted; they are summed."""
Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; `precision` is auto, bf16 or fp32.

    `class_weights` is for losses that weigh bands by how rare they are (`severity.band_weights`).
    `lessons` tells what is learnt from apart, where that may change in the same folder.
    """

    epochs: int
    batch: int = 128
    peak_rate: float = 3e-3
    weight_decay: float = 0.02
    average: float = 0.999
    patience: int = 1000
    seed: int = 0
    precision: str = "auto"
    max_grad: float = 5.0
    class_weights: float = 0.0
    lessons: str = ""


class Averaged(Generic[Net]):
    """Exponential moving average of a net, buffers included; young averages forget faster."""

    def __init__(self, net: Net, decay: float) -> None:
        self.net: Net = copy.deepcopy(net).requires_grad_(False).eval()
        self._decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        for mine, theirs in zip(
            self.net.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs.to(mine.dtype), 1 - decay)
            else:
                mine.copy_(theirs)


BF16_UNITS = ("amx_bf16", "avx512_bf16")


def uses_bf16(precision: str, device: torch.device) -> bool:
    """bf16 pays only where the processor multiplies it in hardware."""
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return any(able.get(unit, False) for unit in BF16_UNITS)


def best_device() -> torch.device:
    """The graphics processor when there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(
    net: Net,
    rows: NDArray[np.int64],
    batch_loss: BatchLoss,
    validate: Callable[[Net], dict[str, float]],
    schedule: Schedule,
    out: Path,
    name: str,
    *,
    tuning: bool = False,
    device: torch.device | None = None,
    before_epoch: Callable[[nn.Module, torch.Generator], None] | None = None,
) -> Net:
    """Train `net` on row numbers and return the averaged net of the best epoch.

    `validate` measures the averaged net; its answer must contain "score", the larger the better.
    With `tuning` the net as given competes too: when no epoch betters it, it is the answer.
    The net is trained on `device` (the best there is by default); a batch loss prepares its faces
    on the processor and sends them there with `nets.to_net`. `before_epoch` gets net and generator
    where a batch loss has something to begin with every epoch.
    Writes `NAME.last.pt` after every epoch and goes on from it when called again with the same
    schedule, `NAME.best.pt` for the best epoch, and `NAME.history.json`. Killed at any moment, it
    loses the epoch that it was in and ends at the net that it would have ended at, given the same
    `net` to begin with (`seeds.begun`). It sets the seed of torch's global generator every epoch.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = best_device() if device is None else device
    net = net.to(device, memory_format=torch.channels_last)
    steps = max(1, len(rows) // schedule.batch)
    optimizer = torch.optim.AdamW(_decay_groups(net, schedule.weight_decay), lr=schedule.peak_rate)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, schedule.peak_rate, total_steps=schedule.epochs * steps, pct_start=0.2
    )
    average: Averaged[Net] = Averaged(net, schedule.average)
    state = _Progress(out, name, schedule)
    first = state.resume(net, average, optimizer, rate)
    if tuning and first == 0:
        state.enter(average.net, validate(average.net))
    started = time.monotonic()
    for epoch in range(first, schedule.epochs):
        if epoch - 1 - state.best_epoch >= schedule.patience:
            log.info("%s: no better for %d epochs, stopping", name, schedule.patience)
            break
        rng = torch.Generator().manual_seed(schedule.seed * 100003 + epoch)
        torch.manual_seed(drawn(schedule.seed, epoch))  # dropout asks the global generator
        if before_epoch is not None:
            before_epoch(net.train(), rng)
        order = np.random.default_rng([schedule.seed, epoch]).permutation(rows)[
            : steps * schedule.batch
        ]
        batches = torch.from_numpy(order).split(schedule.batch)
        parts = _one_epoch(net, average, batches, batch_loss, optimizer, rate, schedule, rng)
        figures = validate(average.net)
        left = (time.monotonic() - started) / (epoch - first + 1) * (schedule.epochs - epoch - 1)
        state.finish_epoch(epoch, parts, figures, left)
        state.save(net, average, optimizer, rate, epoch)
    return state.load_best(average.net)


def _one_epoch(
    net: Net,
    average: Averaged[Net],
    batches: Sequence[Tensor],
    batch_loss: BatchLoss,
    optimizer: torch.optim.Optimizer,
    rate: torch.optim.lr_scheduler.OneCycleLR,
    schedule: Schedule,
    rng: torch.Generator,
) -> dict[str, float]:
    net.train()
    sums: dict[str, float] = {}
    device = next(net.parameters()).device
    bf16 = uses_bf16(schedule.precision, device)
    for chosen in batches:
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            parts = batch_loss(net, chosen, rng)
        loss = torch.stack(list(parts.values())).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), schedule.max_grad)
        optimizer.step()
        rate.step()
        average.update(net)
        for key, value in parts.items():
            sums[key] = sums.get(key, 0.0) + float(value.detach())
    return {key: value / len(batches) for key, value in sums.items()}


def _decay_groups(net: nn.Module, decay: float) -> list[dict[str, object]]:
    """No weight decay on biases and norms."""
    used = [p for p in net.parameters() if p.requires_grad]
    return [
        {"params": [p for p in used if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in used if p.ndim <= 1], "weight_decay": 0.0},
    ]


@dataclass(frozen=True)
class Epoch:
    """One line of the history."""

    epoch: int
    loss: dict[str, float]
    validation: dict[str, float]


class _Progress:
    """History, checkpoints and the best epoch of one run."""

    def __init__(self, out: Path, name: str, schedule: Schedule) -> None:
        self._out, self._name, self._schedule = out, name, asdict(schedule)
        self.history: list[Epoch] = []
        self.best_epoch, self.best_score = -1, -float("inf")

    def _file(self, kind: str) -> Path:
        return self._out / f"{self._name}.{kind}"

    def resume(
        self,
        net: nn.Module,
        average: Averaged[Any],
        optimizer: torch.optim.Optimizer,
        rate: torch.optim.lr_scheduler.OneCycleLR,
    ) -> int:
        path = self._file("last.pt")
        if not path.exists():
            return 0
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if _whole_schedule(saved["schedule"]) != self._schedule:
            log.info("%s: the schedule or the lessons changed, starting over", self._name)
            return 0
        if shapes(saved["net"]) != shapes(net.state_dict()):
            log.info("%s: the net changed, starting over", self._name)
            return 0
        net.load_state_dict(saved["net"])
        average.net.load_state_dict(saved["average"])
        average.steps = saved["average_steps"]
        optimizer.load_state_dict(saved["optimizer"])
        rate.load_state_dict(saved["rate"])
        self.best_epoch, self.best_score = saved["best_epoch"], saved["best_score"]
        told = _told(self._file("history.json")).get("epochs", [])
        self.history = [Epoch(**line) for line in told[: saved["epoch"] + 1]]
        log.info("%s: going on after epoch %d", self._name, saved["epoch"] + 1)
        return int(saved["epoch"]) + 1

    def enter(self, net: nn.Module, figures: dict[str, float]) -> None:
        """Let the net that a tuning run starts from be the one to beat."""
        if _save(self._file("best.pt"), net.state_dict()):
            self.best_score = figures["score"]
        log.info("%s start %s", self._name, {k: round(v, 4) for k, v in figures.items()})

    def finish_epoch(
        self, epoch: int, parts: dict[str, float], figures: dict[str, float], seconds_left: float
    ) -> None:
        self.history.append(Epoch(epoch + 1, parts, figures))
        document = {"schedule": self._schedule, "epochs": [asdict(e) for e in self.history]}
        told = json.dumps(document, indent=1)
        _write(self._file("history.json"), lambda place: place.write_text(told))
        text = " ".join(f"{k}={v:.4f}" for k, v in {**parts, **figures}.items())
        log.info(
            "%s %d/%d %s, %.0f min left",
            self._name,
            epoch + 1,
            self._schedule["epochs"],
            text,
            seconds_left / 60,
        )

    def save(
        self,
        net: nn.Module,
        average: Averaged[Any],
        optimizer: torch.optim.Optimizer,
        rate: torch.optim.lr_scheduler.OneCycleLR,
        epoch: int,
    ) -> None:
        score = self.history[-1].validation["score"]
        # A best net that could not be written is not the one to beat: it would be lost.
        if score > self.best_score and _save(self._file("best.pt"), average.net.state_dict()):
            self.best_epoch, self.best_score = epoch, score
        _save(
            self._file("last.pt"),
            {
                "net": net.state_dict(),
                "average": average.net.state_dict(),
                "average_steps": average.steps,
                "optimizer": optimizer.state_dict(),
                "rate": rate.state_dict(),
                "epoch": epoch,
                "schedule": self._schedule,
                "best_epoch": self.best_epoch,
                "best_score": self.best_score,
            },
        )

    def load_best(self, net: Net) -> Net:
        best = torch.load(self._file("best.pt"), map_location="cpu", weights_only=True)
        net.load_state_dict(best)
        net.eval()
        return net


def shapes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of every array of a net, by which nets of another make are told apart."""
    return {name: tuple(value.shape) for name, value in state.items()}


def _save(path: Path, state: object) -> bool:
    return _write(path, lambda place: torch.save(state, place))


def _write(path: Path, write: Callable[[Path], object]) -> bool:
    """Replace a file in one step, and whether that went well; a full disk costs this file, not the
    run."""
    for wait in (1.0, 10.0, 0.0):
        try:
            with whole(path) as place:
                write(place)
        except (OSError, RuntimeError) as error:
            # torch reports a failed write as RuntimeError from its archive writer.
            log.warning("%s was not written: %s", path.name, str(error).splitlines()[0])
            time.sleep(wait)
        else:
            return True
    return False


def _told(history: Path) -> dict[str, Any]:
    """What a history file holds; nothing where there was no room to write it."""
    if not history.exists():
        return {}
    document: dict[str, Any] = json.loads(history.read_text())
    return document


def goes_on(out: Path, name: str, schedule: Schedule) -> bool:
    """Whether `train` with this schedule goes on from what is in `out`, or finds nothing there."""
    told = _told(out / f"{name}.history.json")
    return not told or _whole_schedule(told["schedule"]) == asdict(schedule)


def _whole_schedule(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint does not name is younger than it and had its default; what it names and
    this program does not know stays, so that it is like no schedule of ours."""
    defaults = {one.name: one.default for one in fields(Schedule) if one.default is not MISSING}
    return {**defaults, **told}
