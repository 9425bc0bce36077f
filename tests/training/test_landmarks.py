from __future__ import annotations

import numpy as np
import pytest
import torch

from clinic_app.inference.asymmetry import measure
from clinic_app.training import landmarks
from clinic_app.training.bends import BROWS, CORNERS, EYES, Bends
from clinic_app.training.landmarks import LandmarkLoss, WideCrops, reframe, sides, trimmed_mean
from clinic_app.training.nets import LandmarkNet
from tests.unit.inference.tiny_models import standard_shape

pytestmark = pytest.mark.training

STILL = torch.eye(2, 3)[None]


def shape(n: int = 1) -> torch.Tensor:
    """A schematic face [n, 68, 2] as it lies in a wide crop."""
    face = torch.from_numpy(np.asarray(standard_shape(), dtype=np.float32))
    return ((face - 0.5) / landmarks.ROOM + 0.5).expand(n, 68, 2).clone()


def only(points: torch.Tensor, anchors: slice, side: int, *, stretch: float, up: float) -> Bends:
    """A bend of one anchor: `stretch` of the source, and an upward move of what is seen."""
    bends = Bends.none(2 * points - 1)
    k = range(6)[anchors][side]
    bends.stretch[:, k, 1] = stretch
    bends.shift[:, k, 1] = up
    return bends


def test_sides_are_those_of_the_program() -> None:
    rng = np.random.default_rng(5)
    faces = shape(20).double().numpy() + rng.normal(0, 0.02, (20, 68, 2))
    said = sides(torch.from_numpy(faces)).numpy() * 100
    for row, face in zip(said, faces, strict=True):
        told = measure(face)
        np.testing.assert_allclose(
            row, [told.eye_opening, told.brow_height, told.lip_corner], atol=1e-9
        )


def test_the_worst_errors_of_a_batch_teach_nothing() -> None:
    errors = torch.ones(10, 10)
    errors[:, 0] = 0.5
    errors.view(-1)[3:8] = 1e6
    assert float(trimmed_mean(errors)) == pytest.approx((10 * 0.5 + 85) / 95)
    assert float(trimmed_mean(torch.zeros(0))) == 0.0


@pytest.mark.parametrize(
    ("anchors", "measured"), [(EYES, 0), (BROWS, 1), (CORNERS, 2)], ids=["eye", "brow", "lips"]
)
def test_a_bend_of_the_left_side_raises_that_difference(anchors: slice, measured: int) -> None:
    points = shape()
    # The picture is sampled below or nearer the middle: what is seen moves up or grows.
    stretch, up = (-0.3, 0.0) if anchors == EYES else (0.0, 0.02)
    bends = only(points, anchors, 1, stretch=stretch, up=up)
    bent = (bends.target(2 * points - 1) + 1) / 2
    change = (sides(bent) - sides(points))[0]
    assert change[measured] > 0.01
    others = [k for k in range(3) if k != measured]
    assert change[others].abs().max() < 0.6 * change[measured]


def test_a_bent_picture_has_its_points_on_what_they_mark() -> None:
    points = shape()
    wide = torch.zeros(1, 1, 144, 144)
    spot = 54
    x, y = (int(v * 144) for v in points[0, spot])
    wide[0, 0, y - 1 : y + 2, x - 1 : x + 2] = 1.0
    points[0, spot] = torch.tensor([(x + 0.5) / 144, (y + 0.5) / 144])
    bends = only(points, CORNERS, 1, stretch=0.2, up=0.04)
    face, moved = reframe(wide, points, STILL, bends)
    mass = face[0, 0] / face.sum()
    at = (torch.arange(96) + 0.5) / 96
    centre = torch.stack([(mass.sum(0) * at).sum(), (mass.sum(1) * at).sum()])
    torch.testing.assert_close(moved[0, spot], centre, atol=3e-3, rtol=0)
    still = reframe(wide, points, STILL)[1]
    assert float(still[0, spot, 1] - moved[0, spot, 1]) > 0.02


def test_random_bends_are_undone_by_their_inverse_and_repeat_with_their_seed() -> None:
    places = 2 * shape(50) - 1
    bends = Bends.random(places, torch.Generator().manual_seed(1))
    torch.testing.assert_close(bends.source(bends.target(places)), places, atol=1e-4, rtol=0)
    again = Bends.random(places, torch.Generator().manual_seed(1))
    assert torch.equal(bends.stretch, again.stretch)
    assert 0.3 < (bends.shift.abs().sum(dim=(1, 2)) > 0).float().mean() < 0.9


def test_faces_whose_sides_are_not_known_teach_only_their_points() -> None:
    rng = np.random.default_rng(3)
    images = rng.integers(0, 255, (6, 144, 144, 3), dtype=np.uint8)
    crops = WideCrops(images, shape(6).numpy())
    rows = torch.arange(6)
    torch.manual_seed(0)
    net = LandmarkNet().eval()
    told = [
        LandmarkLoss(crops, None, np.full(6, known))(net, rows, torch.Generator().manual_seed(2))
        for known in (True, False)
    ]
    assert torch.equal(told[0]["points"], told[1]["points"])
    assert float(told[0]["sides"].detach()) > 0
    assert float(told[1]["sides"].detach()) == 0


def test_an_untrained_net_answers_the_mean_face_it_was_given() -> None:
    face = torch.from_numpy(np.asarray(standard_shape(), dtype=np.float32))
    torch.manual_seed(4)
    net = LandmarkNet(face).eval()
    for layer in (net.heat, net.fine):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    said = net(torch.rand(1, 3, 96, 96))[0]
    # A bump near the edge is cut by it, which draws its centre inwards.
    inner = (face > 0.15).all(dim=1) & (face < 0.85).all(dim=1)
    assert inner.sum() > 40
    torch.testing.assert_close(said[inner], face[inner], atol=0.01, rtol=0)


def test_the_loss_teaches_a_net() -> None:
    """A few steps on one batch bring the points and the sides nearer."""
    rng = np.random.default_rng(6)
    images = rng.integers(0, 255, (4, 144, 144, 3), dtype=np.uint8)
    loss = LandmarkLoss(WideCrops(images, shape(4).numpy()), None)
    torch.manual_seed(1)
    net = LandmarkNet(width=8)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    seen = []
    for step in range(12):
        parts = loss(net, torch.arange(4), torch.Generator().manual_seed(step))
        total = torch.stack(list(parts.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        seen.append(float(total.detach()))
    assert np.mean(seen[-3:]) < 0.6 * np.mean(seen[:2])
