from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from clinic_app.inference.asymmetry import measure
from clinic_app.training import face_points
from clinic_app.training.data import UtkData, YtfData
from clinic_app.training.framing import FaceTemplate
from clinic_app.training.landmarks import MIRROR_68, wide_crops
from clinic_app.training.point_labels import Convention, Levelled, both_sides, face_pool, merged
from clinic_app.training.splits import identity_split
from tests.unit.inference.tiny_models import standard_shape

pytestmark = pytest.mark.training


def faces(n: int, spread: float = 1.5, seed: int = 0) -> np.ndarray:
    """Different turned faces [n, 68, 2] of about 60 pixels between the eyes."""
    rng = np.random.default_rng(seed)
    shapes = np.asarray(standard_shape(), dtype=np.float64) * 160 + rng.normal(
        0, spread, (n, 68, 2)
    )
    angle = rng.normal(0, 0.2, n)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], 1)
    return shapes @ turn.reshape(n, 2, 2).transpose(0, 2, 1) + rng.uniform(0, 40, (n, 1, 2))


def all_sides(points: np.ndarray) -> np.ndarray:
    told = [measure(face) for face in points]
    return np.array([(s.eye_opening, s.brow_height, s.lip_corner) for s in told])


def test_entering_a_face_and_leaving_it_changes_nothing() -> None:
    points = faces(5)
    frame = Levelled.of(points)
    inside = frame.enter(points)
    np.testing.assert_allclose(inside[:, 36:42].mean(axis=1), [[-0.5, 0.0]] * 5, atol=1e-9)
    np.testing.assert_allclose(frame.leave(inside), points, atol=1e-9)


def test_a_face_and_its_mirror_image_give_one_answer_that_favours_no_side() -> None:
    points = faces(4)
    answers = np.stack([points, points[:, MIRROR_68]], axis=1)
    mean, apart = both_sides(answers)
    np.testing.assert_allclose(mean, points)
    np.testing.assert_allclose(apart, 0, atol=1e-12)
    answers[1, 0] += 6.0
    answers[2, 1, 0, 0] = np.nan
    apart = both_sides(answers)[1]
    assert apart[1] > 0.1
    assert np.isinf(apart[2])


def test_the_convention_is_found_and_leaves_every_side_difference_alone() -> None:
    second = faces(300)
    frame = Levelled.of(second)
    lower = np.zeros((68, 2))
    lower[:17, 1] = 0.15  # another idea of where the chin ends
    lower[17:27, 1] = -0.05
    rng = np.random.default_rng(1)
    own = frame.leave(frame.enter(second) + lower) + rng.normal(0, 1.0, second.shape)
    own[:30] += rng.normal(0, 60, (30, 1, 2))  # gross errors
    moved = Convention.fit(second[:250], own[:250]).apply(second[250:])
    expected = frame.leave(frame.enter(second) + lower)[250:]
    assert np.abs(moved - expected).mean() < 0.6
    # Percent of an eye distance that may itself change a little.
    np.testing.assert_allclose(all_sides(moved), all_sides(second[250:]), rtol=0.01, atol=1e-6)


def test_own_points_add_what_both_sides_share_and_nothing_else() -> None:
    second = faces(6)
    frame = Levelled.of(second)
    move = np.zeros((6, 68, 2))
    move[:, 17:27, 1] = -0.05  # both brows
    own = frame.leave(frame.enter(second) + move)
    own[:, 54] += [0, 4.0]  # one lip corner, by an error
    answer = merged(second, own)
    np.testing.assert_allclose(all_sides(answer), all_sides(second), atol=1e-9)
    raised = frame.enter(answer)[:, 17:27, 1] - frame.enter(second)[:, 17:27, 1]
    np.testing.assert_allclose(raised, -0.035, atol=1e-6)


def test_own_points_far_from_the_second_opinion_are_not_followed() -> None:
    second = faces(3)
    frame = Levelled.of(second)
    own = frame.leave(frame.enter(second) + np.array([0.0, 0.4]))
    np.testing.assert_allclose(merged(second, own), second, atol=1e-9)


@pytest.fixture
def work(tmp_path: Path) -> SimpleNamespace:
    """Forty frames of ten people and thirty photographs, four of which show no face."""
    rng = np.random.default_rng(7)
    own = faces(40).astype(np.float32)
    images = [rng.integers(0, 255, (260, 260, 3), dtype=np.uint8) for _ in own]
    ytf = YtfData(images, own, np.repeat(np.arange(10), 4))
    nobody = np.zeros(30, np.int64)
    utk = UtkData(rng.integers(0, 255, (30, 200, 200, 3), dtype=np.uint8), nobody, nobody, nobody)
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.58], [0.34, 0.74], [0.66, 0.74]])
    template = FaceTemplate(96, places)
    return SimpleNamespace(
        ytf=ytf,
        ytf_crops=wide_crops(ytf, template),
        ytf_split=identity_split(ytf.identity),
        utk=utk,
        utk_faces=(np.zeros((26, 96, 96, 3), np.uint8), np.arange(26)),
        utk_parts=(np.arange(20), np.arange(20, 26)),
        template=template,
        cache=tmp_path,
    )


