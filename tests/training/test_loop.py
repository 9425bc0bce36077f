from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from clinic_app.training.loop import Schedule, best_device, train, uses_bf16
from clinic_app.training.nets import to_net

pytestmark = pytest.mark.training
ROWS = np.arange(64)
X = torch.rand(64, 3, generator=torch.Generator().manual_seed(0))
Y = X @ torch.tensor([1.0, -2.0, 0.5])
SCHEDULE = Schedule(epochs=4, batch=16, peak_rate=0.05, precision="fp32", average=0.5)


def squared(net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
    noise = torch.randn(len(rows), generator=rng) * 0.01
    return {"squared": (net(X[rows])[:, 0] - Y[rows] - noise).pow(2).mean()}


def score(net: nn.Module) -> dict[str, float]:
    with torch.no_grad():
        return {"score": -float((net(X)[:, 0] - Y).pow(2).mean())}


def fresh() -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(3, 1)


def test_training_learns_and_tells_its_history(tmp_path: Path) -> None:
    before = score(fresh())["score"]
    net = train(fresh(), ROWS, squared, score, replace(SCHEDULE, epochs=40), tmp_path, "line")
    history = json.loads((tmp_path / "line.history.json").read_text())
    assert len(history["epochs"]) == 40
    assert score(net)["score"] > before / 10
    assert score(net)["score"] == max(e["validation"]["score"] for e in history["epochs"])


def test_the_same_seed_gives_the_same_net(tmp_path: Path) -> None:
    nets = [train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / n, "line") for n in "ab"]
    assert torch.equal(nets[0].weight, nets[1].weight)


class PowerCut(Exception):
    pass


def test_a_run_cut_short_goes_on_to_the_same_net(tmp_path: Path) -> None:
    whole = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "whole", "line")
    seen = 0

    def until_the_third(net: nn.Module) -> dict[str, float]:
        nonlocal seen
        seen += 1
        if seen == 3:
            raise PowerCut
        return score(net)

    with pytest.raises(PowerCut):
        train(fresh(), ROWS, squared, until_the_third, SCHEDULE, tmp_path / "cut", "line")
    resumed = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "cut", "line")
    torch.testing.assert_close(resumed.weight, whole.weight, atol=1e-6, rtol=0)


def test_early_stopping_keeps_the_best_epoch(tmp_path: Path) -> None:
    told = iter([0.1, 0.9, 0.3, 0.2, 0.1, 0.1])
    schedule = replace(SCHEDULE, epochs=6, patience=2)
    train(fresh(), ROWS, squared, lambda net: {"score": next(told)}, schedule, tmp_path, "line")
    history = json.loads((tmp_path / "line.history.json").read_text())
    assert len(history["epochs"]) == 4


def test_tuning_that_betters_nothing_gives_the_net_back_as_it_came(tmp_path: Path) -> None:
    told = iter([0.9, 0.1, 0.2, 0.3, 0.4])
    start = fresh()
    weight = start.weight.detach().clone()
    net = train(
        start,
        ROWS,
        squared,
        lambda _: {"score": next(told)},
        SCHEDULE,
        tmp_path,
        "line",
        tuning=True,
    )
    assert torch.equal(net.weight, weight)


def test_a_checkpoint_of_another_net_is_left_aside(tmp_path: Path) -> None:
    torch.manual_seed(2)
    wide = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    train(wide, ROWS, squared, score, SCHEDULE, tmp_path, "line")
    plain = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    unaided = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "other", "line")
    assert torch.equal(plain.weight, unaided.weight)


@pytest.mark.parametrize(
    ("able", "expected"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"architecture": "aarch64"}, False),
    ],
)
def test_bf16_is_used_where_the_processor_multiplies_it(
    monkeypatch: pytest.MonkeyPatch, able: dict[str, object], expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    here = torch.device("cpu")
    assert uses_bf16("auto", here) is expected
    assert uses_bf16("bf16", here)
    assert not uses_bf16("fp32", here)


@pytest.mark.parametrize("there_is_one", [True, False])
def test_a_graphics_processor_is_used_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, there_is_one: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there_is_one)
    assert best_device().type == ("cuda" if there_is_one else "cpu")


def test_faces_go_where_the_net_is() -> None:
    assert to_net(nn.Conv2d(1, 1, 3, device="meta"), torch.rand(2, 1, 8, 8)).device.type == "meta"
    for net in (nn.Conv2d(1, 1, 3), nn.Identity()):
        assert to_net(net, torch.rand(2, 1, 8, 8)).device.type == "cpu"
