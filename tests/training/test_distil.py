"""What the student is shown, and the answers that go with it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from clinic_app.training.distil import LIT_PER_BATCH, DistilLoss
from clinic_app.training.nets import SeverityNet, StyleNet
from clinic_app.training.renew import RenewLoss, even_gray, evened, mixed
from clinic_app.training.views import Lessons

pytestmark = pytest.mark.training


def as_they_are(faces: Tensor, rng: torch.Generator) -> Tensor:
    return faces


def dimmed(faces: np.ndarray) -> np.ndarray:
    return faces // 2


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def flat_faces(n: int) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Faces of one gray each, and answers that tell the same gray."""
    level = torch.linspace(0, 1, n)
    bands = torch.stack([level, 1 - level, 0 * level, 0 * level], dim=1)
    emotions = torch.stack([level, 1 - level, *[0 * level] * 6], dim=1)
    return level.view(-1, 1, 1, 1).expand(-1, 1, 48, 48).clone(), (bands, emotions, level)


def test_a_mixture_of_faces_has_the_mixture_of_their_answers() -> None:
    faces, known = flat_faces(64)
    seen, (bands, emotions, share) = mixed(faces, known, seeded())
    torch.testing.assert_close(seen[:, 0, 24, 24], share)
    torch.testing.assert_close(bands[:, 0], share)
    torch.testing.assert_close(emotions[:, 0], share)
    torch.testing.assert_close(bands.sum(dim=1), torch.ones(64))


def test_about_half_of_the_faces_stay_whole_and_the_others_mostly_themselves() -> None:
    faces, known = flat_faces(400)
    _, (_, _, share) = mixed(faces, known, seeded())
    whole = share == known[2]
    assert 0.4 < float(whole.float().mean()) < 0.6
    # The partner lies within [0, 1], so half of a face's own value is the least that can be left.
    assert bool((share >= known[2] / 2 - 1e-6).all())
    assert bool((share <= known[2] / 2 + 0.5 + 1e-6).all())


@pytest.fixture
def work() -> SimpleNamespace:
    """Two subjects under two lights each; no light is drawn."""
    rng = np.random.default_rng(0)
    lit = rng.integers(0, 255, (4, 96, 96), dtype=np.uint8)
    return SimpleNamespace(
        relighter=as_they_are,
        light_rows=lambda _: np.arange(4),
        yale_subjects=SimpleNamespace(train=np.array([1, 2])),
        yale_faces=lit,
        yale_plain=lambda rows: np.repeat(lit[rows][..., None], 3, axis=3),
        frontal_rows=lambda _: np.array([0, 0, 2, 2]),
        seed=0,
    )


def lessons(views: int) -> Lessons:
    rng = seeded(1)
    faces = torch.randint(0, 255, (views, 6, 48, 48), generator=rng).byte()
    return Lessons(
        faces,
        torch.rand(views, 6, 4, generator=rng).softmax(2),
        torch.rand(views, 6, 8, generator=rng).softmax(2),
        torch.rand(views, 6, generator=rng),
    )


@pytest.fixture
def net() -> SeverityNet:
    torch.manual_seed(0)
    return SeverityNet()


@pytest.fixture(params=["distil", "renew"])
def loss(request: pytest.FixtureRequest, work: SimpleNamespace, net: SeverityNet) -> DistilLoss:
    if request.param == "distil":
        return DistilLoss(work, lessons(2), [net], StyleNet())  # type: ignore[arg-type]
    return renewing(work, net)


def renewing(work: SimpleNamespace, net: SeverityNet) -> RenewLoss:
    return RenewLoss(work, lessons(1), net, dimmed)  # type: ignore[arg-type]


def test_going_on_shows_no_face_twice_as_the_same_picture(
    work: SimpleNamespace, net: SeverityNet
) -> None:
    loss, rng, rows = renewing(work, net), seeded(), torch.arange(6)
    first, second = loss.shown(rows, rng)[0][:6], loss.shown(rows, rng)[0][:6]
    assert all(float((a - b).abs().mean()) > 0.01 for a, b in zip(first, second, strict=True))


def test_the_same_seed_shows_the_same_pictures(loss: DistilLoss) -> None:
    rows = torch.arange(6)
    (a, wanted_a, _), (b, wanted_b, _) = loss.shown(rows, seeded(3)), loss.shown(rows, seeded(3))
    assert torch.equal(a, b)
    assert torch.equal(wanted_a[2], wanted_b[2])


def test_showing_faces_leaves_the_lessons_as_they_are(loss: DistilLoss) -> None:
    before = loss._lessons.views.clone()
    for seed in range(4):
        loss.shown(torch.arange(6), seeded(seed))
    assert torch.equal(loss._lessons.views, before)


def test_a_lit_face_is_asked_for_the_answer_about_its_frontal_light(loss: DistilLoss) -> None:
    faces, _, meant = loss.shown(torch.arange(6), seeded())
    assert meant is not None
    bands, _, share = meant
    assert len(faces) == 6 + LIT_PER_BATCH
    assert bands.shape == (LIT_PER_BATCH, 4)
    known = {round(float(v), 5) for framing in loss._meant for v in framing[2]}
    assert {round(float(v), 5) for v in share} <= known


def test_the_loss_teaches_every_part_of_the_net(loss: DistilLoss) -> None:
    net = SeverityNet().train()
    parts = loss(net, torch.arange(6), seeded())
    torch.stack(list(parts.values())).sum().backward()
    assert set(parts) == {"band", "order", "emotion", "share", "score", "lit"}
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in net.parameters())


def test_the_reader_that_teaches_the_normaliser_sees_no_other_light(
    work: SimpleNamespace, net: SeverityNet
) -> None:
    def refused(faces: Tensor, rng: torch.Generator) -> Tensor:
        raise AssertionError("a light was drawn")

    work.relighter = refused
    loss = DistilLoss(work, lessons(2), [net], None, lights=False)  # type: ignore[arg-type]
    faces, wanted, meant = loss.shown(torch.arange(6), seeded())
    assert (len(faces), len(wanted[2]), meant) == (6, 6, None)
    learner = SeverityNet().train()
    parts = loss(learner, torch.arange(6), seeded())
    torch.stack(list(parts.values())).sum().backward()
    assert set(parts) == {"band", "order", "emotion", "share", "score"}
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in learner.parameters())


def test_evened_faces_are_what_the_normaliser_made_of_them() -> None:
    flat = torch.full((5, 48, 48), 200, dtype=torch.uint8)
    made = evened(flat, as_they_are, dimmed, seed=0)  # type: ignore[arg-type]
    assert made.shape == (5, 48, 48)
    assert int((made.int() - 100).abs().max()) <= 1
    colour = np.full((3, 96, 96, 3), 200, dtype=np.uint8)
    assert int((even_gray(colour, dimmed).int() - 100).abs().max()) <= 1
