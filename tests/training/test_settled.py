"""Settings that are put into a severity file: what they change, and what never moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_app.training.export import SEVERITY_OUTPUTS, SeverityGraph, export, write_model
from clinic_app.training.nets import SeverityNet
from clinic_app.training.quantise import RULES, quantise
from clinic_app.training.settled import PLAIN_LOGITS, set_temperatures, temperatures_of

pytestmark = pytest.mark.training
HELD = (1.3, 1.9)
CUTS = [0.2, 0.4, 0.6]


def faces(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 3, 96, 96)).astype(np.float32)


@pytest.fixture(scope="module")
def net() -> SeverityNet:
    torch.manual_seed(8)
    return SeverityNet(widths=(8, 12, 16)).eval()


@pytest.fixture(scope="module", params=["floats", "integers"])
def written(
    request: pytest.FixtureRequest, net: SeverityNet, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("settled") / "severity.onnx"
    calibration = {"temperature": HELD[0], "emotion_temperature": HELD[1], "kept": "as it is"}
    graph = SeverityGraph(net, *HELD, CUTS)
    export(graph, path, SEVERITY_OUTPUTS, {"name": "severity", "calibration": calibration})
    if request.param == "floats":
        return path
    pictures = (faces(32, 1).transpose(0, 2, 3, 1) * 255).astype(np.uint8)
    quantise(path, path.with_name("twin.onnx"), pictures, RULES[0])
    return path.with_name("twin.onnx")


def copied(source: Path, folder: Path) -> Path:
    target = folder / "severity.onnx"
    target.write_bytes(source.read_bytes())
    return target


def said(path: Path, shown: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(list(SEVERITY_OUTPUTS), {"face": shown})
    return dict(zip(SEVERITY_OUTPUTS, answers, strict=True))


def test_temperatures_divide_the_logits_and_leave_all_else(written: Path, tmp_path: Path) -> None:
    path, shown = copied(written, tmp_path), faces(6, 3)
    before = said(path, shown)
    set_temperatures(path, 0.7, 2.4)
    after = said(path, shown)
    for name, factor in (
        ("severity_logits", HELD[0] / 0.7),
        ("activation_map", HELD[0] / 0.7),
        ("emotion_logits", HELD[1] / 2.4),
        ("sadness", 1.0),
        ("embedding", 1.0),
    ):
        np.testing.assert_allclose(after[name], before[name] * factor, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(after["band"], before["band"])
    assert temperatures_of(onnx.load(str(path))) == (0.7, 2.4)


def test_what_else_the_file_tells_of_itself_stays(written: Path, tmp_path: Path) -> None:
    path = copied(written, tmp_path)
    set_temperatures(path, 1.1, 1.2)
    texts = {p.key: p.value for p in onnx.load(str(path)).metadata_props}
    assert texts["name"] == "severity"
    assert '"kept": "as it is"' in texts["calibration"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(severity=st.floats(0.2, 5), emotion=st.floats(0.2, 5))
def test_calibration_never_changes_the_ranking_of_faces(
    written: Path, tmp_path: Path, severity: float, emotion: float
) -> None:
    path = copied(written, tmp_path)
    shown = faces(24, 4) * np.linspace(0.05, 1, 24, dtype=np.float32)[:, None, None, None]
    shown[::2, :, :48] *= 0.2
    before = said(path, shown)["sadness"]
    set_temperatures(path, severity, emotion)
    after = said(path, shown)["sadness"]
    assert np.ptp(before) > 0.001, "faces that are told apart"
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_file_of_before_is_given_a_sadness_without_a_temperature(
    net: SeverityNet, written: Path, tmp_path: Path
) -> None:
    path, shown = copied(written, tmp_path), faces(6, 5)
    plain = said(path, shown)["sadness"]
    _take_sadness_from_calibrated_logits(path)
    assert np.abs(said(path, shown)["sadness"] - plain).max() > 5e-4
    set_temperatures(path, 1.0, 1.4)
    np.testing.assert_allclose(said(path, shown)["sadness"], plain, atol=1e-6)
    set_temperatures(path, 1.0, 0.8)  # a second time changes the one that is there
    np.testing.assert_allclose(said(path, shown)["sadness"], plain, atol=1e-6)
    names = [node.output[0] for node in onnx.load(str(path)).graph.node]
    assert names.count(PLAIN_LOGITS) == 1


def _take_sadness_from_calibrated_logits(path: Path) -> None:
    """Makes a file as the releases before 1.3.0 were."""
    model = onnx.load(str(path))
    (multiply,) = (n for n in model.graph.node if "emotion_temperature" in n.input)
    (softmax,) = (n for n in model.graph.node if n.op_type == "Softmax")
    assert list(softmax.input) == list(multiply.output)
    softmax.input[0] = "emotion_logits"
    model.graph.node.remove(multiply)
    held = [t for t in model.graph.initializer if t.name != "emotion_temperature"]
    del model.graph.initializer[:]
    model.graph.initializer.extend(held)
    write_model(model, path)


def test_a_file_whose_sadness_comes_from_elsewhere_is_refused_and_kept(
    written: Path, tmp_path: Path
) -> None:
    path = copied(written, tmp_path)
    model = onnx.load(str(path))
    for tensor in model.graph.initializer:
        if tensor.name == "emotion_temperature":
            tensor.name = "other"
    (multiply,) = (n for n in model.graph.node if "emotion_temperature" in n.input)
    multiply.input[:] = ["other" if n == "emotion_temperature" else n for n in multiply.input]
    write_model(model, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="from other logits"):
        set_temperatures(path, 1.0, 2.0)
    assert path.read_bytes() == before


def test_a_file_that_does_not_tell_its_temperatures_is_refused(
    written: Path, tmp_path: Path
) -> None:
    path = copied(written, tmp_path)
    model = onnx.load(str(path))
    del model.metadata_props[:]
    write_model(model, path)
    with pytest.raises(ValueError, match="does not tell how it was calibrated"):
        set_temperatures(path, 1.0, 1.0)


def test_a_file_without_heads_keeps_what_it_is(tmp_path: Path) -> None:
    torch.manual_seed(1)
    graph = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1)).eval()
    path = tmp_path / "other.onnx"
    calibration = {"temperature": 1.0, "emotion_temperature": 1.0}
    export(graph, path, ["normalised"], {"name": "other", "calibration": calibration})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="no heads"):
        set_temperatures(path, 1.0, 1.0)
    assert path.read_bytes() == before
