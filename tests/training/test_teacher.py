from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from clinic_app.training import data, stages, views
from clinic_app.training.__main__ import main
from clinic_app.training.distil import terms
from clinic_app.training.losses import VGG_BLOCKS, soft_targets
from clinic_app.training.nets import standardise
from clinic_app.training.teacher import TeacherNet, start_from_imagenet
from clinic_app.training.views import Lessons, answers, make_lessons

pytestmark = pytest.mark.training


def faces(n: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 1, 48, 48, generator=torch.Generator().manual_seed(seed))


def test_the_teacher_starts_as_imagenet_left_the_features(data_folder: Path) -> None:
    from safetensors.torch import load_file

    weights = data_folder / data.VGG_FILE
    seen = faces(64)
    net = start_from_imagenet(TeacherNet(), weights, seen).eval()
    stored = load_file(str(weights))
    x = standardise(seen).expand(-1, 3, -1, -1)
    for block, count in enumerate(VGG_BLOCKS, start=1):
        x = F.max_pool2d(x, 2) if block > 1 else x
        for k in range(1, count + 1):
            kernel, bias = stored[f"conv{block}_{k}.weight"], stored[f"conv{block}_{k}.bias"]
            x = F.relu(F.conv2d(x, kernel.float(), bias.float(), padding=1))
    expected, found = x.mean(dim=(2, 3)), net.read(seen)[3].detach()
    # One common factor is free: the next linear layer would take it in.
    factor = (expected * found).sum() / (found * found).sum()
    error = (found * factor - expected).norm() / expected.norm()
    assert float(error) < 0.01


def test_block_one_of_the_teacher_is_never_trained() -> None:
    net = TeacherNet()
    before = [p.clone() for p in net.edges.parameters()]
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=1.0)
    severity, emotion, share, _ = net.read(faces(2))
    (severity.sum() + emotion.sum() + share.sum()).backward()
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, net.edges.parameters(), strict=True))


def test_a_face_and_its_mirror_image_get_the_same_answer() -> None:
    torch.manual_seed(0)
    teacher = TeacherNet().eval()
    for straight, turned in zip(
        answers([teacher], faces(3)), answers([teacher], faces(3).flip(3)), strict=True
    ):
        torch.testing.assert_close(straight, turned, atol=2e-3, rtol=0)


def test_targets_blend_the_teacher_with_the_raters() -> None:
    said = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    soft_targets(said, torch.tensor([[0.0, 1.0], [1.0, 0.0]]), 0.25)
    torch.testing.assert_close(said, torch.tensor([[0.125, 0.875], [1.0, 0.0]]))


def test_saying_what_is_wanted_costs_least() -> None:
    wanted = (
        torch.tensor([[0.7, 0.1, 0.1, 0.1]]),
        torch.tensor([[0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]]),
        torch.tensor([0.1]),
    )
    right = (wanted[0].log(), wanted[1].log(), torch.logit(wanted[2]))
    cost = float(torch.stack(list(terms(right, wanted).values())).sum())
    rng = np.random.default_rng(0)
    for _ in range(20):
        noise = [torch.from_numpy(rng.normal(0, 0.5, part.shape)).float() for part in right]
        other = tuple(part + shift for part, shift in zip(right, noise, strict=True))
        assert float(torch.stack(list(terms(other, wanted).values())).sum()) > cost


def test_lessons_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    made = Lessons(
        torch.randint(0, 255, (2, 3, 48, 48), dtype=torch.uint8),
        torch.rand(2, 3, 4),
        torch.rand(2, 3, 8),
        torch.rand(2, 3),
    )
    made.save(tmp_path / "lessons.pt")
    back = Lessons.load(tmp_path / "lessons.pt")
    assert len(back) == 3
    assert all(torch.equal(vars(made)[name], part) for name, part in vars(back).items())


def test_lessons_that_are_cut_short_go_on_with_the_view_that_they_were_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    fer = Mock(images=rng.integers(0, 255, (6, 48, 48)).astype(np.uint8))
    fer.votes = np.ones((6, 10), dtype=np.int64)
    work = Mock(fer=fer, seed=0)
    monkeypatch.setattr(views, "unlabelled", lambda work: [faces(2)])
    asked: list[float] = []

    def said(teachers: object, gray: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if len(asked) == until:
            raise KeyboardInterrupt
        asked.append(float(gray.mean()))
        return torch.full((8, 4), asked[-1]), torch.full((8, 8), asked[-1]), gray.mean((1, 2, 3))

    monkeypatch.setattr(views, "answers", said)
    until, rows = 99, np.arange(6)
    unbroken = make_lessons(work, [], rows, tmp_path / "whole", views=4)
    looks, until = list(asked), 2
    asked.clear()
    with pytest.raises(KeyboardInterrupt):
        make_lessons(work, [], rows, tmp_path / "cut", views=4)
    until = 99
    resumed = make_lessons(work, [], rows, tmp_path / "cut", views=4)
    assert asked == looks, "no view is looked at twice"
    assert all(torch.equal(vars(resumed)[k], part) for k, part in vars(unbroken).items())
    assert not torch.equal(resumed.views[0], resumed.views[1])


def test_views_of_another_teacher_are_not_gone_on_with(tmp_path: Path) -> None:
    begun = {"schedule": asdict(replace(stages.FULL.teacher, epochs=1)), "epochs": []}
    (tmp_path / "teacher.history.json").write_text(json.dumps(begun))
    assert not stages.follows_another_teacher(stages.FULL, tmp_path)
    (tmp_path / "lessons-0.pt").touch()
    assert stages.follows_another_teacher(stages.FULL, tmp_path)


def test_a_teacher_of_another_schedule_is_not_trained_beside_the_lessons_of_the_last(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nets that learnt from them would be taken as finished."""
    begun = {"schedule": asdict(stages.FULL.teacher), "epochs": []}
    (tmp_path / "teacher.history.json").write_text(json.dumps(begun))
    (tmp_path / stages.LESSONS).touch()
    assert not stages.follows_another_teacher(stages.FULL, tmp_path)
    given = ["train", "--data", str(data_folder), "--out", str(tmp_path), "--class-weights", "0.5"]
    assert main(given) == 2
    assert "an empty folder" in capsys.readouterr().err
