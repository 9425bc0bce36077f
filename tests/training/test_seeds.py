"""What chance decides is the same in every run, and no run mixes the draws of two seeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from clinic_app.training import __main__ as command
from clinic_app.training import report, stages
from clinic_app.training.loop import Schedule, train
from clinic_app.training.nets import SeverityNet, StyleNet
from clinic_app.training.seeds import begun, drawn, other_seeds
from clinic_app.training.teacher import TeacherNet
from tests.training.lines import ROWS, SCHEDULE, Line, score, squared

pytestmark = pytest.mark.training


def test_no_epoch_of_any_seed_draws_the_masks_of_another() -> None:
    """As torch sees them, with 32 bits; nor the numbers of the losses' own generator."""
    found = [drawn(seed, epoch) for seed in range(20) for epoch in range(50)]
    assert len(set(found)) == len(found)
    assert max(found) < 2**32
    assert not set(found) & {seed * 100003 + epoch for seed in range(20) for epoch in range(50)}


def test_a_net_begins_alike_whatever_was_drawn_before_and_what_is_drawn_after_stays() -> None:
    torch.manual_seed(3)
    first, after = begun(Line, 0, "one"), torch.rand(4)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(4), after)
    assert torch.equal(begun(Line, 0, "one").weight, first.weight)
    for other in (begun(Line, 1, "one"), begun(Line, 0, "other")):
        assert not torch.equal(other.weight, first.weight)


def test_a_stage_ends_alike_after_one_that_was_trained_and_one_that_was_only_loaded(
    tmp_path: Path,
) -> None:
    def second() -> Line:
        for name in ("one", "two"):
            net = train(begun(Line, 0, name), ROWS, squared, score, SCHEDULE, tmp_path, name)
        return net

    unbroken = second()
    for path in tmp_path.glob("two.*"):
        path.unlink()
    assert torch.equal(second().weight, unbroken.weight)


Stage = Callable[[MagicMock, stages.Profile, Path], object]
TEACHER, READER = TeacherNet(), SeverityNet()
STAGES: dict[str, Stage] = {
    "teacher": stages.train_teacher,
    "reader": lambda work, profile, out: stages.train_reader(work, profile, out, TEACHER),
    "severity": lambda work, profile, out: stages.train_severity(
        work, profile, out, TEACHER, READER, StyleNet()
    ),
    "style": lambda work, profile, out: stages.train_style(work, profile, out, READER),
    "landmarks": stages.train_landmarks,
}


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_begins_with_the_same_net_however_far_the_process_has_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """A stage that is only loaded draws nothing, and a killed run loads what it had finished."""
    started: list[dict[str, Tensor]] = []

    def remember(net: nn.Module, *given: object, **named: object) -> nn.Module:
        started.append({key: value.clone() for key, value in net.state_dict().items()})
        assert given[-1] == name
        return net

    monkeypatch.setattr(stages, "train", remember)
    for part in ("SeverityLoss", "SeverityValidation", "DistilLoss", "DistilValidation"):
        monkeypatch.setattr(stages, part, Mock())
    for part in ("LandmarkLoss", "LandmarkValidation", "halved", "_well_lit"):
        monkeypatch.setattr(stages, part, Mock())
    monkeypatch.setattr(stages, "start_from_imagenet", lambda net, *given: net)
    monkeypatch.setattr(stages, "lessons", lambda *given: range(3))
    monkeypatch.setattr(stages, "_fer_rows", lambda *given: np.arange(3))
    monkeypatch.setattr(stages, "face_pool", lambda work: Mock(train=np.arange(3)))
    monkeypatch.setattr(stages, "face_crops", lambda *given: (None, torch.full((2, 68, 2), 0.5)))
    monkeypatch.setattr(stages.losses, "Vgg16", Mock())
    monkeypatch.setattr(stages.style, "reference_look", Mock())
    monkeypatch.setattr(stages.style, "StyleLoss", Mock())
    work = MagicMock(data_folder=tmp_path)
    work.style_pool.return_value.paired.return_value = np.array([True, False] * 200)
    work.ytf_split.train = np.arange(3)
    for before in (1, 1000):
        torch.rand(before)
        STAGES[name](work, stages.QUICK, tmp_path)
    assert all(torch.equal(value, started[1][key]) for key, value in started[0].items())


