"""The same figures through the whole pipeline: detect, align, gate, read, as the program does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.evaluate import enlarged
from clinic_app.inference.faces.finder import FaceFinder
from clinic_app.inference.faces.yunet import YuNet
from clinic_app.inference.landmarks import LandmarkNet
from clinic_app.inference.manifest import Calibration, FaceTemplate, RetestError
from clinic_app.inference.models import Stages
from clinic_app.inference.quality import LIVE_ONLY, judge
from clinic_app.inference.sessions import start
from clinic_app.inference.severity import SeverityNet
from clinic_app.inference.style import StyleNormaliser
from clinic_app.inference.timing import Stopwatch
from clinic_app.training import evaluate, groups, manifest
from clinic_app.training.data import UtkData
from clinic_app.training.evaluate import Bytes, OnnxModels, Said, Truth
from clinic_app.training.light import Correction, Lit, fewer_flips, light_figures, pooled
from clinic_app.training.prepare import Workspace


@dataclass(frozen=True)
class Passed:
    """What the gate let through: positions in the given pictures, and their crops."""

    rows: NDArray[np.int64]
    crops: Bytes  # [len(rows), 96, 96, 3]
    found: NDArray[np.int64]  # positions of the pictures with a face
    refused: dict[str, int]  # how often each reason was given
    given: int

    def acceptance(self, subject: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """Shares of the pictures, and the reasons for refusing. Pictures of one `subject` [given]
        are not independent: with them the intervals resample subjects."""
        return {
            "n": self.given,
            "face_found": _share(self.having(self.found), subject),
            "accepted": _share(self.having(self.rows), subject),
            "refused_for": self.refused,
        }

    def having(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the given pictures are among `rows`."""
        return np.isin(np.arange(self.given), rows)


def _share(which: NDArray[np.bool_], subject: NDArray[np.int64] | None) -> metrics.Interval:
    if subject is None:
        return evaluate.mean_with_interval(which.astype(float))
    mine = [subject == one for one in np.unique(subject)]
    return pooled(which, mine, np.ones(len(which), dtype=bool))


Judge = Callable[[Said, NDArray[np.int64]], dict[str, Any]]
"""Figures of what was read of the accepted pictures, whose positions it is given."""
PORTRAIT_ENLARGED = 1.5
"""How much a UTKFace portrait of 200 pixels is enlarged, so that its size alone refuses nobody."""


def _portrait(image: RgbImage) -> RgbImage:
    factor = PORTRAIT_ENLARGED
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return large.astype(np.uint8, copy=False)


