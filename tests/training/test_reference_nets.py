"""The rivals of the shipped net: shapes, what single answers are filled with, and time boxes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import Tensor, nn

from clinic_app.inference import metrics
from clinic_app.training.cost import million_flop, parameters, time_interleaved
from clinic_app.training.export import export
from clinic_app.training.johnson import TransformNet, correction
from clinic_app.training.loop import Schedule
from clinic_app.training.reference_nets import (
    REFERENCE_NETS,
    FaceReader,
    TermsOf,
    from_emotions,
    from_share,
    prepare,
)
from clinic_app.training.resnet import ResNet50V2
from clinic_app.training.severity import combined_share
from clinic_app.training.timebox import plan, spread, train_in_time

pytestmark = pytest.mark.training


def gray(n: int = 2, seed: int = 0) -> Tensor:
    return torch.rand(n, 1, 48, 48, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", REFERENCE_NETS)
def test_every_net_answers_in_the_shapes_that_loss_and_validation_read(name: str) -> None:
    torch.manual_seed(0)
    net = REFERENCE_NETS[name].make().eval()
    severity, emotion, share, embedding = net.read(gray())
    assert severity.shape == (2, 4)
    assert emotion.shape == (2, 8)
    assert share.shape == (2,)
    assert embedding.shape[0] == 2
    assert embedding.ndim == 2


@pytest.mark.parametrize("name", REFERENCE_NETS)
def test_phases_divide_the_whole_time_and_train_known_terms(name: str) -> None:
    phases = REFERENCE_NETS[name].phases
    assert sum(phase.share for phase in phases) == pytest.approx(1.0)
    assert all(set(phase.terms) <= {"band", "order", "emotion", "share"} for phase in phases)


@pytest.mark.parametrize("name", REFERENCE_NETS)
def test_every_phase_lets_something_learn_and_only_what_it_names(name: str) -> None:
    net = REFERENCE_NETS[name].make()
    for phase in REFERENCE_NETS[name].phases:
        prepare(net, phase.learns)
        learning = {n for n, p in net.named_parameters() if p.requires_grad}
        assert learning
        if phase.learns:
            assert all(n.startswith(phase.learns) for n in learning)
            assert {p for p in phase.learns if any(n.startswith(p) for n in learning)} == set(
                phase.learns
            )
        else:
            assert len(learning) == len(list(net.named_parameters()))


def test_a_single_share_comes_back_unchanged_through_the_combined_one() -> None:
    share = torch.tensor([-3.0, 0.0, 0.4, 2.5])
    severity, emotion, kept, _ = from_share(share, torch.zeros(4, 1))
    torch.testing.assert_close(combined_share(kept, emotion), torch.sigmoid(share))
    bands = torch.softmax(severity, dim=1)
    torch.testing.assert_close(severity.exp().sum(dim=1), torch.ones(4), atol=1e-4, rtol=0)
    expected = (bands * torch.arange(4.0)).sum(dim=1)
    assert bool((expected.diff() > 0).all())


def test_at_a_band_edge_both_sides_are_equally_likely() -> None:
    for k, edge in enumerate(metrics.BAND_EDGES, start=1):
        share = torch.tensor([math.log(edge / (1 - edge))])
        bands = torch.softmax(from_share(share, torch.zeros(1, 1))[0], dim=1)[0]
        assert bands[k:].sum().item() == pytest.approx(0.5, abs=1e-4)


def test_the_emotion_nets_share_is_its_probability_of_sadness() -> None:
    emotion = torch.randn(5, 8, generator=torch.Generator().manual_seed(1)) * 3
    _, kept, share, _ = from_emotions(emotion, torch.zeros(5, 1))
    sad = torch.softmax(emotion, dim=1)[:, metrics.SADNESS]
    torch.testing.assert_close(torch.sigmoid(share), sad)
    torch.testing.assert_close(combined_share(share, kept), sad)


def test_resnet50v2_has_the_published_size() -> None:
    """23,564,800 values without the classifier in the usual implementation, which reads colour and
    counts the running statistics of the batch norms."""
    net = ResNet50V2()
    running = sum(b.numel() for n, b in net.named_buffers() if "running" in n)
    colour = 2 * 64 * 7 * 7
    assert parameters(net) + running + colour == 23_564_800
    assert net.eval()(torch.rand(1, 1, 96, 96)).shape == (1, 2048, 3, 3)


def test_frozen_blocks_keep_weights_and_batch_statistics() -> None:
    net = REFERENCE_NETS["resnet50v2"].make()
    prepare(net, ("severity", "emotion", "share", "backbone.fourth", "backbone.norm"))
    net.train()
    frozen = {n: b.clone() for n, b in net.named_buffers() if n.startswith("backbone.first")}
    moving = net.backbone.fourth[0].norm_in.running_mean.clone()
    answer = net.read(gray(4))
    sum(part.float().sum() for part in answer[:3]).backward()
    assert all(torch.equal(b, frozen[n]) for n, b in net.named_buffers() if n in frozen)
    assert not torch.equal(net.backbone.fourth[0].norm_in.running_mean, moving)
    assert net.backbone.first[0].look.weight.grad is None
    assert net.backbone.fourth[0].look.weight.grad is not None


def test_operations_of_a_hand_made_net_are_counted() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    net.append(nn.Linear(4, 5))
    # 2 * 27 for each of 4 * 10 * 10 cells, and 2 * 4 for each of 5 answers.
    assert million_flop(net, side=10) == pytest.approx((2 * 27 * 400 + 2 * 4 * 5) / 1e6)
    assert parameters(net) == 4 * 27 + 4 * 5 + 5


def test_a_plan_fills_its_time_and_no_more() -> None:
    long = plan(600.0, step=0.1, per_round=4.0, steps_per_epoch=200)
    assert long.rounds == 25
    assert 0.97 * 600 < long.rounds * (long.steps * 0.1 + 4.0) <= 600
    short = plan(30.0, step=0.5, per_round=5.0, steps_per_epoch=200)
    assert (short.rounds, short.steps) == (1, 50)
    assert short.epochs(rows=25_600, batch=128) == pytest.approx(0.25)


def test_rows_are_shown_equally_often() -> None:
    rows = np.arange(10, 20)
    shown = spread(rows, 25, seed=0)
    times = np.bincount(shown, minlength=20)[10:]
    assert len(shown) == 25
    assert set(times.tolist()) == {2, 3}
    assert len(set(spread(rows, 4, seed=0).tolist())) == 4


X = torch.rand(64, 3, generator=torch.Generator().manual_seed(0))
Y = X @ torch.tensor([1.0, -2.0, 0.5])
SCHEDULE = Schedule(epochs=1, batch=8, peak_rate=0.05, precision="fp32", average=0.5)


def squared(net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
    return {"squared": (net(X[rows])[:, 0] - Y[rows]).pow(2).mean()}


class Score:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, net: nn.Module) -> dict[str, float]:
        self.asked += 1
        with torch.no_grad():
            return {"score": -float((net(X)[:, 0] - Y).pow(2).mean())}


def test_a_time_box_learns_tells_its_time_and_is_not_repeated(tmp_path: Path) -> None:
    torch.manual_seed(1)
    start = nn.Linear(3, 1)
    before = Score()(start)["score"]
    box = (start, np.arange(64), squared)
    net, told = train_in_time(*box, Score(), SCHEDULE, 1.0, tmp_path, "line")
    assert Score()(net)["score"] > before
    assert told.spent_seconds > 0.0
    assert (tmp_path / "line.history.json").exists()
    again = Score()
    same, kept = train_in_time(*box, again, SCHEDULE, 1.0, tmp_path, "line")
    assert again.asked == 0
    assert torch.equal(same.weight, net.weight)
    assert kept == told
    other = Score()
    _, shorter = train_in_time(*box, other, SCHEDULE, 0.5, tmp_path, "line")
    assert other.asked > 0
    assert shorter.seconds == 0.5


def test_a_phase_trains_its_terms_alone() -> None:
    class Fixed(nn.Module):
        def read(self, faces: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
            n = len(faces)
            return torch.zeros(n, 4), torch.zeros(n, 8), torch.zeros(n), torch.zeros(n, 2)

    loss = TermsOf(_two_faces(), None)
    loss.terms = ("share",)
    parts = loss.of_faces(Fixed(), gray(2), torch.arange(2))
    assert list(parts) == ["share"]
    assert parts["share"].item() == pytest.approx(math.log(2))


def _two_faces():
    from clinic_app.training.data import FerData

    votes = np.zeros((2, 10), np.int64)
    votes[:, 3], votes[:, 0] = (2, 9), (8, 1)
    flat = np.zeros(2, np.int64)
    images = np.full((2, 48, 48), 90, np.uint8)
    return FerData(images, votes, flat, flat, flat.astype(bool), flat - 1)


def test_an_exported_rival_says_the_same_and_can_be_timed(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net = FaceReader(REFERENCE_NETS["asymmetry-cnn"].make()).eval()
    names = ["severity_logits", "emotion_logits", "share_logit", "embedding"]
    file = export(net, tmp_path / "net.onnx", names, {"name": "asymmetry-cnn"})
    assert max(file.parity.values()) < 2e-3
    assert time_interleaved({"net": file.path}, rounds=1)["net"] > 0.0


def test_an_untrained_transform_net_returns_the_face_and_a_trained_one_redraws_it(
    tmp_path: Path,
) -> None:
    torch.manual_seed(3)
    net = TransformNet().eval()
    face = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(net(face), face)
    nn.init.normal_(net.last[1].weight, std=0.05)
    drawn = net(face)
    assert drawn.shape == face.shape
    assert 0.0 <= drawn.min().item() <= drawn.max().item() <= 1.0
    assert (drawn - face).abs().mean().item() > 0.01
    export(net, tmp_path / "johnson.onnx", ["normalised"], {"name": "johnson"})
    picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    corrected = correction(tmp_path / "johnson.onnx")(picture)
    assert (corrected.shape, corrected.dtype) == ((96, 96, 3), np.uint8)
    batch = picture.transpose(2, 0, 1)[None].astype(np.float32) / 255
    session = ort.InferenceSession(str(tmp_path / "johnson.onnx"))
    (expected,) = session.run(["normalised"], {"face": batch})
    gap = np.abs(corrected.transpose(2, 0, 1) / 255 - expected[0])
    assert gap.max() <= 0.5 / 255 + 1e-6
