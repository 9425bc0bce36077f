"""What the cards say: every figure of a release, measured on its exported files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import agreement, calibrate, certainty, evaluate, groups, skin
from clinic_app.training.evaluate import Bytes, OnnxModels
from clinic_app.training.framing import landmark_shift
from clinic_app.training.landmarks import face_crops
from clinic_app.training.light import Correction
from clinic_app.training.measure_reading import ReadingMeasurement, some_of
from clinic_app.training.point_labels import face_pool
from clinic_app.training.prepare import Workspace
from clinic_app.training.retest import retest_deviation

log = logging.getLogger("training")

RETEST_FACES = 250
BRIEF_RETEST_FACES = 30


def johnson_of(trained: Path | None) -> Correction | None:
    """The Johnson net that the comparison of a training run left, if there is one.

    Its file has input `face` [n, 3, 96, 96] and output `normalised`, as the shipped normaliser.
    """
    path = trained / "nets" / "johnson.onnx" if trained else None
    if path is None or not path.exists():
        return None
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def correct(faces: Bytes) -> Bytes:
        (out,) = evaluate.run_batches(session, faces, ["normalised"])
        return np.ascontiguousarray((out * 255).round().astype(np.uint8).transpose(0, 2, 3, 1))

    return correct


@dataclass(frozen=True)
class Measurement:
    """Figures of one folder of exported models on parts that were not trained on."""

    work: Workspace
    models: OnnxModels
    threshold: float
    rows: list[calibrate.IntervalRow]
    brief: bool = False
    johnson: Correction | None = None

    def all(self) -> dict[str, dict[str, Any]]:
        """Figures by model; raises ValueError when a part was trained on that must not be."""
        return {
            "severity": self.severity(),
            "style": self.style(),
            "landmarks": self.landmarks(),
        }

    def severity(self) -> dict[str, Any]:
        """Reading on the public test part, beside human panels, under light, by group."""
        return self.reading().all()

    def reading(self) -> ReadingMeasurement:
        """What measures the reading."""
        return ReadingMeasurement(
            self.work, self.models, self.threshold, self.rows, self.brief, self.johnson
        )

    def style(self) -> dict[str, Any]:
        """What normalising does to clean faces: landmarks, emotions, brightness."""
        rows = self._some(self.work.fer_split.test)
        faces = self.work.fer_faces(rows)
        even = self.models.normalise(faces)
        before, after = self.models.read(faces), self.models.read(even)
        same = before["emotion_logits"].argmax(axis=1) == after["emotion_logits"].argmax(axis=1)
        truth = evaluate.Truth.of(self.work.fer.votes[rows])
        video = self._some(self.work.ytf_split.test)
        frames = self._video_faces(video)
        after_points = self.models.points(self.models.normalise(frames))
        before_points, people = self.models.points(frames), self.work.ytf.identity[video]
        drift, of_the_eyes = (
            evaluate.grouped_mean_interval(
                evaluate.point_errors(after_points, before_points, between), people
            )
            for between in (evaluate.OUTER_CORNERS, evaluate.EYES)
        )
        figures = {
            "emotion_agreement_clean": evaluate.mean_with_interval(same.astype(float)),
            "landmark_drift_percent": drift,
            "landmark_drift_interocular_percent": of_the_eyes,
            "mean_absolute_change": float(np.abs(even.astype(float) - faces).mean() / 255),
            "emotions_moved": certainty.emotions_moved(before, after, truth.emotion),
            "emotions_moved_without_mirror": certainty.emotions_moved(
                before, self.models.read_once(faces), truth.emotion
            ),
            "n_faces": len(rows),
            "n_frames": len(video),
            "skin": self.skin(),
        }
        log.info("style %s", {k: str(v) for k, v in figures.items()})
        return figures

    def skin(self) -> dict[str, Any]:
        """What normalising does to the colour of faces, by group of people whom the
        severity net was not trained on; what the normaliser saw of them its entry says."""
        faces, rows = self.work.utk_faces
        some = self._some(self.work.utk_parts[1])
        shown = np.ascontiguousarray(faces[some])
        masks = groups.group_masks(self.work.utk, rows[some])
        return skin.shifts(masks, shown, self.models.normalise(shown))

    def landmarks(self) -> dict[str, Any]:
        """Error against the machine-made points of people not trained on, and repeatability."""
        work = self.work
        rows = self._some(work.ytf_split.test)
        truth = face_crops(work.ytf_crops, rows)[1].numpy()
        frames = self._video_faces(rows)
        people = work.ytf.identity[rows]
        mean = face_crops(work.ytf_crops, work.ytf_split.train)[1].numpy().mean(axis=0)
        single = evaluate.point_errors(self.models.points(frames), truth)
        points = self.models.paired_points(frames)
        paired = evaluate.point_errors(points, truth)
        sides, label_sides = evaluate.asymmetry(points), evaluate.asymmetry(truth)
        constant = evaluate.point_errors(np.broadcast_to(mean, truth.shape), truth)
        pool = face_pool(work)
        most = BRIEF_RETEST_FACES if self.brief else RETEST_FACES
        some = agreement.spread(pool.test, most)
        retest = self.retest(most)
        figures = {
            "part": "YouTube Faces, people not trained on; the points are machine-made",
            "n_frames": len(rows),
            "n_people": len(np.unique(people)),
            "error_percent": evaluate.grouped_mean_interval(single, people),
            "error_percent_mirrored_pair": evaluate.grouped_mean_interval(paired, people),
            "mean_shape_error_percent": evaluate.grouped_mean_interval(constant, people),
            "asymmetry_beside_labels": agreement.compared(sides, label_sides, people),
            "asymmetry_deviation": agreement.deviations(sides, people),
            "asymmetry_test_retest": {name: found.value for name, found in retest.items()},
            "asymmetry_test_retest_interval": retest,
            "asymmetry_known_bends": agreement.with_known_bends(self.models, pool.crops, some),
            "asymmetry_second_opinion": agreement.with_second_opinion(
                self.models, pool, work, most if self.brief else None
            ),
            "second_opinion": pool.second_opinion,
            "landmark_shift": self._landmark_shift(),
        }
        log.info("landmarks %s", {k: str(v) for k, v in figures.items()})
        return figures

    def retest(self, most: int) -> dict[str, metrics.Interval]:
        """Scatter of the side differences over burst-like repeats of at most so many faces."""
        work = self.work
        rows = agreement.spread(work.utk_faces[1][work.utk_parts[1]], most)
        pictures = [np.ascontiguousarray(work.utk.images[row]) for row in rows]
        return retest_deviation(self.models, pictures, list(work.utk_points[rows]), work.template)

    def _landmark_shift(self) -> list[list[float]]:
        """What `inference.alignment` has to know of this net, on faces cut by the detector."""
        faces = self.work.utk_faces[0][self._some(self.work.utk_parts[1])]
        points = self.models.paired_points(np.ascontiguousarray(faces))
        found: list[list[float]] = landmark_shift(points, self.work.template).tolist()
        return found

    def _video_faces(self, rows: NDArray[np.int64]) -> Bytes:
        faces, _ = face_crops(self.work.ytf_crops, rows)
        return np.ascontiguousarray((faces * 255).round().byte().permute(0, 2, 3, 1).numpy())

    def _some(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return some_of(rows, self.brief)
