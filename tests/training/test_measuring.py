"""Arithmetic of the evaluation, on cases whose answer is known."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import onnx
import pytest
import torch

from clinic_app.inference import metrics
from clinic_app.training import calibrate, curves, evaluate, fer_head, groups, light, report, sanity
from clinic_app.training.choice import reading_that_counts
from clinic_app.training.data import UtkData
from clinic_app.training.export import SeverityGraph, export
from clinic_app.training.nets import SeverityNet
from clinic_app.training.release import OUTPUTS
from tests.training.figures import LIGHTS, SUBJECTS, still_faces

pytestmark = pytest.mark.training


# --- light ---------------------------------------------------------------------------------------


def test_flips_count_images_in_another_band_than_the_frontal_one() -> None:
    lit = still_faces()
    band = np.zeros(SUBJECTS * LIGHTS, np.int64)
    band[3] = 1  # 30 degrees, first subject
    band[LIGHTS - 1] = 2  # 110 degrees, first subject
    found = light.light_figures(band / 10, band, lit)
    near = int((lit.other & (lit.angle <= 60)).sum())
    assert found.images_near == near
    assert found.flips.value == pytest.approx(2 / (SUBJECTS * (LIGHTS - 1)))
    assert found.flips_near.value == pytest.approx(1 / near)
    assert found.flips_near.low == 0.0  # a resample without the first subject
    assert found.by_subject[0][1] == pytest.approx((band[:LIGHTS] / 10).std())
    assert found.by_subject[1][1:] == (0.0, 0.0)
    assert sum(n for _, _, n in found.by_angle) == SUBJECTS * (LIGHTS - 1)


def test_an_answer_that_never_moves_has_neither_spread_nor_flips() -> None:
    lit = still_faces()
    n = len(lit.subject)
    found = light.light_figures(np.full(n, 0.3), np.ones(n, np.int64), lit)
    assert found.spread.value == pytest.approx(0.0, abs=1e-12)
    assert found.flips.value == found.flips_near.high == 0.0


def test_fewer_flips_compares_the_same_images() -> None:
    lit = still_faces()
    raw = np.zeros(len(lit.subject), np.int64)
    raw[[1, 2, 3, 4, 5]] = 1  # five flips within 60 degrees
    even = np.zeros_like(raw)
    even[1] = 1
    assert light.fewer_flips(raw, even, lit).value == pytest.approx(6 / 2)
    assert light.fewer_flips(raw, raw, lit).value == pytest.approx(1.0)


def test_subjects_without_their_frontal_image_are_left_out() -> None:
    lit = still_faces()
    kept = np.ones(len(lit.subject), bool)
    kept[[0, LIGHTS + 2]] = False  # the first subject's frontal image, one of the second's
    fewer, rows = lit.only(kept)
    assert set(fewer.subject) == {1, 2, 3}
    assert len(rows) == 3 * LIGHTS - 1
    assert (fewer.angle[fewer.frontal] == 0).all()
    assert (fewer.subject[fewer.frontal] == fewer.subject).all()


def test_grey_world_evens_the_means_and_clahe_keeps_shape() -> None:
    faces = np.random.default_rng(0).integers(0, 120, (2, 96, 96, 3)).astype(np.uint8)
    even = light.grey_world(faces)
    np.testing.assert_allclose(even.mean(axis=(1, 2)), 128, atol=2)
    assert light.clahe(faces).shape == faces.shape


# --- the reading that counts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "even", "answer"),
    [(0.004, 0.03, "normalised"), (0.006, 0.03, "raw"), (0.0, 0.07, "raw"), (-1, 0.06, "raw")],
)
def test_normalised_counts_only_if_steadier_and_no_worse(
    lost: float, even: float, answer: str
) -> None:
    assert reading_that_counts(lost=lost, raw_spread=0.06, even_spread=even) == answer


def test_a_pair_is_the_mean_and_its_band_follows_the_cuts() -> None:
    def said(sadness: float, logits: list[float]) -> evaluate.Said:
        return {
            "severity_logits": np.array([logits]),
            "emotion_logits": np.zeros((1, 8)),
            "sadness": np.array([sadness], np.float32),
            "band": np.array([0]),
            "embedding": np.full((1, 512), sadness),
        }

    pair = evaluate.mean_reading(said(0.2, [0, 0, 0, 0]), said(0.6, [9, 0, 0, 0]), [0.1, 0.39, 0.9])
    assert pair["sadness"][0] == pytest.approx(0.4)
    assert pair["band"].tolist() == [2]
    p = calibrate.softmax(pair["severity_logits"])
    assert p[0, 0] == pytest.approx((0.25 + np.exp(9) / (np.exp(9) + 3)) / 2)


def test_a_part_measured_again_leaves_every_other_figure_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measurement = Mock()
    measurement.reading().pipeline.return_value = {"faces": metrics.Interval(0.9, 0.8, 1)}
    monkeypatch.setattr(report, "_measurement", Mock(return_value=measurement))
    stored = {"severity": {"auc": 0.9, "through_the_pipeline": {}}, "style": {"drift": 0.5}}
    found = report.measured_parts(Mock(), tmp_path, None, stored, ["pipeline"], brief=True)
    assert found["severity"] == {"auc": 0.9, "through_the_pipeline": {"faces": [0.9, 0.8, 1]}}
    assert found["style"] == stored["style"]
    assert stored["severity"]["through_the_pipeline"] == {}


def test_the_johnson_rows_stay_where_that_net_is_not_there_and_the_rest_is_as_it_was() -> None:
    stored = {"light_unseen_subjects": {"raw": {"spread": [0.1]}, "johnson": {"spread": [0.2]}}}
    again = {"light_unseen_subjects": {"raw": {"spread": [0.1]}}, "auc": 0.9}
    assert report.with_johnson(again, stored) == {**stored, "auc": 0.9}
    other = {"light_unseen_subjects": {"raw": {"spread": [0.3]}}}
    assert report.with_johnson(other, stored) == other, "another reader"
    newer = {"light_unseen_subjects": {"raw": {"spread": [0.1]}, "johnson": {"spread": [0.4]}}}
    assert report.with_johnson(newer, stored) == newer
    assert report.with_johnson(again, {}) == again


def test_a_dropped_johnson_row_is_told_and_a_figure_that_is_no_number_drops_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = {"by_subject": [[1, 0.2, float("nan")]]}
    again = {"by_subject": [[1, 0.2, float("nan")]]}
    row = {"spread": [0.2]}
    stored = {"light_unseen_subjects": {"raw": lost, "johnson": row}}
    found = report.with_johnson({"light_unseen_subjects": {"raw": again}}, stored)
    assert found["light_unseen_subjects"]["johnson"] == row
    assert not caplog.records
    report.with_johnson({"light_unseen_subjects": {"raw": {"spread": [0.3]}}}, stored)
    assert "light_unseen_subjects" in caplog.text
    assert "the Johnson row is dropped" in caplog.text


def test_the_johnson_row_through_the_pipeline_stays_too() -> None:
    light = {"raw": {"spread": [0.1]}, "johnson": {"spread": [0.2]}}
    stored = {"through_the_pipeline": {"faces": {}, "light": light}}
    again = {"through_the_pipeline": {"faces": {}, "light": {"raw": {"spread": [0.1]}}}}
    assert report.with_johnson(again, stored) == stored


# --- curves, groups, the head --------------------------------------------------------------------


def test_reliability_of_honest_and_of_boastful_probabilities() -> None:
    rng = np.random.default_rng(1)
    stated = rng.random(20_000)
    right = rng.random(20_000) < stated
    assert all(abs(said - true) < 0.04 for said, true, _ in curves.reliability(stated, right))
    assert curves.binary_ece(stated, right) < 0.02
    assert curves.binary_ece(np.full(20_000, 0.9), right) == pytest.approx(0.4, abs=0.02)


def test_the_largest_shift_between_groups_is_named() -> None:
    rng = np.random.default_rng(2)
    n = 3000
    utk = UtkData(
        np.zeros((n, 1, 1, 3), np.uint8),
        rng.integers(16, 90, n),
        rng.integers(0, 2, n),
        rng.integers(0, 5, n),
    )
    scores = 0.05 + 0.03 * (utk.gender == 1) + rng.normal(0, 0.02, n)
    found = groups.shifts(groups.group_masks(utk, np.arange(n)), scores)
    assert groups.largest(found) == "sex"
    assert (found["sex"]["higher"], found["sex"]["lower"]) == ("female", "male")
    value, low, high = found["sex"]["difference"]
    assert low < 0.03 < high
    assert value == pytest.approx(0.03, abs=0.004)


def test_acceptance_is_told_by_group_with_an_interval_that_never_shrinks_to_nothing() -> None:
    n = 100
    utk = UtkData(
        np.zeros((n, 1, 1, 3), np.uint8), np.full(n, 40), np.arange(n) % 2, np.zeros(n, np.int64)
    )
    accepted = np.ones(n, bool)
    accepted[[0, 2, 4, 6, 8]] = False  # five men
    found = groups.acceptance(groups.group_masks(utk, np.arange(n)), accepted)
    assert found["sex male"]["n"] == 50
    assert found["sex male"]["accepted"].value == pytest.approx(0.9)
    women = found["sex female"]["accepted"]
    assert (women.value, women.high) == (1.0, pytest.approx(1.0))
    assert women.low == pytest.approx(50 / (50 + 1.959964**2))  # Wilson's lower end at n of n


def test_the_seven_class_head_learns_what_the_embedding_holds() -> None:
    rng = np.random.default_rng(3)
    centres = rng.normal(0, 1, (7, 512))

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        label = rng.integers(0, 7, n)
        return centres[label] + rng.normal(0, 3.0, (n, 512)), label

    train, held, test = draw(1500), draw(400), draw(800)
    head = fer_head.fit(*train, *held)
    assert (head.scores(test[0]).argmax(axis=1) == test[1]).mean() > 0.9
    shuffled = fer_head.fit(train[0], rng.permutation(train[1]), *held, penalties=(1e-2,))
    assert (shuffled.scores(test[0]).argmax(axis=1) == test[1]).mean() < 0.3


# --- the map -------------------------------------------------------------------------------------


def test_ssim_of_equal_unlike_and_inverted_pictures() -> None:
    picture = cv2.GaussianBlur(np.random.default_rng(4).random((48, 48)), (9, 9), 2)
    picture = (picture - picture.min()) / (picture.max() - picture.min())
    assert sanity.ssim(picture, picture) == pytest.approx(1.0)
    assert sanity.ssim(picture, np.full((48, 48), 0.5)) < 0.2
    assert sanity.ssim(picture, 1 - picture) < 0


def test_shuffled_weights_change_the_map_and_the_file_stays(tmp_path: Path) -> None:
    torch.manual_seed(4)
    path = tmp_path / "severity.onnx"
    graph = SeverityGraph(SeverityNet(widths=(8, 12, 16)), 1.2, 1.1, [0.2, 0.4, 0.6])
    export(graph, path, OUTPUTS["severity"], {"name": "severity"})
    before = path.read_bytes()
    faces = np.random.default_rng(5).integers(0, 255, (6, 96, 96, 3)).astype(np.uint8)
    found = sanity.randomisation_check(path, faces, seeds=2)
    model = onnx.load(str(path))
    weighty = [node for node in model.graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    heads = len(weighty) - found["layers"]
    assert heads == 1, "the matrix of the heads has no part in the map, which has its own"
    assert found["cascade"][-1]["layers"] == found["layers"]
    assert all(row["rank_correlation"].value < 0.9 for row in found["cascade"])
    assert path.read_bytes() == before


# --- calibration ---------------------------------------------------------------------------------


def test_calibration_never_changes_the_order_of_classes_of_faces_or_of_bands() -> None:
    torch.manual_seed(6)
    net = SeverityNet(widths=(8, 12, 16)).eval()
    faces = torch.rand(12, 3, 96, 96)
    with torch.no_grad():
        plain = SeverityGraph(net, 1.0, 1.0, [0.2, 0.4, 0.6]).eval()(faces)
        scaled = SeverityGraph(net, 2.3, 0.6, [0.1, 0.2, 0.9]).eval()(faces)
    for k in (0, 1):
        assert torch.equal(plain[k].argsort(dim=1), scaled[k].argsort(dim=1))
    torch.testing.assert_close(plain[2], scaled[2], atol=1e-6, rtol=0)
    order = scaled[2].argsort()
    assert (scaled[3][order].diff() >= 0).all(), "a higher sadness is in no lower band"


def test_a_temperature_keeps_the_area_under_the_curve() -> None:
    rng = np.random.default_rng(7)
    margin = rng.normal(0, 1, 500)
    positive = rng.random(500) < 1 / (1 + np.exp(-margin))
    logits = np.stack([np.zeros(500), margin], axis=1)
    areas = [
        metrics.roc_auc(positive, calibrate.softmax(logits / t)[:, 1]) for t in (0.5, 1.0, 3.0)
    ]
    assert areas[0] == pytest.approx(areas[1]) == pytest.approx(areas[2])
