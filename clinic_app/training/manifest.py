"""Writes `manifest.json` beside the models and keeps the entries that are not ours."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from clinic_app.inference import metrics
from clinic_app.training.export import OPSET, add_metadata
from clinic_app.training.framing import POINT_NAMES, FaceTemplate
from clinic_app.training.nets import FACE_SIDE
from clinic_app.training.splits import YALE_TRAINING_SUBJECTS

MEANING = (
    "Agreement of human raters on what a face in a web photograph shows: the share of FER+ raters "
    "who saw sadness. Not a clinical score, not a diagnosis, not a measure of how a person feels."
)
LICENCE = "research use only: the data owners' terms are not confirmed (LICENSE-MODELS)"
FER_DATA = "FER2013 images with FER+ votes, training part"
DATA = {
    "severity": [
        FER_DATA,
        "UTKFace sample and YouTube Faces frames (unlabelled: the teacher's word alone)",
        f"Extended Yale B ({YALE_TRAINING_SUBJECTS} subjects: pairs, and light ratios)",
        "a teacher net that is not shipped (VGG-16 ImageNet convolutions, trained on the same)",
    ],
    "style": [
        FER_DATA,
        "UTKFace sample",
        "YouTube Faces frames (udacity/P1_Facial_Keypoints)",
        f"Extended Yale B ({YALE_TRAINING_SUBJECTS} subjects)",
        "VGG-16 ImageNet convolutions (loss only, not shipped)",
    ],
    "landmarks": [
        "YouTube Faces frames with machine-made points (udacity/P1_Facial_Keypoints)",
        f"Extended Yale B (light ratios of {YALE_TRAINING_SUBJECTS} subjects)",
    ],
}


def plain(value: object) -> object:
    """Figures as JSON: an interval becomes [value, low, high], floats keep five digits."""
    if isinstance(value, metrics.Interval):
        return [round(v, 5) for v in (value.value, value.low, value.high)]
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {k: plain(getattr(value, k)) for k in value.__dataclass_fields__}
    return value


CURVES = (
    "by_subject",
    "by_angle",
    "confusion",
    "confusion_bands",
    "confusion_emotions",
    "reliability_bands",
    "reliability_positive",
    "risk_coverage",
    "through_the_pipeline",
    "map_randomisation",
)
"""Figures that are drawn or printed on the card and would only swell manifest and model file."""


def headline(figures: object) -> object:
    """Plain figures without curves and matrices, for the manifest and the model file."""
    if not isinstance(figures, Mapping):
        return figures
    return {name: headline(value) for name, value in figures.items() if name not in CURVES}


def template_entry(template: FaceTemplate) -> dict[str, object]:
    """The face template as the manifest holds it."""
    entry: dict[str, object] = {"size": template.size}
    for name, point in zip(POINT_NAMES, template.points, strict=True):
        entry[name] = [round(float(v), 4) for v in point]
    entry["note"] = (
        "Fractions of the square crop, x then y, of an unmirrored picture. Left and right are "
        "those "
        "of the picture, as the face detector orders its points: left_eye is the eye at the "
        "picture's left, which is the patient's right eye."
    )
    entry["source"] = "median YuNet points of 3000 FER2013 training images, made mirror-symmetric"
    return entry


def facts(name: str, version: str, seed: int, revision: str) -> dict[str, object]:
    """What both the manifest and the ONNX file say about a model."""
    shape = ["n", 3, FACE_SIDE, FACE_SIDE] if name != "style" else ["n", 3, "height", "width"]
    entry: dict[str, object] = {
        "version": version,
        "opset": OPSET,
        "input": {
            "name": "face",
            "size": FACE_SIDE,
            "shape": shape,
            "values": "RGB, 0 to 1, aligned to face_template, not mirrored",
        },
        "data": DATA[name],
        "seed": seed,
        "git_revision": revision,
        "licence": LICENCE,
        "card": f"cards/{name}.md",
    }
    if name == "severity":
        entry["meaning"] = MEANING
        entry["labels"] = {
            "severity": list(metrics.BANDS),
            "severity_edges": list(metrics.BAND_EDGES),
            "emotions": list(metrics.EMOTIONS),
            "meaning": MEANING,
        }
    elif name == "style":
        entry["meaning"] = (
            "The same face in even light. Every pixel keeps its place; brightness and colour "
            "balance "
            "change. A processed picture, never the record."
        )
    else:
        entry["meaning"] = (
            "68 face points in 300-W order as fractions of the crop, trained on machine-made "
            "points."
        )
    return entry


def embed(path: Path, entry: Mapping[str, object]) -> None:
    """Put a manifest entry's texts into the ONNX file itself."""
    add_metadata(path, {key: plain(value) for key, value in entry.items()})


def git_revision(root: Path) -> str:
    """Commit the code was at, with a mark when files differ from it; "unknown" outside git."""
    try:
        revision = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", "clinic_app/training")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return revision + ("+changes" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(
    folder: Path, template: FaceTemplate, entries: Mapping[str, Mapping[str, object]]
) -> Path:
    """Merge `entries` into the folder's manifest; entries of other models stay as they are."""
    return _merge(folder, {"face_template": template_entry(template)}, entries)


def add(folder: Path, entries: Mapping[str, Mapping[str, object]]) -> Path:
    """Merge entries of models that see no face template into the folder's manifest."""
    return _merge(folder, {}, entries)


def _merge(
    folder: Path, head: Mapping[str, object], entries: Mapping[str, Mapping[str, object]]
) -> Path:
    path = folder / "manifest.json"
    document: dict[str, object] = {"schema": 1, "models": {}}
    if path.exists():
        document = json.loads(path.read_text(encoding="utf-8"))
    document |= {"schema": 1, **head}
    models = document.setdefault("models", {})
    if not isinstance(models, dict):
        raise ValueError("the manifest's models are not a table")
    for name, entry in entries.items():
        models[name] = plain(entry)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return path