def test_the_shipped_net_goes_on_from_the_reader_and_leaves_it_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reader = SeverityNet().requires_grad_(False)  # as the normaliser's loss leaves it

    def trained(net: nn.Module, *given: object, **named: object) -> nn.Module:
        assert all(torch.equal(v, reader.state_dict()[k]) for k, v in net.state_dict().items())
        assert all(weight.requires_grad for weight in net.parameters())
        with torch.no_grad():
            net.share.bias.add_(1)
        return net

    monkeypatch.setattr(stages, "train", trained)
    monkeypatch.setattr(stages, "lessons", lambda *given: range(3))
    for part in ("DistilLoss", "DistilValidation"):
        monkeypatch.setattr(stages, part, Mock())
    before = reader.share.bias.clone()
    given = (MagicMock(), stages.QUICK, tmp_path, TEACHER, reader, StyleNet())
    severity = stages.train_severity(*given)
    assert torch.equal(reader.share.bias, before)
    assert torch.equal(severity.share.bias, before + 1)


def test_a_stage_that_learns_from_other_nets_is_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else a folder where the reader was trained anew would keep what an older one taught."""
    told: list[tuple[str, str]] = []

    def remember(net: nn.Module, *given: Any, **named: object) -> nn.Module:
        told.append((given[-1], given[-3].lessons))
        return net

    monkeypatch.setattr(stages, "train", remember)
    monkeypatch.setattr(stages, "lessons", lambda *given: range(3))
    for part in ("DistilLoss", "DistilValidation", "_well_lit"):
        monkeypatch.setattr(stages, part, Mock())
    monkeypatch.setattr(stages.losses, "Vgg16", Mock())
    monkeypatch.setattr(stages.style, "reference_look", Mock())
    monkeypatch.setattr(stages.style, "StyleLoss", Mock())
    work = MagicMock(data_folder=tmp_path)
    work.style_pool.return_value.paired.return_value = np.array([True, False] * 200)
    one, other, even, evener = SeverityNet(), SeverityNet(), StyleNet(), StyleNet()
    for reader, normaliser in ((one, even), (one, even), (one, evener), (other, even)):
        stages.train_style(work, stages.QUICK, tmp_path, reader)
        stages.train_severity(work, stages.QUICK, tmp_path, TEACHER, reader, normaliser)
    by_style = [lessons for name, lessons in told if name == "style"]
    by_both = [lessons for name, lessons in told if name == "severity"]
    assert by_style[0] == by_style[1] == by_style[2] != by_style[3]
    assert by_both[0] == by_both[1]
    assert len(set(by_both)) == 3


def test_a_seed_is_that_of_every_schedule_of_a_run() -> None:
    profile = stages.FULL.seeded(7)
    schedules = [v for v in vars(profile).values() if isinstance(v, Schedule)]
    assert len(schedules) == 6
    assert {schedule.seed for schedule in schedules} == {7}
    assert profile.seeded(0) == stages.FULL


def trained_here(out: Path, seed: int) -> None:
    out.mkdir()
    text = json.dumps({"schedule": {"seed": seed, "epochs": 3}, "epochs": []})
    (out / "teacher.history.json").write_text(text)


def test_the_seeds_that_a_folder_holds_nets_of_are_known(tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert other_seeds(1, out) == []
    trained_here(out, 4)
    (out / "style.history.json").write_text('{"schedule": {}, "epochs": []}')
    assert other_seeds(1, out) == [0, 4]
    assert other_seeds(4, out) == [0]
    (tmp_path / "manifest.json").write_text('{"models": {"face": {}, "severity": {"seed": 9}}}')
    assert other_seeds(0, tmp_path / "none", tmp_path) == [9]


@pytest.mark.parametrize("name", ["train", "renew", "export", "recalibrate", "compare", "studio"])
def test_another_seed_in_a_used_folder_is_refused(
    named_data: Path,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its validation faces are faces that the nets there were trained on."""
    monkeypatch.setattr(command, "Workspace", Mock(side_effect=AssertionError("it began")))
    trained_here(tmp_path / "run", 0)
    given = ["--data", str(named_data), "--out", str(tmp_path / "run"), "--seed", "1"]
    assert command.main([name, *given]) == 2
    assert capsys.readouterr().err == (
        "Nets here were made with seed 0, and their training faces are not those of seed 1: "
        "take --seed 0, or train into an empty folder.\n"
    )


def test_what_was_released_is_not_trained_on_with_another_seed(
    named_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["--data", str(named_data), "--out", str(tmp_path / "empty"), "--seed", "1"]
    assert command.main(["renew", *given]) == 2
    assert report.main(given) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 2
    assert "measured on what they learned from" in told
