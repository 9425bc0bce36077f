"""Every figure about the severity net: agreement with raters, people beside it, light, groups."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics, panel
from clinic_app.inference.evaluate import CHAIN_SIDE
from clinic_app.training import (
    calibrate,
    certainty,
    choice,
    evaluate,
    fer_head,
    groups,
    leaks,
    light,
    sanity,
    splits,
)
from clinic_app.training.chain import Pipeline
from clinic_app.training.evaluate import Bytes, OnnxModels, Said, Truth
from clinic_app.training.light import Correction, Lit, light_figures
from clinic_app.training.prepare import Workspace
from clinic_app.training.style import as_colour

log = logging.getLogger("training")

BRIEF = 300
BRIEF_SUBJECTS = 2


@dataclass(frozen=True)
class Extent:
    """How much is measured where a whole part would take too long."""

    chain_faces: int | None  # all when None
    chain_lights: int | None  # all when None
    head_rows: int | None  # training faces of the seven-class head
    panel_rounds: int
    map_faces: int
    map_seeds: int


FULL = Extent(None, None, None, 200, 120, 5)
QUICK = Extent(24, 24, 200, 10, 12, 1)


def some_of(rows: NDArray[np.int64], brief: bool, wanted: int = BRIEF) -> NDArray[np.int64]:
    """All rows, or `wanted` of them spread evenly."""
    if not brief or len(rows) <= wanted:
        return rows
    return rows[np.linspace(0, len(rows) - 1, wanted).astype(int)]


@dataclass(frozen=True)
class ReadingMeasurement:
    """Figures of the severity net and of what the normaliser does for it."""

    work: Workspace
    models: OnnxModels
    threshold: float
    rows: list[calibrate.IntervalRow]
    brief: bool = False
    johnson: Correction | None = None

    def all(self) -> dict[str, Any]:
        """Every figure; raises ValueError when parts share pictures or people."""
        checked = leaks.check(self.work)
        figures = self.accuracy()
        parts = {
            "human_panel": self.human_panel,
            "fer2013_seven_classes": self.seven_classes,
            "through_the_pipeline": self.pipeline,
            "choice": self.choice,
            "map_randomisation": self.map_randomisation,
        }
        for name, measure in parts.items():
            figures[name] = measure()
            log.info("measured: %s", name)
        return {**figures, **self.light(), **self.groups(), "leak_check": checked}

    # ------------------------------------------------------------ agreement with raters

    @cached_property
    def test_rows(self) -> NDArray[np.int64]:
        """Rows of the public test part that are measured."""
        return some_of(self.work.fer_split.test, self.brief)

    @cached_property
    def truth(self) -> Truth:
        return Truth.of(self.work.fer.votes[self.test_rows])

    @cached_property
    def readings(self) -> dict[str, Said]:
        """The test faces as they are and evened out, with their mirror images and without."""
        faces = self.work.fer_faces(self.test_rows)
        even = self.models.normalise(faces)
        return {
            "raw": self.models.read(faces),
            "normalised": self.models.read(even),
            "raw_once": self.models.read_once(faces),
            "normalised_once": self.models.read_once(even),
        }

    def accuracy(self) -> dict[str, Any]:
        """Scores of all four readings, of the trivial answer, calibration and its curves."""
        truth, readings = self.truth, self.readings
        raw, even = readings["raw"], readings["normalised"]
        figures: dict[str, Any] = {
            "part": "public test part of FER2013, at least 5 valid votes, duplicates once",
            "n": len(self.test_rows),
            **{
                name: evaluate.severity_figures(said, truth, self.threshold)
                for name, said in readings.items()
            },
            "normalised_minus_raw_pearson": evaluate.pearson_gap(even, raw, truth),
            "mirrored_minus_once_pearson": evaluate.pearson_gap(raw, readings["raw_once"], truth),
            "normalised_minus_raw_auc": evaluate.auc_gap(even, raw, truth),
            "training_mean_for_every_face": evaluate.baseline_figures(
                truth, self.work.fer.votes[self.work.fer_split.train]
            ),
            "raw_and_normalised_band_apart_by_more_than_one": evaluate.mean_with_interval(
                (np.abs(raw["band"] - even["band"]) > 1).astype(float)
            ),
            "fer2013_labels": fer_head.beside_ferplus(
                self.work.fer.fer_label[self.test_rows], truth.emotion
            ),
            "confusion_bands": {
                name: metrics.confusion_matrix(truth.band, said["band"], 4).tolist()
                for name, said in readings.items()
            },
            "confusion_emotions": {
                name: metrics.confusion_matrix(
                    truth.emotion, said["emotion_logits"].argmax(axis=1), 8
                ).tolist()
                for name, said in readings.items()
            },
            **certainty.certainty_figures(readings, truth, self.rows, self._refused_below),
        }
        for name in readings:
            log.info("severity %s %s", name, {k: str(v) for k, v in figures[name].items()})
        return figures

    @property
    def _refused_below(self) -> float:
        return float(self.models.calibration["abstain_below_max_probability"])

    def human_panel(self) -> dict[str, Any]:
        """Panels of human raters against the raters who are left, and the net against these."""
        return self._beside_people(self.readings["raw"], self.test_rows)

    def _beside_people(self, said: Said, rows: NDArray[np.int64]) -> dict[str, Any]:
        """What was said of the faces of `rows` against their raters, and panels of these."""
        votes = self.work.fer.votes[rows]
        whole = votes.sum(axis=1) == 10  # one image of the set has nine raters
        mine = panel.Said(
            said["sadness"].astype(np.float64)[whole],
            (said["sadness"] >= self.threshold)[whole],
            said["band"].astype(np.int64)[whole],
            said["emotion_logits"].argmax(axis=1)[whole],
        )
        rounds = self._extent.panel_rounds
        return {
            "n": int(whole.sum()),
            "rounds": rounds,
            "reliability": panel.reliability(votes[whole]),
            "sizes": {
                str(k): {
                    "people": panel.panel_figures(votes[whole], k, rounds=rounds),
                    "net": panel.model_figures(mine, votes[whole], k, rounds=rounds),
                }
                for k in panel.SIZES
            },
        }

    @cached_property
    def seven_class_head(self) -> fer_head.Head:
        """A linear head on the embedding for FER2013's own labels, fitted on training faces."""
        work, limit = self.work, self._extent.head_rows
        train = some_of(work.fer_split.train, limit is not None, limit or 0)
        held = some_of(work.fer_split.validation, self.brief)
        faces, label = work.fer_faces(train), work.fer.fer_label[train]
        seen = np.concatenate([self._embedding(faces), self._embedding(faces[:, :, ::-1])])
        return fer_head.fit(
            seen,
            np.concatenate([label, label]),
            self.models.read(work.fer_faces(held))["embedding"],
            work.fer.fer_label[held],
        )

    def seven_classes(self) -> dict[str, Any]:
        """What that head reaches against FER2013's labels."""
        train, limit = self.work.fer_split.train, self._extent.head_rows
        figures: dict[str, Any] = {
            "n_trained": len(some_of(train, limit is not None, limit or 0)),
            "penalty": self.seven_class_head.penalty,
            **{
                name: self._seven_classes_of(said, self.test_rows)
                for name, said in self.readings.items()
            },
        }
        log.info("seven classes %s", {k: str(v["accuracy"]) for k, v in _readings(figures).items()})
        return figures

    def _seven_classes_of(self, said: Said, rows: NDArray[np.int64]) -> dict[str, Any]:
        truth = self.work.fer.fer_label[rows]
        decided = self.seven_class_head.scores(said["embedding"]).argmax(axis=1)
        right = (decided == truth).astype(float)
        return {
            "accuracy": evaluate.mean_with_interval(right),
            "sad_recall": evaluate.mean_with_interval(right[truth == fer_head.SAD]),
            "confusion": metrics.confusion_matrix(truth, decided, 7).tolist(),
        }

    def _embedding(self, faces: Bytes) -> NDArray[np.float32]:
        return self.models.read_once(np.ascontiguousarray(faces))["embedding"]

    # ------------------------------------------------------------ the whole pipeline

    def pipeline(self) -> dict[str, Any]:
        """Test faces, unseen subjects under light, and people of all groups who were not trained
        on, each found and gated."""
        pipeline, extent = Pipeline(self.work, self.models), self._extent
        limit = extent.chain_faces
        places = some_of(np.arange(len(self.test_rows)), limit is not None, limit or 0)
        which = (
            f"all {len(places)} faces of"
            if limit is None
            else f"{len(places)} faces spread evenly over"
        )
        lit, lights = self._lit(some_of(self._unseen, self.brief, extent.chain_lights or 0))
        return {
            "sample": f"{which} the part, enlarged to {CHAIN_SIDE} pixels",
            "faces": pipeline.faces(
                self.work.fer.images[self.test_rows[places]],
                self.truth.only(places),
                self.threshold,
                partial(self._also_through, places),
                lambda said, kept: self._beside_people(said, self.test_rows[places[kept]]),
                {k: evaluate.some_said(self.readings[k], places) for k in certainty.READINGS},
            ),
            "light": pipeline.lights(self.work.yale.images[lights], lit, self.corrections),
            "people": pipeline.people(self.work.utk, some_of(self._others, self.brief)),
        }

    def _also_through(
        self, places: NDArray[np.int64], said: Said, kept: NDArray[np.int64]
    ) -> dict[str, Any]:
        """FER2013's own labels, calibration, interval and refusing, for the `kept` of the faces."""
        seven = self._seven_classes_of(said, self.test_rows[places[kept]])
        p = evaluate.softmax_double(said["severity_logits"])
        band = self.truth.band[places[kept]]
        refusing = certainty.abstention(p, said["band"] == band, self._refused_below)
        return {
            "fer2013_accuracy": seven["accuracy"],
            "fer2013_sad_recall": seven["sad_recall"],
            "ece_positive": certainty.positive_ece(p, self.truth.positive[places[kept]]),
            "interval_covered": certainty.held(p, band, self.rows),
            "refused": refusing["refused"],
            "wrong_of_the_read": refusing["wrong_of_the_read"],
        }

    @cached_property
    def _others(self) -> NDArray[np.int64]:
        """UTKFace rows whose picture was not trained on, each picture once, also those in which no
        face was found."""
        trained = self.work.utk_faces[1][self.work.utk_parts[0]]
        everyone = np.arange(len(self.work.utk.age))
        return splits.others_once(self.work.utk_pictures, trained, everyone)

    # ------------------------------------------------------------ light

    @cached_property
    def _unseen(self) -> NDArray[np.int64]:
        """Yale B rows of subjects that neither trained nor chose anything."""
        subjects = self.work.yale_subjects.test
        return self.work.light_rows(subjects[: BRIEF_SUBJECTS if self.brief else None])

    def light(self) -> dict[str, Any]:
        """Steadiness over Yale B lights: unseen subjects in two framings, then all subjects."""
        work, rows = self.work, self._unseen
        parts = {"light_unseen_subjects": (rows, as_colour(work.yale_faces[rows]))}
        if not self.brief:
            everyone = np.arange(len(work.yale.subject))
            parts["light_unseen_subjects_unaligned"] = (rows, work.yale_plain(rows))
            parts["light_all_subjects"] = (everyone, as_colour(work.yale_faces))
        return {name: self._corrections(rows, faces) for name, (rows, faces) in parts.items()}

    @property
    def corrections(self) -> dict[str, Correction]:
        """What may be done to a crop before it is read."""
        found: dict[str, Correction] = {
            "raw": lambda given: given,
            "grey_world": light.grey_world,
            "clahe": light.clahe,
        }
        if self.johnson is not None:
            found["johnson"] = self.johnson
        return {**found, "ours": self.models.normalise}

    def _corrections(self, rows: NDArray[np.int64], faces: Bytes) -> dict[str, Any]:
        lit, rows = self._lit(rows)
        figures: dict[str, Any] = {}
        bands: dict[str, NDArray[np.int64]] = {}
        for name, correct in self.corrections.items():
            shown = correct(faces)
            answers = {name: self.models.read(shown)}
            if name in ("raw", "ours"):
                answers[f"{name}_once"] = self.models.read_once(shown)
            for kind, said in answers.items():
                bands[kind] = said["band"].astype(np.int64)
                figures[kind] = light_figures(said["sadness"].astype(np.float64), bands[kind], lit)
                log.info("light %s: spread %s, flips %s", kind, *_two(figures[kind]))
        figures["times_fewer_flips"] = light.fewer_flips(bands["raw"], bands["ours"], lit)
        return figures

    def _lit(self, rows: NDArray[np.int64]) -> tuple[Lit, NDArray[np.int64]]:
        """The lights of Yale B rows; every subject's frontal row is added where it is missing."""
        yale = self.work.yale
        rows = np.union1d(rows, self.work.frontal_rows(rows))
        return Lit(
            yale.subject[rows],
            np.searchsorted(rows, self.work.frontal_rows(rows)),
            light.light_angle(yale.azimuth[rows], yale.elevation[rows]),
        ), rows

    def choice(self) -> dict[str, Any]:
        """Which reading counts, decided on validation faces and on the subjects that chose before.

        No face and no subject that the card reports on first takes part.
        """
        rows = some_of(self.work.fer_split.validation, self.brief)
        lit, lights = self._lit(self.work.light_rows(self.work.yale_subjects.validation))
        return choice.figures(
            self.models,
            self.work.fer_faces(rows),
            Truth.of(self.work.fer.votes[rows]),
            as_colour(self.work.yale_faces[lights]),
            lit,
        )

    # ------------------------------------------------------------ groups and the map

    def groups(self) -> dict[str, Any]:
        """Mean `sadness` by group of UTKFace faces that were not trained on, and the shifts."""
        faces, rows = self.work.utk_faces
        chosen = some_of(self.work.utk_parts[1], self.brief)
        faces, rows = faces[chosen], rows[chosen]
        raw = self.models.read(faces)["sadness"].astype(np.float64)
        even = self.models.read(self.models.normalise(faces))["sadness"].astype(np.float64)
        return groups.compared(groups.group_masks(self.work.utk, rows), raw, even)

    def map_randomisation(self) -> dict[str, Any]:
        """Whether the activation map falls apart when the weights are shuffled."""
        rows = some_of(self.test_rows, True, self._extent.map_faces)
        return sanity.randomisation_check(
            self.models.folder / "severity.onnx",
            self.work.fer_faces(rows),
            seeds=self._extent.map_seeds,
        )

    @property
    def _extent(self) -> Extent:
        return QUICK if self.brief else FULL


def _readings(figures: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in figures.items() if isinstance(v, dict)}


def _two(figures: light.LightFigures) -> tuple[str, str]:
    return str(figures.spread), str(figures.flips_near)
