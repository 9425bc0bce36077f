"""Releases of the style studio's nets: file, manifest entry with figures, and card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from clinic_app.inference.sessions import start
from clinic_app.inference.style.perceptual import PerceptualStep
from clinic_app.training import manifest
from clinic_app.training.card_tables import table
from clinic_app.training.distil_perceptual import (
    PerceptualValidation,
    correlations,
    teacher_net,
)
from clinic_app.training.export import OPSET
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.perceptual import PerceptualNet
from clinic_app.training.perceptual_export import OUTPUTS, as_kept, export_step, parity
from clinic_app.training.prepare import Workspace
from clinic_app.training.release import Naming, file_entry
from clinic_app.training.studio_data import (
    WITHHELD,
    held_out,
    held_out_faces,
    judged_faces,
    style_pictures,
)
from clinic_app.training.studio_measure import beside_the_teacher
from clinic_app.training.styles_export import export_styles, styled_milliseconds
from clinic_app.training.styles_loss import PerceptualDistances, styled_distances
from clinic_app.training.styles_net import StylesNet

JUDGED_SIDE = 224
TRANSFERRED, PAIRS, STEPS, TRANSFER_SIDE = ("brush", "glass", *WITHHELD), 12, 40, 160
"""Styles, number and steps of the transfers beside the teacher's; two styles were withheld from
training."""
PHOTOGRAPHS = ["UTKFace sample", "FER2013 images", "Extended Yale B"]
NO_LABELS = "no label takes part: the pictures alone, without votes, names or attributes"
LIMITS = (
    "A picture made in the studio is an altered picture and never evidence: the program marks "
    "every file it saves, and refuses marked files where a face is to be read."
)


def release_perceptual(
    work: Workspace,
    net: PerceptualNet,
    folder: Path,
    naming: Naming,
    weights: Path,
    *,
    brief: bool = False,
) -> dict[str, Any]:
    """Write `perceptual.onnx`, its manifest entry and card into `folder`; answers the entry.

    `weights` is the teacher's file. `brief` leaves out the transfers beside the teacher's, which
    take minutes.
    """
    path = folder / "perceptual.onnx"
    export_step(net, path)
    entry: dict[str, Any] = {
        **_facts(work, naming, "perceptual", [*PHOTOGRAPHS, *_TAUGHT]),
        "meaning": (
            "How far a picture is from the content of one picture and the style of another, and "
            "which way is nearer. It knows nothing of faces, health or people."
        ),
        "input": {
            "name": "picture",
            "shape": [1, 3, "height", "width"],
            "values": "RGB, 0 to 1, sides multiples of 16",
        },
    }
    figures = perceptual_figures(net, path, weights, _pictures(work, brief))
    if not brief:
        figures["beside_the_teacher"] = transfers(work, path, weights)
    entry["metrics"] = manifest.plain(figures)
    _written(path, entry, list(OUTPUTS), "perceptual")
    (folder / "cards" / "perceptual.md").write_text(_perceptual_card(entry), encoding="utf-8")
    return entry


def measure_again(work: Workspace, folder: Path, weights: Path, note: str) -> None:
    """The transfers of the perceptual net in `folder` as the program makes them now, into manifest
    and card; the file stays as it is. Other figures are of the file alone and hold."""
    document = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry = document["models"]["perceptual"]
    entry["metrics"]["beside_the_teacher"] = manifest.plain(
        transfers(work, folder / entry["file"], weights)
    )
    entry["note"] = note or entry["note"]
    manifest.add(folder, {"perceptual": entry})
    (folder / entry["card"]).write_text(_perceptual_card(entry), encoding="utf-8")


def release_styles(
    work: Workspace,
    net: StylesNet,
    seen: PerceptualNet,
    folder: Path,
    naming: Naming,
    *,
    brief: bool = False,
) -> dict[str, Any]:
    """Write `styles.onnx`, its manifest entry and card into `folder`; answers the entry."""
    path, styles = folder / "styles.onnx", style_pictures()
    export_styles(net, path)
    faces = held_out_faces(work, 3, 64) if brief else held_out_faces(work, side=JUDGED_SIDE)
    entry: dict[str, Any] = {
        **_facts(work, naming, "styles", [*PHOTOGRAPHS, *_TAUGHT]),
        "meaning": (
            "The same picture redrawn in one of our styles, or a blend of several. It knows "
            "nothing of faces, health or people."
        ),
        "input": {
            "name": "picture",
            "shape": [1, 3, "height", "width"],
            "values": "RGB, 0 to 1, sides multiples of 4",
        },
        "styles": list(styles),
        "metrics": manifest.plain(styles_figures(net, seen, path, faces)),
    }
    _written(path, entry, ["styled"], "styles")
    (folder / "cards" / "styles.md").write_text(_styles_card(entry), encoding="utf-8")
    return entry


def styles_figures(
    net: StylesNet, seen: PerceptualNet, path: Path, faces: Tensor
) -> dict[str, Any]:
    """Distances of held-out faces [n, 3, h, w] before and after, by style, and a picture's time."""
    styles = style_pictures()
    distances = PerceptualDistances(seen, styles)
    by_style = {
        name: styled_distances(distances, net, faces, number) for number, name in enumerate(styles)
    }
    return {
        "held_out_faces": len(faces),
        "side": faces.shape[2],
        "distances": by_style,
        "ms_one_thread_onnx": styled_milliseconds(path, len(styles), faces.shape[2]),
    }


