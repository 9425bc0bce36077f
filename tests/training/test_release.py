"""What is written when settings are chosen anew beside nets that stay."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from clinic_app.inference import metrics
from clinic_app.training import release as releasing
from clinic_app.training.nets import SeverityNet, StyleNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.release import Naming, Nets, release
from tests.training.conftest import ROOT

pytestmark = pytest.mark.training
HEADS = {"weight", "bias", "map_weight", "cuts", "emotion_temperature"}


@pytest.fixture(scope="module")
def work(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(data_folder, tmp_path_factory.mktemp("cache"), 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The released files, without the long pages beside them."""
    for name in ("severity.onnx", "style.onnx", "landmarks.onnx", "manifest.json"):
        shutil.copy(ROOT / "models" / name, tmp_path)
    return tmp_path


def arrays(path: Path) -> dict[str, np.ndarray]:
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}


def texts(path: Path) -> dict[str, str]:
    return {p.key: p.value for p in onnx.load(str(path)).metadata_props}


def test_new_settings_leave_what_was_learnt_as_it_is(
    work: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Mock()
    monkeypatch.setattr(releasing, "publish", published)
    before = arrays(folder / "severity.onnx")
    others = {n: (folder / f"{n}.onnx").read_bytes() for n in ("style", "landmarks")}
    release(work, Nets(), folder, Naming("9.9.9", "settings alone"), brief=True)
    after = arrays(folder / "severity.onnx")
    for name, value in before.items():
        if name not in HEADS:
            np.testing.assert_array_equal(after[name], value, err_msg=name)
    assert {n: (folder / f"{n}.onnx").read_bytes() for n in others} == others
    facts: dict[str, Any] = published.call_args.args[2]
    settings = published.call_args.args[3]
    held = json.loads((folder / "manifest.json").read_text("utf-8"))["models"]["severity"]
    assert set(facts) == {"severity"}
    assert facts["severity"]["precision"] == held["precision"]
    assert (facts["severity"]["version"], facts["severity"]["note"]) == ("9.9.9", "settings alone")
    told = json.loads(texts(folder / "severity.onnx")["calibration"])
    assert told == facts["severity"]["calibration"]
    np.testing.assert_allclose(after["cuts"][0], settings.cuts, rtol=1e-6)
    np.testing.assert_allclose(told["band_cuts_on_sadness"], settings.cuts, atol=1e-5)
    assert told["temperature"] == pytest.approx(settings.severity_temperature, abs=1e-5)
    np.testing.assert_allclose(after["weight"][-1], before["weight"][-1])  # the share head has none


def test_new_nets_are_written_beside_a_file_that_stays(
    work: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Mock()
    monkeypatch.setattr(releasing, "publish", published)
    landmarks = (folder / "landmarks.onnx").read_bytes()
    before = {name: (folder / f"{name}.onnx").read_bytes() for name in ("severity", "style")}
    cuts: list[np.ndarray] = []
    ship = releasing.ship_twins

    def shipping(work: Workspace, folder: Path, names: list[str], **how: bool) -> Any:
        cuts.append(arrays(folder / "severity.onnx")["cuts"][0])
        return ship(work, folder, names, **how)

    monkeypatch.setattr(releasing, "ship_twins", shipping)
    torch.manual_seed(0)
    nets = Nets(severity=SeverityNet().eval(), style=StyleNet().eval())
    release(work, nets, folder, Naming("9.9.9", "fresh"), brief=True)
    assert (folder / "landmarks.onnx").read_bytes() == landmarks
    for name, held in before.items():
        assert (folder / f"{name}.onnx").read_bytes() != held
    facts: dict[str, Any] = published.call_args.args[2]
    assert set(facts) == {"severity", "style"}
    assert {entry["version"] for entry in facts.values()} == {"9.9.9"}
    # What decides between floats and integers is not cut where no file would cut it.
    assert not np.allclose(cuts[0], metrics.BAND_EDGES, atol=1e-4)
    assert facts["severity"]["calibration"] == json.loads(
        texts(folder / "severity.onnx")["calibration"]
    )
