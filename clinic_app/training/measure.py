"""What the cards say: every figure of a release, measured on its exported files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import calibrate, evaluate
from clinic_app.training.evaluate import Bytes, LightFigures, OnnxModels, Truth
from clinic_app.training.landmarks import face_crops
from clinic_app.training.prepare import Workspace
from clinic_app.training.style import as_colour

log = logging.getLogger("training")

BRIEF = 300
RETEST_FACES = 250
BRIEF_SUBJECTS = 2
BRIEF_RETEST_FACES = 30
AGES = ((16, 30), (31, 45), (46, 60), (61, 120))
SEXES = ("male", "female")
RACES = ("White", "Black", "Asian", "Indian", "Other")


@dataclass(frozen=True)
class Measurement:
    """Figures of one folder of exported models on parts that were not trained on."""

    work: Workspace
    models: OnnxModels
    threshold: float
    rows: list[calibrate.IntervalRow]
    brief: bool = False

    def all(self) -> dict[str, dict[str, Any]]:
        """Figures by model."""
        return {
            "severity": self.severity(),
            "style": self.style(),
            "landmarks": self.landmarks(),
        }

    def severity(self) -> dict[str, Any]:
        """Reading on the public test part, raw and normalised; steadiness; groups."""
        rows = self._some(self.work.fer_split.test)
        faces, truth = self.work.fer_faces(rows), Truth.of(self.work.fer.votes[rows])
        raw, even = self.models.read(faces), self.models.read(self.models.normalise(faces))
        train = self.work.fer_split.train
        share = metrics.sadness_share(self.work.fer.votes[train])
        bands = np.bincount(metrics.severity_band(share), minlength=4) / len(train)
        p = calibrate.softmax(raw["severity_logits"].astype(np.float64))
        figures: dict[str, Any] = {
            "part": "public test part of FER2013, at least 5 valid votes, duplicates once",
            "n": len(rows),
            "raw": evaluate.severity_figures(raw, truth, self.threshold),
            "normalised": evaluate.severity_figures(even, truth, self.threshold),
            "normalised_minus_raw_pearson": evaluate.paired_difference(
                _double(even["sadness"]), _double(raw["sadness"]), truth.share
            ),
            "training_mean_for_every_face": evaluate.baseline_figures(
                truth, float(share.mean()), bands
            ),
            "percent_interval_covered": evaluate.mean_with_interval(
                calibrate.covered(calibrate.percent(p), truth.band, self.rows).astype(float)
            ),
            "raw_and_normalised_band_apart_by_more_than_one": float(
                (np.abs(raw["band"] - even["band"]) > 1).mean()
            ),
            "confusion_bands": metrics.confusion_matrix(truth.band, raw["band"], 4).tolist(),
            "confusion_emotions": metrics.confusion_matrix(
                truth.emotion, raw["emotion_logits"].argmax(axis=1), 8
            ).tolist(),
        }
        log.info("severity raw %s", {k: str(v) for k, v in figures["raw"].items()})
        log.info("severity even %s", {k: str(v) for k, v in figures["normalised"].items()})
        return {**figures, **self.light(), "groups": self.groups()}

    def light(self) -> dict[str, Any]:
        """Spread of `sadness` over Yale B lights: unseen subjects (two framings), all subjects."""
        work = self.work
        subjects = work.yale_subjects.test
        unseen = work.light_rows(subjects[: BRIEF_SUBJECTS if self.brief else None])
        everyone = np.arange(len(work.yale.subject))
        parts = {"light_unseen_subjects": (unseen, as_colour(work.yale_faces[unseen]))}
        if not self.brief:
            parts["light_unseen_subjects_unaligned"] = (unseen, work.yale_plain(unseen))
            parts["light_all_subjects"] = (everyone, as_colour(work.yale_faces))
            parts["light_all_subjects_unaligned"] = (everyone, work.yale_plain(everyone))
        answer = {name: self._corrections(rows, faces) for name, (rows, faces) in parts.items()}
        for name, figures in answer.items():
            log.info("%s %s", name, {k: (str(v.spread), str(v.flips)) for k, v in figures.items()})
        return answer

    def _corrections(self, rows: NDArray[np.int64], faces: Bytes) -> dict[str, LightFigures]:
        versions = {
            "raw": faces,
            "grey_world": evaluate.corrected(faces, evaluate.grey_world),
            "clahe": evaluate.corrected(faces, evaluate.clahe),
            "ours": self.models.normalise(faces),
        }
        yale = self.work.yale
        frontal = np.searchsorted(rows, self.work.frontal_rows(rows))
        angle = evaluate.light_angle(yale.azimuth[rows], yale.elevation[rows])
        figures = {}
        for name, version in versions.items():
            said = self.models.read(version)
            figures[name] = evaluate.light_figures(
                _double(said["sadness"]),
                said["band"].astype(np.int64),
                yale.subject[rows],
                frontal,
                angle,
            )
        return figures

    def groups(self) -> dict[str, Any]:
        """Mean normalised and raw `sadness` by group of UTKFace; there is no truth to compare."""
        faces, rows = self.work.utk_faces
        chosen = self._some(self.work.utk_parts[1])
        faces, rows = faces[chosen], rows[chosen]
        raw = _double(self.models.read(faces)["sadness"])
        even = _double(self.models.read(self.models.normalise(faces))["sadness"])
        utk = self.work.utk
        masks = {f"sex {name}": utk.gender[rows] == k for k, name in enumerate(SEXES)}
        masks |= {f"group {name}": utk.race[rows] == k for k, name in enumerate(RACES)}
        masks |= {
            f"age {low}-{high}": (utk.age[rows] >= low) & (utk.age[rows] <= high)
            for low, high in AGES
        }
        return {
            name: {
                "n": int(mask.sum()),
                "raw": evaluate.mean_with_interval(raw[mask]),
                "normalised": evaluate.mean_with_interval(even[mask]),
            }
            for name, mask in masks.items()
            if mask.sum() > 1
        }

    def style(self) -> dict[str, Any]:
        """What normalising does to clean faces: landmarks, emotions, brightness."""
        rows = self._some(self.work.fer_split.test)
        faces = self.work.fer_faces(rows)
        even = self.models.normalise(faces)
        before, after = self.models.read(faces), self.models.read(even)
        same = before["emotion_logits"].argmax(axis=1) == after["emotion_logits"].argmax(axis=1)
        video = self._some(self.work.ytf_split.test)
        frames = self._video_faces(video)
        drift = evaluate.point_errors(
            self.models.points(self.models.normalise(frames)), self.models.points(frames)
        )
        figures = {
            "emotion_agreement_clean": evaluate.mean_with_interval(same.astype(float)),
            "landmark_drift_percent": evaluate.grouped_mean_interval(
                drift, self.work.ytf.identity[video]
            ),
            "mean_absolute_change": float(np.abs(even.astype(float) - faces).mean() / 255),
            "n_faces": len(rows),
            "n_frames": len(video),
        }
        log.info("style %s", {k: str(v) for k, v in figures.items()})
        return figures

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
        wanted = min(BRIEF_RETEST_FACES if self.brief else RETEST_FACES, len(rows))
        some = rows[np.linspace(0, len(rows) - 1, wanted).astype(int)]
        figures = {
            "part": "YouTube Faces, people not trained on; the points are machine-made",
            "n_frames": len(rows),
            "n_people": len(np.unique(people)),
            "error_percent": evaluate.grouped_mean_interval(single, people),
            "error_percent_mirrored_pair": evaluate.grouped_mean_interval(paired, people),
            "mean_shape_error_percent": evaluate.grouped_mean_interval(constant, people),
            "asymmetry_correlation_with_labels": {
                name: metrics.pearson(sides[name], label_sides[name]) for name in sides
            },
            "asymmetry_deviation": {name: float(sides[name].std()) for name in sides},
            "asymmetry_deviation_of_labels": {
                name: float(label_sides[name].std()) for name in sides
            },
            "asymmetry_test_retest": evaluate.retest_deviation(
                self.models, work.ytf_crops.images[some]
            ),
        }
        log.info("landmarks %s", {k: str(v) for k, v in figures.items()})
        return figures

    def _video_faces(self, rows: NDArray[np.int64]) -> Bytes:
        faces, _ = face_crops(self.work.ytf_crops, rows)
        return np.ascontiguousarray((faces * 255).round().byte().permute(0, 2, 3, 1).numpy())

    def _some(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        if not self.brief or len(rows) <= BRIEF:
            return rows
        return rows[np.linspace(0, len(rows) - 1, BRIEF).astype(int)]


def _double(values: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
