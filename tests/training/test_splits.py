from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinic_app.inference import metrics
from clinic_app.training import data, splits

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def fer(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> data.FerData:
    return data.load_fer(data_folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def split(fer: data.FerData) -> splits.Split:
    return splits.fer_split(fer)


def groups(fer: data.FerData, rows: np.ndarray) -> set[int]:
    found = fer.dup_group[rows]
    return set(found[found >= 0].tolist())


def test_no_duplicate_group_is_in_two_parts(fer: data.FerData, split: splits.Split) -> None:
    train, held, test = (groups(fer, r) for r in (split.train, split.validation, split.test))
    assert train, "the training part still has duplicates of its own, or this proves nothing"
    assert not train & held
    assert not train & test
    assert not held & test


def test_no_image_is_in_two_parts_pixel_by_pixel(fer: data.FerData, split: splits.Split) -> None:
    def pixels(rows: np.ndarray) -> set[bytes]:
        return {fer.images[row].tobytes() for row in rows}

    train, held, test = pixels(split.train), pixels(split.validation), pixels(split.test)
    assert not train & held
    assert not train & test
    assert not held & test


def test_nothing_of_the_reserved_part_is_trained_on(fer: data.FerData, split: splits.Split) -> None:
    assert fer.leaks.sum() == 433
    for rows in (split.train, split.validation):
        assert not fer.leaks[rows].any()


def test_every_row_has_five_valid_votes_and_its_own_part(
    fer: data.FerData, split: splits.Split
) -> None:
    for rows, part in ((split.train, 0), (split.validation, 0), (split.test, 1)):
        assert (metrics.valid_votes(fer.votes[rows]) >= 5).all()
        assert (fer.split[rows] == part).all()


def test_test_part_holds_each_duplicate_once(fer: data.FerData, split: splits.Split) -> None:
    found = fer.dup_group[split.test]
    found = found[found >= 0]
    assert len(found) == len(np.unique(found))


def test_people_stay_on_one_side() -> None:
    identity = np.repeat(np.arange(40), 3)
    parts = splits.identity_split(identity)
    seen = [set(identity[r].tolist()) for r in (parts.train, parts.validation, parts.test)]
    assert seen[0] | seen[1] | seen[2] == set(range(40))
    assert sum(len(s) for s in seen) == 40


def test_light_subjects_are_trained_on_or_measured_never_both() -> None:
    parts = splits.yale_split(np.repeat(np.arange(28), 5))
    assert [len(p) for p in (parts.train, parts.validation, parts.test)] == [17, 3, 8]
    everyone = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(everyone.tolist()) == list(range(28))


def test_no_photograph_of_the_group_comparison_was_trained_on_or_counts_twice(
    data_folder: Path, quick_folder: Path
) -> None:
    """The file holds pictures twice; the parts are compared byte by byte here."""
    from clinic_app.training.prepare import Workspace

    work = Workspace(data_folder, quick_folder / "cache")
    trained, measured = (
        [work.utk.images[row].tobytes() for row in work.utk_faces[1][part]]
        for part in work.utk_parts
    )
    assert len(set(trained)) < len(trained), "there are no twins, so that this proves nothing"
    assert not set(trained) & set(measured)
    assert len(set(measured)) == len(measured)


def test_light_ratios_come_from_training_subjects_alone(data_folder: Path, tmp_path: Path) -> None:
    from clinic_app.training.prepare import Workspace

    work = Workspace(data_folder, tmp_path)
    trained = work.light_rows(work.yale_subjects.train)
    expected = len(trained) - len(work.yale_subjects.train)
    assert len(work.relighter._ratios) == expected
    others = (*work.yale_subjects.validation, *work.yale_subjects.test)
    assert not set(work.yale.subject[trained]) & set(others)


def test_nothing_is_shared_between_the_parts_of_any_data_set(
    data_folder: Path, quick_folder: Path
) -> None:
    """The whole check that measuring makes before it prints a figure."""
    from clinic_app.training import leaks
    from clinic_app.training.prepare import Workspace

    work = Workspace(data_folder, quick_folder / "cache")
    found = leaks.check(work)
    assert set(found["shared"].values()) == {0}
    assert found["rows"]["test"] > 3000


def test_a_leak_stops_the_measuring(data_folder: Path, quick_folder: Path) -> None:
    from dataclasses import replace

    from clinic_app.training import leaks
    from clinic_app.training.prepare import Workspace

    work = Workspace(data_folder, quick_folder / "cache")
    whole = work.fer_split
    work.__dict__["fer_split"] = replace(
        whole, train=np.append(whole.train, whole.test[0])
    )  # one test face among those trained on
    with pytest.raises(ValueError, match="'identical_pictures': 1"):
        leaks.check(work)