_TAUGHT = ["style pictures and textures drawn by our own code", "VGG-16 ImageNet convolutions"]


def transfers(work: Workspace, path: Path, weights: Path) -> dict[str, Any]:
    """Transfers with the file and with the teacher, on faces of people not trained on."""
    faces = judged_faces(work, PAIRS, TRANSFER_SIDE)
    pictures = style_pictures()
    pairs = [(face, pictures[TRANSFERRED[k % len(TRANSFERRED)]]) for k, face in enumerate(faces)]
    ours = PerceptualStep(partial(start, path.read_bytes(), "perceptual", 1))
    return beside_the_teacher(ours, teacher_net(weights), pairs, STEPS)


def _pictures(work: Workspace, brief: bool) -> Tensor:
    return held_out(work, 1, 64) if brief else held_out(work, side=JUDGED_SIDE)


def perceptual_figures(
    net: PerceptualNet, path: Path, weights: Path, pictures: Tensor
) -> dict[str, Any]:
    """How the net as the file keeps it follows the teacher on held-out pictures [n, 3, h, w]."""
    teacher, kept = teacher_net(weights), as_kept(net)
    found = correlations(kept, teacher, pictures)
    errors = PerceptualValidation(teacher, pictures, batch=1)(kept)
    return {
        "held_out_pictures": len(pictures),
        "side": pictures.shape[2],
        "withheld_styles": list(WITHHELD),
        "correlation_of_features": found["features"],
        "correlation_of_grams": found["grams"],
        "relative_error_of_features": _layers(errors, "f_"),
        "relative_error_of_grams": _layers(errors, "g_"),
        "gap_to_automatic_differentiation": f"{parity(net, path):.1e}",
    }


def _layers(errors: Mapping[str, float], kind: str) -> dict[str, float]:
    return {name.removeprefix(kind): v for name, v in errors.items() if name.startswith(kind)}


def _facts(work: Workspace, naming: Naming, name: str, learnt_from: list[str]) -> dict[str, Any]:
    return {
        "version": naming.version,
        "opset": OPSET,
        "data": learnt_from,
        "labels": NO_LABELS,
        "seed": work.seed,
        "git_revision": manifest.git_revision(Path(__file__).parents[2]),
        "licence": manifest.LICENCE,
        "card": f"cards/{name}.md",
        "note": naming.note,
    }


def _written(path: Path, entry: dict[str, Any], outputs: list[str], name: str) -> None:
    """Texts into the file, hash and size into the entry, the entry into the manifest."""
    manifest.embed(path, {"name": name, **entry})
    entry |= file_entry(path, outputs)
    manifest.add(path.parent, {name: entry})
    (path.parent / "cards").mkdir(exist_ok=True)


def _head(title: str, entry: Mapping[str, Any]) -> str:
    return (
        f"# {title}\n\nVersion {entry['version']} | SHA-256 `{entry['sha256']}` | "
        f"{entry['bytes']:,} bytes | opset {entry['opset']} | seed {entry['seed']} | "
        f"code {entry['git_revision']}\n\nLearnt from: {'; '.join(entry['data'])}. "
        f"Labels: {entry['labels']}."
    )


def _styles_card(entry: Mapping[str, Any]) -> str:
    m = entry["metrics"]
    rows = [
        (name, f"{d['style_before']:.3f}", f"{d['style']:.3f}", f"{d['content']:.3f}")
        for name, d in m["distances"].items()
    ]
    size, took = f"{m['side']} x {m['side']} pixels", f"{m['ms_one_thread_onnx']:.0f} ms"
    sections = [
        _head("Styles: pictures redrawn in one pass", entry),
        f"## What it does\n\n{entry['meaning']} One set of convolutions serves all styles; each "
        "has scales and shifts of its own behind the norms, and styles blend by blending those. "
        f"Styles: {', '.join(entry['styles'])}.",
        "## How near the styles it comes\n\n"
        f"On {m['held_out_faces']} photographs of people not trained on, {size}, measured by the "
        f"perceptual net {entry['version']} that taught it: distance of the Gram matrices from "
        "the style's, relative, the mean of five layers, before and after; and distance of the "
        "content from the photograph's.",
        table(("style", "style, photograph", "style, redrawn", "content, redrawn"), rows),
        f"One picture of {size} took {took} of one processor core (median).",
        f"## Limits\n\n{LIMITS} Faces may become unlike the person. Photographs of faces taught "
        "it; other subjects work less well.",
        f"## Data terms\n\n{entry['licence']}.",
        f"## Approval and changes\n\nVersion {entry['version']}. {entry['note']}".rstrip(),
    ]
    return "\n\n".join(sections) + "\n"


