"""The figures of looks and of what the studio keeps are real, and their section says them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinic_app.inference.findings import encoded_png
from clinic_app.paths import MODELS, RESOURCES
from tests.bench.looks import faces_between, looks_section, measure_looks


def test_a_small_gallery_and_one_measurement_are_timed_and_told() -> None:
    found = measure_looks(MODELS, pictures=3, side=320)
    assert found.look > 0
    assert found.measurement > 0
    assert found.put_away > 0
    assert found.megabytes > 3
    section = looks_section(found)
    assert "a gallery of 3 pictures" in section
    assert "320 × 320" in section
    assert f"{found.measurement:.1f} s" in section
    assert found.found.faces == 1
    assert "the sample portrait alone" in section
    assert f"| with soft window | {found.found.candidate.spread:.4f} |" in section


def test_photos_of_a_data_file_are_chosen_by_what_is_read_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portrait = (RESOURCES / "samples" / "astronaut.png").read_bytes()
    plain = [encoded_png(np.full((64, 64, 3), shade, np.uint8)) for shade in (40, 90)]
    parts = [plain[0], portrait, plain[1]]
    data = tmp_path / "photos.npz"
    blob = np.frombuffer(b"".join(parts), np.uint8)
    np.savez(data, blob=blob, offset=np.cumsum([0, *map(len, parts)]))
    assert faces_between(MODELS, data, tmp_path) == []  # the portrait smiles
    monkeypatch.setattr("tests.bench.looks.BETWEEN", (-0.1, 1.1))
    (found,) = faces_between(MODELS, data, tmp_path)
    assert found.read_bytes() == portrait
