"""How often the quality gate accepts a face: by group of people, by light, by source.

Needs the training data, which does not ship. Acceptance must not differ by skin tone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.finding import Quality
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.datasets import LabelledPictures, load_pictures
from clinic_app.inference.models import load_stages
from clinic_app.inference.native import cv2
from clinic_app.inference.quality import GATES, LIVE_ONLY, judge
from clinic_app.inference.timing import Stopwatch
from clinic_app.paths import MODELS

GROUPS = ("White", "Black", "Asian", "Indian", "Other")


@dataclass(frozen=True)
class Outcome:
    """One picture: whether a face was found, and the gate's verdict."""

    found: bool
    quality: Quality | None

    @property
    def accepted(self) -> bool:
        return self.quality is not None and self.quality.accepted


def gate_page(folder: Path, most: int = 4000) -> str:
    """Acceptance as Markdown; at most `most` pictures of each source, chosen evenly."""
    chain = FaceChain(load_stages(MODELS))
    utk = load_pictures(folder / "utkface_sample.npz")
    utk_rows, utk_seen = _outcomes(chain, utk, most)
    yale = load_pictures(folder / "yaleb_cropped_lighting.npz")
    yale_rows, yale_seen = _outcomes(chain, yale, most)
    ytf = load_pictures(folder / "ytf_landmarks68.npz")
    _, ytf_seen = _outcomes(chain, ytf, most // 4, enlarge=2)
    race = np.asarray(utk.column("race"))[utk_rows]
    angle = _angles(yale)[yale_rows]
    return (
        "\n".join(
            [
                "# The quality gate on real faces",
                "",
                "Written by `.venv/bin/python -m tests.bench --gate-data FOLDER`.",
                "*Found*: a face was seen; *accepted*: no gate refused it (95 % interval).",
                "The limits are in `clinic_app/inference/quality.py`.",
                "",
                "## Groups of UTKFace (attributes partly machine-made)",
                "",
                *_table(
                    "group", [(GROUPS[k], _part(utk_seen, race == k)) for k in range(len(GROUPS))]
                ),
                "",
                "## Extended Yale B, by the angle between light and camera",
                "",
                *_table(
                    "degrees",
                    [
                        (f"{low}–{high}", _part(yale_seen, (angle >= low) & (angle < high)))
                        for low, high in ((0, 20), (20, 40), (40, 60), (60, 80), (80, 140))
                    ],
                ),
                "",
                "## YouTube Faces frames (enlarged twice)",
                "",
                *_table("source", [("frames of the people in the data", ytf_seen)]),
                "",
                "## Limits",
                "",
                *_limits(),
            ]
        )
        + "\n"
    )


def _outcomes(
    chain: FaceChain, pictures: LabelledPictures, most: int, enlarge: float = 1.5
) -> tuple[NDArray[np.int64], list[Outcome]]:
    rows = np.linspace(0, len(pictures) - 1, min(most, len(pictures))).astype(np.int64)
    outcomes = []
    for row in rows:
        picture = pictures.image(int(row))
        large = cv2.resize(picture, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
        seen = chain.see(large, Stopwatch())
        if seen is None:
            outcomes.append(Outcome(False, None))
            continue
        scores = {name: v for name, v in seen.scores.items() if name not in LIVE_ONLY}
        outcomes.append(Outcome(True, judge(scores)))
    return rows, outcomes


def _part(outcomes: list[Outcome], chosen: NDArray[np.bool_]) -> list[Outcome]:
    return [one for one, wanted in zip(outcomes, chosen, strict=True) if wanted]


def _table(first: str, parts: list[tuple[str, list[Outcome]]]) -> list[str]:
    lines = [f"| {first} | n | found | accepted | refused for |", "|---|---|---|---|---|"]
    for name, outcomes in parts:
        reasons = Counter(
            reason.value for one in outcomes if one.quality for reason in one.quality.reasons
        )
        told = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        found = sum(one.found for one in outcomes) / len(outcomes)
        low, high = _wilson(sum(one.accepted for one in outcomes), len(outcomes))
        accepted = sum(one.accepted for one in outcomes) / len(outcomes)
        lines.append(
            f"| {name} | {len(outcomes)} | {found:.1%} | {accepted:.1%} "
            f"[{low:.1%}, {high:.1%}] | {told} |"
        )
    return lines


def _limits() -> list[str]:
    lines = ["| reason | axis | refused | hint in the preview | source |", "|---|---|---|---|---|"]
    for gate in GATES:
        lines.append(
            f"| {gate.reason.value} | {gate.axis} "
            f"| {_beyond(gate.refuse_below, gate.refuse_above)} "
            f"| {_beyond(gate.hint_below, gate.hint_above)} | {gate.source} |"
        )
    return lines


def _beyond(low: float, high: float) -> str:
    words = [f"below {low:g}"] if np.isfinite(low) else []
    words += [f"above {high:g}"] if np.isfinite(high) else []
    return ", ".join(words) or "–"


def _wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share."""
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _angles(yale: LabelledPictures) -> NDArray[np.float64]:
    azimuth = np.deg2rad(np.asarray(yale.column("azimuth"), np.float64))
    elevation = np.deg2rad(np.asarray(yale.column("elevation"), np.float64))
    angle: NDArray[np.float64] = np.rad2deg(
        np.arccos(np.clip(np.cos(azimuth) * np.cos(elevation), -1, 1))
    )
    return angle
