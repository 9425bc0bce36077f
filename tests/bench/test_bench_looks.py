"""The figures of looks and of what the studio keeps are real, and their section says them."""

from __future__ import annotations

from clinic_app.paths import MODELS
from tests.bench.looks import looks_section, measure_looks


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
