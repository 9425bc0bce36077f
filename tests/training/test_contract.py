"""The exported quick models obey the inference contract in ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from clinic_app.inference import metrics
from clinic_app.training.settled import set_cuts

pytestmark = pytest.mark.training
NAMES = ("severity", "style", "landmarks")


@pytest.fixture(scope="module")
def manifest(quick_folder: Path) -> dict:
    return json.loads((quick_folder / "models" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def sessions(quick_folder: Path) -> dict[str, ort.InferenceSession]:
    return {
        name: ort.InferenceSession(
            str(quick_folder / "models" / f"{name}.onnx"), providers=["CPUExecutionProvider"]
        )
        for name in NAMES
    }


def faces(n: int, side: int = 96) -> np.ndarray:
    return np.random.default_rng(n).random((n, 3, side, side), dtype=np.float32)


@pytest.mark.parametrize("n", [1, 3])
def test_severity_gives_every_output_in_its_shape_and_range(sessions: dict, n: int) -> None:
    session = sessions["severity"]
    names = [o.name for o in session.get_outputs()]
    assert names == [
        "severity_logits",
        "emotion_logits",
        "sadness",
        "band",
        "embedding",
        "activation_map",
    ]
    said = dict(zip(names, session.run(None, {"face": faces(n)}), strict=True))
    assert said["severity_logits"].shape == (n, 4)
    assert said["emotion_logits"].shape == (n, 8)
    assert said["sadness"].shape == (n,)
    assert ((said["sadness"] >= 0) & (said["sadness"] <= 1)).all()
    assert said["band"].dtype == np.int64
    assert set(said["band"].tolist()) <= {0, 1, 2, 3}
    assert said["embedding"].shape == (n, 512)
    assert said["activation_map"].shape[:2] == (n, 4)
    assert all(np.isfinite(v).all() for v in said.values())


def test_a_face_reads_the_same_alone_and_in_a_batch(sessions: dict) -> None:
    batch = faces(3)
    together = sessions["severity"].run(["sadness"], {"face": batch})[0]
    alone = [sessions["severity"].run(["sadness"], {"face": f[None]})[0][0] for f in batch]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_other_cuts_change_the_bands_and_nothing_else(
    sessions: dict, quick_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "severity.onnx"
    shutil.copyfile(quick_folder / "models" / "severity.onnx", path)
    shown = {"face": faces(8)}
    before = sessions["severity"].run(None, shown)
    cuts = [float(np.quantile(before[2], share)) for share in (0.2, 0.5, 0.8)]
    set_cuts(path, cuts)
    after = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, shown)
    np.testing.assert_array_equal(after[3], (before[2][:, None] >= np.float32(cuts)).sum(axis=1))
    for place in (0, 1, 2, 4, 5):
        np.testing.assert_array_equal(after[place], before[place])


def test_a_file_without_cuts_gets_none(quick_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "style.onnx"
    shutil.copyfile(quick_folder / "models" / "style.onnx", path)
    with pytest.raises(ValueError, match="holds no cuts"):
        set_cuts(path, [0.1, 0.2, 0.3])


def test_bands_follow_the_cuts_named_in_the_manifest(sessions: dict, manifest: dict) -> None:
    cuts = manifest["models"]["severity"]["calibration"]["band_cuts_on_sadness"]
    sadness, band = sessions["severity"].run(["sadness", "band"], {"face": faces(8)})
    np.testing.assert_array_equal(band, (sadness[:, None] >= np.array(cuts)[None]).sum(axis=1))


@pytest.mark.parametrize("side", [96, 160])
def test_style_keeps_size_and_range(sessions: dict, side: int) -> None:
    (out,) = sessions["style"].run(["normalised"], {"face": faces(2, side)})
    assert out.shape == (2, 3, side, side)
    assert out.min() >= 0
    assert out.max() <= 1


def test_landmarks_are_68_places_near_the_crop(sessions: dict) -> None:
    (points,) = sessions["landmarks"].run(["points"], {"face": faces(2)})
    assert points.shape == (2, 68, 2)
    assert (np.abs(points - 0.5) < 1.0).all()


def test_manifest_names_the_files_as_they_are(manifest: dict, quick_folder: Path) -> None:
    for name in NAMES:
        entry = manifest["models"][name]
        content = (quick_folder / "models" / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["opset"] >= 17
        assert (quick_folder / "models" / entry["card"]).read_text().startswith("# ")
    assert manifest["models"]["severity"]["reading_that_counts"] in ("raw", "normalised")
    labels = manifest["models"]["severity"]["labels"]
    assert labels["severity"] == ["none", "mild", "moderate", "severe"]
    assert labels["emotions"] == list(metrics.EMOTIONS)


def test_files_carry_the_manifest_inside(manifest: dict, quick_folder: Path) -> None:
    for name in NAMES:
        model = onnx.load(str(quick_folder / "models" / f"{name}.onnx"))
        inside = {p.key: p.value for p in model.metadata_props}
        entry = manifest["models"][name]
        assert inside["name"] == name
        assert inside["version"] == entry["version"]
        assert json.loads(inside["metrics"]) == entry["metrics"]


def test_template_is_a_face_the_right_way_round(manifest: dict) -> None:
    t = manifest["face_template"]
    assert t["size"] == 96
    assert t["left_eye"][0] < t["nose"][0] < t["right_eye"][0]
    assert t["left_eye"][1] < t["nose"][1] < t["mouth_left"][1]


def test_cards_never_promise_a_diagnosis(quick_folder: Path) -> None:
    for name in NAMES:
        text = (quick_folder / "models" / "cards" / f"{name}.md").read_text().lower()
        assert "depressed" not in text
        assert "risk score" not in text
        assert "diagnos" not in text.replace("not a diagnosis", "")


def test_writing_a_manifest_keeps_what_others_put_there(tmp_path: Path) -> None:
    from clinic_app.training import manifest as writer
    from clinic_app.training.framing import FaceTemplate

    stranger = {"file": "third_party/x.onnx", "sha256": "0" * 64}
    (tmp_path / "manifest.json").write_text(
        json.dumps({"schema": 1, "models": {"face": stranger}, "signed_by": "a person"})
    )
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.3, 0.7], [0.7, 0.7]])
    writer.write(tmp_path, FaceTemplate(96, points), {"style": {"file": "style.onnx"}})
    merged = json.loads((tmp_path / "manifest.json").read_text())
    assert merged["models"]["face"] == stranger
    assert merged["models"]["style"]["file"] == "style.onnx"
    assert merged["signed_by"] == "a person"
