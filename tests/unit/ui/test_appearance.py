"""What is kept of the look of the window is taken up again, or passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.ui.appearance import Choice, Look, load_choice


def test_a_kept_choice_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "appearance.json"
    path.write_text('{"look": "dark", "scale": 1.5, "language": "hi"}', encoding="utf-8")
    assert load_choice(path) == Choice(Look("dark"), 1.5, "hi")


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "3", '{"look": "dark"}', '{"look": "loud", "scale": 1}'),
        '{"look": "dark", "scale": 1' + "0" * 400 + "}",
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_file_that_cannot_be_read_does_not_keep_the_window_shut(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "appearance.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert load_choice(path) == Choice()
