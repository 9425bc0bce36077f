"""The yardstick is the network it claims to be, and the page says what was measured."""

from __future__ import annotations

import numpy as np

from clinic_app.inference.sessions import start
from clinic_app.paths import MODELS
from tests.bench.chain import ChainFigures, frame_1280x720
from tests.bench.interleaved import processor_time
from tests.bench.live import WAYS, LiveFigures, measure_live
from tests.bench.measure import Timing, in_turn
from tests.bench.nets import measure_nets, nets_section, precisions
from tests.bench.page import page
from tests.bench.perceptual import perceptual_entry, perceptual_section
from tests.bench.resnet import SIDE, resnet50v2
from tests.bench.studio import our_step, studio_section


def test_the_yardstick_is_a_resnet50v2() -> None:
    data = resnet50v2()
    # 25.6 million weights of four bytes, batch norms behind convolutions folded away.
    assert 4 * 25.4e6 < len(data) < 4 * 25.7e6
    session = start(data, "resnet", 1)
    (scores,) = session.run(None, {"image": np.ones((1, 3, SIDE, SIDE), np.float32)})
    assert scores.shape == (1, 1000)
    assert np.isfinite(scores).all()


def test_pieces_are_run_in_turn_and_warm_up_is_left_out() -> None:
    calls: list[str] = []
    timings = in_turn(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3, warm_up=2
    )
    assert calls == ["a", "b"] * 5
    assert timings["a"].median >= timings["a"].tenth >= 0


def test_the_median_and_the_tenth_percentile() -> None:
    timing = Timing.of([float(value) for value in range(20, 0, -1)])
    assert (timing.median, timing.tenth) == (10.5, 3.0)


def test_the_frame_has_webcam_size() -> None:
    assert frame_1280x720().shape == (720, 1280, 3)


def test_the_page_gives_ratios_and_admits_what_failed() -> None:
    whole = {"resnet50v2": Timing(40, 38), "chain": Timing(10, 9)}
    whole |= {"preview": Timing(4, 3), "file": Timing(20, 19)}
    names = ("detect", "align", "landmarks", "quality", "style", "severity", "asymmetry")
    figures = [ChainFigures(1, whole, {name: Timing(1, 1) for name in names})]
    process = {"make_ms": 20.0, "load_ms": 300.0, "loaded_mb": 140.0, "peak_mb": 160.0}
    text = page(figures, process, None, 60)
    assert "| whole chain, 1280 × 720 frame to finding | 10.00 [9.00] | 0.25 |" in text
    assert "not measured" in text
    assert "| peak memory after five photos | 160 MB |" in text
    assert "612 ms" in page(figures, process, 0.612, 60)


def test_every_piece_has_its_turn_and_short_ones_several_passes() -> None:
    calls: list[str] = []
    figures = processor_time(
        {"long": (1, lambda: calls.append("l")), "short": (3, lambda: calls.append("s"))},
        rounds=2,
        warm_up=1,
    )
    assert "".join(calls) == "llssss" * 3  # one pass before each turn warms the cache
    assert set(figures) == {"long", "short"}


def test_the_nets_are_timed_beside_the_yardstick() -> None:
    figures = measure_nets(MODELS, rounds=1)
    assert 0 < figures["severity"] < figures["resnet50v2"]
    assert 0 < figures["style"] < figures["resnet50v2"]
    text = "\n".join(nets_section(figures, precisions(MODELS)))
    assert ("Gatys not measured" in text) == ("gatys_step" not in figures)


def test_the_section_gives_both_ratios() -> None:
    figures = {"resnet50v2": 40.0, "severity": 0.4, "style": 1.1}
    precision = {"severity": "int8", "style": "fp32"}
    alone = "\n".join(nets_section(figures, precision))
    assert "| severity net with its map (int8) | 0.400 | 100 × ResNet50V2 |" in alone
    assert "Gatys not measured: torch is not here" in alone
    both = "\n".join(
        nets_section(figures | {"gatys_step": 400.0, "style_beside_gatys": 1.0}, precision)
    )
    assert "| style net (fp32), 224 × 224 | 1.000 | 40,000 × 100 steps of Gatys |" in both


def test_a_step_of_the_studio_can_be_timed_and_its_row_gives_the_ratio() -> None:
    step = our_step(MODELS, 48, 64)
    for _ in range(3):
        step()
    figures = {"step_224x224": 80.0, "step_400x711": 400.0, "live_1": 50.0, "live_2": 70.0}
    live = {name: LiveFigures(41.0, 24.0, 90.0) for name in WAYS}
    assert "torch is not here" in studio_section(figures, live)
    both = studio_section(figures | {"gatys_224x224": 920.0, "gatys_400x711": 5000.0}, live)
    assert "| our step, 224 × 224 | 80 ms | 11.5 × faster | ≥ 10 × |" in both
    assert "| our step, 400 × 711 | 400 ms | 12.5 × faster | ≥ 10 × |" in both
    assert "| a style alone, 224 × 224, 2 threads | 70 frames/s | | |" in both
    picks = "the face picks the style | 41 frames/s | 24 ms of the processor a frame"
    assert f"| live on a camera of 1280 × 720, {picks}; the slowest took 90 ms | ≥ 30 |" in both


def test_frames_of_the_live_page_are_timed_with_a_face_that_chooses() -> None:
    found = measure_live(MODELS, frames=3)
    assert found.keys() == WAYS.keys()
    assert all(one.rate > 0 for one in found.values())
    assert all(one.slowest >= 1000 / one.rate for one in found.values())
    assert all(0 < one.processor < 2 * 1000 / one.rate for one in found.values())


def test_the_perceptual_nets_figures_are_those_of_its_card() -> None:
    section = perceptual_section(MODELS)
    card = (MODELS / "cards" / "perceptual.md").read_text(encoding="utf-8")
    entry = perceptual_entry(MODELS)
    beside = entry["metrics"]["beside_the_teacher"]
    assert f"Version {entry['version']} |" in card
    for name in ("teacher", "teacher_alike", "same_steps", "same_time"):
        figures = beside[name]
        for loss in ("content", "style"):
            assert f"{figures[loss]:.4f}" in card
            assert f"{figures[loss]:.3f}" in section
    assert section.count("| no |") + section.count("| yes |") == 7
