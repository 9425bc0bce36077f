"""Model cards as Markdown, written from the same figures that go into the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]

WHAT_IT_IS_NOT = """\
Research and decision support, not a medical device and not cleared by anyone. The estimate is an
adjunct to a questionnaire and a clinician's judgement. It says how a face looks to people who
looked at one photograph; it does not say how a person feels, whether a person has a depressive
disorder, or whether a person is safe. Low mood often shows as a flat or neutral face, which the
raters behind this model called neutral. A low value is therefore no reassurance, and it never
lowers a concern that an answer or a clinician has raised."""

DATA_TERMS = """\
Research use only: the terms of the data sets are not confirmed with their owners. FER2013 was
gathered from web image search (nobody holds the rights to all of its photographs); its FER+ votes
are MIT. UTKFace is known as non-commercial research only. YouTube Faces is known as research use,
Extended Yale B as free for research with acknowledgement. See LICENSE-MODELS."""

INTENDED = """\
**Intended use and users.** Clinicians and counselors who screen adults face to face, with consent,
beside PHQ-9 and GAD-7. **Not for** minors, unattended use, hiring, schools, policing, triage, or
any decision without a clinician. **Exclusions to ask for before capture:** facial palsy, ptosis,
Parkinson's disease, recent facial surgery or botulinum toxin, marked medication effects on facial
expression, covered face."""


def write_all(folder: Path, entries: Mapping[str, Any]) -> None:
    """One card a model: severity.md, style.md, landmarks.md."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"severity": severity_card, "style": style_card, "landmarks": landmarks_card}
    for name, make in makers.items():
        text = make(entries[name], entries)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def severity_card(entry: Entry, entries: Mapping[str, Any]) -> str:
    """Card of the severity net."""
    m, c = entry["metrics"], entry["calibration"]
    baseline = m["training_mean_for_every_face"]
    rows = [
        (label, _i(m["raw"][key]), _i(m["normalised"][key]), _b(baseline, key))
        for key, label in SEVERITY_ROWS
    ]
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
        "images "
        "identical to a test or reserved image dropped; a validation part held out by duplicate "
        "group), lit synthetically with light ratios of 20 Extended Yale B subjects. Settings "
        f"(temperature, cuts, interval, abstention) come from the validation part. Measured on: "
        f"{m['part']}, n = {m['n']}.",
        "## Accuracy (value, bootstrap 95% interval)",
        _table(("", "raw face", "normalised face", "training mean for every face"), rows),
        f"Correlation of the normalised reading minus that of the raw reading, same faces: "
        f"{_i(m['normalised_minus_raw_pearson'])}. The reading that counts: "
        f"**{entry['reading_that_counts']}**.",
        'Four-band exact accuracy is no goal: answering "none" always scores '
        f"{baseline['band_accuracy']:.3f}. Kappa is.",
        "## Steadiness under light (Extended Yale B)",
        "The same still face under up to 64 light directions. Spread: mean over subjects of the "
        "standard deviation of `sadness`. Flips: share of readings in another band than under "
        "frontal light. Intervals resample subjects.",
        *_light_tables(m),
        "## Calibration and abstention",
        f"{c['method']}. Temperature {c['temperature']:.3f}. The interval of the percent held "
        f"{_i(m['percent_interval_covered'])} of test faces (stated: "
        f"{c['percent_interval']['coverage']:.2f}). Readings with a largest probability under "
        f"{c['abstain_below_max_probability']:.3f} are refused ({c['abstain_rule']}). Raw and "
        "normalised bands more than one apart on the test part: "
        f"{m['raw_and_normalised_band_apart_by_more_than_one']:.1%}.",
        "## Groups (UTKFace, mean `sadness`; there is no truth, so only shifts can be shown)",
        _table(
            ("group", "n", "raw", "normalised"),
            [(g, str(v["n"]), _i(v["raw"]), _i(v["normalised"])) for g, v in m["groups"].items()],
        ),
        "A shift between groups may be the raters', the photographs' or the net's.",
        "## Known failures",
        "Drawings, masks, hands over the face, strong profile, sunglasses and small children's "
        "faces "
        "are in the data and are read badly. The training pictures are 48 pixels wide: fine "
        "wrinkles "
        "and eye moisture are not seen. Extreme side light still moves the reading (table above).",
        "## Data terms",
        DATA_TERMS,
        "## Approval and changes",
        _changes(entry),
    ]
    return "\n\n".join(sections) + "\n"


SEVERITY_ROWS = (
    ("pearson", "correlation of `sadness` with s"),
    ("spearman", "rank correlation"),
    ("auc", "AUC, s >= 0.35"),
    ("balanced_accuracy", "balanced accuracy, s >= 0.35"),
    ("precision", "precision, s >= 0.35"),
    ("recall", "recall, s >= 0.35"),
    ("f1", "F1, s >= 0.35"),
    ("band_kappa", "quadratic weighted kappa of `band`"),
    ("band_accuracy", "four-band exact accuracy"),
    ("emotion_accuracy", "8-class FER+ majority accuracy"),
    ("sadness_recall", "recall of the sadness class"),
    ("ece", "ECE of the bands"),
    ("brier", "Brier score of the bands"),
)


