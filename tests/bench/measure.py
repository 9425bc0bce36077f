"""Medians of things measured in turn, so that a busy moment hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Milliseconds over all rounds."""

    median: float
    tenth: float

    @classmethod
    def of(cls, samples: list[float]) -> Timing:
        ordered = sorted(samples)
        return cls(statistics.median(ordered), ordered[len(ordered) // 10])


def in_turn(
    work: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 5
) -> dict[str, Timing]:
    """Run every piece once a round and time it."""
    samples: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + warm_up):
        for name, piece in work.items():
            begun = time.perf_counter()
            piece()
            if number >= warm_up:
                samples[name].append((time.perf_counter() - begun) * 1000.0)
    return {name: Timing.of(values) for name, values in samples.items()}
