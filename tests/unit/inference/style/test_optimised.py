"""Optimised transfers: losses fall, and a stop costs nothing."""

from __future__ import annotations

import copy
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.inference.arrays import FloatArray, RgbImage
from clinic_app.inference.style import optimised
from clinic_app.inference.style.descent import ADAM, QUICK_THEN_ADAM
from clinic_app.inference.style.optimised import (
    OptimisedTransfer,
    TransferProgress,
    TransferSettings,
    TransferState,
)
from clinic_app.inference.style.perceptual import (
    AS_IT_IS,
    MIRRORED,
    Aim,
    Halt,
    PerceptualStep,
    View,
    mirrored,
)

SETTINGS = TransferSettings(steps=12, outputs=3)


def never() -> bool:
    return False


def after(transfer: OptimisedTransfer, steps: int) -> list[TransferProgress]:
    """The answers until `steps` are done in all."""
    return list(transfer.run(lambda: transfer.step >= steps))


@pytest.fixture
def transfer(content: RgbImage, pattern: RgbImage, net: PerceptualStep) -> OptimisedTransfer:
    return OptimisedTransfer(content, pattern, SETTINGS, net)


def test_the_loss_falls_and_pictures_come_when_they_are_due(
    transfer: OptimisedTransfer, content: RgbImage
) -> None:
    told = list(transfer.run(never))
    assert [one.step for one in told] == list(range(1, 13))
    assert told[-1].total < 0.5 * told[0].total
    assert told[-1].style_loss < 0.5 * told[0].style_loss
    outputs = [one for one in told if one.output]
    assert [one.step for one in outputs] == [4, 8, 12]
    assert all(one.picture is not None and one.picture.shape == content.shape for one in outputs)
    assert all(one.seconds_left >= 0 for one in told)
    assert told[-1].seconds_left == 0


@pytest.mark.parametrize("start", ["content", "noise"])
@pytest.mark.parametrize("done", [1, 9, 15, 18])
def test_a_resumed_transfer_ends_with_the_very_same_picture(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep, start: str, done: int
) -> None:
    """Stopped among the quick steps, between them and Adam's, and among those."""
    settings = replace(SETTINGS, steps=20, start=start)  # type: ignore[arg-type]
    whole = OptimisedTransfer(content, pattern, settings, net)
    after(whole, 20)
    begun = OptimisedTransfer(content, pattern, settings, net)
    after(begun, done)
    file = io.BytesIO()
    np.savez(file, **begun.state().arrays())  # type: ignore[arg-type]
    file.seek(0)
    resumed = OptimisedTransfer(content, pattern, settings, net)
    with np.load(file, allow_pickle=False) as kept:
        resumed.resume(TransferState.of(kept))
    assert [one.step for one in after(resumed, 20)] == list(range(done + 1, 21))
    assert np.array_equal(resumed.state().place.picture, whole.state().place.picture)
    assert np.array_equal(resumed.picture(), whole.picture())


def test_stopping_leaves_a_state_that_later_steps_do_not_change(
    transfer: OptimisedTransfer,
) -> None:
    after(transfer, 3)
    kept = transfer.state()
    before = kept.place.picture.copy()
    after(transfer, 6)
    assert kept.place.step == 3
    assert np.array_equal(kept.place.picture, before)
    assert not np.array_equal(transfer.state().place.picture, before)


@pytest.mark.parametrize("done", [0, 1], ids=["while it makes its aim", "while it looks"])
def test_a_step_that_runs_is_broken_off_at_once_and_counts_for_nothing(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep, done: int
) -> None:
    """So large that it would go on for a second."""
    large = np.ascontiguousarray(np.kron(content, np.ones((10, 10, 1), np.uint8)))
    plain = copy.copy(net)
    plain.views = AS_IT_IS  # the second step needs no other aim
    transfer = OptimisedTransfer(large, pattern, TransferSettings(steps=9, longest_side=640), plain)
    after(transfer, done)
    begun = threading.Event()

    def stop() -> bool:
        begun.set()
        return False

    with ThreadPoolExecutor(1) as lane:
        before = transfer.state()
        running = lane.submit(lambda: list(transfer.run(stop)))
        assert begun.wait(20)
        while not running.done():  # also before the step itself has begun
            transfer.break_off()
        assert running.result() == []
    assert transfer.state() is before
    asked = iter([False])
    assert [one.step for one in transfer.run(lambda: next(asked, True))] == [done + 1]


def test_more_steps_can_be_asked_for_afterwards(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep, transfer: OptimisedTransfer
) -> None:
    after(transfer, 12)
    longer = OptimisedTransfer(content, pattern, replace(SETTINGS, steps=14), net)
    longer.resume(transfer.state())
    assert [one.step for one in longer.run(never)] == [13, 14]


