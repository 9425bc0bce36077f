"""Looks for faces and people on two sides of a split; one stops the training and the measuring."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.training.splits import Split, same_pictures

if TYPE_CHECKING:
    from clinic_app.training.prepare import Workspace


def check(work: Workspace) -> dict[str, Any]:
    """Counts of what is shared between parts; raises ValueError when anything is.

    Pictures are compared by their pixels, people and subjects by their number, duplicates by their
    group; training rows also against what is marked as identical to a reserved image. UTKFace has
    two parts and is compared by pixels alone, because it names nobody.
    """
    fer, split = work.fer, work.fer_split
    trained = np.concatenate([split.train, split.validation])
    grouped = np.where(fer.dup_group >= 0, fer.dup_group, -1 - np.arange(len(fer.dup_group)))
    faces, (learned, measured) = work.utk_faces[1], work.utk_parts
    shown = Split(faces[learned], faces[learned[:0]], faces[measured])
    lit = work.yale_subjects
    lights = Split(*(work.light_rows(part) for part in (lit.train, lit.validation, lit.test)))
    shared = {
        "identical_pictures": _shared(split, same_pictures(fer.images)),
        "duplicate_groups": _shared(split, grouped),
        "people_of_video_frames": _shared(work.ytf_split, work.ytf.identity),
        "identical_video_frames": _shared(work.ytf_split, same_pictures(work.ytf.images)),
        "subjects_under_light": _shared(lights, work.yale.subject),
        "identical_pictures_under_light": _shared(lights, same_pictures(work.yale.images)),
        "faces_of_the_group_comparison": _shared(shown, work.utk_pictures),
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
