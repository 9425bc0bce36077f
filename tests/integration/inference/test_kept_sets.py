"""Model sets: kept whole, gone back to after a check, and refused once anything was changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from clinic_app.domain.errors import ModelRejected, NotFound
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from clinic_app.inference.cards import ManifestShelf
from clinic_app.inference.kept_sets import CHOICE_FILE, KEPT_FOLDER, FolderModelSets, set_name
from clinic_app.paths import MODELS


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped set that a test may renew."""
    return Path(shutil.copytree(MODELS, tmp_path / "shipped"))


@pytest.fixture
def sets(shipped: Path, tmp_path: Path) -> FolderModelSets:
    return FolderModelSets(shipped, tmp_path / "store")


def renew(shipped: Path) -> None:
    """As a later program would: the same files under another version."""
    path = shipped / "manifest.json"
    plain = json.loads(path.read_text())
    plain["models"]["severity"]["version"] = "9.0.0"
    path.write_text(json.dumps(plain))


def test_at_first_the_shipped_set_is_in_use(sets: FolderModelSets, shipped: Path) -> None:
    (only,) = sets.known()
    assert (only.shipped, only.active, only.kept) == (True, True, False)
    assert only.name == set_name(shipped)
    listed = json.loads((shipped / "manifest.json").read_text())["models"]
    assert dict(only.versions)["severity"] == listed["severity"]["version"]
    assert sets.folder() == shipped


def test_a_kept_set_is_gone_back_to_after_the_program_was_renewed(
    sets: FolderModelSets, shipped: Path, tmp_path: Path
) -> None:
    old = sets.keep()
    assert sets.keep() == old  # twice is once
    renew(shipped)
    assert [one.name for one in sets.known()] == [set_name(shipped), old]
    sets.follow(sets.check(old))
    assert sets.folder() == tmp_path / "store" / KEPT_FOLDER / old
    assert [one.active for one in sets.known()] == [False, True]
    assert "visible depressive affect" in sets.card(old)
    assert sets.check(set_name(shipped)) == SHIPPED
    sets.follow(SHIPPED)
    assert sets.folder() == shipped


def test_keeping_again_mends_a_set_that_was_damaged_or_cut_short(
    sets: FolderModelSets, tmp_path: Path
) -> None:
    old = sets.keep()
    shelf = tmp_path / "store" / KEPT_FOLDER
    (shelf / old / "severity.onnx").write_bytes(b"cut")
    (shelf / ".0a1b2c3d.part").mkdir()  # as a program that was killed leaves it
    assert sets.keep() == old
    assert [one.name for one in shelf.iterdir()] == [old]
    assert set((shelf / old).iterdir()) == {shelf / old / one.name for one in MODELS.iterdir()}
    ManifestShelf(shelf / old).verify()


def test_a_set_with_a_changed_file_is_refused_and_nothing_changes(
    sets: FolderModelSets, shipped: Path, tmp_path: Path
) -> None:
    old = sets.keep()
    renew(shipped)
    model = tmp_path / "store" / KEPT_FOLDER / old / "severity.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelRejected):
        sets.check(old)
    assert sets.folder() == shipped


def test_a_manifest_that_changes_after_the_choice_is_refused(
    sets: FolderModelSets, shipped: Path, tmp_path: Path
) -> None:
    old = sets.keep()
    renew(shipped)
    sets.follow(sets.check(old))
    manifest = tmp_path / "store" / KEPT_FOLDER / old / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    with pytest.raises(ModelRejected, match="Administration"):
        sets.folder()
    assert [one.name for one in sets.known()] == [set_name(shipped)]
    sets.follow(sets.check(set_name(shipped)))
    assert sets.folder() == shipped


def test_a_shipped_set_that_does_not_verify_is_not_kept(
    sets: FolderModelSets, shipped: Path, tmp_path: Path
) -> None:
    (shipped / "style.onnx").write_bytes(b"something else")
    with pytest.raises(ModelRejected):
        sets.keep()
    assert not (tmp_path / "store" / KEPT_FOLDER).exists()


@pytest.mark.parametrize("name", ["", "..", "../shipped", "/", "1.1.0-00000000", "a/b"])
def test_no_name_leads_out_of_the_shelf(sets: FolderModelSets, name: str) -> None:
    sets.keep()
    with pytest.raises(NotFound):
        sets.check(name)


def test_a_choice_that_an_earlier_program_left_in_a_file_is_read_and_removed(
    sets: FolderModelSets, tmp_path: Path
) -> None:
    assert sets.left_in_file() is None
    (tmp_path / "store").mkdir()
    file = tmp_path / "store" / CHOICE_FILE
    file.write_text(json.dumps({"set": "1.0.0-0a1b2c3d", "manifest_sha256": "ab" * 32}))
    assert sets.left_in_file() == ModelChoice("1.0.0-0a1b2c3d", "ab" * 32)
    sets.forget_file()
    assert not file.exists()
    sets.forget_file()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"set": 3}', '{"set": "../shipped"}'])
def test_a_choice_that_cannot_be_read_reads_no_pictures(
    sets: FolderModelSets, tmp_path: Path, content: str
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / CHOICE_FILE).write_text(content)
    left = sets.left_in_file()
    assert left is not None
    sets.follow(left)
    with pytest.raises(ModelRejected):
        sets.folder()


def test_a_link_is_no_kept_set(sets: FolderModelSets, shipped: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "store" / KEPT_FOLDER
    shelf.mkdir(parents=True)
    name = set_name(shipped)
    (shelf / name).symlink_to(shipped, target_is_directory=True)
    assert [one.kept for one in sets.known()] == [False]
