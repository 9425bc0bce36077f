"""The files of `models/`, what stands beside them, and what they say of themselves, in step."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

from tests.training.conftest import ROOT

pytestmark = pytest.mark.training
MODELS = ROOT / "models"
ENTRIES: dict[str, Any] = json.loads((MODELS / "manifest.json").read_text("utf-8"))["models"]


@pytest.mark.parametrize("name", ["severity", "style", "landmarks"])
def test_a_card_names_the_file_that_it_lies_beside(name: str) -> None:
    content = (MODELS / f"{name}.onnx").read_bytes()
    card = (MODELS / "cards" / f"{name}.md").read_text("utf-8")
    assert ENTRIES[name]["sha256"] == hashlib.sha256(content).hexdigest()
    assert f"Version {ENTRIES[name]['version']} | SHA-256 `{ENTRIES[name]['sha256']}`" in card
    assert f"| {len(content):,} bytes |" in card
    if ENTRIES[name]["note"]:
        assert ENTRIES[name]["note"] in card


def test_the_comparison_tells_of_the_shipped_net_as_the_main_table_does() -> None:
    cards = MODELS / "cards"
    compared = json.loads((cards / "comparison.json").read_text("utf-8"))["shipped"]
    measured = json.loads((cards / "figures.json").read_text("utf-8"))["severity"]["raw"]
    assert compared["version"] == ENTRIES["severity"]["version"]
    for name in ("pearson", "auc", "balanced_accuracy", "band_kappa", "emotion_accuracy"):
        assert compared["figures"][name] == measured[name], name


def test_the_card_tells_of_the_nets_that_were_trained_beside_the_shipped_one() -> None:
    card = (MODELS / "cards/severity.md").read_text("utf-8")
    for name in ("efficient", "asymmetry-cnn", "emotion-cnn-21", "resnet50v2"):
        assert f"| {name} |" in card


def test_the_shipped_normaliser_has_met_nobody_who_is_measured() -> None:
    assert "met" not in ENTRIES["style"]
    assert "chose among" not in (MODELS / "cards/severity.md").read_text("utf-8")


def test_the_shipped_sadness_has_no_temperature_and_its_settings_are_those_it_tells() -> None:
    model = onnx.load(str(MODELS / "severity.onnx"))
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    told = json.loads({p.key: p.value for p in model.metadata_props}["calibration"])
    assert told == ENTRIES["severity"]["calibration"]
    np.testing.assert_allclose(held["emotion_temperature"], told["emotion_temperature"], atol=1e-5)
    np.testing.assert_allclose(held["cuts"][0], told["band_cuts_on_sadness"], atol=1e-5)
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("linear", onnx.TensorProto.FLOAT, None)
    )
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shown = np.random.default_rng(0).random((4, 3, 96, 96)).astype(np.float32)
    emotion, sadness, linear = session.run(["emotion_logits", "sadness", "linear"], {"face": shown})
    plain = np.exp(emotion.astype(np.float64) * told["emotion_temperature"])
    by_votes = plain[:, 3] / plain.sum(axis=1)
    np.testing.assert_allclose(
        sadness, (1 / (1 + np.exp(-linear[:, -1])) + by_votes) / 2, atol=1e-5
    )