def test_a_state_of_other_pictures_or_settings_is_refused(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep, transfer: OptimisedTransfer
) -> None:
    for other in (
        OptimisedTransfer(content[::-1], pattern, SETTINGS, net),
        OptimisedTransfer(content, pattern[::-1], SETTINGS, net),
        OptimisedTransfer(content, pattern, replace(SETTINGS, style_weight=3.0), net),
    ):
        with pytest.raises(WrongState, match="does not belong"):
            other.resume(transfer.state())


class Watched(PerceptualStep):
    """A net whose gradient has no errors: it pulls mirrored pictures alike. What it says of the
    distance is wrong by the view: 0, 1, 2, 3, and again. Its clock runs 100 s for an aim and 1 s
    for a step."""

    def __init__(self, views: tuple[View, ...]) -> None:
        self.views = views
        self.clock = 0.0
        self.aims: list[Aim] = []
        self.seen: list[tuple[FloatArray, Aim]] = []

    def halted_by(self, halt: Halt) -> Watched:
        return self

    def aim(self, content: FloatArray, style: FloatArray) -> Aim:
        self.clock += 100
        self.aims.append(Aim(content, (style,)))
        return self.aims[-1]

    def step(
        self, picture: FloatArray, aim: Aim, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        self.clock += 1
        self.seen.append((picture, aim))
        view = next(place for place, one in enumerate(self.aims) if one is aim)
        return np.full(7, view % len(self.views), np.float32), picture - aim.content


def test_a_picture_is_looked_at_in_turn_as_it_is_and_mirrored(
    content: RgbImage, pattern: RgbImage
) -> None:
    """With aims mirrored alike, and what is seen is brought back: a net without errors makes the
    very same transfer."""
    settings = replace(SETTINGS, start="noise")
    plain, turned = Watched(AS_IT_IS), Watched(MIRRORED)
    ends = [OptimisedTransfer(content, pattern, settings, net, ADAM) for net in (plain, turned)]
    for transfer in ends:
        after(transfer, 12)
    assert np.array_equal(ends[0].state().place.picture, ends[1].state().place.picture)
    for turn, ((own, aim), (seen, theirs)) in enumerate(zip(plain.seen, turned.seen, strict=True)):
        view = MIRRORED[turn % 4]
        assert np.array_equal(seen, mirrored(own, view))
        assert np.array_equal(theirs.content, mirrored(aim.content, view))
        assert np.array_equal(theirs.grams[0], mirrored(aim.grams[0], view))
    assert len({seen.tobytes() for seen, _ in turned.seen[:4]}) == 4


def test_losses_are_means_over_the_views_so_that_they_do_not_zigzag(
    content: RgbImage, pattern: RgbImage
) -> None:
    transfer = OptimisedTransfer(content, pattern, SETTINGS, Watched(MIRRORED), ADAM)
    told = after(transfer, 4) + after(transfer, 12)  # a stop is no reason to begin anew
    assert [one.content_loss for one in told[:4]] == [0, 0.5, 1, 1.5]
    assert {one.content_loss for one in told[3:]} == {1.5}
    assert [one.style_loss for one in told[3:]] == pytest.approx([1.5] * 9)
    assert told[11].total == pytest.approx(1.5 * transfer.weights.sum())


def test_losses_of_another_transfer_do_not_count_once_it_is_resumed(
    content: RgbImage, pattern: RgbImage
) -> None:
    begun, later = (
        OptimisedTransfer(content, pattern, SETTINGS, Watched(MIRRORED), ADAM) for _ in range(2)
    )
    first, *_ = after(begun, 3)
    after(later, 4)
    later.resume(begun.state())
    assert [one.content_loss for one in after(later, 5)] == [3, 1.5]
    assert first.content_loss == 0


def test_quick_steps_are_all_in_the_first_view_and_tell_their_own_losses(
    content: RgbImage, pattern: RgbImage
) -> None:
    """L-BFGS learns from how the gradient turns, so nothing else may turn it."""
    net = Watched(MIRRORED)
    told = after(OptimisedTransfer(content, pattern, replace(SETTINGS, steps=20), net), 20)
    quick = QUICK_THEN_ADAM.quick_steps
    views = [next(place for place, one in enumerate(net.aims) if one is a) for _, a in net.seen]
    assert len({*views[:quick]}) == 1
    assert len({*views[quick : quick + 4]}) == 4
    assert [one.content_loss for one in told[:quick]] == [0] * quick
    assert told[quick + 3].content_loss == 1.5


def test_an_aim_is_made_when_its_view_has_its_first_turn(
    content: RgbImage, pattern: RgbImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a transfer begins at once, and a state that does not fit is refused at once; the time
    left is that of the steps."""
    net = Watched(MIRRORED)
    monkeypatch.setattr(optimised, "time", SimpleNamespace(perf_counter=lambda: net.clock))
    transfer = OptimisedTransfer(content, pattern, SETTINGS, net, ADAM)
    with pytest.raises(WrongState):
        transfer.resume(replace(transfer.state(), model="another"))
    assert net.aims == []
    made = [(len(net.aims), one.seconds_left) for one in transfer.run(never)]
    assert made == [(min(step, 4), 12 - step) for step in range(1, 13)]


@pytest.mark.parametrize("version", ["", "f" * 64])
@pytest.mark.parametrize("what", ["model", "way"])
def test_a_state_that_another_version_of_net_or_way_left_is_refused_and_says_so(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep, what: str, version: str
) -> None:
    """Gone on with, it would end as the picture of neither; early states name no version."""
    begun = OptimisedTransfer(content, pattern, SETTINGS, net)
    after(begun, 3)
    kept = {**begun.state().arrays(), what: np.array(version)}
    if not version:
        del kept[what]
    transfer = OptimisedTransfer(content, pattern, SETTINGS, net)
    with pytest.raises(WrongState, match="another version of the studio and"):
        transfer.resume(TransferState.of(kept))
    assert transfer.step == 0


def test_a_damaged_state_is_refused(transfer: OptimisedTransfer) -> None:
    whole = transfer.state().arrays()
    for broken in (
        {k: v for k, v in whole.items() if k != "first"},
        {**whole, "second": np.zeros(3, np.float32)},
        {**whole, "gradients": np.zeros((2, 3, 8, 8), np.float32)},
        {**whole, "pictures": np.float32(0)},
        {**whole, "picture": np.float32(0)},
        {**whole, "step": np.array("three")},
        {**whole, "step": np.array(-1)},
    ):
        with pytest.raises(WrongState, match="does not belong"):
            TransferState.of(broken)


def test_the_content_can_keep_its_colours(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep
) -> None:
    gray = np.repeat(content.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    kept = OptimisedTransfer(gray, pattern, replace(SETTINGS, colour="content"), net)
    free = OptimisedTransfer(gray, pattern, SETTINGS, net)
    for one in (kept, free):
        after(one, 12)
    assert spread_of_colour(kept.picture()) <= 2
    assert spread_of_colour(free.picture()) > 20


def spread_of_colour(image: RgbImage) -> int:
    return int(np.ptp(image.astype(int), axis=2).max())


def test_histograms_are_matched_before_or_after(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep
) -> None:
    means = {}
    for matching in ("none", "before", "after"):
        settings = replace(SETTINGS, matching=matching)  # type: ignore[arg-type]
        one = OptimisedTransfer(content, pattern, settings, net)
        after(one, 12)
        means[matching] = one.picture().reshape(-1, 3).mean(axis=0)
    wanted = pattern.reshape(-1, 3).mean(axis=0)
    assert np.abs(means["after"] - wanted).max() < 3
    own = content.reshape(-1, 3).mean(axis=0)
    assert np.abs(means["before"] - own).sum() < np.abs(means["none"] - own).sum()


def test_large_pictures_are_reduced_and_small_ones_stay(
    content: RgbImage, pattern: RgbImage, net: PerceptualStep
) -> None:
    large = np.repeat(np.repeat(content, 4, axis=0), 4, axis=1)
    settings = replace(SETTINGS, longest_side=100)
    assert OptimisedTransfer(large, pattern, settings, net).picture().shape == (100, 69, 3)
    assert OptimisedTransfer(content, pattern, settings, net).picture().shape == content.shape


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content_weight", -1.0),
        ("style_weight", float("nan")),
        ("variation_weight", 1e9),
        ("layer_weights", (1.0, 1.0)),
        ("layer_weights", (0.0,) * 5),
        ("layer_weights", (1.0, 1.0, 1.0, 1.0, -1.0)),
        ("steps", 0),
        ("steps", 100_000),
        ("outputs", 11),
        ("outputs", 0),
        ("longest_side", 10),
        ("seed", -1),
        ("start", "elsewhere"),
        ("colour", "none"),
        ("matching", "twice"),
    ],
)
def test_a_setting_out_of_range_is_answered_with_a_sentence(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$") as refused:
        replace(TransferSettings(), **{field: value})  # type: ignore[arg-type]
    assert isinstance(refused.value, ClinicError)
    assert getattr(refused.value, "field") == field  # noqa: B009


def test_something_has_to_pull() -> None:
    with pytest.raises(ValueError, match="cannot both be 0"):
        TransferSettings(content_weight=0.0, style_weight=0.0)
    with pytest.raises(ValueError, match="more pictures than steps"):
        TransferSettings(steps=2, outputs=3)