class Pipeline:
    """The program's own stages over models that are not released yet."""

    def __init__(self, work: Workspace, models: OnnxModels) -> None:
        template = FaceTemplate.model_validate(manifest.template_entry(work.template))
        self._models = models
        self._chain = FaceChain(
            Stages(
                template=template,
                finder=FaceFinder(YuNet(start(work.detector.read_bytes(), "face", 1))),
                landmarks=LandmarkNet(models.sessions["landmarks"]),
                style=StyleNormaliser(models.sessions["style"], True),
                severity=SeverityNet(
                    models.sessions["severity"], Calibration.model_validate(models.calibration)
                ),
                normalised_counts=False,
                abstain_below=0.0,
                # No asymmetry is measured here, so its error is not asked for.
                asymmetry_error=RetestError(
                    eye_opening_percent=0, brow_height_percent=0, lip_corner_percent=0
                ),
                versions={},
            )
        )

    def passed(self, pictures: Iterable[RgbImage]) -> Passed:
        """Send pictures [h, w, 3] through detection, alignment and the gate."""
        rows, crops, found, given = list[int](), list[RgbImage](), list[int](), 0
        refused: Counter[str] = Counter()
        for place, picture in enumerate(pictures):
            given += 1
            seen = self._chain.see(picture, Stopwatch())
            if seen is None:
                continue
            found.append(place)
            quality = judge({k: v for k, v in seen.scores.items() if k not in LIVE_ONLY})
            if quality.accepted:
                rows.append(place)
                crops.append(seen.crop.image)
            refused.update(reason.value for reason in quality.reasons)
        side = self._chain.stages.template.size
        return Passed(
            np.array(rows, dtype=np.int64),
            np.stack(crops) if crops else np.zeros((0, side, side, 3), np.uint8),
            np.array(found, dtype=np.int64),
            dict(refused.most_common()),
            given,
        )

    def faces(
        self,
        images: NDArray[np.uint8],
        truth: Truth,
        threshold: float,
        also: Judge,
        beside_people: Judge,
        crops: Mapping[str, Said],
    ) -> dict[str, Any]:
        """Reading figures of gray web photographs [n, 48, 48], enlarged to a webcam's size.

        `also` adds figures of its own to those of every reading, `beside_people` tells of the raw
        one and the raters. `crops` is what was read of the same
        photographs without the pipeline: `as_crops` tells how the accepted ones are read there, so
        that what the gate leaves out is not taken for what the pipeline does.
        """
        seen = self.passed(enlarged(np.repeat(image[:, :, None], 3, axis=2)) for image in images)
        figures = seen.acceptance()
        if len(seen.rows) < 2:
            return figures
        kept = truth.only(seen.rows)
        even = self._models.normalise(seen.crops)
        read = {
            "raw": self._models.read(seen.crops),
            "normalised": self._models.read(even),
            "raw_once": self._models.read_once(seen.crops),
            "normalised_once": self._models.read_once(even),
        }
        figures["human_panel"] = beside_people(read["raw"], seen.rows)
        figures["normalising"] = self._normalising(seen.crops, even, read)
        for name, said in read.items():
            figures[name] = evaluate.severity_figures(said, kept, threshold)
            figures[name] |= also(said, seen.rows)
        figures["as_crops"] = {
            name: evaluate.severity_figures(evaluate.some_said(said, seen.rows), kept, threshold)
            | also(evaluate.some_said(said, seen.rows), seen.rows)
            for name, said in crops.items()
        }
        return figures

    def _normalising(self, crops: Bytes, even: Bytes, read: Mapping[str, Said]) -> dict[str, Any]:
        """What evening out does to the accepted faces: emotions kept, points moved."""
        one, other = (read[k]["emotion_logits"].argmax(axis=1) for k in ("raw", "normalised"))
        before, after = self._models.points(crops), self._models.points(even)
        moved = evaluate.point_errors(after, before)
        return {
            "emotion_agreement": evaluate.mean_with_interval((one == other).astype(float)),
            "landmark_drift_percent": evaluate.mean_with_interval(moved),
        }

    def people(self, utk: UtkData, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Acceptance by group of people, and the mean reading of those who were accepted."""
        seen = self.passed(_portrait(utk.images[row]) for row in rows)
        accepted = seen.having(seen.rows)
        figures = {
            **seen.acceptance(),
            "accepted_by_group": groups.acceptance(groups.group_masks(utk, rows), accepted),
        }
        if len(seen.rows) < 2:
            return figures
        masks = groups.group_masks(utk, rows[seen.rows])
        raw, even = (
            self._models.read(crops)["sadness"].astype(np.float64)
            for crops in (seen.crops, self._models.normalise(seen.crops))
        )
        return {**figures, **groups.compared(masks, raw, even)}

    def lights(
        self, images: NDArray[np.uint8], lit: Lit, corrections: Mapping[str, Correction]
    ) -> dict[str, Any]:
        """Steadiness of gray pictures [n, h, w], each found, aligned and gated by itself, under
        every correction of their crops; "raw" and "ours" must be among them."""
        seen = self.passed(np.repeat(image[:, :, None], 3, axis=2) for image in images)
        near = lit.angle <= 60.0
        accepted = seen.having(seen.rows)
        figures = {
            **seen.acceptance(lit.subject),
            "accepted_near": _share(accepted[near], lit.subject[near]),
        }
        kept, rows = lit.only(accepted)
        if not kept.other.any():
            return figures
        crops = seen.crops[np.searchsorted(seen.rows, rows)]
        read = {name: self._models.read(correct(crops)) for name, correct in corrections.items()}
        for name, said in read.items():
            figures[name] = light_figures(
                said["sadness"].astype(np.float64), said["band"].astype(np.int64), kept
            )
        figures["times_fewer_flips"] = fewer_flips(read["raw"]["band"], read["ours"]["band"], kept)
        return figures
