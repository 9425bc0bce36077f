"""Who may be trained on: splits that keep identical images and people on one side.

FER2013 by duplicate group, Yale B by subject, YouTube Faces by identity. UTKFace names nobody, so
only its identical pictures can be kept together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.metrics import MIN_VALID_VOTES, valid_votes
from clinic_app.training.data import FerData

VALIDATION_SHARE = 0.1
YALE_TRAINING_SUBJECTS = 17
YALE_VALIDATION_SUBJECTS = 3
"""Of the 28 open subjects; the other eight only measure."""
UTK_TRAINING_FACES = 1200
"""UTKFace faces that training may see (without their attributes); the others only measure."""
YTF_VALIDATION_SHARE = 0.15


@dataclass(frozen=True)
class Split:
    """Row numbers of each part."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def fer_split(fer: FerData, seed: int = 0) -> Split:
    """Training and validation from the training part, test from the public test part.

    Dropped everywhere: fewer than five valid votes. Dropped from training and validation: images
    identical to a reserved or public-test image. Duplicates inside the test part count once.
    """
    usable = valid_votes(fer.votes) >= MIN_VALID_VOTES
    test = _first_of_each_group(np.flatnonzero(usable & (fer.split == 1)), fer.dup_group)
    tested_groups = np.unique(fer.dup_group[(fer.split == 1) & (fer.dup_group >= 0)])
    clean = usable & (fer.split == 0) & ~fer.leaks & ~np.isin(fer.dup_group, tested_groups)
    rows = np.flatnonzero(clean)
    # An image without twins is its own group; ids past the largest group cannot collide.
    group = np.where(
        fer.dup_group >= 0, fer.dup_group, fer.dup_group.max() + 1 + np.arange(len(usable))
    )
    held = _choose(np.unique(group[rows]), VALIDATION_SHARE, seed)
    in_held = np.isin(group[rows], held)
    validation = _first_of_each_group(rows[in_held], fer.dup_group)
    return Split(rows[~in_held], validation, test)


def yale_split(subject: NDArray[np.int64], seed: int = 0) -> Split:
    """Subjects (not rows) to train on, to choose checkpoints by, and only to measure."""
    order = np.random.default_rng(seed).permutation(np.unique(subject))
    chosen = YALE_TRAINING_SUBJECTS + YALE_VALIDATION_SUBJECTS
    return Split(
        np.sort(order[:YALE_TRAINING_SUBJECTS]),
        np.sort(order[YALE_TRAINING_SUBJECTS:chosen]),
        np.sort(order[chosen:]),
    )


def utk_split(
    picture: NDArray[np.int64], seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions among faces [n] to train on, and positions that are only measured.

    `picture` [n] holds one number for identical pictures (`same_pictures`). No picture that is
    trained on is measured under another number, and none is measured twice. The file names no
    people: two pictures of one person may lie on both sides.
    """
    order = np.random.default_rng([seed, 1]).permutation(len(picture))
    trained, others = np.sort(order[:UTK_TRAINING_FACES]), np.sort(order[UTK_TRAINING_FACES:])
    return trained, others_once(picture, trained, others)


def others_once(
    picture: NDArray[np.int64], taken: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Those of `rows` whose picture is not among the `taken` rows' ones, each picture once."""
    left = rows[~np.isin(picture[rows], picture[taken])]
    _, first = np.unique(picture[left], return_index=True)
    return left[np.sort(first)]


def same_pictures(images: Iterable[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """For each picture the row of the first one with the same size and the same pixels, [n]."""
    first: dict[tuple[tuple[int, ...], bytes], int] = {}
    return np.array(
        [
            first.setdefault((image.shape, blake2b(image.tobytes()).digest()), row)
            for row, image in enumerate(images)
        ],
        dtype=np.int64,
    )


def identity_split(identity: NDArray[np.int64], seed: int = 0) -> Split:
    """YouTube Faces rows by person: training, validation, and a test part of the same size."""
    people = np.random.default_rng(seed).permutation(np.unique(identity))
    part = max(1, round(len(people) * YTF_VALIDATION_SHARE))
    return Split(
        np.flatnonzero(np.isin(identity, people[2 * part :])),
        np.flatnonzero(np.isin(identity, people[part : 2 * part])),
        np.flatnonzero(np.isin(identity, people[:part])),
    )


def _choose(values: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    order = np.random.default_rng(seed).permutation(values)
    return order[: max(1, round(len(values) * share))]


def _first_of_each_group(rows: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    grouped = rows[group[rows] >= 0]
    _, first = np.unique(group[grouped], return_index=True)
    return np.sort(np.concatenate([rows[group[rows] < 0], grouped[first]]))
