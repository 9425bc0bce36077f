"""Model cards as Markdown with pictures, written from what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from clinic_app.training import card_comparison, plots
from clinic_app.training import card_severity as severity_parts
from clinic_app.training.card_asymmetry import asymmetry_judged, repeats_in_use
from clinic_app.training.card_tables import (
    interval,
    light_tables,
    picture,
    subject_table,
    table,
)
from clinic_app.training.card_texts import DATA_TERMS, INTENDED, UNDER_LIGHT, WHAT_IT_IS_NOT, Met
from clinic_app.training.certainty import CLOSE
from clinic_app.training.nets import SLICES, WHITE_REACH, StyleNet
from clinic_app.training.skin import LEAST_CHROMA
from clinic_app.training.splits import YALE_TRAINING_SUBJECTS

Entry = Mapping[str, Any]
BEFORE = Path(__file__).with_name("before.json")
"""Figures of the first release, as it printed them."""
FIGURES = "figures.json"
"""Everything that was measured, beside the cards."""
COMPARISON = "comparison.json"
"""What `compare` found, in the folder of the training run and beside the cards."""
STAGES = {
    "severity": ("teacher", "reader", "severity"),
    "style": ("style",),
    "landmarks": ("landmarks",),
}
"""Whose learning curves stand on which card."""


def write_all(
    folder: Path,
    entries: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
    trained: Path | None = None,
    learnt: Path | None = None,
) -> None:
    """One card a model with its pictures: severity.md, style.md, landmarks.md.

    `entries` are those of the manifest; `figures` what was measured, by model (the entries' own
    `metrics` when not given): severity and style belong together, and without figures of the
    landmarks their card and stored figures stay. `trained` is the folder of the training run, whose
    `comparison.json` is shown where it exists; the comparison is kept beside the cards, so that
    they tell of it when they are drawn again without that folder. `learnt` is the folder of the run
    that made these very nets, for its learning curves; without it the pictures that are there stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = figures or {name: entries[name]["metrics"] for name in STAGES}
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    if entries["severity"]["version"] == before["version"]:
        before = {}
    comparison = _comparison(
        folder, trained, entries["severity"]["version"], found["severity"]["raw"]
    )
    captions = plots.severity_pictures(folder, found["severity"], before)
    captions |= plots.style_pictures(folder, found["severity"])
    for name, stages in STAGES.items():
        if name in found:
            captions |= plots.learning_picture(folder, name, _histories(learnt, stages))
    texts = {
        "severity": severity_card(
            entries["severity"],
            found["severity"],
            before,
            comparison,
            captions,
            Met.by(entries["style"]),
        ),
        "style": style_card(
            entries["style"], found["style"], found["severity"], comparison, captions
        ),
    }
    if "landmarks" in found:
        texts["landmarks"] = landmarks_card(entries["landmarks"], found["landmarks"], captions)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    kept = folder / FIGURES
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    kept.write_text(json.dumps(known | dict(found), separators=(",", ":")), encoding="utf-8")


