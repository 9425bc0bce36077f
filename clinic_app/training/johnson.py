"""The transform net of Johnson et al. (2016), reduced, as the reference to the style normaliser.

It redraws the face instead of relighting it. It learns from the same faces, losses and reader in
the same loop, is exported into the out folder only, and is never shipped. `correction` makes it a
row of the light table beside grey-world, CLAHE and ours.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from clinic_app.inference import metrics
from clinic_app.training import data, evaluate, losses, manifest, style
from clinic_app.training.cost import million_flop, open_session, parameters, time_interleaved
from clinic_app.training.evaluate import Bytes
from clinic_app.training.export import export, folded
from clinic_app.training.files import fingerprint, whole
from clinic_app.training.geometry import points_of
from clinic_app.training.loop import Schedule
from clinic_app.training.nets import SeverityNet, StyleNet, to_net
from clinic_app.training.prepare import Workspace
from clinic_app.training.restart import severity_from
from clinic_app.training.severity import Readings, combined_share, halved
from clinic_app.training.stages import SEEN
from clinic_app.training.timebox import train_in_time

log = logging.getLogger("training")

NAME = "johnson"
OURS = "ours"
SINGLES = (5000, 1200, 2400)
BRIEF_SINGLES = (100, 100, 60)
CLEAN_FACES = 1400
BATCH = 64


class TransformNet(nn.Module):
    """Two strided convolutions, residual blocks with instance norm, two enlarging ones.

    Widths 16-32-48 instead of 32-64-128. Enlarging repeats pixels before a convolution, which
    leaves no checkerboard. The answer is added to the face: an untrained net changes little, as
    ours does.
    """

    def __init__(self, widths: tuple[int, int, int] = (16, 32, 48), blocks: int = 4) -> None:
        super().__init__()
        a, b, c = widths
        self.down = nn.Sequential(
            _normed(3, a, kernel=9), _normed(a, b, stride=2), _normed(b, c, stride=2)
        )
        self.middle = nn.Sequential(*(_Block(c) for _ in range(blocks)))
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2.0), _normed(c, b), nn.Upsample(scale_factor=2.0)
        )
        self.last = nn.Sequential(_normed(b, a), nn.Conv2d(a, 3, 9, padding=4))
        nn.init.zeros_(self.last[1].weight)
        nn.init.zeros_(self.last[1].bias)

    def forward(self, face: Tensor) -> Tensor:
        """[n, 3, s, s] in [0, 1], s a multiple of 4 -> the face redrawn, same size and range."""
        drawn = self.last(self.up(self.middle(self.down(face)))).float()
        return (face + drawn).clamp(0.0, 1.0)


SHAPES: dict[str, Callable[[], nn.Module]] = {NAME: TransformNet, OURS: StyleNet}


def _normed(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2),
        nn.InstanceNorm2d(outputs, affine=True),
        nn.ReLU(inplace=True),
    )


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _normed(width, width)
        self.second = nn.Conv2d(width, width, 3, 1, 1)
        self.norm = nn.InstanceNorm2d(width, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.norm(self.second(self.first(x)))


def correction(path: Path) -> Callable[[Bytes], Bytes]:
    """The exported net as a correction of one face [96, 96, 3], as the light table takes them."""
    session = open_session(path)

    def johnson_correct(face: Bytes) -> Bytes:
        return _corrected(session, face[None])[0]

    return johnson_correct


def _corrected(session: ort.InferenceSession, faces: Bytes) -> Bytes:
    parts = []
    for first in range(0, len(faces), BATCH):
        batch = faces[first : first + BATCH].transpose(0, 3, 1, 2).astype(np.float32) / 255
        parts.append(session.run(["normalised"], {"face": batch})[0])
    out = (np.concatenate(parts) * 255).round().astype(np.uint8)
    return np.ascontiguousarray(out.transpose(0, 2, 3, 1))


def train_and_measure(
    work: Workspace, nets: Path, models: Path, minutes: float, *, brief: bool = False
) -> None:
    """Train it and our normaliser's shape for `minutes` each, with the released severity net as
    their reader."""
    kept, released = nets / f"{NAME}.json", models / "severity.onnx"
    told_by = fingerprint(released.read_bytes())
    task = {"budget_minutes": minutes, "reader_fingerprint": told_by}
    if kept.exists() and json.loads(kept.read_text()).items() >= task.items():
        log.info("%s: already trained", NAME)
        return
    seen = halved(work.fer.images[work.fer_split.train[:SEEN]])
    reader = severity_from(released, seen).eval()
    rows: dict[str, dict[str, Any]] = {}
    for name, make in SHAPES.items():
        torch.manual_seed(work.seed)
        rows[name] = _train(work, nets, name, make(), reader, told_by, minutes, brief)
    times = time_interleaved({name: nets / f"{name}.onnx" for name in rows})
    for name, row in rows.items():
        redraw = partial(_corrected, open_session(nets / f"{name}.onnx"))
        row["ms_one_thread_onnx"] = times[name]
        row["figures"] = light_figures(work, reader, models, redraw)
    document = {
        **task,
        "reader": f"the severity net of {_version(models)}",
        "raw": light_figures(work, reader, models, lambda faces: faces),
        **rows,
    }
    with whole(kept) as place:
        place.write_text(json.dumps(manifest.plain(document), indent=1))


def _version(models: Path) -> str:
    told = json.loads((models / "manifest.json").read_text(encoding="utf-8"))
    return str(told["models"]["severity"]["version"])


def kept_figures(nets: Path) -> dict[str, Any]:
    """What `train_and_measure` found; empty before it has run."""
    path = nets / f"{NAME}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _train(
    work: Workspace,
    nets: Path,
    name: str,
    net: nn.Module,
    reader: SeverityNet,
    told_by: str,
    minutes: float,
    brief: bool,
) -> dict[str, Any]:
    pool = work.style_pool(*(BRIEF_SINGLES if brief else SINGLES))
    wanted = (losses.CONTENT_LAYER, *losses.STYLE_LAYERS)
    vgg = losses.Vgg16(work.data_folder / data.VGG_FILE, wanted)
    vgg = vgg.to(memory_format=torch.channels_last)
    look = style.reference_look(vgg, well_lit(work))
    loss = style.StyleLoss(pool, work.relighter, reader, vgg, look)
    rows = np.arange(len(pool.twin))
    validate = work.style_validation(reader, 100 if brief else CLEAN_FACES)
    schedule = Schedule(
        epochs=1,
        batch=24,
        peak_rate=2e-3,
        weight_decay=0.01,
        average=0.998,
        seed=work.seed,
        lessons=told_by,
    )
    trained, plan = train_in_time(
        net, rows, loss, validate, schedule, 60.0 * minutes, nets, f"{name}.whole"
    )
    graph = folded(trained)
    file = export(
        graph,
        nets / f"{name}.onnx",
        ["normalised"],
        {"name": name, "note": "reference for comparison, not shipped"},
    )
    return {
        "parameters": parameters(trained),
        "mflop": million_flop(graph),
        "epochs": plan.epochs(len(rows), schedule.batch),
        "minutes": plan.spent_seconds / 60.0,
        "bytes": file.bytes,
    }


def well_lit(work: Workspace, extra: int = 60) -> NDArray[np.uint8]:
    """The reference look: frontal-light faces of training subjects and some photographs."""
    front = np.array([work.yale.frontal_of(int(s)) for s in work.yale_subjects.train])
    photographs = work.utk_faces[0][work.utk_parts[0][:extra]]
    return np.concatenate([style.as_colour(work.yale_faces[front]), photographs])


def light_figures(
    work: Workspace, reader: SeverityNet, models: Path, correct: Callable[[Bytes], Bytes]
) -> dict[str, Any]:
    """Steadiness under light of unseen subjects, and what correcting costs on clean faces."""
    lit_rows = work.light_rows(work.yale_subjects.test)
    subjects = work.yale.subject[lit_rows]
    lit = _read(reader, correct(style.as_colour(work.yale_faces[lit_rows])))
    who = np.unique(subjects)
    spread = np.array([lit.sadness[subjects == s].std() for s in who])
    rows = work.fer_split.test[:CLEAN_FACES]
    clean = work.fer_faces(rows)
    even = correct(clean)
    before, after = _read(reader, clean), _read(reader, even)
    share = metrics.sadness_share(work.fer.votes[rows])
    same = before.emotion_logits.argmax(axis=1) == after.emotion_logits.argmax(axis=1)
    finder = open_session(models / "landmarks.onnx")
    drift = evaluate.point_errors(_points(finder, even), _points(finder, clean))
    return {
        "spread_of_sadness": evaluate.mean_with_interval(spread),
        "pearson_clean": metrics.bootstrap(
            lambda r: metrics.pearson(after.sadness[r], share[r]), len(rows), rounds=400
        ),
        "emotion_agreement_clean": evaluate.mean_with_interval(same.astype(float)),
        "landmark_drift_percent": evaluate.mean_with_interval(drift),
        "n_lit": len(lit_rows),
        "n_subjects": len(who),
        "n_clean": len(rows),
    }


def _points(finder: ort.InferenceSession, faces: Bytes) -> NDArray[np.float64]:
    return np.concatenate([points_of(finder, faces[k : k + 32]) for k in range(0, len(faces), 32)])


@torch.no_grad()
def _read(reader: SeverityNet, faces: Bytes) -> Readings:
    parts: list[list[NDArray[np.float64]]] = [[], [], [], []]
    for first in range(0, len(faces), BATCH):
        severity, emotion, share, embedding = reader(
            to_net(reader, style.to_faces(faces[first : first + BATCH]))
        )
        answers = (severity, emotion, combined_share(share, emotion), embedding)
        for kept, answer in zip(parts, answers, strict=True):
            kept.append(answer.double().cpu().numpy())
    return Readings(*(np.concatenate(column) for column in parts))
