"""A released file taken up again reads as it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch

from clinic_app.training.export import SEVERITY_OUTPUTS, SeverityGraph, export
from clinic_app.training.nets import SeverityNet
from clinic_app.training.quantise import RULES, quantise
from clinic_app.training.restart import severity_from

pytestmark = pytest.mark.training
SEVERITY_T, EMOTION_T = 1.3, 0.8
ROOT = Path(__file__).parents[2]


def faces(n: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 3, 96, 96, generator=torch.Generator().manual_seed(seed))


def gray(n: int) -> torch.Tensor:
    return torch.rand(n, 1, 48, 48, generator=torch.Generator().manual_seed(5))


@pytest.fixture(scope="module")
def net() -> SeverityNet:
    torch.manual_seed(0)
    net = SeverityNet()
    net.train()
    for seed in range(3):
        net(faces(16, seed))
    return net.eval()


@pytest.fixture(scope="module")
def released(net: SeverityNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("released") / "severity.onnx"
    graph = SeverityGraph(net, SEVERITY_T, EMOTION_T, [0.15, 0.35, 0.65])
    calibration = {"temperature": SEVERITY_T, "emotion_temperature": EMOTION_T}
    export(graph, path, list(SEVERITY_OUTPUTS), {"calibration": calibration})
    return path


@torch.no_grad()
def said(net: SeverityNet) -> list[np.ndarray]:
    return [part.numpy() for part in net.eval()(faces(4, 9))[:3]]


def test_a_float_file_gives_the_net_it_was_made_from(net: SeverityNet, released: Path) -> None:
    for found, expected in zip(said(severity_from(released, gray(64))), said(net), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-4)


def test_an_integer_file_gives_the_net_up_to_rounding(net: SeverityNet, released: Path) -> None:
    twin = released.with_name("twin.onnx")
    bytes_ = (faces(32).permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    quantise(released, twin, bytes_, RULES[0])
    for found, expected in zip(said(severity_from(twin, gray(64))), said(net), strict=True):
        assert np.abs(found - expected).max() < 0.1 * max(1.0, np.abs(expected).max())


def test_its_batch_norms_hold_the_statistics_of_the_faces(released: Path) -> None:
    seen = gray(64)
    net = severity_from(released, seen)
    with torch.no_grad():
        resting = net.read(seen)[0]
        learning = net.train()
        learning.dropout.eval()
        torch.testing.assert_close(learning.read(seen)[0], resting, atol=1e-3, rtol=1e-3)


def test_the_shipped_file_can_be_taken_up_again() -> None:
    path = ROOT / "models" / "severity.onnx"
    net = severity_from(path, gray(64))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shown = torch.nn.functional.interpolate(faces(16, 3)[:, :, :6, :6], 96, mode="bilinear")
    (told,) = session.run(["emotion_logits"], {"face": shown.numpy()})
    with torch.no_grad():
        found = net(shown)[1].numpy()
    assert np.corrcoef(found.ravel(), told.ravel())[0, 1] > 0.99


def test_a_file_of_another_net_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no severity net"):
        severity_from(ROOT / "models" / "style.onnx", gray(8))
