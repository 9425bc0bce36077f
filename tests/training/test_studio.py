"""The studio's nets: what teaches them, what they are, and what is exported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings
from clinic_app.inference.style.pictures import style_picture
from clinic_app.training import data, studio, studio_data
from clinic_app.training.cost import open_session
from clinic_app.training.distil_perceptual import (
    errors,
    layer_errors,
    teacher_layers,
    teacher_net,
)
from clinic_app.training.losses import VGG_BLOCKS
from clinic_app.training.narrow import start_from_teacher
from clinic_app.training.perceptual import LAST_REDUCED, LAYERS, Layer, PerceptualNet
from clinic_app.training.studio_data import CROP, KEPT_SIDE, textures, varied
from clinic_app.training.studio_measure import TeacherStep
from clinic_app.training.styles_export import export_styles
from clinic_app.training.styles_net import StylesNet

pytestmark = pytest.mark.training


def made_vgg(path: Path, blocks: tuple[int, ...]) -> Path:
    """A file of random weights with VGG's names and widths."""
    rng, stored, inputs = torch.Generator().manual_seed(0), {}, 3
    for block, count in enumerate(blocks, 1):
        width = (64, 128, 256, 512, 512)[block - 1]
        for k in range(1, count + 1):
            kernel = torch.randn(width, inputs, 3, 3, generator=rng) * (2 / (9 * inputs)) ** 0.5
            stored[f"conv{block}_{k}.weight"] = kernel.half()
            stored[f"conv{block}_{k}.bias"] = torch.zeros(width).half()
            inputs = width
    save_file(stored, str(path))
    return path


def test_the_weights_of_vgg_19_are_accepted(tmp_path: Path) -> None:
    """Its fourths lie before the pooling, where our third stands for all that is there."""
    teacher = teacher_net(made_vgg(tmp_path / "vgg19.safetensors", (2, 2, 4, 4, 1)))
    assert {"conv3_4", "conv4_4"} <= set(teacher.convolutions)
    rgb = torch.rand(2, 3, 48, 48)
    net = start_from_teacher(PerceptualNet(), teacher, [rgb])
    with torch.no_grad():
        features, grams = errors(net, net(rgb), teacher(rgb))
    assert float(features["conv5_1"]) < 0.9
    assert all(np.isfinite(float(value)) for value in grams.values())


def test_the_closed_form_start_follows_the_teacher(data_folder: Path) -> None:
    teacher = teacher_net(data_folder / data.VGG_FILE)
    assert len(teacher.convolutions) == sum(VGG_BLOCKS[:4]) + 1
    picture = torch.from_numpy(style_picture("brush")).permute(2, 0, 1).float() / 255
    batch = torch.stack([picture[:, :96, :96], picture[:, 96:192, 96:192]])
    net = start_from_teacher(PerceptualNet(), teacher, [batch])
    with torch.no_grad():
        features, _ = errors(net, net(batch), teacher(batch))
    assert float(features["conv1_1"]) < 0.2
    assert float(features["conv4_2"]) < 0.8


def test_a_net_with_all_channels_and_no_squeeze_is_the_teacher(data_folder: Path) -> None:
    """Where nothing is left out, the fit leaves no error: names, pooling and channels agree."""
    teacher = teacher_net(data_folder / data.VGG_FILE)
    layers = (
        Layer("conv1_1", 64),
        Layer("conv1_2", 64, (64, 64)),
        Layer("conv2_1", 128, (64, 64), pooling=True),
    )
    rgb = varied(*_bytes(), torch.Generator().manual_seed(2))[:, :, :48, :48]
    net = start_from_teacher(PerceptualNet(layers, last_reduced=128), teacher, [rgb])
    with torch.no_grad():
        raw, features = net.walk(rgb)
        answers, told = teacher_layers(teacher, net, rgb)
        assert float(layer_errors(net, raw, answers)) < 0.02
        seen = net.seen(features)
    for name in ("conv1_1", "conv2_1"):
        gap = (seen[name] - told[name]).square().sum() / told[name].square().sum()
        assert float(gap) < 0.01


def test_a_net_does_not_pool_what_is_compared() -> None:
    layers = (Layer("conv1_1", 8), Layer("conv1_2", 8, (4, 4), pooling=True))
    with pytest.raises(ValueError, match="conv1_1 is compared"):
        PerceptualNet(layers, last_reduced=4)


