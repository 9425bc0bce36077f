"""Figures on labelled data: right where the right answer is known, refused where data is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinic_app.cli.evaluate import table
from clinic_app.domain.errors import InvalidInput
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.evaluate import evaluate
from tests.unit.inference.conftest import encoded


def write_data(path: Path, images: list[RgbImage], **labels: Any) -> Path:
    parts = [encoded(image, "PNG") for image in images]
    offset = np.cumsum([0, *map(len, parts)])
    blob = np.frombuffer(b"".join(parts), np.uint8)
    np.savez(path, blob=blob, offset=offset, **labels)
    return path


def votes(sadness: int) -> list[int]:
    """Ten raters, the rest of them for neutral."""
    return [10 - sadness, 0, 0, sadness, 0, 0, 0, 0, 0, 0]


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Gray squares whose brightness falls as sadness rises: what the tiny model reads."""
    sad = [0, 1, 2, 4, 5, 7, 9, 10] * 4
    images = [np.full((48, 48, 3), 235 - 22 * s, np.uint8) for s in sad]
    labels = [votes(s) for s in sad]
    labels[0] = [1, 0, 0, 0, 0, 0, 0, 0, 9, 0]  # too few valid votes
    group = np.full(len(sad), -1)
    group[[8, 16]] = 5  # the same picture twice
    split = np.array([0] * 16 + [1] * 16)
    return write_data(
        tmp_path / "faces.npz", images, ferplus_votes=labels, dup_group=group, split=split
    )


def test_agreement_with_raters(faces: Path, models: Path) -> None:
    figures = evaluate(faces, None, models)
    assert figures["n"] == 32 - 1 - 1
    assert figures["models"]["severity"] == "test-severity"
    value, low, high = figures["raw"]["pearson"]
    assert 0.95 < low <= value <= high <= 1
    assert figures["raw"]["auc_share_0.35"][0] == 1.0
    assert sum(map(sum, figures["raw"]["confusion_bands"])) == 30
    assert figures["raw"] == figures["normalised"]  # the tiny style net changes nothing
    assert figures["through_the_whole_chain"] == {"n": 30, "face_found": 0.0, "accepted": 0.0}


@pytest.mark.parametrize("kind", ["faces", "light", "points"])
def test_the_share_that_is_done_rises_to_the_whole(
    faces: Path, tmp_path: Path, models: Path, portrait: RgbImage, kind: str
) -> None:
    two, points = [portrait, portrait], np.zeros((2, 68, 2))
    points[:, 45] = (60, 0)
    labels = {
        "light": {"subject": [3, 3], "azimuth": [0, 30], "elevation": [0, 0]},
        "points": {"landmarks": points},
    }
    path = faces if kind == "faces" else write_data(tmp_path / "two.npz", two, **labels[kind])
    heard: list[float] = []
    evaluate(path, None, models, heard.append)
    assert heard == sorted(heard)
    assert heard[0] > 0
    assert heard[-1] == 1.0
    assert len(heard) == {"faces": 1 + 30, "light": 1, "points": 2}[kind]


def test_people_stand_beside_the_models(faces: Path, models: Path) -> None:
    figures = evaluate(faces, None, models)
    people = figures["human_panel"]
    assert (people["n"], people["raters"]) == (30, 10)
    assert people["1"]["pearson"][0] < people["5"]["pearson"][0] < 1
    assert people["5"]["pearson"][0] < people["highest_correlation_possible"] <= 1
    lines = table(figures)
    assert [line.split("  ")[0] for line in lines[1:-1]] == [
        "raw",
        "normalised",
        "one human rater",
        "3 human raters",
        "5 human raters",
    ]
    assert f"{people['3']['band_kappa'][0]:.3f} [" in lines[4]


def test_agreement_through_the_whole_chain(
    tmp_path: Path, models: Path, portrait: RgbImage
) -> None:
    head = portrait[20:220, 110:310]
    sad = [0, 1, 2, 3, 5, 7] * 4
    images = [(head * (1.0 - 0.08 * s)).astype(np.uint8) for s in sad]
    path = write_data(tmp_path / "heads.npz", images, ferplus_votes=[votes(s) for s in sad])
    figures = evaluate(path, None, models)["through_the_whole_chain"]
    assert (figures["face_found"], figures["accepted"]) == (1.0, 1.0)
    assert figures["raw_pearson_of_accepted"] > 0.95


