"""The geometry baseline: shape is what is left when place, turn and size are taken away."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clinic_app.domain.errors import ModelRejected
from clinic_app.inference import geometry
from clinic_app.inference.cards import open_model_shelf
from clinic_app.inference.geometry import GeometryModel, features, levelled, load_geometry
from clinic_app.inference.landmarks import MIRRORED
from clinic_app.inference.manifest import load_manifest
from clinic_app.paths import MODELS

Points = NDArray[np.float64]


def faces(n: int = 6, seed: int = 0) -> Points:
    """A plain drawn face whose points are moved a little, [n, 68, 2], y down."""
    x = np.zeros(68)
    y = np.zeros(68)
    x[:17], y[:17] = np.linspace(-1.1, 1.1, 17), 1.4 - np.linspace(-1.1, 1.1, 17) ** 2
    x[17:22], y[17:22] = np.linspace(-0.9, -0.2, 5), (-0.25, -0.33, -0.35, -0.33, -0.28)
    x[22:27], y[22:27] = -x[17:22][::-1], y[17:22][::-1]
    y[27:31] = np.linspace(0.0, 0.5, 4)
    x[31:36], y[31:36] = np.linspace(-0.2, 0.2, 5), (0.58, 0.6, 0.62, 0.6, 0.58)
    eye = np.array(
        [(-0.17, 0), (-0.07, -0.08), (0.07, -0.08), (0.17, 0), (0.07, 0.06), (-0.07, 0.06)]
    )
    for first, centre in ((36, -0.5), (42, 0.5)):
        x[first : first + 6], y[first : first + 6] = (eye + np.array([centre, 0.0])).T
    turn = np.linspace(np.pi, -np.pi, 13)[:12]
    x[48:60], y[48:60] = 0.4 * np.cos(turn), 1.0 - 0.16 * np.sin(turn)
    turn = np.linspace(np.pi, -np.pi, 9)[:8]
    x[60:68], y[60:68] = 0.3 * np.cos(turn), 1.0 - 0.05 * np.sin(turn)
    drawn = np.stack([x, y], axis=1)
    return drawn + np.random.default_rng(seed).normal(0, 0.02, (n, 68, 2))


def moved(points: Points, degrees: float, size: float) -> Points:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return size * points @ turn.T + np.array([31.0, -4.0])


@pytest.mark.parametrize(("degrees", "size"), [(0, 40.0), (25, 1.0), (-170, 0.01)])
def test_moving_turning_and_enlarging_a_face_changes_no_feature(
    degrees: float, size: float
) -> None:
    np.testing.assert_allclose(
        features(moved(faces(), degrees, size)), features(faces()), atol=1e-7
    )


def test_eyes_are_levelled_one_unit_apart() -> None:
    shape = levelled(moved(faces(), 40, 7.0))
    np.testing.assert_allclose(
        shape[:, 36:42].mean(axis=1), np.tile([-0.5, 0.0], (6, 1)), atol=1e-9
    )
    np.testing.assert_allclose(shape[:, 42:48].mean(axis=1), np.tile([0.5, 0.0], (6, 1)), atol=1e-9)


def test_a_mirrored_face_has_the_opposite_side_differences() -> None:
    points = faces()
    mirror = points[:, MIRRORED] * np.array([-1.0, 1.0])
    plain, turned = features(points), features(mirror)
    sides = slice(136, 136 + 2 * 29)  # 29 pairs of points have a partner on the other side
    np.testing.assert_allclose(np.abs(plain[:, sides]), np.abs(turned[:, sides]), atol=1e-9)
    assert np.abs(plain[:, sides] - turned[:, sides]).max() > 0.01
    even = (points + mirror) / 2.0
    np.testing.assert_allclose(features(even)[:, sides], 0.0, atol=1e-9)


def test_lifting_the_lip_corners_lowers_their_height_against_the_lip_centre() -> None:
    points, smiling = faces(1), faces(1)
    smiling[:, (48, 54), 1] -= 0.15
    change = (features(smiling) - features(points))[0, -4:-1]
    assert (change < -0.1).all()


def test_features_stay_finite_on_any_points() -> None:
    wild = np.random.default_rng(1).normal(size=(50, 68, 2)) * 1000
    assert np.isfinite(features(wild)).all()


@pytest.mark.parametrize("shape", [(68, 2), (2, 67, 2), (2, 68, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected points"):
        features(np.ones(shape))


def test_eyes_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="both eyes"):
        features(np.zeros((1, 68, 2)))


def tiny_model(**changes: object) -> GeometryModel:
    """Sadness rises with how far down the lip corners are; three comparison shapes."""
    shapes = features(faces(40, seed=5))
    mean, scale = shapes.mean(axis=0), shapes.std(axis=0) + 1e-6
    known = geometry.standardise(shapes, mean, scale)
    weights = np.random.default_rng(2).normal(0, 0.01, (3 + known.shape[1] + 1, 9))
    weights[-1, 0] = 0.4
    arrays: dict[str, object] = {
        "mean": mean,
        "scale": scale,
        "centres": known[:3],
        "width": 0.5,
        "weights": weights,
        "cuts": np.array([0.3, 0.4, 0.5]),
        "threshold": 0.4,
    }
    return GeometryModel(**{**arrays, **changes})  # type: ignore[arg-type]


def test_an_answer_counts_the_cuts_and_stays_in_range() -> None:
    said = tiny_model().read(faces(30))
    assert ((said.sadness >= 0.0) & (said.sadness <= 1.0)).all()
    np.testing.assert_array_equal(said.band, (said.sadness[:, None] >= [0.3, 0.4, 0.5]).sum(axis=1))
    np.testing.assert_allclose(said.emotions.sum(axis=1), 1.0)
    assert (said.emotions > 0.0).all()


def test_radial_functions_are_one_at_their_centre_and_fall_off() -> None:
    shapes = np.random.default_rng(0).normal(size=(4, 10))
    near = geometry.expand(shapes, shapes[:2], 0.5)
    assert near.shape == (4, 2 + 10 + 1)
    assert near[0, 0] == pytest.approx(1.0)
    assert near[2, 0] == pytest.approx(
        np.exp(-((shapes[2] - shapes[0]) ** 2).sum() / (2 * 10 * 0.25))
    )


def test_one_point_found_at_the_other_end_of_the_room_does_not_run_away() -> None:
    wrong = faces(1)
    wrong[0, 57] += 50.0
    assert np.abs(tiny_model().standardised(wrong)).max() <= geometry.FURTHEST


def test_the_file_gives_the_model_back() -> None:
    model = tiny_model()
    again = GeometryModel.of_bytes(model.to_bytes())
    plain, kept = model.read(faces()), again.read(faces())
    np.testing.assert_allclose(kept.sadness, plain.sadness, atol=1e-5)
    np.testing.assert_array_equal(GeometryModel.of_bytes(again.to_bytes()).cuts, model.cuts)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"no archive" * 50])
def test_damaged_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ModelRejected, match="'geometry' model is damaged"):
        GeometryModel.of_bytes(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"cuts": np.array([0.5, 0.4, 0.3])},
        {"cuts": np.array([0.3, 0.4])},
        {"width": 0.0},
        {"width": float("nan")},
        {"scale": np.zeros(4)},
        {"centres": np.zeros((3, 4))},
        {"weights": np.full((3, 9), np.nan)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="do not fit together"):
        tiny_model(**changes)


def test_the_shipped_model_reads_the_points_of_the_landmark_net_beside_it() -> None:
    document = json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))
    entries = document["models"]
    assert entries["geometry"]["points_from"] == entries["landmarks"]["sha256"]
    said = load_geometry(MODELS, load_manifest(MODELS)).read(faces(20))
    assert len(np.unique(said.sadness)) > 10


def test_the_shipped_card_prints_the_manifests_figures() -> None:
    entry = json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))["models"]["geometry"]
    card = open_model_shelf(MODELS).card("geometry")
    for value, low, high in entry["metrics"]["figures"].values():
        assert f"{value:.3f} | {low:.3f} to {high:.3f}" in card


def test_the_shelf_lists_and_checks_it_and_refuses_a_changed_one(tmp_path: Path) -> None:
    shelf = open_model_shelf(MODELS)
    assert "geometry" in {model.name for model in shelf.models()}
    lines: list[str] = []
    shelf.verify(lines.append)
    assert any(line.startswith("geometry ") and "arrays, contract ok" in line for line in lines)
    for name in ("manifest.json", "geometry.npz"):
        (tmp_path / name).write_bytes((MODELS / name).read_bytes())
    changed = bytearray((tmp_path / "geometry.npz").read_bytes())
    changed[1000] ^= 1
    (tmp_path / "geometry.npz").write_bytes(changed)
    with pytest.raises(ModelRejected, match="'geometry' model is not the one that was released"):
        load_geometry(tmp_path, load_manifest(tmp_path))
