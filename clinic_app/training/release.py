"""From trained nets to a folder the application can load: calibrate, export, measure, describe."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from clinic_app.inference import metrics
from clinic_app.training import calibrate, cards, clinic_lessons, manifest
from clinic_app.training.evaluate import OnnxModels, Truth, softmax_double
from clinic_app.training.export import export
from clinic_app.training.graphs import SEVERITY_OUTPUTS, SeverityGraph, StyleGraph, folded
from clinic_app.training.measure import Measurement, johnson_of
from clinic_app.training.nets import LandmarkNet, SeverityNet, StyleNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.settled import set_cuts, set_temperatures
from clinic_app.training.severity import SeverityTargets
from clinic_app.training.twins import ship_twins

log = logging.getLogger("training")

OUTPUTS = {
    "severity": list(SEVERITY_OUTPUTS),
    "style": ["normalised"],
    "landmarks": ["points"],
}
BRIEF = 800
"""Validation faces that a quick run calibrates on."""
COVERAGE = 0.9
UNSETTLED = {
    "with_mirror_image": True,
    "temperature": 1.0,
    "emotion_temperature": 1.0,
    "band_cuts_on_sadness": list(metrics.BAND_EDGES),
}
"""What a file is written with before its settings are chosen."""
FILE_FACTS = ("file", "sha256", "bytes", "outputs")
"""What a manifest entry says of the file itself."""


@dataclass(frozen=True)
class Nets:
    """What is released together; a file stays as it is where there is no net for it, but for the
    settings of the severity file, which are chosen anew."""

    severity: SeverityNet | None = None
    style: StyleNet | None = None
    landmarks: LandmarkNet | None = None

    def names(self) -> list[str]:
        """The files that are written anew."""
        return [name for name in OUTPUTS if getattr(self, name) is not None]


@dataclass(frozen=True)
class Naming:
    """Version written into files, manifest and cards, and what is particular about the models."""

    version: str
    note: str = ""


@dataclass(frozen=True)
class Settings:
    """Calibration chosen on the validation part."""

    severity_temperature: float
    emotion_temperature: float
    cuts: list[float]
    threshold: float
    rows: list[calibrate.IntervalRow]
    half_width: float
    abstain_below: float
    risk_coverage: list[tuple[float, float]]


def release(
    work: Workspace,
    nets: Nets,
    folder: Path,
    naming: Naming,
    *,
    brief: bool = False,
    trained: Path | None = None,
) -> None:
    """Write the files of `nets`, the manifest and the cards into `folder`.

    A file is its int8 twin where that costs no accuracy (`twins`); all settings are chosen on what
    ships, and all figures are of it. Without any net the settings alone are new, for a change of
    how the program reads.

    `brief` measures on a few hundred faces instead of whole parts, for quick runs. `trained` is the
    folder of the training run, whose comparison goes onto the cards, and its learning curves where
    the severity net is of it.
    """
    names = nets.names()
    learnt = None if nets.severity is None else trained
    revision = manifest.git_revision(Path(__file__).parents[2])
    facts = {name: manifest.facts(name, naming.version, work.seed, revision) for name in names}
    if nets.severity is None:
        facts["severity"] = _kept(folder, naming, revision)
    else:
        facts["severity"]["data"] = [*manifest.DATA["severity"], *clinic_lessons.data_of(trained)]
        facts["severity"]["calibration"] = UNSETTLED
    for entry in facts.values():
        entry["note"] = naming.note
    draft = {
        name: export(
            graph,
            folder / f"{name}.onnx",
            OUTPUTS[name],
            {"name": name, **facts[name]},
            free_size=name == "style",
        )
        for name, graph in _graphs(nets).items()
    }
    log.info("exported: %s", {n: (f.bytes, f.parity) for n, f in draft.items()})
    if nets.severity is not None:
        # Floats and integers are held against each other with cuts that could ship.
        settle(work, folder, brief=brief)
    for name, entry in ship_twins(work, folder, names, brief=brief).items():
        facts[name] |= {key: manifest.plain(value) for key, value in entry.items()}
    settings = settle(work, folder, brief=brief)
    facts["severity"]["calibration"] = manifest.plain(_calibration_entry(settings))
    manifest.embed(folder / "severity.onnx", {"name": "severity", **facts["severity"]})
    publish(work, folder, facts, settings, brief=brief, trained=trained, learnt=learnt)


def _kept(folder: Path, naming: Naming, revision: str) -> dict[str, Any]:
    """What the manifest says of a severity file that keeps its weights."""
    with (folder / "manifest.json").open(encoding="utf-8") as stream:
        entry = json.load(stream)["models"]["severity"]
    held = {key: value for key, value in entry.items() if key not in (*FILE_FACTS, "metrics")}
    return {**held, **manifest.facts("severity", naming.version, entry["seed"], revision)}


def _graphs(nets: Nets) -> dict[str, nn.Module]:
    """What is exported of the nets that there are, by name."""
    graphs: dict[str, nn.Module] = {}
    if nets.severity is not None:
        graphs["severity"] = SeverityGraph(nets.severity, 1.0, 1.0, metrics.BAND_EDGES)
    if nets.style is not None:
        graphs["style"] = StyleGraph(nets.style)
    if nets.landmarks is not None:
        graphs["landmarks"] = folded(nets.landmarks)
    return graphs


def publish(
    work: Workspace,
    folder: Path,
    facts: dict[str, dict[str, Any]],
    settings: Settings,
    *,
    brief: bool,
    trained: Path | None,
    learnt: Path | None = None,
) -> None:
    """Measure the files in `folder`, and write what was found into those that `facts` names, the
    manifest and the cards; `learnt` is the folder of the run whose nets these are."""
    measurement = Measurement(
        work, OnnxModels(folder), settings.threshold, settings.rows, brief, johnson_of(trained)
    )
    figures = {"severity": measurement.severity(), "style": measurement.style()}
    facts["severity"]["reading_that_counts"] = figures["severity"]["choice"]["reading"]
    if "landmarks" in facts:
        figures["landmarks"] = found = measurement.landmarks()
        facts["landmarks"]["asymmetry_test_retest"] = found["asymmetry_test_retest"]
        if found["second_opinion"] is not None:
            taught = ["UTKFace sample", found["second_opinion"]]
            facts["landmarks"]["data"] = [*manifest.DATA["landmarks"], *taught]
    entries: dict[str, dict[str, Any]] = {}
    for name in facts:
        facts[name]["metrics"] = manifest.headline(manifest.plain(figures[name]))
        manifest.embed(folder / f"{name}.onnx", {"name": name, **facts[name]})
        entries[name] = {**file_entry(folder / f"{name}.onnx", OUTPUTS[name]), **facts[name]}
    written = manifest.write(folder, work.template, entries)
    cards.write_all(
        folder / "cards",
        json.loads(written.read_text(encoding="utf-8"))["models"],
        {n: manifest.plain(f) for n, f in figures.items()},
        trained,
        learnt,
    )


def settle(work: Workspace, folder: Path, *, brief: bool = False) -> Settings:
    """Choose temperatures, then cuts, threshold, interval and abstention for the severity file in
    `folder`, as the program reads: the mean over a face and its mirror image.

    Temperatures and cuts are put into the file.
    """
    rows = work.fer_split.validation[: BRIEF if brief else None]
    path, known = folder / "severity.onnx", SeverityTargets.of(work.fer)
    faces = work.fer_faces(rows)
    models = OnnxModels(folder)
    held = models.calibration
    views = [models.read_once(shown) for shown in (faces, np.ascontiguousarray(faces[:, :, ::-1]))]

    def temperature(logits: str, divided_by: float, wanted: torch.Tensor) -> float:
        plain = np.stack([view[logits].astype(np.float64) * divided_by for view in views])
        return calibrate.temperature(plain, wanted[rows].double().numpy())

    temperatures = (
        temperature("severity_logits", held["temperature"], known.bands),
        temperature("emotion_logits", held["emotion_temperature"], known.emotions),
    )
    set_temperatures(path, *temperatures)
    said = OnnxModels(folder).read_mirrored(faces)
    settings = chosen(
        softmax_double(said["severity_logits"]),
        said["sadness"],
        Truth.of(work.fer.votes[rows]),
        temperatures,
    )
    log.info("calibrated: %s", settings)
    set_cuts(path, settings.cuts)
    return settings


def chosen(
    p: NDArray[np.float64],
    score: NDArray[np.float64],
    truth: Truth,
    temperatures: tuple[float, float],
) -> Settings:
    """Settings by band probabilities [n, 4] and `sadness` [n] of faces whose truth is known."""
    predicted, cuts = calibrate.percent(p), calibrate.ordinal_cuts(score, truth.band)
    right = calibrate.decide(score, cuts) == truth.band
    return Settings(
        severity_temperature=temperatures[0],
        emotion_temperature=temperatures[1],
        cuts=cuts,
        threshold=metrics.best_balanced_threshold(truth.positive, score),
        rows=calibrate.interval_table(predicted, truth.band, COVERAGE),
        half_width=float(np.quantile(np.abs(100 * truth.band / 3 - predicted), COVERAGE)),
        abstain_below=calibrate.abstention_threshold(p, right),
        risk_coverage=calibrate.risk_coverage(p, right),
    )


def _calibration_entry(settings: Settings) -> dict[str, Any]:
    return {
        "method": (
            "One temperature per head, ordinal cuts on sadness with the highest quadratic weighted "
            "kappa, residual quantiles by predicted percent; all on the validation part, each face "
            "read with its mirror image"
        ),
        "with_mirror_image": True,
        "temperature": settings.severity_temperature,
        "emotion_temperature": settings.emotion_temperature,
        "band_cuts_on_sadness": settings.cuts,
        "threshold_share_0.35_on_sadness": settings.threshold,
        "percent_interval": {
            "coverage": COVERAGE,
            "half_width": settings.half_width,
            "rows": settings.rows,
            "meaning": (
                "for a predicted percent in [percent_from, percent_to), 100 * band / 3 of the "
                "raters' band lay within [percent + low, percent + high] at the stated coverage"
            ),
        },
        "abstain_below_max_probability": settings.abstain_below,
        "abstain_rule": (
            f"the fewest validation faces, at most {1 - calibrate.LEAST_COVERAGE:.0%}, without "
            f"which the shown band is wrong {calibrate.REFUSING_GAINS:.2f} less often; none where "
            "refusing does not reach that"
        ),
        "risk_coverage": settings.risk_coverage,
    }


def file_entry(path: Path, outputs: list[str]) -> dict[str, Any]:
    """What the manifest says of a written file: name, hash, size, outputs."""
    content = path.read_bytes()
    return {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "outputs": outputs,
    }
