"""What chance decides, made alike in every run: seeds of their own, and whose seed a folder has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def drawn(seed: int, *what: int) -> int:
    """A 32-bit seed for one thing that is told apart by numbers, such as an epoch's.

    Torch's generator looks at no more than 32 bits, and the same seed gives the same numbers in
    another generator: neighbouring seeds and those of other things must not meet.
    """
    return int(np.random.SeedSequence([seed, *what]).generate_state(1)[0])


def begun(make: Callable[[], Net], seed: int, name: str) -> Net:
    """What `make` builds for the stage `name`, the same whatever this process has drawn before;
    what it draws later is not touched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(drawn(seed, *name.encode()))
        return make()


def other_seeds(seed: int, out: Path, models: Path | None = None) -> list[int]:
    """Seeds other than this that nets were made with: trained in `out`, released in `models`.

    Their training faces are another draw, so that this seed's held-out faces were trained on.
    """
    found = {
        json.loads(path.read_text(encoding="utf-8"))["schedule"].get("seed", 0)
        for path in out.glob("*.history.json")
    }
    if models is not None:
        manifest = models / "manifest.json"
        entries = json.loads(manifest.read_text(encoding="utf-8"))["models"]
        found |= {entry["seed"] for entry in entries.values() if "seed" in entry}
    return sorted(found - {seed})
