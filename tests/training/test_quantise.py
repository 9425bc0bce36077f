"""Rewritten graphs compute what their nets compute, and their int8 twins very nearly so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from clinic_app.training.export import export
from clinic_app.training.graphs import SEVERITY_OUTPUTS, SeverityGraph, StyleGraph
from clinic_app.training.nets import SeverityNet, StyleNet
from clinic_app.training.quantise import LARGEST_WEIGHT, RULES, integer_nodes, quantise
from clinic_app.training.severity import combined_share
from clinic_app.training.twins import FIGURES, worst_strain

pytestmark = pytest.mark.training
CUTS = (0.2, 0.4, 0.6)


def faces(n: int, seed: int = 0) -> np.ndarray:
    """Smooth ovals with eyes and mouth under a light from one side, [n, 96, 96, 3] bytes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    answer = []
    for _ in range(n):
        skin, light = rng.uniform(0.35, 0.8), rng.uniform(-0.4, 0.4)
        gray = np.where((x / 0.8) ** 2 + y**2 < 0.9, skin * (1 + light * x), 0.2)
        for ex, ey, width in ((-0.35, -0.2, 0.12), (0.35, -0.2, 0.12), (0.0, 0.45, 0.3)):
            ey += rng.normal(0, 0.05)
            gray = gray - 0.3 * np.exp(-(((x - ex) / width) ** 2) - ((y - ey) / 0.07) ** 2)
        colour = gray[..., None] * rng.uniform(0.8, 1.0, 3) + rng.normal(0, 0.02, (96, 96, 3))
        answer.append((colour.clip(0, 1) * 255).astype(np.uint8))
    return np.stack(answer)


def batch(pictures: np.ndarray) -> np.ndarray:
    return pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255


@pytest.fixture(scope="module")
def net() -> SeverityNet:
    """A net whose batch norms have seen faces and whose heads have an opinion."""
    torch.manual_seed(4)
    net = SeverityNet().train()
    seen = torch.from_numpy(batch(faces(24, seed=1)))
    for _ in range(12):
        net(seen)
    for head in (net.severity, net.emotion, net.share):
        head.weight.data *= 4
    return net.eval()