def test_a_split_is_chosen(faces: Path, models: Path) -> None:
    assert evaluate(faces, 1, models)["n"] == 16


def test_an_empty_split(faces: Path, models: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no pictures in split 7"):
        evaluate(faces, 7, models)


def test_steadiness_under_light(tmp_path: Path, models: Path, portrait: RgbImage) -> None:
    head = portrait[20:220, 110:310]
    images = [head, (head * 0.6).astype(np.uint8), (head * 0.25).astype(np.uint8)]
    path = write_data(
        tmp_path / "light.npz",
        images,
        subject=[3, 3, 3],
        azimuth=[0, 30, 90],
        elevation=[0, 0, 0],
    )
    figures = evaluate(path, None, models)
    assert (figures["n"], figures["subjects"]) == (3, 1)
    assert figures["raw"]["spread_of_sadness"] > 0.1
    assert figures["raw"]["band_flips"] == 1.0
    assert figures["raw"]["band_flips_within_60_degrees"] == 1.0


def test_landmark_error(tmp_path: Path, models: Path, portrait: RgbImage) -> None:
    points = np.zeros((2, 68, 2))
    points[:, 36], points[:, 45] = (190, 100), (256, 100)
    nobody = np.full_like(portrait, 90)
    path = write_data(tmp_path / "points.npz", [portrait, nobody], landmarks=points)
    figures = evaluate(path, None, models)
    assert (figures["n"], figures["no_face_found"]) == (1, 1)
    assert figures["error_percent_of_eye_corner_distance"]["mean"] > 100


def test_data_that_is_none(tmp_path: Path, models: Path) -> None:
    missing, text, labels, odd = (tmp_path / f"{k}.npz" for k in range(4))
    text.write_text("no archive")
    np.savez(labels, ferplus_votes=np.zeros((2, 10)))
    np.savez(odd, blob=np.zeros(4, np.uint8), offset=np.array([0, 9, 3]))
    for path, words in (
        (missing, "not a readable"),
        (text, "not a readable"),
        (labels, "no 'blob'"),
        (odd, "damaged"),
    ):
        with pytest.raises(InvalidInput, match=words):
            evaluate(path, None, models)


def test_pictures_without_known_labels(tmp_path: Path, models: Path) -> None:
    path = write_data(tmp_path / "bare.npz", [np.zeros((48, 48, 3), np.uint8)], age=[30])
    with pytest.raises(InvalidInput, match=r"none of the labels"):
        evaluate(path, None, models)
    with pytest.raises(InvalidInput, match=r"no splits"):
        evaluate(path, 1, models)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("ferplus_votes", ["many", "few"]),
        ("ferplus_votes", np.ones((2, 3))),
        ("landmarks", np.zeros((2, 68, 3))),
        ("landmarks", np.full((2, 68, 2), np.nan)),
        ("azimuth", [[0.0], [30.0]]),
        ("subject", ["Ada", "Ben"]),
        ("split", ["one", "two"]),
        ("dup_group", [1j, 2j]),
    ],
)
def test_labels_that_are_no_such_numbers_are_named(
    tmp_path: Path, models: Path, name: str, labels: Any
) -> None:
    known = {"subject": [3, 3], "azimuth": [0, 30], "elevation": [0, 0], name: labels}
    path = write_data(tmp_path / "odd.npz", [np.zeros((48, 48, 3), np.uint8)] * 2, **known)
    with pytest.raises(InvalidInput, match=f"'{name}' labels of the data file are not"):
        evaluate(path, None, models)


@pytest.mark.parametrize("place", [8, 10])
def test_an_archive_packed_as_nobody_can_unpack_it(faces: Path, models: Path, place: int) -> None:
    """Strong encryption, or a kind of compression that is none, in the list of its parts."""
    data = bytearray(faces.read_bytes())
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[found.start() + place] = 0x61
    faces.write_bytes(data)
    with pytest.raises(InvalidInput, match="not a readable"):
        evaluate(faces, None, models)


def test_code_hidden_in_the_data_is_not_run(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "pickle.npz"
    np.savez(path, blob=np.array([{"a": 1}], dtype=object), offset=np.array([0, 1]))
    with pytest.raises(InvalidInput, match=r"not a readable"):
        evaluate(path, None, models)
