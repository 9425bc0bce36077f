"""Files through the reader: the domain's finding, and cheap to make."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.finding import AbstainReason, SourceKind
from clinic_app.domain.local_head import base_of
from clinic_app.domain.reference_look import LOOK
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.native import cv2
from clinic_app.inference.pipeline import OnnxFaceReader
from clinic_app.services.screen_json import finding_json
from tests.unit.domain.test_reference_look import a_look
from tests.unit.inference.conftest import PORTRAIT, Saved


def test_a_photo_becomes_a_complete_finding(reader: OnnxFaceReader) -> None:
    reading = reader.read_file(PORTRAIT)
    finding = reading.finding
    assert finding.source is SourceKind.PHOTO
    assert finding.abstained is None
    assert finding.severity == finding.normalised
    assert finding.three_level is not None
    assert finding.activation_map is not None
    assert len(finding.embedding) == 512
    assert set(finding.models) == {"face", "landmarks", "style", "severity"}
    stages = {"intake", "detect", "align", "landmarks", "quality", "style", "severity"}
    assert stages | {"asymmetry", "images", "total"} == set(finding.timings_ms)
    assert finding.timings_ms["total"] >= finding.timings_ms["detect"]
    assert finding_json("x", finding)["severity"]["abstained"] is False


def test_the_crops_are_pictures_without_metadata(reader: OnnxFaceReader) -> None:
    images = reader.read_file(PORTRAIT).images
    assert images is not None
    for data in (images.face_png, images.normalised_png):
        picture = Image.open(io.BytesIO(data))
        assert picture.size == (256, 256)
        assert not picture.info


def test_three_level_follows_from_the_lower_two_bands(reader: OnnxFaceReader) -> None:
    finding = reader.read_file(PORTRAIT).finding
    assert finding.severity is not None
    assert finding.three_level is not None
    p = finding.severity.probabilities
    assert finding.three_level.probability_none == pytest.approx(p[0] + p[1])


def test_an_abstention_has_no_reading_but_keeps_its_reason(
    reader: OnnxFaceReader, saved: Saved, portrait: RgbImage
) -> None:
    reading = reader.read_file(saved(portrait // 12, "PNG"))
    finding = reading.finding
    assert finding.abstained is AbstainReason.QUALITY
    assert (finding.severity, finding.three_level, finding.activation_map) == (None, None, None)
    assert reading.images is not None  # a single face: the crop shows why


def test_without_a_face_there_are_no_crops(reader: OnnxFaceReader, saved: Saved) -> None:
    reading = reader.read_file(saved(np.full((200, 200, 3), 90, np.uint8), "PNG"))
    assert reading.finding.abstained is AbstainReason.NO_FACE
    assert reading.images is None


def test_a_turned_photo_reads_like_the_upright_one(
    reader: OnnxFaceReader, saved: Saved, portrait: RgbImage
) -> None:
    exif = Image.Exif()
    exif[274] = 8
    turned = saved(np.ascontiguousarray(np.rot90(portrait, -1)), "PNG", exif=exif)
    upright, straight = reader.read_file(turned).finding, reader.read_file(PORTRAIT).finding
    assert upright.severity == straight.severity


def test_a_video_tells_median_spread_and_movement(
    reader: OnnxFaceReader, tmp_path: Path, portrait: RgbImage
) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (512, 512))
    for number in range(24):
        frame = portrait if number % 6 else np.zeros_like(portrait)
        writer.write(np.ascontiguousarray(np.roll(frame, number, axis=1)[:, :, ::-1]))
    writer.release()
    finding = reader.read_file(path).finding
    assert finding.source is SourceKind.VIDEO
    assert finding.abstained is None
    seen = finding.frames
    assert seen is not None
    assert seen.frames == 20
    assert seen.accepted_frames == 16
    assert seen.movement == pytest.approx(1 / 46 * 100, rel=0.4)
    assert seen.facing_away_share == pytest.approx(0.2)
    assert seen.median_percent is not None
    assert finding.severity is not None
    assert seen.median_percent == pytest.approx(finding.severity.percent, abs=5)


def test_a_bad_file_is_named_before_any_model_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a picture at all.")
    with pytest.raises(UnreadableImage, match=r"neither a picture nor a video"):
        OnnxFaceReader(tmp_path / "no models here").read_file(path)


def test_making_the_reader_loads_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from clinic_app.inference.pipeline import open_face_reader;"
        "from clinic_app.inference.cards import open_model_shelf;"
        "open_face_reader(Path('x')); open_model_shelf(Path('x'));"
        "print([m for m in ('numpy','cv2','onnxruntime','pydantic','scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_a_face_needs_no_qt_and_no_torch() -> None:
    code = (
        "import sys; import clinic_app.inference.files, clinic_app.inference.camera.live,"
        "clinic_app.inference.models;"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6','torch','onnx','scipy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_look_changes_the_evened_out_reading_alone_and_the_finding_names_it(
    reader: OnnxFaceReader,
) -> None:
    shipped = reader.read_file(PORTRAIT)
    look = a_look(1)
    looked = reader.with_look(look)
    reading = looked.read_file(PORTRAIT)
    assert reading.finding.models == {**shipped.finding.models, LOOK: look.version}
    assert reading.finding.raw == shipped.finding.raw
    assert reading.finding.normalised != shipped.finding.normalised
    assert reading.finding.asymmetry == shipped.finding.asymmetry
    assert reading.images is not None
    assert shipped.images is not None
    assert reading.images.face_png == shipped.images.face_png
    assert reading.images.normalised_png != shipped.images.normalised_png
    assert base_of(reading.finding).endswith(f"look {look.version}")


def test_going_back_to_the_shipped_look_reads_the_same_figures_as_ever(
    reader: OnnxFaceReader,
) -> None:
    shipped = reader.read_file(PORTRAIT)
    again = reader.with_look(a_look(1)).with_look(None).read_file(PORTRAIT)
    timings: dict[str, float] = {}
    assert replace(again.finding, timings_ms=timings) == replace(
        shipped.finding, timings_ms=timings
    )
    assert again.images == shipped.images