def second_opinion(work: SimpleNamespace, gap: int) -> np.ndarray:
    """A file with other sides than the frames' own points; frame `gap` has no answer."""
    video, still = faces(40, seed=11), faces(30, seed=12)
    video[gap] = np.nan
    both = [np.stack([p, p[:, MIRROR_68]], axis=1) for p in (video, still)]
    np.savez(work.cache / face_points.FILE, ytf=both[0], utk=both[1], source="a judge")
    return video


def test_without_a_second_opinion_the_frames_alone_are_learned_from(work: SimpleNamespace) -> None:
    pool = face_pool(work)
    assert pool.second_opinion is None
    assert np.array_equal(pool.crops.points, work.ytf_crops.points)
    assert np.array_equal(pool.train, work.ytf_split.train)
    assert pool.sided.all()


def test_the_second_opinion_says_the_sides_and_brings_the_photographs(
    work: SimpleNamespace,
) -> None:
    video = second_opinion(work, gap=3)
    pool = face_pool(work)
    assert pool.second_opinion == "a judge"
    assert len(pool.crops.points) == len(pool.crops.images) == 40 + 26
    told = all_sides(pool.crops.points[:40].astype(float))
    known = np.arange(40) != 3
    np.testing.assert_allclose(told[known], all_sides(video[known]), rtol=0.05, atol=0.1)
    # Without an answer the frame keeps its own points, and teaches no sides.
    np.testing.assert_allclose(pool.crops.points[3], work.ytf_crops.points[3], atol=1e-6)
    assert not pool.sided[3]


def test_no_face_is_in_two_parts_and_measured_photographs_are_never_learned(
    work: SimpleNamespace,
) -> None:
    second_opinion(work, gap=3)
    pool = face_pool(work)
    parts = [set(part.tolist()) for part in (pool.train, pool.validation, pool.test)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    people = [{int(work.ytf.identity[row]) for row in part if row < 40} for part in parts]
    assert not people[0] & (people[1] | people[2])
    assert not people[1] & people[2]
    photographs = {row - 40 for row in parts[0] if row >= 40}
    assert not photographs & set(range(20, 26))
    assert {row - 40 for row in parts[1] | parts[2] if row >= 40} == set(range(20, 26))


def test_a_measured_photograph_that_was_also_learnt_is_in_no_part(work: SimpleNamespace) -> None:
    second_opinion(work, gap=3)
    before = face_pool(work)
    work.utk_parts = (np.arange(20), np.arange(21, 26))  # 20 shows the picture of a learnt one
    pool = face_pool(work)
    assert np.array_equal(pool.train, before.train)
    assert not {60} & set(np.concatenate([pool.train, pool.validation, pool.test]).tolist())


def test_points_of_the_mirror_image_are_turned_back() -> None:
    def brightest(image: np.ndarray) -> np.ndarray | None:
        if image.max() == 0:
            return None
        y, x = np.unravel_index(image[:, :, 0].argmax(), image.shape[:2])
        return np.full((68, 2), (x + 0.5, y + 0.5), dtype=np.float32)

    picture = np.zeros((40, 60, 3), np.uint8)
    picture[12, 45] = 255
    answer = face_points.both_ways([picture, np.zeros_like(picture)], brightest)
    np.testing.assert_allclose(answer[0], np.broadcast_to((45.5, 12.5), (2, 68, 2)))
    assert np.isnan(answer[1]).all()


def test_padding_is_told_so_that_points_can_be_brought_back() -> None:
    picture = np.zeros((80, 100, 3), np.uint8)
    large, room, grown = face_points.padded(picture)
    assert room == 25
    assert large.shape[1] == 384
    assert grown == pytest.approx(384 / 150)


def test_every_point_has_its_own_vertex() -> None:
    assert len(set(face_points.MESH_OF_68.tolist())) == 68


def test_without_the_mesh_model_the_script_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    out = tmp_path / "points.npz"
    assert face_points.main(["--data", str(tmp_path), "--out", str(out)]) == 1
    assert "mediapipe is not installed" in capsys.readouterr().err
    assert not out.exists()
