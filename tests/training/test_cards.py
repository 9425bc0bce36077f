"""Cards and pictures from figures whose values are known."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.training import accuracy_page, cards, manifest, plots
from clinic_app.training.card_texts import Met
from tests.training import figures as made_up

pytestmark = pytest.mark.training
OLDER_MET = {"trained_subjects": 20, "measured_subjects_chose": True, "some_group_faces": True}
"""What the manifest said of the normaliser up to 1.3.0."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a training run leaves beside its nets."""
    folder = tmp_path_factory.mktemp("run")
    epochs = [
        {"epoch": k, "loss": {"a": 2.0 / k, "b": 1.0}, "validation": {"score": 0.2 * k}}
        for k in (1, 2, 3)
    ]
    for stage in ("severity", "style", "landmarks"):
        text = json.dumps({"schedule": {}, "epochs": epochs})
        (folder / f"{stage}.history.json").write_text(text)
    net = {"name": "resnet50v2", "parameters": 23_000_000, "mflop": 1300.0, "minutes": 20.0}
    comparison = {
        "budget_minutes": 20.0,
        "nets": [{**net, "figures": {"pearson": [0.61, 0.6, 0.62], "emotion_accuracy": None}}],
        "geometry": {"file_bytes": 10, "figures": {"pearson": [0.31, 0.3, 0.32]}},
        "johnson": {
            "budget_minutes": 20.0,
            "reader": "one reader",
            "raw": {"spread_of_sadness": [0.06, 0.05, 0.07]},
            "johnson": {"figures": {"spread_of_sadness": [0.051, 0.05, 0.06]}},
        },
    }
    (folder / "comparison.json").write_text(json.dumps(comparison))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Path:
    place = tmp_path_factory.mktemp("cards")
    cards.write_all(place, made_up.entries("9.9.9"), made_up.everything(), trained, trained)
    return place


def test_every_picture_is_small_light_and_shown_by_a_card(folder: Path) -> None:
    drawn = {path.name for path in folder.glob("*.png")}
    shown: set[str] = set()
    for card in folder.glob("*.md"):
        shown |= set(re.findall(r"!\[[^\]]+\]\(([\w-]+\.png)\)", card.read_text()))
    assert drawn == shown
    assert {"severity-bands.png", "style-light-angle.png", "landmarks-learning.png"} <= drawn
    for name in drawn:
        path = folder / name
        assert path.stat().st_size <= plots.MAX_BYTES
        picture = np.asarray(Image.open(path).convert("L"))
        assert picture.shape[1] > 600
        assert picture[0, 0] > 250
        assert picture.min() < 120, "nothing is drawn"


def test_the_severity_card_prints_what_was_measured(folder: Path) -> None:
    text = (folder / "severity.md").read_text()
    for words in (
        "| correlation of `sadness` with s | 0.800 [0.780, 0.820]",
        "| correlation of the shares | 0.700 [0.680, 0.720] |",
        "no more than 0.940",
        "**normalised**, chosen on 30 validation faces, 3 Yale B subjects",
        "Largest shift, raw: **age**. age: 61-120 over 31-45 by 0.050",
        "refused for: too_dark 2",
        "| group Black | 12 | 0.970 [0.950, 0.990] | 0.060 [0.040, 0.080] | 0.050 [0.030, 0.070] |",
        "| share of faces in the interval of their percent | 0.900 [0.880, 0.920] |",
        "for the 81 accepted faces with ten raters",
        "likeliest emotion for 0.970 [0.950, 0.990] of them",
        "| normalised | 0.043 [0.023, 0.063] | 0.174 [0.154, 0.194] | 0.184 [0.164, 0.204] |",
        "0.910 [0.890, 0.930] of the raw and 0.920 [0.900, 0.940] of the normalised",
        "All settings were chosen on raw faces",
        "calibration moves no face past another",
        "agree on 0.610 [0.590, 0.630] of the test faces",
        "| resnet50v2 | 23,000,000 | 1,300 | 20 | 0.610 [0.600, 0.620] | - |",
        "| geometry of the 68 points | - | - | - | 0.310 [0.300, 0.320] | - |",
        "## Beside version 1.0.0",
        "group: Asian over Other by 0.035 [0.021, 0.049]",
    ):
        assert words in text, words