@pytest.fixture(scope="module")
def files(net: SeverityNet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("twins")
    graph = SeverityGraph(net, 1.3, 0.8, CUTS)
    metadata = {"name": "severity", "version": "0", "labels": ["none", "mild"]}
    plain = export(graph, folder / "plain.onnx", SEVERITY_OUTPUTS, metadata).path
    quantise(plain, folder / "twin.onnx", faces(64, seed=2), RULES[0])
    return plain, folder / "twin.onnx"


def run(path: Path, pictures: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(list(SEVERITY_OUTPUTS), {"face": batch(pictures)})
    return dict(zip(SEVERITY_OUTPUTS, answers, strict=True))


@pytest.mark.parametrize("stride", [1, 2])
def test_the_rewritten_graph_reads_what_the_net_reads(net: SeverityNet, stride: int) -> None:
    if stride == 1:
        torch.manual_seed(7)
        net = SeverityNet()
        net.features[0][0] = torch.nn.Conv2d(1, 48, 3, 1, 1, bias=False)
        net.eval()
    face = torch.from_numpy(batch(faces(3)))
    severity, emotion, share, embedding = net(face)
    said = SeverityGraph(net, 1.0, 1.0, CUTS).eval()(face)
    sadness = combined_share(share, emotion)
    maps = net.activation_map(net.maps(torch.nn.functional.avg_pool2d(luma(face), 2)))
    for got, wanted in zip(
        said[:3] + said[4:], (severity, emotion, sadness, embedding, maps), strict=True
    ):
        torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-3)


def luma(face: torch.Tensor) -> torch.Tensor:
    return (face * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def test_weights_stay_in_the_range_that_avx2_adds_without_overflow(
    files: tuple[Path, Path],
) -> None:
    model = onnx.load(str(files[1]))
    arrays = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    weights = [a for a in arrays.values() if a.dtype == np.int8 and a.ndim == 4]
    assert len(weights) == 10
    for weight in weights:
        assert np.abs(weight.astype(int)).max() <= LARGEST_WEIGHT
        # The range is used: almost every channel's largest weight lies near its end.
        assert np.median(np.abs(weight.astype(int)).reshape(len(weight), -1).max(axis=1)) > 60


def test_every_hidden_convolution_runs_in_integers(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 4
    ort.InferenceSession(str(files[1]), options, providers=["CPUExecutionProvider"])
    kinds = [n.op_type for n in onnx.load(str(tmp_path / "optimised.onnx")).graph.node]
    wanted = integer_nodes(onnx.load(str(files[0])))
    assert kinds.count("QLinearConv") == 10
    assert kinds.count("QLinearAdd") == 3
    assert kinds.count("Conv") == 1  # gray and halving
    assert "Relu" not in kinds
    assert len(wanted) == 10 + 3 + 10  # convolutions, sums, rectifiers


def test_the_twin_agrees_with_the_floats(files: tuple[Path, Path]) -> None:
    pictures = faces(120, seed=9)
    plain, twin = (run(path, pictures) for path in files)
    assert np.abs(plain["sadness"] - twin["sadness"]).max() < 0.02
    for name in ("severity_logits", "emotion_logits", "embedding", "activation_map"):
        gap = np.abs(plain[name] - twin[name]).mean()
        assert gap < 0.05 * np.abs(plain[name]).mean() + 1e-3, name
    assert np.corrcoef(plain["embedding"].ravel(), twin["embedding"].ravel())[0, 1] > 0.995


def test_the_twin_keeps_outputs_metadata_and_a_free_batch(files: tuple[Path, Path]) -> None:
    sessions = [ort.InferenceSession(str(p), providers=["CPUExecutionProvider"]) for p in files]
    plain, twin = ([(o.name, o.type, o.shape) for o in s.get_outputs()] for s in sessions)
    assert plain == twin
    assert isinstance(sessions[1].get_inputs()[0].shape[0], str)
    metas = [s.get_modelmeta().custom_metadata_map for s in sessions]
    assert metas[0] == metas[1]
    several = run(files[1], faces(3))
    alone = [run(files[1], face[None])["sadness"][0] for face in faces(3)]
    np.testing.assert_allclose(several["sadness"], alone, atol=1e-6)
    np.testing.assert_array_equal(
        several["band"], (several["sadness"][:, None] >= np.float32(CUTS)[None]).sum(axis=1)
    )
    assert files[1].stat().st_size < 0.35 * files[0].stat().st_size


def test_the_same_faces_make_the_same_twin(files: tuple[Path, Path], tmp_path: Path) -> None:
    quantise(files[0], tmp_path / "again.onnx", faces(64, seed=2), RULES[0])
    assert (tmp_path / "again.onnx").read_bytes() == files[1].read_bytes()


def test_maps_of_the_twin_still_add_up_to_its_logits(
    files: tuple[Path, Path], net: SeverityNet
) -> None:
    said = run(files[1], faces(5, seed=3))
    bias = net.severity.bias.detach().numpy() / 1.3
    np.testing.assert_allclose(
        said["activation_map"].mean(axis=(2, 3)) + bias, said["severity_logits"], atol=1e-4
    )


@pytest.mark.parametrize(("height", "width"), [(96, 96), (224, 224), (150, 131)])
def test_the_rewritten_style_graph_paints_what_the_net_paints(height: int, width: int) -> None:
    torch.manual_seed(8)
    net = StyleNet()
    for layer in (net.grid, net.white):
        torch.nn.init.normal_(layer.weight, std=0.3)
        torch.nn.init.normal_(layer.bias, std=0.3)
    net.eval()
    face = torch.rand(2, 3, height, width)
    wanted = net(face)
    assert (wanted - face).abs().mean() > 0.02  # it does paint
    torch.testing.assert_close(StyleGraph(net)(face), wanted, atol=2e-5, rtol=0)


def test_a_twin_ships_only_within_what_it_may_lose() -> None:
    plain = dict.fromkeys(FIGURES["severity"], 0.9)
    assert worst_strain("severity", plain, plain) == 0
    assert worst_strain("severity", plain, {**plain, "auc": 0.8951}) < 1
    assert worst_strain("severity", plain, {**plain, "auc": 0.8949}) > 1
    plain = dict.fromkeys(FIGURES["style"], 0.03)
    assert worst_strain("style", plain, {**plain, "spread_of_sadness_over_light": 0.0311}) > 1
    assert worst_strain("style", plain, {**plain, "spread_of_sadness_over_light": 0.01}) <= 0
