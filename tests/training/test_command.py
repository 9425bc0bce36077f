"""What the training command refuses before it begins."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from clinic_app.training import __main__ as command

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("style", "The normaliser learns from the reader, and {out} holds none: train both parts."),
        (
            "severity",
            "The severity net learns beside the normaliser, and {out} holds none: train both.",
        ),
    ],
)
def test_a_part_that_learns_from_another_one_is_not_begun_without_it(
    named_data: Path,
    tmp_path: Path,
    part: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "Workspace", Mock(side_effect=AssertionError("it began")))
    out = tmp_path / "run"
    given = ["train", "--data", str(named_data), "--out", str(out), "--only", part]
    assert command.main(given) == 2
    assert capsys.readouterr().err == told.format(out=out) + "\n"


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


def test_nothing_is_exported_from_a_folder_without_a_net_or_with_half_a_run(
    named_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "Workspace", Mock(side_effect=AssertionError("it began")))
    out = tmp_path / "run"
    assert command.main(["export", "--data", str(named_data), "--out", str(out)]) == 2
    assert capsys.readouterr().err == f"{out} holds no trained net to export.\n"
    out.mkdir()
    for name in ("reader", "style"):
        (out / f"{name}.best.pt").touch()
    assert command.main(["export", "--data", str(named_data), "--out", str(out)]) == 2
    assert capsys.readouterr().err == (
        f"The run in {out} has not come to its severity net: let train end first.\n"
    )
