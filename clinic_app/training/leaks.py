"""Looks for faces and people on two sides of a split; measuring stops when there is one."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.training.prepare import Workspace
from clinic_app.training.splits import Split


def check(work: Workspace) -> dict[str, Any]:
    """Counts of what is shared between parts; raises ValueError when anything is.

    Pictures are compared by their pixels, people and subjects by their number, duplicates by their
    group; training rows also against what is marked as identical to a reserved image.
    """
    fer, split = work.fer, work.fer_split
    trained = np.concatenate([split.train, split.validation])
    grouped = np.where(fer.dup_group >= 0, fer.dup_group, -1 - np.arange(len(fer.dup_group)))
    pixels = np.array([hash(image.tobytes()) for image in fer.images])
    shared = {
        "identical_pictures": _shared(split, pixels),
        "duplicate_groups": _shared(split, grouped),
        "people_of_video_frames": _shared(work.ytf_split, work.ytf.identity),
        "subjects_under_light": _shared(work.yale_subjects, np.arange(work.yale.subject.max() + 1)),
        "faces_of_the_group_comparison": len(np.intersect1d(*work.utk_parts)),
        "marked_as_reserved": int(fer.leaks[trained].sum()),
    }
    if any(shared.values()):
        raise ValueError(f"the parts share what they must not: {shared}")
    return {
        "shared": shared,
        "rows": {"train": len(split.train), "validation": len(split.validation)}
        | {"test": len(split.test)},
    }


def _shared(split: Split, key: NDArray[np.int64]) -> int:
    parts = [np.unique(key[rows]) for rows in (split.train, split.validation, split.test)]
    return sum(len(np.intersect1d(a, b)) for a, b in combinations(parts, 2))
