"""The normaliser's loss, L = content + Gram + TV and the reading terms, on hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from clinic_app.training import losses
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.style import (
    PERCEPTUAL_SHARE,
    StyleLoss,
    StylePool,
    StyleWeights,
    join,
    reference_look,
)

pytestmark = pytest.mark.training


def test_style_distance_adds_each_layers_gap_relative_to_its_own_size() -> None:
    first = torch.tensor([[[[1.0, 1.0]], [[0.0, 2.0]]]])  # products 2, 2, 4 over c*h*w = 4
    second = torch.tensor([[[[3.0]]]])  # one channel, one place: 9
    reference = {
        "conv1_1": torch.tensor([[0.5, 0.5], [0.5, 0.5]]),
        "conv2_1": torch.tensor([[6.0]]),
    }
    # Gaps: 0, 0, 0, 0.5 over a reference of size 4 * 0.25, and 3 over one of size 36.
    expected = 0.25 / 1.0 + 9.0 / 36.0
    said = losses.style_distance({"conv1_1": first, "conv2_1": second}, reference)
    assert said.item() == pytest.approx(expected)


def test_style_distance_is_the_mean_over_faces() -> None:
    reference = {"conv1_1": torch.tensor([[2.0]])}
    same, nothing = torch.full((1, 1, 1, 1), 2.0**0.5), torch.zeros(1, 1, 1, 1)
    both = torch.cat([same, nothing])
    assert losses.style_distance({"conv1_1": both}, reference).item() == pytest.approx(0.5)


def test_a_layer_without_a_reference_has_no_say() -> None:
    maps = {"conv1_1": torch.ones(1, 1, 2, 2), "conv4_2": torch.full((1, 1, 2, 2), 99.0)}
    reference = {"conv1_1": losses.gram(maps["conv1_1"])[0]}
    assert losses.style_distance(maps, reference).item() == pytest.approx(0.0)


def test_total_variation_averages_over_faces_and_channels() -> None:
    edge = torch.zeros(2, 3, 4, 4)
    edge[0, 0, :, 2:] = 1.0  # one step across in each of 4 rows of one channel of one face
    across = 4 / (2 * 3 * 4 * 3)
    assert losses.total_variation(edge).item() == pytest.approx(across)
    assert losses.total_variation(edge.transpose(2, 3)).item() == pytest.approx(across)


def test_content_distance_of_maps_counts_every_cell_once() -> None:
    maps = torch.zeros(2, 2, 2, 2)
    moved = maps.clone()
    moved[1, 0, 1, 1] = 4.0
    assert losses.content_distance(maps, moved).item() == pytest.approx(16 / 16)
    assert losses.content_distance(maps, maps).item() == 0.0


class PlainVgg(nn.Module):
    """Layers that are simply the picture, brighter with depth."""

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        names = (CONTENT_LAYER, *STYLE_LAYERS)
        return {name: rgb * (k + 1) for k, name in enumerate(names)}


class PlainReader(nn.Module):
    """Reads the mean brightness."""

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        level = face.mean(dim=(1, 2, 3))
        steps = torch.arange(4.0)
        return (
            level[:, None] * steps,
            level[:, None] * torch.arange(8.0),
            4 * level - 2,
            torch.stack([level, 1 - level], dim=1),
        )


class Flat(nn.Module):
    """Redraws every face as one gray."""

    def forward(self, face: Tensor) -> Tensor:
        return torch.full_like(face, 0.5)


class Kept(nn.Module):
    def forward(self, face: Tensor) -> Tensor:
        return face


def pool() -> StylePool:
    """Two faces, each with a brighter twin."""
    rng = np.random.default_rng(0)
    dark = rng.integers(20, 90, (2, 96, 96, 3), dtype=np.uint8)
    return StylePool(np.concatenate([dark, dark + 100]), np.array([2, 3, 2, 3]))


def unlit(faces: Tensor, rng: torch.Generator) -> Tensor:
    return faces


def loss(weights: StyleWeights | None = None) -> StyleLoss:
    vgg = PlainVgg()
    look = reference_look(vgg, pool().images[2:])
    return StyleLoss(pool(), unlit, PlainReader(), vgg, look, weights)


ROWS = torch.tensor([0, 1])


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_content_gram_and_variation_follow_their_formulas() -> None:
    parts = loss()(Flat(), ROWS, generator())
    _, wanted = loss().batch(ROWS, generator())
    half = max(1, round(len(ROWS) * PERCEPTUAL_SHARE))
    small = torch.nn.functional.interpolate(wanted[:half], (64, 64), mode="area")
    content = (0.5 - small).pow(2).mean() / small.pow(2).mean()
    w = StyleWeights()
    torch.testing.assert_close(parts["content"], w.content * content)
    torch.testing.assert_close(parts["pixel"], w.pixel * (0.5 - wanted).abs().mean())
    assert parts["variation"].item() == 0.0
    look = reference_look(PlainVgg(), pool().images[2:])
    seen = {name: f for name, f in PlainVgg()(torch.full_like(small, 0.5)).items() if name in look}
    gaps = [
        (losses.gram(seen[name])[0] - look[name]).pow(2).sum() / look[name].pow(2).sum()
        for name in STYLE_LAYERS
    ]
    torch.testing.assert_close(parts["gram"], w.gram * torch.stack(gaps).sum())


def test_every_weight_scales_its_own_term_alone() -> None:
    plain = loss(StyleWeights(1, 1, 1, 1, 1, 1, 1))(Kept(), ROWS, generator())
    names = ("pixel", "content", "gram", "variation", "reading", "embedding", "emotion")
    for k, name in enumerate(names):
        triple = [3.0 if j == k else 1.0 for j in range(len(names))]
        parts = loss(StyleWeights(*triple))(Kept(), ROWS, generator())
        for other in names:
            factor = 3.0 if other == name else 1.0
            torch.testing.assert_close(parts[other], factor * plain[other])
    assert all(plain[name].item() > 0.0 for name in names)


def test_a_face_that_comes_out_as_its_well_lit_twin_costs_nothing_but_smoothness() -> None:
    class Twin(nn.Module):
        def __init__(self, answer: Tensor) -> None:
            super().__init__()
            self.answer = answer

        def forward(self, face: Tensor) -> Tensor:
            return self.answer

    _, wanted = loss().batch(ROWS, generator())
    parts = loss()(Twin(wanted), ROWS, generator())
    for name in ("pixel", "content", "embedding", "emotion"):
        assert parts[name].item() == pytest.approx(0.0, abs=1e-5)
    assert parts["reading"].item() == pytest.approx(StyleWeights().reading * 1e-3, rel=1e-3)
    torch.testing.assert_close(parts["variation"], 0.1 * losses.total_variation(wanted))


def test_joined_pools_keep_twins_with_their_faces() -> None:
    both = join([pool(), pool()])
    assert both.twin.tolist() == [2, 3, 2, 3, 6, 7, 6, 7]
    assert both.paired().tolist() == [True, True, False, False] * 2
