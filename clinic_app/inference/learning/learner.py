"""Implements ``HeadLearner``: records in, arrays through the arithmetic, records out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinic_app.domain.drift import DriftVersion
from clinic_app.domain.errors import WrongState
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.local_head import Comparison, LocalHead, look_coverage
from clinic_app.inference.learning.comparison import Judged, compare
from clinic_app.inference.learning.fitting import Cases, fit, people_by_band
from clinic_app.inference.learning.ordinal import median_band, probabilities
from clinic_app.inference.learning.watch import drift
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.learning_data import (
    FittedHead,
    HeadLearner,
    JudgedCase,
    LabelledCase,
    LearningStopped,
)


def open_head_learner() -> HeadLearner:
    return NumpyLearner()


def unpacked(embeddings: Sequence[bytes]) -> FloatArray:
    """Stored embeddings as float64 [n, d]."""
    rows = np.frombuffer(b"".join(embeddings), dtype="<f4")
    return rows.reshape(len(embeddings), -1).astype(np.float64)


class NumpyLearner:
    """Embeddings arrive as stored bytes: float32, little-endian, one length for all cases."""

    def fit(
        self,
        cases: Sequence[LabelledCase],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> FittedHead:
        """A head for these cases; ``progress`` is told shares from 0 to 1.

        Raises ``LearningStopped``, and ``WrongState`` where a band is hardly there.
        """

        def step(share: float) -> None:
            if stop():
                raise LearningStopped("The fit was stopped; nothing was kept.")
            progress(share)

        ready = Cases(
            unpacked([one.embedding for one in cases]),
            np.array([int(one.band) for one in cases]),
            np.array([one.person for one in cases]),
        )
        try:
            found = fit(ready, step)
        except ValueError as error:
            raise WrongState("These cases cannot be fitted: a band is hardly there.") from error
        return FittedHead(
            cuts=tuple(map(float, found.cuts)),
            weights=tuple(map(float, found.weights)),
            people_by_band=tuple(int(one) for one in people_by_band(ready)),
            effective_cases=found.effective,
            effective_weights=found.freedom,
            penalty=found.penalty,
            slope=found.slope,
            out_of_fold_kappa=found.out_of_fold_kappa,
            out_of_fold_loss=found.out_of_fold_loss,
        )

    def compare(
        self,
        head: LocalHead,
        cases: Sequence[JudgedCase],
        *,
        look: int,
        left_out: int,
        champion: LocalHead | None = None,
    ) -> Comparison:
        """The head against the shipped reading, and against the ``champion`` in use, on cases that
        neither was fitted on; ``look`` counts the comparisons on these people, from 1."""
        x = unpacked([one.embedding for one in cases])
        local = _said(head, x)
        judged = Judged(
            truth=np.array([int(one.band) for one in cases]),
            people=np.array([one.person for one in cases]),
            shipped=np.array([int(one.shipped_band) for one in cases]),
            shipped_shares=np.array([one.shipped_shares for one in cases]),
            local=median_band(local),
            local_shares=local,
            in_use=champion,
            in_use_shares=None if champion is None else _said(champion, x),
        )
        return compare(judged, look, look_coverage(look), left_out)

    def drift(
        self, cases: Sequence[tuple[FaceCase, str]], stop: Stop = never
    ) -> tuple[DriftVersion, ...]:
        """Month by month, for each version of the models."""
        return drift(cases, stop)


def _said(head: LocalHead, x: FloatArray) -> FloatArray:
    """Shares of the four bands for embeddings [n, d], [n, 4]."""
    return probabilities(x @ np.array(head.weights), np.array(head.cuts))
