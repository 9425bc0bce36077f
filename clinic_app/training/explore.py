"""Looks at the data before anything is trained: counts, charts, duplicates, sample sheets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import fer_head
from clinic_app.training.prepare import Workspace

mpl.use("Agg")
from matplotlib import pyplot as plt

VOTES = (*metrics.EMOTIONS, "unknown", "not a face")
CHARTS = ("ferplus_majority", "fer_label", "severity_band", "votes", "raters_who_agree")
SHEET = (6, 16)


def explore(work: Workspace, folder: Path) -> dict[str, Any]:
    """Write `counts.json`, bar charts and sample sheets into `folder`; returns the counts."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = count(work)
    (folder / "counts.json").write_text(json.dumps(counts, indent=1), encoding="utf-8")
    for name in CHARTS:
        _bars(counts[name], name.replace("_", " "), folder / f"{name}.png")
    share, train = metrics.sadness_share(work.fer.votes), work.fer_split.train
    for k, band in enumerate(metrics.BANDS):
        rows = train[metrics.severity_band(share[train]) == k]
        sheet(work.fer.images, rows, work.seed, folder / f"sample_{band}.png")
    majority = metrics.emotion_shares(work.fer.votes[train]).argmax(axis=1)
    for k, emotion in enumerate(metrics.EMOTIONS):
        rows = train[majority == k]
        sheet(work.fer.images, rows, work.seed, folder / f"sample_{emotion}.png")
    twins = np.flatnonzero(work.fer.dup_group >= 0)
    twins = twins[np.argsort(work.fer.dup_group[twins], kind="stable")]
    sheet(work.fer.images, twins[: SHEET[0] * SHEET[1]], None, folder / "sample_duplicates.png")
    return counts


def count(work: Workspace) -> dict[str, Any]:
    """Numbers of images by part, label, band and duplicate."""
    fer, split = work.fer, work.fer_split
    usable = metrics.valid_votes(fer.votes) >= metrics.MIN_VALID_VOTES
    majority = metrics.emotion_shares(fer.votes)[usable].argmax(axis=1)
    band = metrics.severity_band(metrics.sadness_share(fer.votes[usable]))
    groups = fer.dup_group[fer.dup_group >= 0]
    return {
        "images": len(fer.images),
        "with_five_valid_votes": int(usable.sum()),
        "leaks_into_reserved": int(fer.leaks.sum()),
        "duplicate_groups": len(np.unique(groups)),
        "images_in_duplicate_groups": len(groups),
        "duplicate_groups_across_parts": _divided(fer.dup_group, fer.split),
        "duplicate_groups_with_two_labels": _divided(fer.dup_group, fer.fer_label),
        "labels_that_agree_with_the_majority": float(
            (majority == fer_head.AS_FERPLUS[fer.fer_label[usable]]).mean()
        ),
        "training": len(split.train),
        "validation": len(split.validation),
        "public_test": len(split.test),
        "votes": {name: int(n) for name, n in zip(VOTES, fer.votes.sum(axis=0), strict=True)},
        "raters_who_agree": _agreeing(fer.votes[usable]),
        "ferplus_majority": _named(majority, metrics.EMOTIONS),
        "fer_label": _named(fer.fer_label, fer_head.LABELS),
        "severity_band": _named(band, metrics.BANDS),
        "yale_subjects": len(np.unique(work.yale.subject)),
        "yale_images": len(work.yale.subject),
        "utkface_images": len(work.utk.age),
        "video_frames": len(work.ytf.identity),
        "video_people": len(np.unique(work.ytf.identity)),
    }


def sheet(images: NDArray[np.uint8], rows: NDArray[np.int64], seed: int | None, path: Path) -> None:
    """A sheet of randomly drawn images; the first ones in their order without a `seed`."""
    high, wide = SHEET
    drawn = rows if seed is None else np.random.default_rng(seed).permutation(rows)
    drawn = drawn[: high * wide]
    side = images.shape[1]
    canvas = np.zeros((high * side, wide * side), np.uint8)
    for k, row in enumerate(drawn):
        y, x = divmod(k, wide)
        canvas[y * side : (y + 1) * side, x * side : (x + 1) * side] = images[row]
    cv2.imwrite(str(path), canvas)


def _divided(group: NDArray[np.int64], key: NDArray[np.int64]) -> int:
    """How many duplicate groups hold images of more than one `key`."""
    pairs = np.unique(np.stack([group, key])[:, group >= 0], axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())


def _agreeing(votes: NDArray[np.int64]) -> dict[str, int]:
    """Images by how many raters chose the emotion that most of them chose."""
    counted = np.bincount(votes[:, :8].max(axis=1), minlength=11)
    return {str(k): int(n) for k, n in enumerate(counted) if k > 0}


def _named(labels: NDArray[np.integer], names: tuple[str, ...]) -> dict[str, int]:
    counted = np.bincount(labels, minlength=len(names))
    return {name: int(n) for name, n in zip(names, counted, strict=True)}


def _bars(counts: dict[str, int], title: str, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
    bars = axes.bar(list(counts), list(counts.values()), color="#4a6fa5")
    axes.bar_label(bars, fontsize=8)
    axes.set_title(title)
    axes.set_ylabel("images")
    axes.tick_params(axis="x", labelrotation=25)
    figure.savefig(path, dpi=120)
    plt.close(figure)