def test_the_landmark_card_gives_every_figure_of_a_side_with_its_interval(folder: Path) -> None:
    text = (folder / "landmarks.md").read_text()
    repeats = "| eye opening | 0.50 [0.44, 0.57] | 1.40 [1.38, 1.42] | 3.10 [3.08, 3.12] |"
    assert repeats + " 0.20 [0.18, 0.22] |" in text
    assert "| brow height | 0.90 [0.88, 0.92] | 0.80 [0.78, 0.82] | 0.70 [0.68, 0.72] |" in text


def test_what_an_older_measurement_lacks_is_left_out(tmp_path: Path) -> None:
    older = made_up.everything()
    through = older["severity"]["through_the_pipeline"]
    del through["people"]
    del through["faces"]["as_crops"]
    through["light"]["accepted_near"] = through["faces"]["face_found"] = 0.955
    for name in ("raw", "normalised", "raw_once", "normalised_once"):
        del through["faces"][name]["interval_covered"]
    cards.write_all(tmp_path, made_up.entries("9.9.9"), older)
    text = (tmp_path / "severity.md").read_text()
    assert "in the interval of their percent" not in text
    assert "without the pipeline, as the crops" not in text
    assert "up to 60 degrees 95.5%" in text
    assert "| F1 of the sadness class |" in text[text.index("## Through the whole pipeline") :]


def test_what_a_kept_normaliser_had_met_is_said_wherever_its_figures_stand(tmp_path: Path) -> None:
    entries = made_up.entries("9.9.9")
    entries["style"] = {**entries["style"], "met": OLDER_MET}
    cards.write_all(tmp_path, entries, made_up.everything())
    severity, style = ((tmp_path / f"{n}.md").read_text() for n in ("severity", "style"))
    for text in (severity, style):
        assert "chose among the checkpoints of this normaliser" in text
        assert "chose nothing. " not in text
    assert "(the normaliser was trained on these subjects)" in severity
    assert "; the normaliser saw some of them" in severity
    assert "frontal light, 20 subjects)" in style
    page = accuracy_page.section("9.9.9", "normalised", made_up.everything(), Met(**OLDER_MET))
    assert "that chose among the normaliser's checkpoints" in page


def test_a_normaliser_of_this_recipe_had_met_nobody_who_is_measured(folder: Path) -> None:
    for name in ("severity", "style"):
        assert "chose among" not in (folder / f"{name}.md").read_text()
    assert "first on subjects that trained and chose nothing" in (folder / "style.md").read_text()


def test_the_first_release_is_not_set_beside_itself(tmp_path: Path) -> None:
    cards.write_all(tmp_path, made_up.entries("1.0.0"), made_up.everything())
    text = (tmp_path / "severity.md").read_text()
    assert "Beside version" not in text
    assert "Beside other nets" not in text
    assert not list(tmp_path.glob("*-learning.png"))


