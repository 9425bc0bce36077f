"""A model is used only if it is the one that was released and keeps its contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinic_app.domain.errors import ModelRejected, NotFound
from clinic_app.inference.cards import MAX_PICTURE_BYTES, open_model_shelf
from clinic_app.inference.manifest import load_manifest
from clinic_app.inference.modelfile import operator_set
from clinic_app.inference.models import load_stages
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.paths import MODELS
from tests.onnx_writer import GraphWriter
from tests.unit.inference.conftest import PORTRAIT, encoded
from tests.unit.inference.tiny_models import (
    manifest_of,
    severity_model,
    style_model,
    write_manifest,
    write_models,
)


def changed_manifest(folder: Path, *keys: str, value: object) -> None:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    part = document
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    write_manifest(folder, document)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_models(tmp_path / "models")


def test_all_models_verify_with_one_line_each(folder: Path) -> None:
    lines: list[str] = []
    open_model_shelf(folder).verify(lines.append)
    assert [line.split(":")[0] for line in lines] == [
        "face test-face",
        "landmarks test-landmarks",
        "style test-style",
        "severity test-severity",
    ]


@pytest.mark.parametrize("name", ["face", "landmarks", "style", "severity"])
@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_one_flipped_byte_is_refused(folder: Path, name: str, place: float) -> None:
    path = folder / f"{name}.onnx"
    data = bytearray(path.read_bytes())
    data[int(place * len(data)) if place == 0.5 else int(place)] ^= 1
    path.write_bytes(data)
    sentence = (
        f"The file of the '{name}' model is not the one that was released "
        "(its checksum differs), so it is not used."
    )
    with pytest.raises(ModelRejected) as by_shelf:
        open_model_shelf(folder).verify()
    with pytest.raises(ModelRejected) as by_reader:
        open_face_reader(folder).read_file(PORTRAIT)
    assert str(by_shelf.value) == str(by_reader.value) == sentence


def test_two_models_under_each_others_names_are_refused(folder: Path) -> None:
    severity, style = folder / "severity.onnx", folder / "style.onnx"
    other = folder / "other.onnx"
    severity.rename(other)
    style.rename(severity)
    other.rename(style)
    with pytest.raises(ModelRejected, match="is not the one that was released"):
        open_model_shelf(folder).verify()
    with pytest.raises(ModelRejected, match="is not the one that was released"):
        open_face_reader(folder).read_file(PORTRAIT)


@pytest.mark.parametrize(("name", "other"), [("severity", "style"), ("style", "landmarks")])
def test_a_model_renamed_in_the_manifest_too_is_refused(
    folder: Path, name: str, other: str
) -> None:
    listed = json.loads((folder / "manifest.json").read_text())["models"]
    for key in ("file", "sha256", "bytes"):
        if key in listed[other]:
            changed_manifest(folder, "models", name, key, value=listed[other][key])
    with pytest.raises(ModelRejected, match="does not give the output"):
        load_stages(folder)


def test_a_missing_model_file(folder: Path) -> None:
    (folder / "style.onnx").unlink()
    with pytest.raises(ModelRejected, match=r"^The file of the 'style' model is missing"):
        open_face_reader(folder).warm_up()


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match=r"manifest\.json\) is missing"):
        open_model_shelf(tmp_path).models()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', "null", '"' + "[" * 5000])
def test_a_damaged_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ModelRejected, match=r"manifest\.json\)"):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("schema",), 2),
        (("face_template", "size"), 100_000),
        (("face_template", "nose"), ["x", 0.5]),
        (("models", "style", "file"), "../../etc/passwd"),
        (("models", "style", "file"), "/etc/passwd"),
        (("models", "style", "file"), "C:\\style.onnx"),
        (("models", "style", "card"), "../secret.md"),
        (("models", "style", "sha256"), "short"),
        (("models", "style", "opset"), -3),
        (("models", "severity", "calibration"), {"percent_interval": {"coverage": 7, "rows": []}}),
    ],
)
def test_a_wrong_entry_is_named(folder: Path, keys: tuple[str, ...], value: object) -> None:
    changed_manifest(folder, *keys, value=value)
    with pytest.raises(ModelRejected, match=r"wrong or missing entry at '") as error:
        load_manifest(folder)
    assert keys[0] in str(error.value)


def test_unknown_entries_are_ignored(folder: Path) -> None:
    changed_manifest(folder, "models", "style", "future", value={"anything": [1, 2]})
    assert load_manifest(folder).entry("style").version == "test-style"


def test_an_unlisted_model(folder: Path) -> None:
    document = json.loads((folder / "manifest.json").read_text())
    del document["models"]["landmarks"]
    write_manifest(folder, document)
    with pytest.raises(ModelRejected, match=r"names no 'landmarks' model"):
        load_stages(folder)


@pytest.mark.parametrize(
    ("entry", "key", "words"),
    [("severity", "calibration", "how sure"), ("landmarks", "asymmetry_test_retest", "how exact")],
)
def test_a_reading_without_its_uncertainty_is_refused(
    folder: Path, entry: str, key: str, words: str
) -> None:
    changed_manifest(folder, "models", entry, key, value=None)
    with pytest.raises(ModelRejected, match=words):
        load_stages(folder)


def test_a_model_for_another_crop_size(folder: Path) -> None:
    changed_manifest(folder, "models", "severity", "input", value={"name": "face", "size": 224})
    with pytest.raises(ModelRejected, match=r"does not fit the size"):
        load_stages(folder)


def other_graph(name: str = "face", channels: int = 3, output: str = "normalised") -> bytes:
    g = GraphWriter()
    g.node("Mul", [name, g.constant(np.array(2.0))], output)
    shape = ["n", channels, "h", "w"]
    return g.model({name: shape}, {output: shape})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (other_graph(name="image"), "does not take the input"),
        (other_graph(channels=1), "does not take a colour picture"),
        (other_graph(output="other"), "does not give the output 'normalised'"),
        (b"\x08\x08\x42\x04\x0a\x00\x10\x12", "cannot be loaded"),
        (b"not a model", "not an ONNX model|does not name"),
    ],
)
def test_a_released_file_that_breaks_the_contract(tmp_path: Path, data: bytes, words: str) -> None:
    folder = write_models(tmp_path, style=data)
    with pytest.raises(ModelRejected, match=words):
        load_stages(folder)


def test_an_operator_set_other_than_the_stated_one(folder: Path) -> None:
    changed_manifest(folder, "models", "style", "opset", value=19)
    with pytest.raises(ModelRejected, match=r"operator set"):
        load_stages(folder)


def test_an_old_operator_set(tmp_path: Path) -> None:
    g = GraphWriter()
    g.node("Relu", ["face"], "normalised")
    shape = ["n", 3, "h", "w"]
    old = g.model({"face": shape}, {"normalised": shape}, opset=12)
    folder = write_models(tmp_path, style=old)
    changed_manifest(folder, "models", "style", "opset", value=12)
    with pytest.raises(ModelRejected, match=r"operator set that is not supported"):
        load_stages(folder)


def test_the_operator_set_is_read_from_the_file() -> None:
    assert operator_set(severity_model()) == 18
    data = (MODELS / "third_party" / "face_detection_yunet.onnx").read_bytes()
    assert operator_set(data) == 11


def test_facts_and_cards(folder: Path) -> None:
    (folder / "cards").mkdir()
    (folder / "cards" / "style.md").write_text("# style\nEvens out light.", encoding="utf-8")
    shelf = open_model_shelf(folder)
    info = {model.name: model for model in shelf.models()}["style"]
    assert (info.file, info.version, info.licence) == ("style.onnx", "test-style", "test")
    assert shelf.card("style").startswith("# style")
    with pytest.raises(NotFound, match=r"no model named 'unknown'"):
        shelf.card("unknown")
    with pytest.raises(NotFound, match=r"card of the 'face' model is missing"):
        shelf.card("face")


def test_the_pictures_of_a_card_come_from_its_folder_alone(folder: Path) -> None:
    cards = folder / "cards"
    cards.mkdir()
    small = encoded(np.zeros((2, 3, 3), np.uint8), "PNG")
    for path in (cards / "light.png", cards / "other.png", folder / "outside.png"):
        path.write_bytes(small)
    (cards / "fake.png").write_bytes(b"<script>")
    (cards / "large.png").write_bytes(small + bytes(MAX_PICTURE_BYTES))
    names = ("light.png", "gone.png", "../outside.png", "fake.png", "large.png", "/etc/a.png")
    text = "# style\n" + "\n".join(f"![what it shows]({name})" for name in names)
    (cards / "style.md").write_text(text, encoding="utf-8")
    assert open_model_shelf(folder).pictures("style") == {"light.png": small}
    with pytest.raises(NotFound):
        open_model_shelf(folder).pictures("unknown")


def test_an_extra_model_is_checked_by_its_checksum(tmp_path: Path) -> None:
    folder = write_models(tmp_path, another=style_model())
    lines: list[str] = []
    open_model_shelf(folder).verify(lines.append)
    assert lines[-1].startswith("another test-another")
    (folder / "another.onnx").write_bytes(b"changed")
    with pytest.raises(ModelRejected, match=r"'another'"):
        open_model_shelf(folder).verify()


def test_a_manifest_names_only_what_it_was_given() -> None:
    assert set(manifest_of({"style": b"x"})["models"]) == {"style"}
