"""A net that is trained further learns which way its gradient goes, and may be widened before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from clinic_app.inference.style.perceptual import MIRRORED
from clinic_app.training import data
from clinic_app.training.aims import aims_of, losses, metrics_of, usual_weights
from clinic_app.training.distil_perceptual import teacher_net
from clinic_app.training.gradients import (
    drawn_weights,
    gradient_angle,
    our_gradient,
    teacher_gradient,
    unlikeness,
)
from clinic_app.training.grown import grown
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS, Vgg16
from clinic_app.training.narrow import start_from_teacher
from clinic_app.training.own_transfers import turned
from clinic_app.training.perceptual import (
    COMPARED,
    LAYERS,
    PerceptualNet,
    StepGraph,
    batch_gram,
    narrowed,
    relative_error,
)
from tests.training.smooth import pictures

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def teacher(data_folder: Path) -> Vgg16:
    return teacher_net(data_folder / data.VGG_FILE)


@pytest.fixture(scope="module")
def net(teacher: Vgg16) -> PerceptualNet:
    made = PerceptualNet(narrowed(LAYERS, 0.5), last_reduced=32)
    return start_from_teacher(made, teacher, [pictures(4, 1), pictures(4, 2)])


def test_the_losses_of_many_pictures_are_those_of_the_step(net: PerceptualNet) -> None:
    """The step takes one picture, and its metrics rounded to fp16 as its file keeps them."""
    shown, contents, styles = (pictures(2, seed) for seed in (3, 4, 5))
    aims = aims_of(net, contents, styles)
    with torch.no_grad():
        told = losses(net(shown), aims, metrics_of(net))
        for place in range(2):
            one = slice(place, place + 1)
            grams = [batch_gram(net(styles[one])[name])[0] for name in STYLE_LAYERS]
            content = net(contents[one])[CONTENT_LAYER]
            step, _ = StepGraph(net)(shown[one], content, grams, torch.ones(7))
            torch.testing.assert_close(told[place], step[:6], rtol=1e-2, atol=1e-4)


def test_the_losses_of_the_teacher_are_relative_errors(teacher: Vgg16) -> None:
    shown, contents, styles = (pictures(2, seed) for seed in (3, 4, 5))
    told = losses(teacher(shown), aims_of(teacher, contents, styles))
    expected = relative_error(teacher(shown)[CONTENT_LAYER], teacher(contents)[CONTENT_LAYER])
    assert float(told[:, 0].mean()) == pytest.approx(float(expected), rel=1e-4)


def test_both_gradients_lower_the_losses_they_are_of(net: PerceptualNet, teacher: Vgg16) -> None:
    shown, contents, styles = (pictures(2, seed) for seed in (3, 4, 5))
    weights = usual_weights().expand(2, 6)
    told, seen = aims_of(teacher, contents, styles), aims_of(net, contents, styles)
    theirs = teacher_gradient(teacher, shown, told, weights)
    ours = our_gradient(net, shown, contents, styles, weights).detach()

    def moved(gradient: Tensor) -> Tensor:
        return shown - 1e-3 * gradient / gradient.flatten(1).norm(dim=1).view(-1, 1, 1, 1)

    def total_of(found: Tensor) -> float:
        return float((found * weights).sum())

    with torch.no_grad():
        for seeing, aims, metrics, gradient in (
            (teacher, told, None, theirs),
            (net, seen, metrics_of(net), ours),
        ):
            before = total_of(losses(seeing(shown), aims, metrics))
            assert total_of(losses(seeing(moved(gradient)), aims, metrics)) < before


def test_gradients_that_point_alike_are_alike_whatever_their_size() -> None:
    theirs = torch.randn(2, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    assert float(unlikeness(3.0 * theirs, theirs)) == pytest.approx(0.0, abs=1e-5)
    assert float(unlikeness(-theirs, theirs)) == pytest.approx(2.0, abs=1e-5)


def test_small_gradients_count_beside_large_ones() -> None:
    """Adam moves every pixel about as far; so a loud corner must not decide alone."""
    theirs = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    theirs[:, :, :16] *= 100.0
    wrong = theirs.clone()
    wrong[:, :, 24:] *= -1.0
    cosine = torch.nn.functional.cosine_similarity(wrong.flatten(1), theirs.flatten(1))
    assert float(1 - cosine) < 0.01
    assert float(unlikeness(wrong, theirs)) > 0.01


def test_half_of_the_weights_are_the_usual_ones_and_none_is_nothing() -> None:
    drawn = drawn_weights(400, torch.Generator().manual_seed(0))
    usual = (drawn == usual_weights()).all(dim=1).float().mean()
    assert 0.4 < float(usual) < 0.6
    assert bool((drawn > 0).all())


def test_the_angle_teaches_every_kernel(net: PerceptualNet, teacher: Vgg16) -> None:
    """Of the bottom layers too, and through whichever view was drawn. A bias moves a gradient only
    where it silences a channel, which no derivative tells."""
    shown, contents, styles = (pictures(2, seed) for seed in (3, 4, 5))
    told = aims_of(teacher, contents, styles)
    for seed in range(3):
        net.zero_grad()
        rng = torch.Generator().manual_seed(seed)
        gradient_angle(net, teacher, told, (shown, contents, styles), rng).backward()
        for name, value in net.named_parameters():
            if name.endswith("weight"):
                assert value.grad is not None, name
                assert float(value.grad.abs().sum()) > 0, name


def test_a_view_is_turned_back_by_itself() -> None:
    picture = pictures(1, 0)
    for view in MIRRORED:
        assert torch.equal(turned(turned(picture, view), view), picture)
    assert len({turned(picture, view).numpy().tobytes() for view in MIRRORED}) == 4


def test_a_widened_net_knows_what_it_knew_and_sees_more(net: PerceptualNet, teacher: Vgg16) -> None:
    batches = [pictures(4, 1), pictures(4, 2)]
    wider = tuple(
        replace(layer, bottlenecks=layer.bottlenecks and tuple(2 * n for n in layer.bottlenecks))
        for layer in net.layers
    )
    same = grown(net, net.layers, net.last.out_channels, teacher, batches)
    for name, value in net.state_dict().items():
        torch.testing.assert_close(same.state_dict()[name], value)
    more = grown(net, wider, 2 * net.last.out_channels, teacher, batches)
    with torch.no_grad():
        for name in COMPARED[1:]:
            before, after = (
                sum(relative_error(one.seen(one(b))[name], teacher(b)[name]) for b in batches)
                for one in (net, more)
            )
            assert float(after) < float(before), name


def test_what_widens_nothing_leaves_the_answers_alone(net: PerceptualNet, teacher: Vgg16) -> None:
    """Only the last layer's: below it every map stays as it was."""
    *others, last = net.layers
    wider = (*others, replace(last, bottlenecks=tuple(n + 4 for n in last.bottlenecks or ())))
    more = grown(net, wider, net.last.out_channels, teacher, [pictures(4, 1), pictures(4, 2)])
    with torch.no_grad():
        before, after = (one.walk(pictures(2, 3))[0] for one in (net, more))
    for layer in others:
        torch.testing.assert_close(after[layer.name], before[layer.name])
    assert not torch.equal(after[last.name], before[last.name])