def test_what_was_not_measured_keeps_its_card(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    kept = (tmp_path / "landmarks.md").read_text()
    some = {n: f for n, f in made_up.everything().items() if n != "landmarks"}
    cards.write_all(tmp_path, made_up.entries("9.9.10"), some)
    assert (tmp_path / "landmarks.md").read_text() == kept
    assert "Version 9.9.10" in (tmp_path / "severity.md").read_text()
    stored = json.loads((tmp_path / cards.FIGURES).read_text())
    assert set(stored) == {"severity", "style", "landmarks"}


def test_curves_of_a_run_whose_nets_are_not_these_are_not_drawn(
    folder: Path, tmp_path: Path, trained: Path
) -> None:
    """As when released files are measured again beside the folder of a later run."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    kept = (tmp_path / "severity-learning.png").read_bytes()
    later = tmp_path / "later"
    shutil.copytree(trained, later)
    text = (later / "severity.history.json").read_text().replace('"score": 0.', '"score": -0.')
    (later / "severity.history.json").write_text(text)
    entries, figures = made_up.entries("9.9.9"), made_up.everything()
    cards.write_all(tmp_path, entries, figures, later)
    assert (tmp_path / "severity-learning.png").read_bytes() == kept
    assert "## Learning curves" in (tmp_path / "severity.md").read_text()
    cards.write_all(tmp_path, entries, figures, later, later)
    assert (tmp_path / "severity-learning.png").read_bytes() != kept


def test_the_map_card_says_which_shuffles_left_it_like_another_face(tmp_path: Path) -> None:
    """Whatever was measured: no heading claims it."""
    figures = made_up.everything()
    for row, found in zip(
        figures["severity"]["map_randomisation"]["cascade"], (-0.66, 0.1), strict=True
    ):
        row["rank_correlation"] = [found, found - 0.02, found + 0.02]
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    text = (tmp_path / "severity.md").read_text()
    assert "with 9 layers shuffled. As like as those or more: with 1." in text
    assert "depends on what was learned\n" in text


@pytest.mark.parametrize(
    ("black", "white", "said"),
    [
        (
            2.3,
            0.4,
            "rises most for Black faces (2.30 [2.28, 2.32]), and least for White ones (0.40",
        ),
        (
            2.3,
            -0.4,
            "rises most for Black faces (2.30 [2.28, 2.32]), and falls most for White ones",
        ),
        (-2.3, -0.4, "falls most for Black faces (-2.30 [-2.32, -2.28]), and least for White ones"),
        (0.4, 0.4, "not apart beyond their intervals"),
        (-0.4, -0.39, "not apart beyond their intervals"),
    ],
)
def test_the_style_card_says_whose_faces_are_made_lighter_or_darker_by_most(
    tmp_path: Path, black: float, white: float, said: str
) -> None:
    figures = made_up.everything()
    for name, value in (("group Black", black), ("group White", white)):
        figures["style"]["skin"][name]["lightness"] = made_up.some(value)
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    text = (tmp_path / "style.md").read_text()
    assert said in text
    assert (": apart." in text) is ("not apart" not in said)


def test_a_hue_is_told_of_faces_that_have_one(tmp_path: Path) -> None:
    figures = made_up.everything()
    del figures["style"]["skin"]["group White"]["hue"]
    figures["style"]["skin"]["group White"]["hue_n"] = 0
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    text = (tmp_path / "style.md").read_text()
    assert "| 28 | -0.40 [-0.42, -0.38] |" in text
    assert "| 0 | - |" in text


@pytest.mark.parametrize("kept", [True, False])
def test_cards_say_what_an_older_normaliser_had_met(tmp_path: Path, kept: bool) -> None:
    entries = made_up.entries("9.9.9")
    if kept:
        entries["style"] = {**entries["style"], "met": OLDER_MET}
    cards.write_all(tmp_path, entries, made_up.everything())
    reading, style = ((tmp_path / f"{name}.md").read_text() for name in ("severity", "style"))
    epochs = "subjects chose the epochs "
    assert (epochs + "of both nets." in reading) is not kept
    assert (epochs + "of the severity net." in reading) is kept
    assert ("have; faces that neither net was trained on)" in style) is not kept
    saw = "faces that the severity net was not trained on; the normaliser saw some of them)"
    assert (saw in style) is kept


def test_figures_by_which_the_other_reading_would_count_say_so(tmp_path: Path) -> None:
    figures = made_up.everything()
    words = "By these figures the rule chooses the raw reading"
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    assert words not in (tmp_path / "severity.md").read_text()
    figures["severity"]["choice"]["reading"] = "raw"
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    assert words in (tmp_path / "severity.md").read_text()


def test_the_landmark_card_gives_the_repeat_errors_in_use_where_newer_ones_differ(
    folder: Path, tmp_path: Path
) -> None:
    words = "at the release, which file and manifest hold until the next one: eye opening 0.53."
    assert "measured at the release" not in (folder / "landmarks.md").read_text()
    entries = made_up.entries("9.9.9")
    entries["landmarks"]["asymmetry_test_retest"]["eye_opening_percent"] = 0.53
    cards.write_all(tmp_path, entries, made_up.everything())
    assert words in (tmp_path / "landmarks.md").read_text()


def test_how_many_faces_and_pictures_figures_are_of_is_told(folder: Path) -> None:
    text = (folder / "severity.md").read_text()
    assert "Version 1.0.0, on 2186 faces (those above, and pictures identical" in text
    # made up: four subjects under twelve lights, of which the first is frontal
    near = sum(0 < k * 10 <= 60 for k in range(12)) * 4
    assert f"(4 subjects, 48 images, {near} of them, beside the frontal ones, within 60" in text
    assert f"accepted too, {near} of them, beside the frontal ones, within 60 degrees;" in text


def test_the_comparison_is_still_told_when_cards_are_drawn_without_its_folder(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "severity.md").read_text()
    assert "Beside other nets" in before
    cards.write_all(tmp_path, made_up.entries("9.9.9"), made_up.everything(), tmp_path / "none")
    table = before[before.index("## Beside other nets") :]
    assert table[:600] in (tmp_path / "severity.md").read_text()


def test_nets_that_a_run_did_not_train_stay_on_the_card(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    kept = tmp_path / "comparison.json"
    shipped = {"version": "9.9.8", "figures": {"pearson": [0.1, 0.0, 0.2]}}
    timed = {**shipped, "ms_one_thread_onnx": 1.5}
    before = {**json.loads(kept.read_text()), "threads": 1, "shipped": timed}
    kept.write_text(json.dumps(before))
    run = tmp_path / "run"
    run.mkdir()
    johnson = {**before["johnson"], "reader": "a later reader"}
    made = {**before, "nets": [], "johnson": johnson, "budget_minutes": 3.0, "threads": 2}
    made["shipped"] = {**shipped, "ms_one_thread_onnx": 0.5}
    (run / "comparison.json").write_text(json.dumps(made))
    cards.write_all(tmp_path, made_up.entries("9.9.9"), made_up.everything(), run)
    severity = (tmp_path / "severity.md").read_text()
    assert "| resnet50v2 |" in severity
    assert "planned for 20 minutes each on one thread" in severity
    assert "read by a later reader" in (tmp_path / "style.md").read_text()
    now = json.loads(kept.read_text())
    assert now["nets"] == before["nets"]
    assert now["johnson"] == johnson
    assert now["shipped"]["ms_one_thread_onnx"] == 1.5


def test_the_shipped_row_of_the_comparison_is_that_of_the_main_table(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    kept = tmp_path / "comparison.json"
    stale = {"version": "9.9.8", "figures": {"pearson": [0.1, 0.0, 0.2]}, "ms_one_thread_onnx": 1.0}
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "shipped": stale}))
    figures = made_up.everything()
    cards.write_all(tmp_path, made_up.entries("9.9.9"), figures)
    now = json.loads(kept.read_text())["shipped"]
    raw = figures["severity"]["raw"]["pearson"]
    assert now == {**stale, "version": "9.9.9", "figures": {"pearson": list(raw)}}


def test_no_card_promises_a_diagnosis(folder: Path) -> None:
    for card in folder.glob("*.md"):
        text = card.read_text().lower()
        assert "depressed" not in text
        assert "risk score" not in text
        assert "diagnos" not in text.replace("not a diagnosis", "")


def test_the_manifest_gets_figures_without_curves() -> None:
    whole = made_up.severity()
    kept = manifest.headline(whole)
    assert isinstance(kept, dict)
    assert kept["raw"] == whole["raw"]
    assert kept["human_panel"]["reliability"] == whole["human_panel"]["reliability"]
    assert "by_angle" not in kept["light_unseen_subjects"]["raw"]
    assert "confusion_bands" not in kept
    assert len(json.dumps(kept)) < 0.6 * len(json.dumps(whole))


def test_the_accuracy_section_replaces_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\nTimes.\n")
    for version in ("9.9.8", "9.9.9"):
        text = accuracy_page.section(version, "normalised", made_up.everything())
        accuracy_page.write(page, text)
    whole = page.read_text()
    assert whole.startswith("# Benchmarks\n\nTimes.\n\n<!-- accuracy: begin -->")
    assert "9.9.9" in whole
    assert "9.9.8" not in whole
    assert accuracy_page.kept_section(whole) == text
    assert "| correlation of `sadness` with the raters' share | 0.800" in whole
    assert accuracy_page.COMMAND in whole
