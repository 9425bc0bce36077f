from __future__ import annotations

import numpy as np
import pytest
import torch

from clinic_app.training import losses
from clinic_app.training.severity import SeverityTargets, band_weights

pytestmark = pytest.mark.training


def test_gram_of_a_hand_made_map_is_the_scaled_inner_product_of_its_channels() -> None:
    maps = torch.tensor([[[[1.0, 2.0], [0.0, 1.0]], [[0.0, 1.0], [3.0, 1.0]]]])
    # Channel rows (1 2 0 1) and (0 1 3 1): products 6, 3, 11; divided by c*h*w = 8.
    expected = torch.tensor([[[6.0, 3.0], [3.0, 11.0]]]) / 8
    torch.testing.assert_close(losses.gram(maps), expected)


def test_gram_forgets_where_things_are() -> None:
    maps = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    moved = maps.flatten(2)[:, :, torch.randperm(16)].view(maps.shape)
    torch.testing.assert_close(losses.gram(maps), losses.gram(moved))


def test_total_variation_counts_neighbour_steps_down_and_across() -> None:
    image = torch.tensor([[[[0.0, 1.0, 1.0], [0.0, 1.0, 3.0]]]])
    # Down: |0|, |0|, |2| -> mean 2/3.  Across: 1, 0, 1, 2 -> mean 1.
    torch.testing.assert_close(losses.total_variation(image), torch.tensor(2 / 3 + 1.0))


def test_total_variation_of_a_flat_picture_is_zero() -> None:
    assert losses.total_variation(torch.full((1, 3, 5, 5), 0.4)).item() == 0.0


def test_content_distance_is_the_mean_squared_difference() -> None:
    a, b = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]])
    assert losses.content_distance(a, b).item() == pytest.approx(2.0)


def test_style_distance_is_zero_for_the_reference_itself_and_one_for_nothing() -> None:
    maps = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    reference = {"conv1_1": losses.gram(maps)[0]}
    assert losses.style_distance({"conv1_1": maps}, reference).item() == pytest.approx(0, abs=1e-9)
    nothing = {"conv1_1": torch.zeros_like(maps)}
    assert losses.style_distance(nothing, reference).item() == pytest.approx(1.0)


def test_soft_cross_entropy_of_a_uniform_answer_is_the_logarithm_of_the_classes() -> None:
    target = torch.tensor([[0.5, 0.25, 0.25, 0.0]])
    value = losses.soft_cross_entropy(torch.zeros(1, 4), target).item()
    assert value == pytest.approx(torch.log(torch.tensor(4.0)).item())


def test_class_weights_balance_the_bands_and_keep_their_mean_at_one() -> None:
    bands = torch.eye(4)[[0, 0, 0, 1]]
    targets = SeverityTargets(torch.zeros(4), torch.zeros(4, 8), bands)
    rows = np.arange(4)
    # Frequencies 3/4 and 1/4: their inverses 4/3 and 4, over the mean of both by frequency, 2.
    whole = band_weights(targets, rows, 1.0)[:2]
    torch.testing.assert_close(whole, torch.tensor([2 / 3, 2.0]), atol=1e-4, rtol=0)
    half = band_weights(targets, rows, 0.5)
    assert 1.0 < (half[1] / half[0]).item() < (whole[1] / whole[0]).item()
    assert (half * bands.mean(dim=0)).sum().item() == pytest.approx(1.0)
    assert band_weights(targets, rows, 0.0).tolist() == pytest.approx([1.0] * 4)


def test_a_weighted_band_costs_its_weight() -> None:
    target, weight = torch.eye(4)[[0, 1]], torch.tensor([0.5, 2.0, 1.0, 1.0])
    value = losses.soft_cross_entropy(torch.zeros(2, 4), target, weight).item()
    assert value == pytest.approx(torch.log(torch.tensor(4.0)).item() * (0.5 + 2.0) / 2)


def test_ordinal_distance_grows_with_how_far_the_band_is_missed() -> None:
    truth = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    sure = 50.0 * torch.eye(4)
    near, far = (losses.ordinal_distance(sure[k][None], truth).item() for k in (1, 3))
    assert near == pytest.approx(1.0, abs=1e-4)
    assert far == pytest.approx(3.0, abs=1e-4)


def test_vgg_reproduces_the_first_weights_named_in_the_data_readme(data_folder) -> None:
    vgg = losses.Vgg16(data_folder / "vgg16_imagenet_conv_fp16.safetensors", ("conv1_1",))
    first = vgg.convolutions["conv1_1"].weight[0, 0, 0]
    torch.testing.assert_close(first, torch.tensor([-0.5537, 0.1427, 0.529]), atol=1e-3, rtol=0)


def test_vgg_gives_the_layers_at_their_sizes(data_folder) -> None:
    layers = (losses.CONTENT_LAYER, *losses.STYLE_LAYERS)
    vgg = losses.Vgg16(data_folder / "vgg16_imagenet_conv_fp16.safetensors", layers)
    found = vgg(torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)))
    assert {name: tuple(f.shape[1:]) for name, f in found.items()} == {
        "conv1_1": (64, 64, 64),
        "conv2_1": (128, 32, 32),
        "conv3_1": (256, 16, 16),
        "conv4_1": (512, 8, 8),
        "conv4_2": (512, 8, 8),
        "conv5_1": (512, 4, 4),
    }
