"""`python -m clinic_app.training compare`: every net by the same loop in the same time.

Each net gets the same minutes on the same machine, data and augmentation; what it reaches on the
public test part is measured once, on its exported file. A finished net is not trained again, so the
command can be stopped and called again at any point. Results: `comparison.json` in the out folder.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from clinic_app.inference import metrics
from clinic_app.training import calibrate, evaluate, geometry, johnson, manifest
from clinic_app.training.cost import million_flop, open_session, parameters, time_interleaved
from clinic_app.training.evaluate import Truth
from clinic_app.training.export import export
from clinic_app.training.files import whole
from clinic_app.training.loop import Schedule
from clinic_app.training.prepare import Workspace
from clinic_app.training.reference_nets import (
    REFERENCE_NETS,
    FaceReader,
    Phase,
    Reference,
    TermsOf,
    prepare,
)
from clinic_app.training.scores import reading_figures
from clinic_app.training.severity import SeverityValidation
from clinic_app.training.splits import Split, fer_split
from clinic_app.training.timebox import train_in_time

log = logging.getLogger("training")

PART = "public test part of FER2013, at least 5 valid votes, duplicates once"
OUTPUTS = ("severity_logits", "emotion_logits", "share_logit", "embedding")
BATCH = 64
VALIDATION_FACES = 2800
BRIEF = 300


class BriefWorkspace(Workspace):
    """The same data with few faces to choose by and to measure on, for quick runs."""

    @cached_property
    def fer_split(self) -> Split:
        whole = fer_split(self.fer, self.seed)
        return Split(whole.train, whole.validation[:BRIEF], whole.test[:BRIEF])


@dataclass(frozen=True)
class Readings:
    """What one net says about the held-out and the tested faces."""

    held_sadness: NDArray[np.float64]
    sadness: NDArray[np.float64]
    emotion: NDArray[np.int64]


def compare(
    work: Workspace,
    out: Path,
    models: Path,
    minutes: float,
    names: Sequence[str] = (),
    *,
    brief: bool = False,
) -> Path:
    """Train and measure what is asked for (all when `names` is empty) and write the comparison.

    `models` holds the shipped files, which are measured beside. What `names` leaves out is told
    from an earlier call where there was one. `brief` trains and measures on a few hundred faces.
    """
    if brief:
        work = BriefWorkspace(work.data_folder, work.cache, work.seed, work.detector)
    chosen = tuple(names) or (*REFERENCE_NETS, johnson.NAME)
    nets = out / "nets"
    for name, reference in REFERENCE_NETS.items():
        if name in chosen:
            train_reference(work, nets, name, reference, minutes)
    if johnson.NAME in chosen:
        johnson.train_and_measure(work, nets, models, minutes, brief=brief)
    path = out / "comparison.json"
    with whole(path) as place:
        place.write_text(json.dumps(manifest.plain(summary(work, nets, models, minutes)), indent=2))
    log.info("comparison: %s", path)
    return path


def train_reference(
    work: Workspace, folder: Path, name: str, reference: Reference, minutes: float
) -> None:
    """Train one net through its phases, export it, and keep what it says about the faces."""
    kept = folder / f"{name}.json"
    task = {"budget_minutes": minutes, "n_tested": len(work.fer_split.test)}
    if kept.exists() and json.loads(kept.read_text()).items() >= task.items():
        log.info("%s: already trained", name)
        return
    torch.manual_seed(work.seed)
    net = reference.make()
    rows = work.fer_split.train
    spent, epochs, plans = 0.0, 0.0, []
    for phase in reference.phases:
        loss = TermsOf(work.fer, work.relighter)
        loss.terms = phase.terms
        schedule = Schedule(
            epochs=1,
            peak_rate=reference.peak_rate * phase.rate,
            weight_decay=reference.weight_decay,
            seed=work.seed,
        )
        prepare(net, phase.learns)
        net, plan = train_in_time(
            net,
            rows,
            loss,
            _Validation(work, phase),
            schedule,
            60.0 * minutes * phase.share,
            folder,
            f"{name}.{phase.name}",
        )
        spent += plan.spent_seconds
        epochs += plan.epochs(len(rows), schedule.batch)
        plans.append({"phase": phase.name, "learns": phase.learns or "all", **vars(plan)})
    graph = FaceReader(net.to(memory_format=torch.contiguous_format)).eval()
    file = export(graph, folder / f"{name}.onnx", OUTPUTS, {"name": name, "note": reference.source})
    _keep_readings(work, folder, name)
    facts = {
        **task,
        "name": name,
        "source": reference.source,
        "parameters": parameters(net),
        "mflop": million_flop(graph),
        "epochs": epochs,
        "minutes": spent / 60.0,
        "phases": plans,
        "bytes": file.bytes,
    }
    with whole(kept) as place:
        place.write_text(json.dumps(manifest.plain(facts), indent=1))


class _Validation:
    """The usual validation, with the figure that this phase is chosen by as its score."""

    def __init__(self, work: Workspace, phase: Phase) -> None:
        self._usual = SeverityValidation(work.fer, work.fer_split.validation[:VALIDATION_FACES])
        self._by = phase.chosen_by

    def __call__(self, net: nn.Module) -> dict[str, float]:
        figures = self._usual(net)
        return {**figures, "pearson": figures["score"], "score": figures[self._by]}


def _keep_readings(work: Workspace, folder: Path, name: str) -> None:
    session = open_session(folder / f"{name}.onnx")
    held, tested = work.fer_split.validation, work.fer_split.test
    told = []
    for rows in (held, tested):
        parts = []
        for first in range(0, len(rows), BATCH):
            faces = work.fer_faces(rows[first : first + BATCH])
            batch = faces.transpose(0, 3, 1, 2).astype(np.float32) / 255
            parts.append(session.run(["emotion_logits", "share_logit"], {"face": batch}))
        emotion, share = (np.concatenate(c).astype(np.float64) for c in zip(*parts, strict=True))
        by_votes = calibrate.softmax(emotion)[:, metrics.SADNESS]
        told.append(((1.0 / (1.0 + np.exp(-share)) + by_votes) / 2.0, emotion.argmax(axis=1)))
    (held_sadness, _), (sadness, emotion) = told
    np.savez(
        folder / f"{name}.readings.npz",
        held_sadness=held_sadness,
        sadness=sadness,
        emotion=emotion,
    )


def _readings(folder: Path, name: str) -> Readings:
    with np.load(folder / f"{name}.readings.npz", allow_pickle=False) as z:
        return Readings(z["held_sadness"], z["sadness"], z["emotion"])


def summary(work: Workspace, nets: Path, models: Path, minutes: float) -> dict[str, Any]:
    """Everything that has been trained so far, judged on the same faces; times in one run."""
    held = Truth.of(work.fer.votes[work.fer_split.validation])
    truth = Truth.of(work.fer.votes[work.fer_split.test])
    done = [name for name in REFERENCE_NETS if (nets / f"{name}.json").exists()]
    files = {name: nets / f"{name}.onnx" for name in done}
    files["shipped"] = models / "severity.onnx"
    times = time_interleaved(files)
    said = {name: _readings(nets, name) for name in done}
    entries = []
    for name in done:
        facts = json.loads((nets / f"{name}.json").read_text())
        facts["ms_one_thread_onnx"] = times[name]
        facts["figures"] = _figures(said[name], held, truth, REFERENCE_NETS[name].names_emotions)
        if name != "efficient" and "efficient" in said:
            facts["efficient_minus_this_pearson"] = evaluate.paired_difference(
                said["efficient"].sadness, said[name].sadness, truth.share
            )
        entries.append(facts)
    return {
        "budget_minutes": minutes,
        "threads": torch.get_num_threads(),
        "part": PART,
        "n": len(truth.share),
        "choices": "epoch, threshold and cuts on the validation part, for every net alike",
        "nets": entries,
        "shipped": {**_shipped(work, models, truth), "ms_one_thread_onnx": times["shipped"]},
        "majority_and_mean": _constant(work, truth),
        "geometry": _geometry(work, models),
        "johnson": johnson.kept_figures(nets),
    }


def _figures(
    said: Readings, held: Truth, truth: Truth, names_emotions: bool
) -> dict[str, metrics.Interval | None]:
    threshold = metrics.best_balanced_threshold(held.positive, said.held_sadness)
    cuts = calibrate.ordinal_cuts(said.held_sadness, held.band)
    band = calibrate.decide(said.sadness, cuts)
    emotion = said.emotion if names_emotions else None
    return reading_figures(said.sadness, band, emotion, truth, threshold)


def _shipped(work: Workspace, models: Path, truth: Truth) -> dict[str, Any]:
    """The shipped file on the same faces, as the application reads them and decides."""
    entry = json.loads((models / "manifest.json").read_text(encoding="utf-8"))["models"]["severity"]
    said = evaluate.OnnxModels(models).read(work.fer_faces(work.fer_split.test))
    sadness, band, emotion = (said[name] for name in ("sadness", "band", "emotion_logits"))
    threshold = entry["calibration"]["threshold_share_0.35_on_sadness"]
    figures = reading_figures(
        sadness.astype(np.float64), band, emotion.argmax(axis=1), truth, threshold
    )
    return {"version": entry["version"], "figures": figures}


def _constant(work: Workspace, truth: Truth) -> dict[str, metrics.Interval]:
    return evaluate.baseline_figures(truth, work.fer.votes[work.fer_split.train])


def _geometry(work: Workspace, models: Path) -> dict[str, Any]:
    """The shipped geometry model; one is fitted for the occasion where none is shipped."""
    landmarks, model = models / "landmarks.onnx", geometry.shipped(models)
    if model is None:
        model = geometry.fit(work, geometry.fer_points(work, landmarks)).model
    points = geometry.points_at(work, landmarks, work.fer_split.test)
    return {"file_bytes": len(model.to_bytes()), **geometry.public_figures(work, model, points)}