def severity_card(
    entry: Entry,
    m: Entry,
    before: Entry,
    comparison: Entry,
    captions: Mapping[str, str],
    met: Met,
) -> str:
    """Card of the severity net; `met` says what the normaliser beside it had met."""
    sections = [
        "# Severity net: visible depressive affect",
        _head(entry),
        "## What it estimates",
        f"{entry['labels']['meaning']} Bands over that share `s`: none < 0.15, mild 0.15-0.35, "
        "moderate 0.35-0.65, severe >= 0.65. A high `s` means that many raters agreed, not that an "
        "expression was strong.",
        "## What it is not",
        WHAT_IT_IS_NOT,
        INTENDED,
        "## Data and split",
        "Trained on the training part of FER2013 with FER+ votes (at least five valid votes; "
        "images identical to a test or reserved image dropped; a validation part held out by "
        f"duplicate group), lit with light ratios of {YALE_TRAINING_SUBJECTS} Extended Yale B "
        "subjects. Settings (temperature, cuts, threshold, interval, abstention) come from the "
        f"validation part. Measured on: {m['part']}, n = {m['n']}.",
        *severity_parts.splits(m),
        *severity_parts.accuracy(m, entry, captions),
        *severity_parts.people(m, captions),
        *severity_parts.against_before(m, before),
        *card_comparison.nets(comparison),
        *severity_parts.fer2013(m, captions),
        *severity_parts.pipeline(m),
        *severity_parts.light(m, entry, met),
        *severity_parts.calibration(m, entry, captions),
        *severity_parts.groups(m, before, captions, met),
        *severity_parts.randomisation(m, captions),
        *_learning("severity", captions),
        "## Known failures",
        "Drawings, masks, hands over the face, strong profile, sunglasses and small children's "
        "faces are in the data; how they are read was not measured apart, so expect nothing of "
        "readings of such pictures. The training pictures are 48 pixels wide: fine "
        "wrinkles and eye moisture are not seen. Extreme side light still moves the reading "
        "(tables above).",
        *_end(entry),
    ]
    return "\n\n".join(sections) + "\n"


def style_card(
    entry: Entry,
    m: Entry,
    reading: Entry,
    comparison: Entry,
    captions: Mapping[str, str],
) -> str:
    """Card of the normaliser; `reading` holds the severity net's figures."""
    met = Met.by(entry)
    sections = [
        "# Style normaliser: the same face in even light",
        _head(entry),
        "## What it does",
        f"{entry['meaning']} A small network predicts a {StyleNet.GRID}x{StyleNet.GRID} grid of "
        f"gains and offsets for {SLICES} brightness levels; every pixel looks its own pair up, and "
        "all three colours share it. A gain of each colour for the whole picture, of at most "
        f"{np.exp(WHITE_REACH):.2f} times and at least {np.exp(-WHITE_REACH):.2f}, balances white "
        "on top of it, and so can change the tint of skin (below). It cannot move, add or remove a "
        "feature by construction, but it can lift noise in deep shadow and cannot bring back what "
        "the camera did not record.",
        INTENDED,
        "## Training",
        "Perceptual losses on VGG-16 (content conv4_2, Gram matrices conv1_1 to conv5_1 against a "
        "reference look from evenly lit faces, total variation), Extended Yale B pairs (side light "
        f"against frontal light, {met.trained_subjects} subjects), synthetic light on single "
        "photographs, and agreement of what the severity net reads before and after.",
        *_learning("style", captions),
        "## Does it earn its place",
        f"Measured with the shipped severity net, first on subjects {met.subjects}. Grey-world and "
        "CLAHE are the classical corrections, the Johnson transform net is the reference.",
        UNDER_LIGHT + met.caution,
        *light_tables(reading),
        *picture("", captions, "style-light-angle.png"),
        "By subject (flips up to 60 degrees):",
        subject_table(reading["light_unseen_subjects"]),
        *picture("", captions, "style-subjects.png"),
        f"Correlation on clean faces, normalised minus raw: "
        f"{interval(reading['normalised_minus_raw_pearson'])}.",
        *card_comparison.johnson(comparison),
        "## What it costs",
        table(
            ("", "value [95% interval]"),
            [
                (
                    f"emotion agreement on {m['n_faces']} clean faces",
                    interval(m["emotion_agreement_clean"]),
                ),
                (
                    f"landmark drift on {m['n_frames']} video frames, % of outer eye distance",
                    interval(m["landmark_drift_percent"]),
                ),
                (
                    "the same, % of the distance of the eyes' centres",
                    interval(m["landmark_drift_interocular_percent"]),
                ),
                ("mean change of a pixel (0 to 1)", f"{m['mean_absolute_change']:.3f}"),
            ],
        ),
        _moved(m),
        *_skin(m["skin"], met),
        "## Limits",
        "The normalised picture is marked as processed and is never the record. It is not taught "
        "to change skin tone, but light and skin cannot always be told apart from one picture: "
        "what it does to the colour of faces stands above.",
        *_end(entry),
    ]
    return "\n\n".join(sections) + "\n"


