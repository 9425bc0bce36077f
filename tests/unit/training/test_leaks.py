"""Nobody and nothing lies on two sides of a split: the rules, on small made-up data.

Without torch and without the data files, so that they are held on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clinic_app.training import leaks, splits
from clinic_app.training.splits import Split

ROOT = Path(__file__).parents[3]


def pictures(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (n, 6, 5), dtype=np.uint8)


def small_world() -> SimpleNamespace:
    """Eight pictures of each data set, cut into parts that share nothing."""
    parts = Split(np.arange(4), np.arange(4, 6), np.arange(6, 8))
    faces, frames, lit = (pictures(8, seed) for seed in (1, 2, 3))
    subject = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    return SimpleNamespace(
        fer=SimpleNamespace(
            images=faces, dup_group=np.full(8, -1), leaks=np.zeros(8, dtype=np.bool_)
        ),
        fer_split=parts,
        ytf=SimpleNamespace(images=list(frames), identity=np.array([0, 0, 1, 1, 2, 2, 3, 3])),
        ytf_split=parts,
        yale=SimpleNamespace(images=lit, subject=subject),
        yale_subjects=Split(np.array([0, 1]), np.array([2]), np.array([3])),
        light_rows=lambda some: np.flatnonzero(np.isin(subject, some)),
        utk_pictures=np.arange(9),
        utk_faces=(pictures(8, 4), np.array([0, 1, 2, 3, 4, 5, 7, 8])),  # none was found in row 6
        utk_parts=(np.arange(3), np.arange(3, 8)),
    )


def test_parts_that_share_nothing_are_let_through() -> None:
    found = leaks.check(small_world())
    assert set(found["shared"].values()) == {0}
    assert found["rows"] == {"train": 4, "validation": 2, "test": 2}


def twin_of_a_face(work: Any) -> None:
    work.fer.images[6] = work.fer.images[1]


def one_group(work: Any) -> None:
    work.fer.dup_group[[3, 5]] = 7


def one_person(work: Any) -> None:
    work.ytf.identity[6] = 1


def twin_of_a_frame(work: Any) -> None:
    work.ytf.images[7] = work.ytf.images[4].copy()


def one_subject(work: Any) -> None:
    work.yale_subjects = Split(np.array([0, 1]), np.array([2]), np.array([3, 1]))


def twin_under_light(work: Any) -> None:
    work.yale.images[6] = work.yale.images[0]


def twin_of_a_photograph(work: Any) -> None:
    work.utk_pictures[7] = 2  # learnt as position 2, measured as position 6


def reserved(work: Any) -> None:
    work.fer.leaks[2] = True


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        (twin_of_a_face, "'identical_pictures': 1"),
        (one_group, "'duplicate_groups': 1"),
        (one_person, "'people_of_video_frames': 1"),
        (twin_of_a_frame, "'identical_video_frames': 1"),
        (one_subject, "'subjects_under_light': 1"),
        (twin_under_light, "'identical_pictures_under_light': 1"),
        (twin_of_a_photograph, "'faces_of_the_group_comparison': 1"),
        (reserved, "'marked_as_reserved': 1"),
    ],
)
def test_every_kind_of_leak_is_found(planted: Callable[[Any], None], named: str) -> None:
    work = small_world()
    planted(work)
    with pytest.raises(ValueError, match=named):
        leaks.check(work)


def test_pictures_are_alike_by_every_pixel_and_by_their_size() -> None:
    one = pictures(1, 5)[0]
    other = one.copy()
    other[0, 0] ^= 1
    found = splits.same_pictures([one, other, one.copy(), one.reshape(5, 6), other])
    assert found.tolist() == [0, 1, 0, 3, 1]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_photograph_that_is_there_twice_is_never_learnt_and_measured(seed: int) -> None:
    n = splits.UTK_TRAINING_FACES + 800
    plain = np.random.default_rng([seed, 1]).permutation(n)[: splits.UTK_TRAINING_FACES]
    picture = np.arange(n) // 2 * 2  # every photograph twice
    trained, measured = splits.utk_split(picture, seed)
    assert trained.tolist() == sorted(plain.tolist()), "what is learnt does not depend on twins"
    assert len(measured) > 50
    assert not set(picture[trained]) & set(picture[measured])
    assert len(set(picture[measured])) == len(measured)
    assert set(picture[trained]) | set(picture[measured]) == set(picture)


def test_without_twins_everybody_is_learnt_or_measured() -> None:
    trained, measured = splits.utk_split(np.arange(3000))
    assert len(trained) == splits.UTK_TRAINING_FACES
    assert sorted([*trained.tolist(), *measured.tolist()]) == list(range(3000))


def test_what_ships_was_measured_on_parts_that_share_nothing() -> None:
    stored = json.loads((ROOT / "models" / "cards" / "figures.json").read_text(encoding="utf-8"))
    shared = stored["severity"]["leak_check"]["shared"]
    assert shared
    assert set(shared.values()) == {0}