def style_card(entry: Entry, entries: Mapping[str, Any]) -> str:
    """Card of the normaliser."""
    m, severity = entry["metrics"], entries["severity"]["metrics"]
    sections = [
        "# Style normaliser: the same face in even light",
        _head(entry),
        "## What it does",
        f"{entry['meaning']} A small network predicts a 12x12 grid of gains and offsets for six "
        "brightness levels; every pixel looks its own pair up, and all three colours share it. It "
        "cannot move, add or remove a feature by construction, but it can lift noise in deep "
        "shadow "
        "and cannot bring back what the camera did not record.",
        INTENDED,
        "## Training",
        "Perceptual losses on VGG-16 (content conv4_2, Gram matrices conv1_1 to conv5_1 against a "
        "reference look from evenly lit faces, total variation), Extended Yale B pairs (side light "
        "against frontal light, 20 subjects), synthetic light on single photographs, and agreement "
        "of what the severity net reads before and after.",
        "## Does it earn its place",
        "Measured with the shipped severity net, on subjects that neither net was trained on. "
        "Grey-world and CLAHE are the classical corrections.",
        *_light_tables(severity),
        f"Correlation on clean faces, normalised minus raw: "
        f"{_i(severity['normalised_minus_raw_pearson'])}.",
        "## What it costs",
        _table(
            ("", "value [95% interval]"),
            [
                (
                    f"emotion agreement on {m['n_faces']} clean faces",
                    _i(m["emotion_agreement_clean"]),
                ),
                (
                    f"landmark drift on {m['n_frames']} video frames, % of outer eye distance",
                    _i(m["landmark_drift_percent"]),
                ),
                ("mean change of a pixel (0 to 1)", f"{m['mean_absolute_change']:.3f}"),
            ],
        ),
        "## Limits",
        "The normalised picture is marked as processed and is never the record. It does not change "
        "skin tone on purpose; light and skin cannot always be told apart from one picture.",
        "## Data terms",
        DATA_TERMS,
        "## Approval and changes",
        _changes(entry),
    ]
    return "\n\n".join(sections) + "\n"


def landmarks_card(entry: Entry, entries: Mapping[str, Any]) -> str:
    """Card of the landmark net."""
    m = entry["metrics"]
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
        _table(
            ("", "error"),
            [
                ("one pass", _i(m["error_percent"], 2)),
                ("mean with the mirror image", _i(m["error_percent_mirrored_pair"], 2)),
                ("mean shape for every face", _i(m["mean_shape_error_percent"], 2)),
            ],
        ),
        "The reference points are machine-made; some mouth corners and jaw points are visibly "
        "off, so "
        "these figures hold the reference's own error too.",
        "## Repeatability of the asymmetry",
        "Standard deviations in % of the interocular distance: over burst-like repeats of one face "
        "(framing, noise, exposure), over all test frames, and of the machine-made labels on the "
        "same frames, with the correlation between net and labels. A difference within twice the "
        "repeat error is not distinguishable from none. The labels' own asymmetry is mostly their "
        "error, so it can neither confirm nor refute the net's; a low correlation says that the "
        "measure is unproven.",
        _table(
            ("", "repeats", "all frames", "labels", "correlation"),
            [
                (
                    name.replace("_percent", "").replace("_", " "),
                    f"{value:.2f}",
                    f"{m['asymmetry_deviation'][name]:.2f}",
                    f"{m['asymmetry_deviation_of_labels'][name]:.2f}",
                    f"{m['asymmetry_correlation_with_labels'][name]:.2f}",
                )
                for name, value in m["asymmetry_test_retest"].items()
            ],
        ),
        "## Limits",
        "Asymmetry is a neuromuscular observation, not a sign of mood. Landmark nets are known "
        "to be "
        "worse on faces with palsy and other clinical conditions, which the training data do not "
        "hold. A sudden new asymmetry is a reason for urgent medical assessment, not for this "
        "program.",
        "## Data terms",
        DATA_TERMS,
        "## Approval and changes",
        _changes(entry),
    ]
    return "\n\n".join(sections) + "\n"


LIGHT_PARTS = (
    ("light_unseen_subjects", "Unseen subjects, aligned crops"),
    ("light_unseen_subjects_unaligned", "Unseen subjects, crops squeezed without alignment"),
    ("light_all_subjects", "All open subjects (20 of them trained on), aligned crops"),
    ("light_all_subjects_unaligned", "All open subjects, crops squeezed without alignment"),
)
CORRECTIONS = (
    ("raw", "raw"),
    ("grey_world", "grey-world"),
    ("clahe", "CLAHE"),
    ("ours", "this normaliser"),
)


def _light_tables(m: Entry) -> list[str]:
    parts = []
    for key, title in LIGHT_PARTS:
        if key not in m:
            continue
        first = m[key]["raw"]
        rows = [
            (
                label,
                _i(m[key][name]["spread"]),
                _i(m[key][name]["flips"]),
                f"{m[key][name]['flips_near']:.3f}",
            )
            for name, label in CORRECTIONS
        ]
        parts.append(f"{title} ({first['subjects']} subjects, {first['images']} images):")
        parts.append(_table(("", "spread", "flips, all lights", "flips, up to 60 degrees"), rows))
    return parts


def _head(entry: Entry) -> str:
    return (
        f"Version {entry['version']} | SHA-256 `{entry['sha256']}` | {entry['bytes']:,} bytes | "
        f"opset {entry['opset']} | seed {entry['seed']} | code {entry['git_revision']}\n\n"
        f"Input: `face` {entry['input']['shape']}, {entry['input']['values']}. "
        f"Outputs: {', '.join(entry['outputs'])}. Data: {'; '.join(entry['data'])}."
    )


def _changes(entry: Entry) -> str:
    text = f"Version {entry['version']}: first trained release. {entry['note']}".rstrip()
    return f"{text} Not approved for clinical use by anyone."


def _i(interval: Any, digits: int = 3) -> str:
    value, low, high = interval
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _b(baseline: Entry, key: str) -> str:
    return f"{baseline[key]:.3f}" if key in baseline else "-"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
