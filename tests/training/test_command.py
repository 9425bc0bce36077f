"""What the training command refuses before it begins."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from clinic_app.training import __main__ as command

pytestmark = pytest.mark.training


@pytest.mark.parametrize("name", ["train", "renew", "compare"])
def test_a_leak_stops_the_training_before_it_begins(
    named_data: Path,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Mock(side_effect=ValueError("the parts share what they must not: {'a': 1}"))
    monkeypatch.setattr(command.leaks, "check", found)
    for place, step in (
        (command, "train_parts"),
        (command, "renew_severity"),
        (command.compare, "compare"),
    ):
        monkeypatch.setattr(place, step, Mock(side_effect=AssertionError("it began")))
    assert command.main([name, "--data", str(named_data), "--out", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err == (
        "Nothing is trained: the parts share what they must not: {'a': 1}.\n"
    )
