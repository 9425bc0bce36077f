"""The style step written out as a graph, and the perceptual net's start."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor

from clinic_app.training import perceptual_export
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.narrow import chosen_channels
from clinic_app.training.perceptual import (
    LAYERS,
    PerceptualNet,
    StepGraph,
    batch_gram,
    narrowed,
)
from clinic_app.training.perceptual_export import export_step, parity, step_model

pytestmark = pytest.mark.training

WEIGHTS = torch.tensor([1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 0.7])


@pytest.fixture
def net() -> PerceptualNet:
    torch.manual_seed(0)
    made = PerceptualNet(narrowed(LAYERS, 0.25), last_reduced=16)
    for lens in made.lenses.values():
        torch.nn.init.normal_(lens, 0.0, 0.3)
    return made


@pytest.fixture
def aim(net: PerceptualNet) -> tuple[Tensor, list[Tensor]]:
    with torch.no_grad():
        content = net(torch.rand(1, 3, 48, 64))[CONTENT_LAYER]
        style = net(torch.rand(1, 3, 32, 32))
    return content, [batch_gram(style[name])[0] for name in STYLE_LAYERS]


def test_the_gradient_is_that_of_automatic_differentiation(
    net: PerceptualNet, aim: tuple[Tensor, list[Tensor]]
) -> None:
    picture = torch.rand(1, 3, 48, 64, requires_grad=True)
    losses, gradient = StepGraph(net)(picture, *aim, WEIGHTS)
    (expected,) = torch.autograd.grad((losses * WEIGHTS).sum(), picture)
    assert (gradient - expected).abs().max() < 1e-4 * expected.abs().max()


def test_losses_are_those_of_the_features_that_the_lenses_show(
    net: PerceptualNet, aim: tuple[Tensor, list[Tensor]]
) -> None:
    content, grams = aim
    picture = torch.rand(1, 3, 48, 64)
    with torch.no_grad():
        losses, _ = StepGraph(net)(picture, content, grams, WEIGHTS)
        seen = net.seen(net(picture))
        wanted = net.seen({CONTENT_LAYER: content})[CONTENT_LAYER]
    apart = (seen[CONTENT_LAYER] - wanted).square().sum() / wanted.square().sum()
    torch.testing.assert_close(losses[0], apart, rtol=1e-3, atol=1e-6)
    for place, (name, gram) in enumerate(zip(STYLE_LAYERS, grams, strict=True), 1):
        lens = net.lenses[name].detach()
        shown = lens @ gram @ lens.T
        apart = (batch_gram(seen[name])[0] - shown).square().sum() / shown.square().sum()
        torch.testing.assert_close(losses[place], apart, rtol=1e-3, atol=1e-6)


def test_channels_that_explain_the_others_are_chosen_first() -> None:
    base = torch.randn(3, 500, generator=torch.Generator().manual_seed(1))
    maps = torch.stack([5 * base[0], base[1], base[0] + base[1], 0.01 * base[2]])
    chosen = chosen_channels(maps @ maps.T / 500, 2).tolist()
    assert chosen[0] == 0
    assert chosen[1] in (1, 2)


def test_the_file_computes_what_the_step_does(net: PerceptualNet, tmp_path: Path) -> None:
    """To the rounding of fp32: kernels and metrics are compared as the file keeps them."""
    export_step(net, tmp_path / "step.onnx")
    assert parity(net, tmp_path / "step.onnx") < 2e-5


def test_a_file_that_is_wrong_is_not_written(
    net: PerceptualNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that is a twentieth off is wrong in every picture."""
    other = copy.deepcopy(net)
    other.squeezed("conv3_1").core.weight.data *= 1.05
    monkeypatch.setattr(perceptual_export, "step_model", lambda _: step_model(other))
    with pytest.raises(ValueError, match="differs from the trained net"):
        export_step(net, tmp_path / "step.onnx")
    assert not (tmp_path / "step.onnx").exists()


def test_a_picture_at_the_edge_of_silence_does_not_stop_a_release(
    net: PerceptualNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one channel is zero to rounding, two right masks differ; another picture tells."""
    told = iter([8e-3, 1e-6])
    monkeypatch.setattr(perceptual_export, "_gap", lambda *_: next(told))
    export_step(net, tmp_path / "step.onnx")
    assert (tmp_path / "step.onnx").exists()
