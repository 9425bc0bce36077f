"""How sure a reading is of itself and how far that holds: calibration, interval, refusing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import calibrate, curves, evaluate
from clinic_app.training.evaluate import Said, Truth

READINGS = ("raw", "normalised")
CLOSE = 0.05
"""Two emotions whose probabilities are nearer than this are a close call."""


def certainty_figures(
    readings: Mapping[str, Said],
    truth: Truth,
    rows: list[calibrate.IntervalRow],
    below: float,
) -> dict[str, Any]:
    """Calibration, coverage of the interval and abstention of both readings of the same faces.

    `rows` and `below` are the settings that were chosen on other faces. A reading is right where
    the band that the program shows is the raters'.
    """
    answer: dict[str, Any] = {
        name: {}
        for name in (
            "reliability_bands",
            "reliability_positive",
            "risk_coverage",
            "percent_interval_covered",
            "abstention",
        )
    }
    for name in READINGS:
        said = readings[name]
        p = evaluate.softmax_double(said["severity_logits"])
        positive = p[:, 2:].sum(axis=1)
        answer["reliability_bands"][name] = curves.reliability(
            p.max(axis=1), p.argmax(axis=1) == truth.band
        )
        answer["reliability_positive"][name] = curves.reliability(positive, truth.positive)
        answer["risk_coverage"][name] = calibrate.risk_coverage(p, said["band"] == truth.band)
        answer["percent_interval_covered"][name] = held(p, truth.band, rows)
        answer["abstention"][name] = abstention(p, said["band"] == truth.band, below)
        answer[f"ece_positive_{name}"] = positive_ece(p, truth.positive)
    return answer


def held(
    p: NDArray[np.float64], band: NDArray[np.int64], rows: list[calibrate.IntervalRow]
) -> metrics.Interval:
    """Share of faces whose band lies in the interval of their percent."""
    inside = calibrate.covered(calibrate.percent(p), band, rows)
    return evaluate.mean_with_interval(inside.astype(float))


def abstention(
    p: NDArray[np.float64], right: NDArray[np.bool_], below: float
) -> dict[str, metrics.Interval]:
    """What refusing under a largest probability of `below` does: the share that is refused, how
    often the others are wrong, how often all are, and the difference on the same faces."""
    read, wrong = p.max(axis=1) >= below, ~right

    def of_the_read(rows: NDArray[np.integer]) -> float:
        kept = wrong[rows][read[rows]]
        return float(kept.mean()) if kept.size else float("nan")

    return {
        "refused": evaluate.mean_with_interval((~read).astype(float)),
        "wrong_of_the_read": metrics.bootstrap(of_the_read, len(read), rounds=evaluate.ROUNDS),
        "wrong_of_all": evaluate.mean_with_interval(wrong.astype(float)),
        "gained": metrics.bootstrap(
            lambda rows: float(wrong[rows].mean()) - of_the_read(rows),
            len(read),
            rounds=evaluate.ROUNDS,
        ),
    }


def emotions_moved(before: Said, after: Said, emotion: NDArray[np.int64]) -> dict[str, int]:
    """Faces whose likeliest emotion differs between two readings: how many, for how many the two
    likeliest were less than `CLOSE` apart in `before`, and how often each was the raters'."""
    p = evaluate.softmax_double(before["emotion_logits"])
    first, now = p.argmax(axis=1), after["emotion_logits"].argmax(axis=1)
    moved = first != now
    second, most = np.sort(p[moved], axis=1)[:, -2:].T
    return {
        "n": int(moved.sum()),
        "close": int((most - second < CLOSE).sum()),
        "right_before": int((first[moved] == emotion[moved]).sum()),
        "right_after": int((now[moved] == emotion[moved]).sum()),
    }


def positive_ece(p: NDArray[np.float64], positive: NDArray[np.bool_]) -> metrics.Interval:
    """ECE of P(s >= 0.35), the two upper bands of `p` [n, 4]."""
    stated = p[:, 2:].sum(axis=1)
    return metrics.bootstrap(
        lambda r: curves.binary_ece(stated[r], positive[r]), len(positive), rounds=evaluate.ROUNDS
    )
