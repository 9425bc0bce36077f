"""Pieces of work measured in turn, so that their ratios hold on a shared machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def processor_time(
    work: Mapping[str, tuple[int, Callable[[], object]]], rounds: int, warm_up: int = 1
) -> dict[str, float]:
    """Median milliseconds of one pass; every piece has its turn in each round."""
    samples: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + warm_up):
        for name, (passes, piece) in work.items():
            piece()  # what others left in the cache is no part of a repeated pass
            begun = time.thread_time()
            for _ in range(passes):
                piece()
            if number >= warm_up:
                samples[name].append((time.thread_time() - begun) * 1000.0 / passes)
    return {name: statistics.median(values) for name, values in samples.items()}