def _beside_the_teacher(m: Mapping[str, Any]) -> list[str]:
    found = m.get("beside_the_teacher")
    if found is None:
        return []
    rows = [
        (
            label,
            f"{found[key]['steps']:.0f}",
            f"{found[key]['seconds']:.1f}",
            f"{found[key]['content']:.4f}",
            f"{found[key]['style']:.4f}",
            f"{found[key]['total']:.4f}",
            "" if key == "teacher" else f"{found[key]['nearer']} of {found['pairs']}",
        )
        for label, key in (
            ("the teacher itself, by Adam", "teacher"),
            ("the teacher, moved as with this net", "teacher_alike"),
            ("this net, as many steps", "same_steps"),
            ("this net, the same time", "same_time"),
        )
        if key in found  # the teacher moved as with this net is newer than the others
    ]
    return [
        "## Transfers, judged by the teacher\n\n"
        f"{found['pairs']} transfers onto as many faces, of people that nothing was trained on or "
        f"chosen by, {TRANSFER_SIDE} x "
        f"{TRANSFER_SIDE} pixels, in the styles {', '.join(TRANSFERRED)} (the last two were "
        "withheld from training), with the usual settings. The teacher's pictures are moved by "
        "Adam alone, and once more as the program moves them with this net: by L-BFGS at first, "
        "then by Adam. With this net the picture is looked at in turn as it is and mirrored once "
        "Adam moves it, as in the program. That it is was decided on transfers in these styles, "
        "how it is moved on other faces and styles. All losses are the teacher's own of the "
        "finished pictures, means; less is nearer. Time is processor time of one thread. Larger "
        "pictures were not judged.",
        table(
            (
                "",
                "steps",
                "seconds",
                "content",
                "style",
                "weighted total",
                "smaller than the teacher's in",
            ),
            rows,
        ),
    ]


def _perceptual_card(entry: Mapping[str, Any]) -> str:
    m = entry["metrics"]
    rows = [
        (
            name,
            f"{m['correlation_of_features'][name]:.3f}",
            f"{m['relative_error_of_features'][name]:.3f}",
            f"{m['correlation_of_grams'][name]:.3f}" if name in STYLE_LAYERS else "",
            f"{m['relative_error_of_grams'][name]:.3f}" if name in STYLE_LAYERS else "",
        )
        for name in sorted((*STYLE_LAYERS, CONTENT_LAYER))
    ]
    sections = [
        _head("Perceptual net: the step of an optimised style transfer", entry),
        f"## What it does\n\n{entry['meaning']} One pass gives the losses of a picture (content at "
        "conv4_2, Gram matrices at conv1_1 to conv5_1, total variation) and the gradient of their "
        "weighted sum with respect to the picture. It keeps VGG-16's layers and three quarters of "
        "their channels, each layer squeezed through two bottlenecks; beside every compared layer "
        "stands a linear map to all channels of VGG-16, so that the distances are measured in the "
        "teacher's terms.",
        "## How it follows the teacher\n\n"
        f"On {m['held_out_pictures']} held-out pictures of {m['side']} x {m['side']} pixels: faces "
        f"of people not trained on, two style pictures that were withheld "
        f"({', '.join(m['withheld_styles'])}), and mixtures of both. An error is the squared "
        "distance in parts of the teacher's own size, the mean over pictures. The best epoch was "
        "chosen on smaller crops of such pictures.",
        table(
            (
                "layer",
                "features: correlation",
                "relative error",
                "Grams: correlation",
                "rel. error",
            ),
            rows,
        ),
        "Largest difference of losses and gradient from automatic differentiation, relative: "
        f"{m['gap_to_automatic_differentiation']}.",
        *_beside_the_teacher(m),
        f"## Limits\n\n{LIMITS} The net is a small stand-in: how near its transfers come to "
        "the teacher's own is what the teacher was asked about, above.",
        f"## Data terms\n\n{entry['licence']}.",
        f"## Approval and changes\n\nVersion {entry['version']}. {entry['note']}".rstrip(),
    ]
    return "\n\n".join(sections) + "\n"