def _moved(m: Entry) -> str:
    """How close the emotions were that normalising moves, and what the mirror image moves."""
    found, mirror = m["emotions_moved"], m["emotions_moved_without_mirror"]
    return (
        f"Normalising moves the likeliest emotion of {found['n']} of {m['n_faces']} clean faces; "
        f"for {found['close']} of them the first two were less than {CLOSE:.0%} apart. The raters' "
        f"was met by {found['right_before']} of them before and by {found['right_after']} after. "
        f"Leaving the mirror image out moves {mirror['n']}."
    )


def _skin(found: Entry, met: Met) -> list[str]:
    """What normalising does to the colour of skin, by group; `met` says whose faces these are."""
    rows = [
        (
            name,
            str(some["n"]),
            f"{some['chroma_before']:.1f}",
            interval(some["chroma"], 2),
            interval(some["lightness"], 2),
            str(some["hue_n"]),
            interval(some["hue"], 2) if "hue" in some else "-",
        )
        for name, some in found.items()
    ]
    return [
        "Colour of the middle of the face, normalised minus raw, in CIELAB (UTKFace, in the light "
        f"that they have; faces that {met.group_faces}). A face whose chroma is under "
        f"{LEAST_CHROMA:g} is gray, as in black-and-white photographs; of those hue tells nothing, "
        "so it is that of the others:",
        table(
            ("", "n", "chroma, raw", "chroma", "lightness", "n with a hue", "hue, degrees"), rows
        ),
        *_unevenly(found),
    ]


def _unevenly(found: Entry) -> list[str]:
    """The groups whose faces normalising makes lightest and darkest, beside what they were."""
    change = {name: some["lightness"] for name, some in found.items() if name.startswith("group ")}
    if len(change) < 2:
        return []
    least, *_, most = sorted(change, key=lambda name: change[name][0])
    apart = "apart" if change[most][1] > change[least][2] else "not apart beyond their intervals"
    if change[most][0] < 0:
        first, second, verbs = least, most, ("falls most", "least")
    else:
        falls = change[least][0] < 0
        first, second, verbs = most, least, ("rises most", "falls most" if falls else "least")
    return [
        f"Lightness {verbs[0]} for {first.removeprefix('group ')} faces "
        f"({interval(change[first], 2)}), and {verbs[1]} for {second.removeprefix('group ')} ones "
        f"({interval(change[second], 2)}): {apart}. The light of their photographs may differ; to "
        "the eye it is a change of skin tone all the same."
    ]


