from __future__ import annotations

import pytest
import torch

from clinic_app.training.export import SeverityGraph, folded
from clinic_app.training.landmarks import MIRROR_68, reframe
from clinic_app.training.nets import LandmarkNet, SeverityNet, StyleNet

pytestmark = pytest.mark.training


def faces(n: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 3, 96, 96, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def graph() -> SeverityGraph:
    torch.manual_seed(3)
    net = SeverityNet()
    net.train()
    for seed in range(3):  # batch norms with statistics of their own
        net(faces(8, seed))
    return SeverityGraph(net.eval(), 1.7, 1.2, [0.2, 0.4, 0.6]).eval()


def test_activation_map_equals_grad_cam_of_the_calibrated_logits(graph: SeverityGraph) -> None:
    face = faces()
    maps = graph.net.maps(torch.nn.functional.avg_pool2d(luma(face), 2)).detach()
    maps.requires_grad_(True)
    logits = graph.net.severity(maps.mean(dim=(2, 3)))
    expected = []
    for k in range(4):
        (gradient,) = torch.autograd.grad(logits[:, k].sum(), maps, retain_graph=True)
        weight = gradient.sum(dim=(2, 3), keepdim=True)  # Grad-CAM's pooled gradient times cells
        expected.append((weight * maps).sum(dim=1))
    answer = graph(face)[5]
    torch.testing.assert_close(answer, torch.stack(expected, dim=1), atol=1e-5, rtol=1e-4)


def luma(face: torch.Tensor) -> torch.Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (face * weights).sum(dim=1, keepdim=True)


def test_mean_of_a_map_and_the_bias_make_the_logit(graph: SeverityGraph) -> None:
    severity, _, _, _, _, maps = graph(faces())
    torch.testing.assert_close(
        maps.mean(dim=(2, 3)) + graph.net.severity.bias, severity, atol=1e-5, rtol=1e-4
    )


def test_band_counts_the_cuts_that_sadness_reaches(graph: SeverityGraph) -> None:
    _, _, sadness, band, _, _ = graph(faces(6))
    expected = sum((sadness >= cut).long() for cut in (0.2, 0.4, 0.6))
    assert band.dtype == torch.int64
    assert torch.equal(band, expected)


def test_folding_batch_norms_changes_no_answer() -> None:
    torch.manual_seed(5)
    for net in (SeverityNet(), StyleNet(), LandmarkNet()):
        net.train()
        net(faces(4))
        net.eval()
        plain, compact = net(faces()), folded(net)(faces())
        for a, b in zip(_tensors(plain), _tensors(compact), strict=True):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)


def _tensors(answer: object) -> tuple[torch.Tensor, ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def test_brightness_and_contrast_of_the_whole_picture_hardly_move_the_reading() -> None:
    torch.manual_seed(6)
    net = SeverityNet().eval()
    face = 0.3 + 0.4 * faces()
    plain, dim = net(face), net(face * 0.6 + 0.1)
    torch.testing.assert_close(plain[0], dim[0], atol=0.02, rtol=0.05)


def test_untrained_normaliser_returns_the_face() -> None:
    face = faces()
    torch.testing.assert_close(StyleNet().eval()(face), face, atol=1e-6, rtol=0)


def test_normaliser_moves_no_pixel() -> None:
    """A change at one place changes the output there far more than a place well away from it."""
    torch.manual_seed(7)
    net = StyleNet().eval()
    torch.nn.init.normal_(net.grid.weight, std=0.02)
    face = faces(1)
    spot = face.clone()
    spot[0, :, 40, 40] = 1 - spot[0, :, 40, 40]
    change = (net(spot) - net(face)).abs().sum(dim=1)[0]
    assert change.flatten().argmax().item() == 40 * 96 + 40
    change[38:43, 38:43] = 0
    assert change.max() < 0.02


def test_normaliser_takes_any_size() -> None:
    face = torch.rand(1, 3, 130, 118, generator=torch.Generator().manual_seed(1))
    assert StyleNet().eval()(face).shape == face.shape


def test_mirroring_a_crop_swaps_the_sides_of_its_points() -> None:
    wide = torch.rand(1, 3, 144, 144, generator=torch.Generator().manual_seed(2))
    points = torch.rand(1, 68, 2, generator=torch.Generator().manual_seed(3))
    still = torch.eye(2, 3)[None]
    turned = still.clone()
    turned[:, 0, 0] = -1
    face, plain = reframe(wide, points, still)
    mirror, swapped = reframe(wide, points, turned)
    torch.testing.assert_close(mirror, face.flip(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(swapped[0, :, 0], 1 - plain[0, MIRROR_68.tolist(), 0])
    torch.testing.assert_close(swapped[0, :, 1], plain[0, MIRROR_68.tolist(), 1])


def test_reframing_keeps_points_on_what_they_mark() -> None:
    wide = torch.zeros(1, 1, 144, 144)
    wide[0, 0, 60:63, 80:83] = 1.0  # a dot whose centre is at (81.5, 61.5)
    points = torch.full((1, 68, 2), 0.5)
    points[0, 30] = torch.tensor([81.5 / 144, 61.5 / 144])
    angle = torch.tensor(0.2)
    theta = torch.tensor(
        [
            [
                [1.1 * angle.cos(), -1.1 * angle.sin(), 0.05],
                [1.1 * angle.sin(), 1.1 * angle.cos(), -0.04],
            ]
        ]
    )
    face, moved = reframe(wide, points, theta)
    mass = face[0, 0] / face.sum()
    at = (torch.arange(96) + 0.5) / 96
    centre = torch.stack([(mass.sum(0) * at).sum(), (mass.sum(1) * at).sum()])
    torch.testing.assert_close(moved[0, 30], centre, atol=2e-3, rtol=0)
