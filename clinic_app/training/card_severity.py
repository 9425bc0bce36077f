"""The severity net's card: sections in the order in which a reader asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clinic_app.training.card_tables import (
    READINGS,
    interval,
    light_tables,
    number,
    panel_table,
    picture,
    reading_table,
    steadiness,
    table,
)
from clinic_app.training.card_texts import UNDER_LIGHT, Met
from clinic_app.training.choice import WORSE_BY_AT_MOST
from clinic_app.training.splits import YALE_TRAINING_SUBJECTS

Entry = Mapping[str, Any]
Captions = Mapping[str, str]
PIPELINE_ROWS = (
    ("fer2013_accuracy", "7-class FER2013 accuracy, head for measuring only"),
    ("fer2013_sad_recall", 'recall of FER2013\'s "sad", the same head'),
    ("ece_positive", "ECE of P(s >= 0.35)"),
    ("interval_covered", "share of faces in the interval of their percent"),
    ("refused", "share refused because no band is likely enough"),
    ("wrong_of_the_read", "share of the others whose band is not the raters'"),
)
"""What is measured through the pipeline beside the usual scores."""


def accuracy(m: Entry, entry: Entry, captions: Captions) -> list[str]:
    """Agreement with raters of every reading, and the confusion of bands and emotions."""
    baseline = m["training_mean_for_every_face"]
    return [
        "## Accuracy (value, bootstrap 95% interval)",
        reading_table(m, baseline),
        "The program reads a face together with its mirror image and takes the mean; figures are "
        "of that unless they say otherwise. It costs a second reading and changes the correlation "
        f"by {interval(m['mirrored_minus_once_pearson'])}; normalising changes it by "
        f"{interval(m['normalised_minus_raw_pearson'])} (same faces, paired). Resampling adds to "
        "ECE, so its interval lies high. Where the vote of the raters is tied, the first of the "
        "emotions in the order of FER+ counts as their majority, most often neutral; for the net "
        "and for people alike.",
        'Four-band exact accuracy is no goal: answering "none" always scores '
        f"{baseline['band_accuracy'][0]:.3f}. Kappa is.",
        *picture("", captions, "severity-bands.png"),
        *picture("", captions, "severity-emotions.png"),
    ]


def people(m: Entry, captions: Captions) -> list[str]:
    """Panels of human raters."""
    panel = m["human_panel"]
    found = panel["reliability"]
    return [
        "## Beside people",
        "Every face was judged by ten raters. A panel of one, three or five of them, drawn without "
        "replacement, is held against the raters who are left, and so is the net (raw face). "
        f"{panel['rounds']} draws over {panel['n']} faces; intervals over draws and faces. A panel "
        "of people votes in coarse steps, which the net does not; the reference is noisier for "
        "larger panels, because fewer raters are left.",
        panel_table(panel),
        f"Ceiling: five raters correlate {found['half']:.3f} with the five others, which makes the "
        f"share of ten raters {found['ten']:.3f} reliable; even the true share would correlate no "
        f"more than {found['ceiling']:.3f} with it.",
        *picture("", captions, "severity-people.png"),
    ]


def fer2013(m: Entry, captions: Captions) -> list[str]:
    """The seven-class head that is fitted for measuring only."""
    seven, labels = m["fer2013_seven_classes"], m["fer2013_labels"]
    rows = [
        (label, interval(seven[name]["accuracy"]), interval(seven[name]["sad_recall"]))
        for name, label in READINGS
    ]
    return [
        "## FER2013's own seven labels",
        f"FER2013's labels and the FER+ majority agree on {interval(labels['agree'])} of the test "
        f'faces, and {interval(labels["sad_is_neutral"])} of "sad" is "neutral" to the FER+ '
        "majority. A linear head on the frozen "
        f"512-d embedding, fitted on {seven['n_trained']} training faces and their mirror images, "
        "is not shipped; it shows what the embedding holds.",
        table(("", "accuracy", 'recall of "sad"'), rows),
        *picture("", captions, "severity-fer2013.png"),
    ]


def pipeline(m: Entry) -> list[str]:
    """The same through detection, alignment and gate."""
    seen = m["through_the_pipeline"]
    faces, lights = seen["faces"], seen["light"]
    parts = [
        "## Through the whole pipeline",
        f"Found, aligned, gated and read as the program does it: {seen['sample']}. Face found on "
        f"{_share(faces['face_found'])}, accepted by the gate {interval(faces['accepted'])}"
        f"{_refused(faces)}. The scores are those of accepted faces, those that are then refused "
        "because no band is likely enough among them. Acceptance by light and "
        "source: `docs/quality-gate.md`.",
    ]
    if "raw" in faces:
        parts.append(reading_table(faces, more=PIPELINE_ROWS))
    if "as_crops" in faces:
        parts += [
            "The same accepted faces without the pipeline, as the crops of the data set:",
            reading_table(faces["as_crops"], more=PIPELINE_ROWS),
        ]
    parts += _through_beside_people(faces)
    parts.append(
        f"Unseen Yale B subjects, {lights['n']} pictures, each found by itself: face found on "
        f"{_share(lights['face_found'])}, accepted {interval(lights['accepted'])}, up to 60 "
        f"degrees {_share(lights['accepted_near'])}{_refused(lights)}{_by_subject(lights)}."
    )
    if "raw" in lights:
        read = lights["raw"]
        parts.append(
            f"Of the accepted, {read['images']} pictures of {read['subjects']} subjects whose "
            f"picture under frontal light was accepted too, {read['images_near']} of them, beside "
            "the frontal ones, within 60 degrees; crops corrected before they are read:"
        )
        parts += steadiness(lights, "accepted")
    return [*parts, *_people_through(seen.get("people"))]


def _through_beside_people(faces: Entry) -> list[str]:
    """Panels of raters and what normalising does, for the accepted faces; nothing where too few
    were accepted."""
    if "human_panel" not in faces:
        return []
    panel, even = faces["human_panel"], faces["normalising"]
    return [
        f"Beside people, as above, for the {panel['n']} accepted faces with ten raters:",
        panel_table(panel),
        "Normalising an accepted face keeps its likeliest emotion for "
        f"{interval(even['emotion_agreement'])} of them and moves its points by "
        f"{interval(even['landmark_drift_percent'])} % of the outer eye distance.",
    ]


def _people_through(people: Entry | None) -> list[str]:
    """Acceptance and mean reading by group; nothing where it was not measured."""
    if people is None:
        return []
    read = people.get("groups", {})
    rows = [
        (
            name,
            str(some["n"]),
            interval(some["accepted"]),
            *(interval(read[name][key]) if name in read else "-" for key in ("raw", "normalised")),
        )
        for name, some in people["accepted_by_group"].items()
    ]
    parts = [
        f"People of all groups (UTKFace, {people['n']} pictures that the severity net was not "
        f"trained on, enlarged by half): face found on {_share(people['face_found'])}, accepted "
        f"{interval(people['accepted'])}{_refused(people)}. Skin tone must not decide acceptance; "
        "attributes are partly machine-made.",
        table(("group", "n", "accepted", "mean `sadness`, raw", "normalised"), rows),
    ]
    if "group_shifts" in people:
        parts.append(f"Largest shift of those accepted: {_shifts(people['group_shifts']['raw'])}.")
    return parts


def _shifts(found: Entry) -> str:
    return "; ".join(
        f"{attribute}: {shift['higher']} over {shift['lower']} by {interval(shift['difference'])}"
        for attribute, shift in found.items()
    )


def _share(found: Any) -> str:
    """A share with its interval, where that was measured."""
    return interval(found) if isinstance(found, list) else f"{found:.1%}"


def _by_subject(lights: Entry) -> str:
    return "; intervals resample subjects" if isinstance(lights["accepted_near"], list) else ""


def _refused(figures: Entry) -> str:
    reasons = ", ".join(f"{name} {count}" for name, count in figures["refused_for"].items())
    return f" (refused for: {reasons})" if reasons else ""


def light(m: Entry, entry: Entry, met: Met) -> list[str]:
    """Steadiness, and which reading counts."""
    choice = m["choice"]
    steady = choice["light"]
    taught = ""
    if met.trained_subjects > YALE_TRAINING_SUBJECTS:
        taught = " (the normaliser was trained on these subjects)"
    return [
        "## Steadiness under light (Extended Yale B)",
        UNDER_LIGHT + met.caution,
        *light_tables(m),
        "## The reading that counts",
        f"**{entry['reading_that_counts']}**, chosen on {choice['part']}{taught}; none of them is "
        "among the unseen subjects above, and all are among the open ones. The same faces and "
        f"subjects chose the epochs {met.epochs_chosen}. Normalised reading counts when it is "
        f"steadier and costs at most {WORSE_BY_AT_MOST:g} of correlation and of AUC on clean "
        "faces. There: spread "
        f"{interval(steady['raw']['spread'])} raw, {interval(steady['normalised']['spread'])} "
        f"normalised; correlation {interval(choice['normalised_minus_raw_pearson'])}, AUC "
        f"{interval(choice['normalised_minus_raw_auc'])} by normalising."
        + _rule_now(choice["reading"], entry["reading_that_counts"]),
    ]


def _rule_now(chosen: str, shipped: str) -> str:
    """What the rule chooses by the figures, where the release was made with the other reading."""
    if chosen == shipped:
        return ""
    return (
        f" **By these figures the rule chooses the {chosen} reading**: they were measured after "
        f"the release, in which the {shipped} one counts until the next."
    )


def calibration(m: Entry, entry: Entry, captions: Captions) -> list[str]:
    """Temperature, interval, abstention."""
    c, held = entry["calibration"], m["percent_interval_covered"]
    apart = m["raw_and_normalised_band_apart_by_more_than_one"]
    return [
        "## Calibration and abstention",
        f"{c['method']}. All settings were chosen on raw faces, and are used for both readings. "
        f"Temperature {c['temperature']:.3f} of the bands, {c['emotion_temperature']:.3f} of the "
        "emotions. The interval of the percent held "
        f"{interval(held['raw'])} of the raw and {interval(held['normalised'])} of the normalised "
        f"test faces (stated: {c['percent_interval']['coverage']:.2f}); the one that the program "
        "shows reaches at least 5 points to each side and is widened for small faces, so it holds "
        "more. Raw and normalised bands "
        f"more than one apart on the test part: {interval(apart)}. ECE of P(s >= 0.35): "
        f"{interval(m['ece_positive_raw'])} raw, {interval(m['ece_positive_normalised'])} "
        "normalised.",
        "A temperature keeps the order of classes within a face, and `sadness` is taken without "
        "any: calibration moves no face past another.",
        *_refusing(m, entry),
        *picture("", captions, "severity-reliability.png"),
        *picture("", captions, "severity-risk-coverage.png"),
    ]


def _refusing(m: Entry, entry: Entry) -> list[str]:
    """What refusing the least certain faces does, at the threshold that ships."""
    c = entry["calibration"]
    rows = [
        (
            name,
            *(
                interval(found[key])
                for key in ("refused", "wrong_of_the_read", "wrong_of_all", "gained")
            ),
        )
        for name, found in m["abstention"].items()
    ]
    return [
        f"Readings with a largest probability under {c['abstain_below_max_probability']:.3f} are "
        f"refused ({c['abstain_rule']}). On the test part, wrong where the band that the program "
        "shows is not the raters':",
        table(("", "refused", "wrong, of those read", "wrong, of all", "lowered by"), rows),
    ]


def groups(m: Entry, before: Entry, captions: Captions, met: Met) -> list[str]:
    """Shifts between groups of people, and what they were."""
    then = before.get("groups", {})
    seen = "; the normaliser saw some of them" if met.some_group_faces else ""
    rows = [
        (
            name,
            str(v["n"]),
            interval(v["raw"]),
            interval(v["normalised"]),
            interval(then[name]["raw"]) if name in then else "-",
        )
        for name, v in m["groups"].items()
    ]
    parts = [
        "## Groups (UTKFace, mean `sadness`; there is no truth, so only shifts can be shown)",
        f"{m['groups_n']} faces that the severity net was not trained on{seen}. A shift "
        "between groups may be the raters', the photographs' or the net's.",
        table(("group", "n", "raw", "normalised", f"{before.get('version', '-')} raw"), rows),
    ]
    for reading, found in m["group_shifts"].items():
        largest = m["largest_group_shift"][reading]
        parts.append(f"Largest shift, {reading}: **{largest}**. {_shifts(found)}.")
    if then:
        parts.append(
            f"Version {before['version']}, on {_faces(then)} faces ({before['groups_basis']}), "
            f"raw: {_shifts(before['group_shifts']['raw'])}."
        )
    return [*parts, *picture("", captions, "severity-groups.png")]


def _faces(by_group: Entry) -> int:
    """How many faces were measured by group; each is of one sex."""
    return sum(some["n"] for name, some in by_group.items() if name.startswith("sex "))


def against_before(m: Entry, before: Entry) -> list[str]:
    """The main figures beside those of the first release."""
    if not before:
        return []
    now, then = m["light_unseen_subjects"], before["light_unseen_subjects"]
    keys = (
        ("pearson", "correlation of `sadness` with s"),
        ("auc", "AUC, s >= 0.35"),
        ("balanced_accuracy", "balanced accuracy, s >= 0.35"),
        ("band_kappa", "kappa of `band`"),
        ("emotion_accuracy", "8-class accuracy"),
        ("sadness_recall", "recall of the sadness class"),
        ("ece", "ECE of the bands"),
    )
    rows = [
        (
            label,
            *(
                interval(source[name][key])
                for name in ("raw", "normalised")
                for source in (m, before)
            ),
        )
        for key, label in keys
    ]
    for key, label in (("spread", "spread under light"), ("flips_near", "flips up to 60 degrees")):
        values = (number(part[name][key]) for name in ("raw", "ours") for part in (now, then))
        rows.append((label, *values))
    old = before["version"]
    return [
        f"## Beside version {old}",
        "Same test faces, same unseen subjects, each release as its program reads.",
        table(("", "raw, now", f"raw, {old}", "normalised, now", f"normalised, {old}"), rows),
    ]


def randomisation(m: Entry, captions: Captions) -> list[str]:
    """Whether the map shows the net rather than the face."""
    check = m["map_randomisation"]
    rows = [
        (
            f"{row['layers']} of {check['layers']}",
            interval(row["rank_correlation"]),
            interval(row["ssim"]),
        )
        for row in check["cascade"]
    ]
    other = check["other_faces"]
    alike = abs(other["rank_correlation"][0])
    below = [r["layers"] for r in check["cascade"] if abs(r["rank_correlation"][0]) < alike]
    above = [r["layers"] for r in check["cascade"] if r["layers"] not in below]
    rows.append(("maps of two faces", interval(other["rank_correlation"]), interval(other["ssim"])))
    return [
        "## How far the activation map depends on what was learned",
        "Weights of the layers that the map comes from, shuffled from the head down (Adebayo et "
        f"al., 2018), {check['seeds']} times, {check['n']} faces: similarity of the map to the "
        f"true one, {check['cells'][0]}x{check['cells'][1]} cells. A map that drew the face "
        "whatever was learned would stay near 1; a negative value is a map turned over, as when "
        "only the head's signs change. The map equals Grad-CAM on this head (a test "
        "proves it).",
        table(("shuffled layers", "rank correlation", "SSIM"), rows),
        f"Less like the true map, turned over or not, than maps of two faces are like each other: "
        f"with {_counted(below)} layers shuffled. As like as those or more: with "
        f"{_counted(above)}.",
        *picture("", captions, "severity-map-check.png"),
    ]


def _counted(layers: Sequence[int]) -> str:
    return ", ".join(str(count) for count in layers) or "no number of"


def splits(m: Entry) -> list[str]:
    """What was looked for between the parts, and how much was found."""
    check = m["leak_check"]
    rows = check["rows"]
    shared = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in check["shared"].items())
    return [
        f"FER2013 rows: {rows['train']} to train, {rows['validation']} to validate, "
        f"{rows['test']} to test. Shared between parts, by count: {shared}."
    ]
