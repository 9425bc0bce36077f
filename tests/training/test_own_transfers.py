"""The perceptual net learns from transfers of its own, and is taken up again from its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from clinic_app.inference.sessions import start
from clinic_app.inference.style.descent import ADAM
from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings
from clinic_app.inference.style.perceptual import PerceptualStep
from clinic_app.training import data
from clinic_app.training.distil_perceptual import PerceptualLoss, teacher_net
from clinic_app.training.graph_writer import GraphWriter
from clinic_app.training.losses import Vgg16
from clinic_app.training.own_transfers import STEPS, OwnTransfers, judged
from clinic_app.training.perceptual import LAYERS, Layer, PerceptualNet, narrowed
from clinic_app.training.perceptual_export import as_kept, export_step
from clinic_app.training.studio_data import KEPT_SIDE, StudioPictures
from clinic_app.training.studio_measure import TeacherStep
from clinic_app.training.taken_up import AnotherMake, layers_of, taken_up
from tests.training.smooth import pictures

pytestmark = pytest.mark.training


@pytest.fixture
def net() -> PerceptualNet:
    torch.manual_seed(0)
    made = PerceptualNet()
    for lens in made.lenses.values():
        torch.nn.init.normal_(lens, 0.0, 0.1)
    return made


@pytest.fixture(scope="module")
def teacher(data_folder: Path) -> Vgg16:
    return teacher_net(data_folder / data.VGG_FILE)


def test_they_take_the_studios_steps_by_adam(net: PerceptualNet, tmp_path: Path) -> None:
    """The same losses, the same views: the picture is that of the program without quick steps."""
    export_step(net, tmp_path / "step.onnx")
    data_of = (tmp_path / "step.onnx").read_bytes()
    step = PerceptualStep(lambda sizes: start(data_of, "perceptual", 1, sizes))
    contents, styles = pictures(2, 1), pictures(2, 2)
    transfers = OwnTransfers(as_kept(net), contents, styles)
    for _ in range(2):
        made = transfers.pictures(as_kept(net), 2)
    for place in range(2):
        content, style = (
            np.ascontiguousarray(255 * both[place].permute(1, 2, 0).numpy() + 0.5).astype(np.uint8)
            for both in (contents, styles)
        )
        real = OptimisedTransfer(content, style, TransferSettings(steps=2 * STEPS), step, ADAM)
        list(real.run())
        moved = float((made[place] - contents[place]).abs().mean())
        assert moved > 0.02
        assert np.abs(real.state().place.picture[0] - made[place].numpy()).mean() < 0.02 * moved


def test_every_transfer_has_its_turn(net: PerceptualNet) -> None:
    contents = pictures(4, 1)
    transfers = OwnTransfers(net, contents, pictures(4, 2))
    first, second, third = (transfers.pictures(net, 2) for _ in range(3))
    assert not torch.equal(first, contents[:2])
    assert (second - contents[2:]).abs().mean() < (second - contents[:2]).abs().mean()
    assert (third - contents[:2]).abs().mean() > (first - contents[:2]).abs().mean()
    assert third.min() >= 0
    assert third.max() <= 1


def test_a_part_of_a_batch_is_from_transfers_and_they_teach_the_weights(
    net: PerceptualNet, teacher: Vgg16
) -> None:
    some = np.random.default_rng(0).integers(0, 256, (3, KEPT_SIDE, KEPT_SIDE, 3), np.uint8)
    loss = PerceptualLoss(StudioPictures(some, some), teacher, own=2)
    loss.before_epoch(net, torch.Generator().manual_seed(0))
    parts = [loss(net, torch.arange(3), torch.Generator().manual_seed(1)) for _ in range(2)]
    assert float(parts[0]["grams"].detach()) != float(parts[1]["grams"].detach())
    torch.stack(list(parts[1].values())).sum().backward()
    assert all(weight.grad is not None for weight in net.parameters())


def test_the_teacher_judges_what_the_net_has_made(net: PerceptualNet, teacher: Vgg16) -> None:
    """As it judges the finished transfers of the card."""
    contents, styles = pictures(2, 1), pictures(2, 2)
    told = judged(net, teacher, contents, styles, STEPS)
    made = OwnTransfers(net, contents, styles).pictures(net, 2)
    judge, weights = TeacherStep(teacher), np.ones(7, np.float32)
    losses = []
    for place in range(2):
        aim = judge.aim(*(both[place : place + 1].numpy() for both in (contents, styles)))
        losses.append(judge.step(made[place : place + 1].numpy(), aim, weights)[0])
    assert told["content"] == pytest.approx(np.mean([one[0] for one in losses]), rel=1e-3)
    assert told["style"] == pytest.approx(np.mean([one[1:6].mean() for one in losses]), rel=1e-3)


def test_a_released_net_is_taken_up_as_its_file_has_it(
    net: PerceptualNet, teacher: Vgg16, tmp_path: Path
) -> None:
    path = tmp_path / "perceptual.onnx"
    export_step(net, path)
    again = taken_up(path, PerceptualNet(), teacher, [pictures(2, 3)])
    kept = as_kept(net)
    for name, value in kept.named_parameters():
        if name.startswith("lenses"):
            ours = dict(again.named_parameters())[name]
            torch.testing.assert_close(ours.T @ ours, value.T @ value, rtol=2e-3, atol=2e-3)
        else:
            assert torch.equal(dict(again.named_parameters())[name], value)


def test_a_file_tells_its_bottlenecks(tmp_path: Path) -> None:
    net = PerceptualNet(thinner(), 64)
    path = tmp_path / "perceptual.onnx"
    export_step(net, path)
    assert layers_of(path) == (thinner(), 64)


def test_a_file_of_other_layers_tells_none(tmp_path: Path) -> None:
    path = tmp_path / "perceptual.onnx"
    net = GraphWriter()
    net.half("last_weight", torch.zeros(4, 4, 1, 1))
    onnx.save(
        onnx.helper.make_model(onnx.helper.make_graph([], "none", [], [], net.constants)), path
    )
    with pytest.raises(AnotherMake, match="of other layers"):
        layers_of(path)


def thinner() -> tuple[Layer, ...]:
    """Today's layers with three quarters of their bottlenecks."""
    return tuple(
        replace(
            layer,
            bottlenecks=layer.bottlenecks
            and (3 * layer.bottlenecks[0] // 4, 3 * layer.bottlenecks[1] // 4),
        )
        for layer in LAYERS
    )


def test_a_file_of_other_layers_is_not_taken_up(
    net: PerceptualNet, teacher: Vgg16, tmp_path: Path
) -> None:
    path = tmp_path / "perceptual.onnx"
    export_step(PerceptualNet(narrowed(LAYERS, 0.5)), path)
    with pytest.raises(AnotherMake, match="of other layers"):
        taken_up(path, net, teacher, [pictures(2, 3)])
