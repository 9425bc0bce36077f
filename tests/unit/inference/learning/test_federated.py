"""Sites share sums alone, and the head is that of all their cases together."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.inference.learning.federated import (
    Answer,
    Ask,
    Moments,
    SiteTooSmall,
    answer,
    fit_sites,
    moments,
)
from clinic_app.inference.learning.fitting import Cases, standard_of
from clinic_app.inference.learning.ordinal import base_rates, newton, sums
from tests.unit.inference.learning.made_up import clinic

BASE = "severity 1 style 1"


def sites(count: int = 4, people: int = 150) -> list[Cases]:
    """Sites that differ in whom they see, one of them without anybody in the top band."""
    made = [clinic(seed, people=people, size=12).cases for seed in range(count)]
    made[-1] = made[-1].part(np.flatnonzero(made[-1].bands < 3))
    return made


def over_the_wire(message: Ask | Answer | Moments) -> Ask | Answer | Moments:
    return from_plain(type(message), json.loads(json.dumps(to_plain(message))))


def test_the_head_of_the_sums_is_that_of_the_pooled_cases() -> None:
    parts, penalty = sites(), 20.0
    asked: list[Ask] = []

    def ask_all(question: Ask) -> Sequence[Answer]:
        asked.append(question)
        heard = over_the_wire(question)
        return [over_the_wire(answer(one, BASE, heard)) for one in parts]

    cuts, weights = fit_sites(
        [over_the_wire(moments(one, BASE)) for one in parts], ask_all, penalty
    )
    x = np.vstack([one.x for one in parts])
    bands = np.concatenate([one.bands for one in parts])
    standard = standard_of(len(bands), x.sum(axis=0), (x**2).sum(axis=0))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    pooled = newton(
        lambda at, *, curvature: sums(z, bands, at, curvature=curvature),
        base_rates(np.bincount(bands, minlength=4), z.shape[1]),
        penalty,
    ).parameters
    assert standard.mean == pytest.approx(x.mean(axis=0))
    assert weights * x.std(axis=0) == pytest.approx(pooled[3:], abs=1e-6)
    assert cuts - weights @ x.mean(axis=0) == pytest.approx(pooled[:3], abs=1e-6)
    assert len(asked) < 30


def test_messages_hold_sums_and_no_case() -> None:
    (site, *_rest) = sites()
    sent = moments(site, BASE)
    rows = {row.tobytes() for row in site.x.astype("<f8")}
    assert sum(sent.cases_by_band) == len(site)
    assert not any(row in sent.total or row in sent.squares for row in rows)


def test_a_small_site_sends_nothing() -> None:
    few = clinic(1, people=15).cases
    with pytest.raises(SiteTooSmall):
        moments(few, BASE)
    site = sites()[0]
    rare = site.part(
        np.sort(np.append(np.flatnonzero(site.bands < 3), np.flatnonzero(site.bands == 3)[:2]))
    )
    with pytest.raises(SiteTooSmall):
        moments(rare, BASE)


def test_embeddings_of_other_models_are_not_mixed() -> None:
    parts = sites(2)
    sent = [moments(parts[0], BASE), moments(parts[1], "severity 2")]
    with pytest.raises(ValueError, match="same models"):
        fit_sites(sent, lambda ask: [], 1.0)
    ask = Ask("severity 2", b"", b"", b"", False)
    with pytest.raises(ValueError, match="other models"):
        answer(parts[0], BASE, ask)
