from __future__ import annotations

import itertools
import json
import logging
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from clinic_app.training.files import whole
from clinic_app.training.loop import best_device, goes_on, train, uses_bf16
from clinic_app.training.nets import to_net
from tests.training.lines import ROWS, SCHEDULE, fresh, score, squared

pytestmark = pytest.mark.training


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


STEPS = SCHEDULE.epochs * len(ROWS) // SCHEDULE.batch


@pytest.mark.parametrize("step", [2, 6, 13])
def test_a_run_that_is_killed_anywhere_goes_on_to_the_same_net(tmp_path: Path, step: int) -> None:
    whole_run = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "whole", "line")
    folder = tmp_path / "killed"
    killed = subprocess.Popen(
        [sys.executable, "-m", "tests.training.lines", str(folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    assert killed.stdout is not None
    for _ in range(step):
        assert killed.stdout.readline() == b"step\n"
    killed.kill()
    rest = killed.communicate()[0].count(b"step")
    assert step + rest < STEPS, "it had ended before it was killed"
    resumed = train(fresh(), ROWS, squared, score, SCHEDULE, folder, "line")
    torch.testing.assert_close(resumed.weight, whole_run.weight, atol=1e-6, rtol=0)
    histories = [
        json.loads((f / "line.history.json").read_text()) for f in (folder, tmp_path / "whole")
    ]
    assert [len(h["epochs"]) for h in histories] == [SCHEDULE.epochs] * 2
    assert histories[0]["epochs"][-1]["validation"] == pytest.approx(
        histories[1]["epochs"][-1]["validation"]
    )


def test_a_write_that_is_broken_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "line.history.json"
    path.write_text("[1]")

    def write_a_part() -> None:
        with whole(path) as place:
            place.write_text("[1, ")
            raise PowerCut

    with pytest.raises(PowerCut):
        write_a_part()
    assert path.read_text() == "[1]"
    assert list(tmp_path.iterdir()) == [path]
    with whole(path) as place:
        place.write_text("[1, 2]")
    assert path.read_text() == "[1, 2]"
    assert list(tmp_path.iterdir()) == [path]


def full_from(measured: int) -> Callable[[nn.Module], dict[str, float]]:
    """Measures, and lets files grow to 100 bytes at most while epoch `measured` is written."""
    no_limit, count = resource.RLIM_INFINITY, itertools.count(1)

    def measure(net: nn.Module) -> dict[str, float]:
        room = 100 if next(count) == measured else no_limit
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, no_limit))
        return score(net)

    return measure


@pytest.mark.parametrize("measured", [1, 2])
def test_a_full_disk_costs_what_was_not_written_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: int
) -> None:
    monkeypatch.setattr("clinic_app.training.loop.time.sleep", lambda seconds: None)
    unaided = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "unaided", "line")
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        net = train(
            fresh(), ROWS, squared, full_from(measured), SCHEDULE, tmp_path / "full", "line"
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        signal.signal(signal.SIGXFSZ, kept)
    assert torch.equal(net.weight, unaided.weight)
    assert {path.name for path in (tmp_path / "full").iterdir()} == {
        "line.best.pt",
        "line.history.json",
        "line.last.pt",
    }
    history = json.loads((tmp_path / "full" / "line.history.json").read_text())
    assert [line["epoch"] for line in history["epochs"]] == [1, 2, 3, 4]


def test_a_best_net_that_could_not_be_written_is_not_the_one_to_beat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the run would end with an older net under the score of the lost one."""
    monkeypatch.setattr("clinic_app.training.loop.time.sleep", lambda seconds: None)
    told, saved = iter([0.1, 0.9, 0.5, 0.2]), torch.save
    seen: list[Tensor] = []

    def validate(net: nn.Module) -> dict[str, float]:
        seen.append(next(net.parameters()).detach().clone())
        return {"score": next(told)}

    def save(state: object, place: Path) -> None:
        if len(seen) == 2 and place.name.startswith("line.best"):
            raise OSError("No space left on device")
        saved(state, place)

    monkeypatch.setattr(torch, "save", save)
    net = train(fresh(), ROWS, squared, validate, SCHEDULE, tmp_path, "line")
    assert torch.equal(net.weight, seen[2])


def test_a_run_goes_on_only_with_the_schedule_that_it_began_with(tmp_path: Path) -> None:
    assert goes_on(tmp_path, "line", SCHEDULE)
    train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    assert goes_on(tmp_path, "line", SCHEDULE)
    assert not goes_on(tmp_path, "line", replace(SCHEDULE, class_weights=0.5))


def test_what_is_begun_before_an_epoch_is_begun_alike_after_a_break(tmp_path: Path) -> None:
    """With the numbers of that epoch alone, whenever the run was cut short."""
    begun: list[tuple[float, float]] = []

    def before_epoch(net: nn.Module, rng: torch.Generator) -> None:
        assert net.training
        weight = next(net.parameters()).detach()
        begun.append((float(weight.sum()), float(torch.rand((), generator=rng))))

    def cut_short(net: nn.Module) -> dict[str, float]:
        if len(begun) == 2:
            raise KeyboardInterrupt
        return score(net)

    whole = train(
        fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "a", "line", before_epoch=before_epoch
    )
    unaided, begun = begun, []
    with pytest.raises(KeyboardInterrupt):
        train(
            fresh(),
            ROWS,
            squared,
            cut_short,
            SCHEDULE,
            tmp_path / "b",
            "line",
            before_epoch=before_epoch,
        )
    again = train(
        fresh(), ROWS, squared, score, SCHEDULE, tmp_path / "b", "line", before_epoch=before_epoch
    )
    assert begun[1] == begun[2]
    assert [*begun[:1], *begun[2:]] == unaided
    assert torch.equal(again.weight, whole.weight)


def test_a_run_on_other_lessons_starts_over(tmp_path: Path) -> None:
    """However alike the schedule is: what it had learnt came from somebody else."""
    train(fresh(), ROWS, squared, score, replace(SCHEDULE, lessons="one"), tmp_path, "line")
    measured: list[dict[str, float]] = []

    def validate(net: nn.Module) -> dict[str, float]:
        measured.append(score(net))
        return measured[-1]

    for lessons, times in (("one", 0), ("other", SCHEDULE.epochs)):
        schedule = replace(SCHEDULE, lessons=lessons)
        train(fresh(), ROWS, squared, validate, schedule, tmp_path, "line")
        assert len(measured) == times


def test_a_run_that_stopped_early_is_not_trained_on_when_it_is_called_again(tmp_path: Path) -> None:
    told = iter([0.9, 0.3, 0.2, 0.1])
    schedule = replace(SCHEDULE, epochs=6, patience=2)

    def validate(net: nn.Module) -> dict[str, float]:
        return {"score": next(told)}

    first = train(fresh(), ROWS, squared, validate, schedule, tmp_path, "line")
    again = train(fresh(), ROWS, squared, validate, schedule, tmp_path, "line")
    assert torch.equal(first.weight, again.weight)
    assert next(told) == 0.1, "the second call measured nothing"


def test_a_checkpoint_from_before_a_setting_existed_is_gone_on_from(tmp_path: Path) -> None:
    train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    path = tmp_path / "line.last.pt"
    saved = torch.load(path, weights_only=True)
    del saved["schedule"]["class_weights"]
    torch.save(saved, path)

    def nothing_is_left(net: nn.Module) -> dict[str, float]:
        raise AssertionError("it started over")

    train(fresh(), ROWS, squared, nothing_is_left, SCHEDULE, tmp_path, "line")


def test_a_checkpoint_with_a_setting_that_is_not_known_here_is_left_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unaided = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    checkpoint, history = tmp_path / "line.last.pt", tmp_path / "line.history.json"
    saved = torch.load(checkpoint, weights_only=True)
    saved["schedule"]["warmth"] = 2
    torch.save(saved, checkpoint)
    told = json.loads(history.read_text())
    history.write_text(json.dumps({**told, "schedule": saved["schedule"]}))
    assert not goes_on(tmp_path, "line", SCHEDULE)
    with caplog.at_level(logging.INFO, logger="training"):
        again = train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    assert "line: the schedule or the lessons changed, starting over" in caplog.messages
    assert torch.equal(again.weight, unaided.weight)
    assert goes_on(tmp_path, "line", SCHEDULE)


def test_every_epoch_tells_how_much_time_is_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count(0, 600)  # ten minutes between looks at the clock
    monkeypatch.setattr("clinic_app.training.loop.time.monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO, logger="training"):
        train(fresh(), ROWS, squared, score, SCHEDULE, tmp_path, "line")
    told = [m for m in caplog.messages if "min left" in m]
    assert [m.split()[1] for m in told] == ["1/4", "2/4", "3/4", "4/4"]
    assert [m.split(", ")[-1] for m in told] == [
        "30 min left",
        "20 min left",
        "10 min left",
        "0 min left",
    ]


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