def test_textures_are_of_many_kinds_and_of_one_seed() -> None:
    first, again = (textures({}, 0, 12, seed=5) for _ in range(2))
    assert first.shape == (12, KEPT_SIDE, KEPT_SIDE, 3)
    assert np.array_equal(first, again)
    assert len({texture.tobytes() for texture in first}) == 12


def test_a_start_of_another_make_or_from_other_lessons_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    kept = tmp_path / f"{studio.START}.pt"
    torch.save({"conv1_1.weight": torch.zeros(16, 3, 3, 3)}, kept)
    monkeypatch.setattr(studio, "start_from_teacher", lambda net, teacher, batches: net)
    teacher = teacher_net(data_folder / data.VGG_FILE)
    made, again, other = (
        studio.closed_form_start(PerceptualNet(), teacher, [], tmp_path, lessons).state_dict()
        for lessons in ("one", "one", "other")
    )
    assert all(torch.equal(one, again[name]) for name, one in made.items())
    assert not torch.equal(made["last.weight"], other["last.weight"])


def test_a_field_with_few_far_values_is_ink_without_overflow() -> None:
    plane = np.zeros((KEPT_SIDE, KEPT_SIDE))
    plane[0, :20] = -4.0
    for seed in range(8):
        inked = studio_data._inked(plane, np.random.default_rng(seed))
        assert len(np.unique(inked.reshape(-1, 3), axis=0)) <= 2


def _bytes() -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(7)
    coarse = torch.rand(2, 6, 3, 20, 20, generator=rng)
    fine = torch.nn.functional.interpolate(coarse.flatten(0, 1), (KEPT_SIDE, KEPT_SIDE))
    both = fine.mul(255).byte().permute(0, 2, 3, 1).unflatten(0, (2, 6))
    return both[0], both[1]


def test_crops_stay_in_range_and_depend_on_the_generator_alone() -> None:
    both = torch.randint(0, 256, (2, 4, KEPT_SIDE, KEPT_SIDE, 3), dtype=torch.uint8)
    first, again = (varied(*both, torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == (4, 3, CROP, CROP)
    assert 0 <= float(first.min()) <= float(first.max()) <= 1
    assert torch.equal(first, again)


def test_the_teacher_can_take_our_steps(data_folder: Path) -> None:
    step = TeacherStep(teacher_net(data_folder / data.VGG_FILE))
    content, style = (np.ascontiguousarray(style_picture(n)[:48, :48]) for n in ("wash", "ink"))
    transfer = OptimisedTransfer(content, style, TransferSettings(steps=4), step)
    told = list(transfer.run())
    assert told[0].content_loss == pytest.approx(0, abs=1e-6)
    assert told[-1].total < told[0].total


def test_an_untrained_styles_net_changes_nothing_and_its_styles_are_apart() -> None:
    torch.manual_seed(0)
    net = StylesNet(3)
    picture = torch.rand(1, 3, 32, 48)
    first, second = torch.eye(3)[:2]
    with torch.no_grad():
        assert torch.equal(net(picture, first[None]), picture)
        torch.nn.init.normal_(net.last.weight, 0, 0.1)
        net.up.norm.shift[1] += 1.0
        drawn = [net(picture, w[None]) for w in (first, second)]
    assert not torch.allclose(*drawn)


def test_the_exported_styles_take_any_size(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = StylesNet(4)
    torch.nn.init.normal_(net.last.weight, 0, 0.05)
    path = tmp_path / "styles.onnx"
    export_styles(net, path)
    session = open_session(path)
    for height, width in ((32, 32), (224, 300)):
        picture = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
        weights = np.full(4, 0.25, np.float32)
        (drawn,) = session.run(["styled"], {"picture": picture, "weights": weights})
        assert drawn.shape == picture.shape
        assert 0 <= drawn.min() <= drawn.max() <= 1


def test_the_quick_run_leaves_files_cards_and_histories(quick_folder: Path) -> None:
    models = quick_folder / "models"
    entries = json.loads((models / "manifest.json").read_text(encoding="utf-8"))["models"]
    assert len(entries["styles"]["styles"]) >= 8
    for name in ("perceptual", "styles"):
        assert (models / f"{name}.onnx").stat().st_size < 6_000_000
        card = (models / "cards" / f"{name}.md").read_text(encoding="utf-8")
        assert "no label takes part" in card
        history = json.loads((quick_folder / f"{name}.history.json").read_text(encoding="utf-8"))
        assert history["epochs"]
    widths = [width for one in LAYERS for width in (one.width, *(one.bottlenecks or ()))]
    assert [width % 16 for width in (*widths, LAST_REDUCED)] == [0] * (len(widths) + 1)