def landmarks_card(entry: Entry, m: Entry, captions: Mapping[str, str]) -> str:
    """Card of the landmark net."""
    sections = [
        "# Landmark net: 68 face points",
        _head(entry),
        "## What it gives",
        f"{entry['meaning']} The application averages the answers for the crop and its mirror "
        "image.",
        INTENDED,
        "## Data and split",
        f"{m['part']}: {m['n_frames']} frames of {m['n_people']} people; split by identity.",
        "## Accuracy (mean point distance in % of the outer-eye-corner distance, 95% interval)",
        table(
            ("", "error"),
            [
                ("one pass", interval(m["error_percent"], 2)),
                ("mean with the mirror image", interval(m["error_percent_mirrored_pair"], 2)),
                ("mean shape for every face", interval(m["mean_shape_error_percent"], 2)),
            ],
        ),
        "The reference points are machine-made; some mouth corners and jaw points are visibly "
        "off, so "
        "these figures hold the reference's own error too.",
        "## Repeatability of the asymmetry",
        "Standard deviations in % of the interocular distance: over burst-like repeats of one face "
        "(held-out UTKFace pictures moved, turned, slightly tilted, lit, and coded anew, each "
        "through the program's two framings), over all test frames, and of the machine-made labels "
        "on the same frames, with the correlation between net and labels. A difference within "
        "twice the repeat error is not distinguishable from none. The labels' own asymmetry is "
        "mostly their error, so it can neither confirm nor refute the net's; the next section can.",
        table(
            ("", "repeats", "all frames", "labels", "correlation"),
            [
                (
                    name.replace("_percent", "").replace("_", " "),
                    interval(m["asymmetry_test_retest_interval"][name], 2),
                    interval(m["asymmetry_deviation"][name], 2),
                    *(
                        interval(m["asymmetry_beside_labels"]["measures"][name][key], 2)
                        for key in ("deviation", "correlation")
                    ),
                )
                for name in m["asymmetry_test_retest"]
            ],
        ),
        *repeats_in_use(entry, m),
        *asymmetry_judged(m),
        *_learning("landmarks", captions),
        "## Limits",
        "Asymmetry is a neuromuscular observation, not a sign of mood. Landmark nets are known "
        "to be "
        "worse on faces with palsy and other clinical conditions, which the training data do not "
        "hold. A sudden new asymmetry is a reason for urgent medical assessment, not for this "
        "program.",
        *_end(entry),
    ]
    return "\n\n".join(sections) + "\n"


def _head(entry: Entry) -> str:
    return (
        f"Version {entry['version']} | SHA-256 `{entry['sha256']}` | {entry['bytes']:,} bytes | "
        f"opset {entry['opset']} | seed {entry['seed']} | code {entry['git_revision']}\n\n"
        f"Input: `face` {entry['input']['shape']}, {entry['input']['values']}. "
        f"Outputs: {', '.join(entry['outputs'])}. Data: {'; '.join(entry['data'])}."
    )


def _learning(name: str, captions: Mapping[str, str]) -> list[str]:
    shown = picture("", captions, f"{name}-learning.png")
    return ["## Learning curves", *shown] if shown else []


def _end(entry: Entry) -> list[str]:
    changes = f"Version {entry['version']}. {entry['note']}".rstrip()
    return [
        "## Data terms",
        DATA_TERMS,
        "## Approval and changes",
        f"{changes} Not approved for clinical use by anyone.",
    ]


def _histories(trained: Path | None, stages: tuple[str, ...]) -> dict[str, Any]:
    if trained is None:
        return {}
    files = {stage: trained / f"{stage}.history.json" for stage in stages}
    return {
        stage: json.loads(path.read_text(encoding="utf-8"))["epochs"]
        for stage, path in files.items()
        if path.exists()
    }


def _comparison(
    folder: Path, trained: Path | None, version: str, reading: Mapping[str, Any]
) -> dict[str, Any]:
    """What is told beside a net of this version, whose `reading` of raw faces the shipped row
    repeats: a comparison may have been made when the files had another name or other settings."""
    kept = folder / COMPARISON
    made = trained / COMPARISON if trained else kept
    if not made.exists():
        made = kept
    if not made.exists():
        return {}
    found: dict[str, Any] = json.loads(made.read_text(encoding="utf-8"))
    if made != kept and kept.exists() and not found["nets"]:
        # A run that trained the Johnson net alone: the others are as good as they were.
        known = json.loads(kept.read_text(encoding="utf-8"))
        found |= {key: known[key] for key in ("nets", "budget_minutes", "threads") if key in known}
        if "shipped" in known:  # of the same shape, and timed in turns with the others
            found["shipped"]["ms_one_thread_onnx"] = known["shipped"]["ms_one_thread_onnx"]
    if "shipped" in found:
        figures = {name: reading[name] for name in found["shipped"]["figures"]}
        found["shipped"] |= {"version": version, "figures": figures}
    kept.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return found
