"""`screen`: one object a path, abstentions, troubles, saving with consent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.domain.cautions import NOT_FOR_MINORS
from clinic_app.domain.errors import ModelRejected, ReportFailed, UnreadableImage
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from tests.fakes.reading import FakeFaceReader, png, reading
from tests.integration.cli.clinic import Run


@pytest.fixture
def pictures(tmp_path: Path, reader: FakeFaceReader) -> Path:
    """A folder of files, of which the reader calls some unreadable or without a face."""
    folder = tmp_path / "pictures"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.png", "a.jpg", "inner/c.PNG", "none.png", "broken.jpg", ".hidden.png"):
        (folder / name).write_bytes(png())
    (folder / "no_extension").write_bytes(png())
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".secret").mkdir()
    (folder / ".secret" / "d.png").write_bytes(png())
    reader.readings["none.png"] = reading(abstained=AbstainReason.NO_FACE)
    reader.readings["broken.jpg"] = UnreadableImage("The picture ends too early.")
    return folder


def test_a_picture_gives_one_object_and_touches_no_store(
    pictures: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    monkeypatch.setenv("CLINIC_APP_STORE", str(nowhere))
    answer = cli("screen", pictures / "b.png", "--json")
    assert (answer.code, answer.err) == (0, "")
    (result,) = answer.json
    assert result["path"] == str(pictures / "b.png")
    assert result["severity"]["class"] == "mild"
    assert not nowhere.exists()


def test_a_folder_gives_one_object_a_file_sorted_without_hidden_or_other_files(
    pictures: Path, cli: Run
) -> None:
    answer = cli("screen", pictures, "--json")
    names = [str(Path(one["path"]).relative_to(pictures)) for one in answer.json]
    assert names == ["a.jpg", "b.png", "broken.jpg", "no_extension", "none.png", "inner/c.PNG"]
    assert answer.code == 1


def test_what_cannot_be_read_is_reported_and_the_rest_is_still_read(
    pictures: Path, cli: Run
) -> None:
    answer = cli("screen", pictures / "broken.jpg", pictures / "b.png", "--json")
    broken, good = answer.json
    assert broken == {
        "path": str(pictures / "broken.jpg"),
        "error": "The picture ends too early.",
    }
    assert good["severity"]["abstained"] is False
    assert "ends too early" in answer.trouble


@pytest.mark.parametrize(
    "reason", [AbstainReason.NO_FACE, AbstainReason.SEVERAL_FACES, AbstainReason.TOO_SMALL]
)
def test_no_readable_face_is_an_answer_not_an_error(
    pictures: Path, cli: Run, reader: FakeFaceReader, reason: AbstainReason
) -> None:
    reader.readings["none.png"] = reading(abstained=reason)
    answer = cli("screen", pictures / "none.png", "--json")
    assert (answer.code, answer.err) == (0, "")
    severity = answer.json[0]["severity"]
    assert (severity["abstained"], severity["reason"], severity["class"]) == (
        True,
        reason.value,
        None,
    )


def test_people_read_sentences(pictures: Path, cli: Run) -> None:
    answer = cli("screen", pictures / "b.png", pictures / "none.png")
    assert "Visible depressive affect: mild (" in answer.out
    assert "Visible depressive affect: cannot tell, no face was found" in answer.out
    assert "not a clinical score" in answer.out


def test_two_troubles_are_still_one_sentence(pictures: Path, cli: Run) -> None:
    answer = cli("screen", pictures / "broken.jpg", pictures / "missing.png", "--json")
    assert [set(one) for one in answer.json] == [{"path", "error"}] * 2
    assert "2 of 2 paths could not be read" in answer.trouble


def test_an_empty_path_is_not_the_present_folder(cli: Run, reader: FakeFaceReader) -> None:
    answer = cli("screen", "", "--json")
    assert answer.json == [{"path": "", "error": "A path is empty."}]
    assert answer.trouble


def test_an_empty_folder_is_a_trouble(tmp_path: Path, cli: Run, reader: FakeFaceReader) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    answer = cli("screen", folder, "--json")
    assert "no pictures or videos" in answer.trouble
    assert answer.json[0]["path"] == str(folder)


def test_a_rejected_model_ends_everything_with_one_sentence(
    pictures: Path, cli: Run, reader: FakeFaceReader
) -> None:
    reader.readings["a.jpg"] = ModelRejected("The model severity.onnx was altered.")
    answer = cli("screen", pictures, "--json")
    assert answer.trouble == "The model severity.onnx was altered."
    assert answer.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--save",),
        ("a.png", "--save"),
        ("a.png", "--patient", "x"),
        ("a.png", "b.png", "--save", "--patient", "x"),
        ("a.png", "b.png", "--report", "x.pdf"),
        (".", "--save", "--patient", "x"),
        (".", "--report", "x.pdf"),
        ("a.png", "--unknown"),
    ],
)
def test_wrong_usage_is_code_2(
    cli: Run, reader: FakeFaceReader, arguments: tuple[str, ...]
) -> None:
    answer = cli("screen", *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert "Usage:" in answer.err


# --- saving -------------------------------------------------------------------------------------


def consent(cli: Run, patient: str, *purposes: str) -> None:
    for purpose in purposes:
        what = ("--purpose", purpose, "--language", "en")
        assert cli("consent", "record", "--patient", patient, *what).code == 0


@pytest.mark.parametrize("given", [(), ("capture",), ("analysis", "keep_images")])
def test_without_consent_nothing_is_read_or_saved(
    patient: str, pictures: Path, cli: Run, reader: FakeFaceReader, given: tuple[str, ...]
) -> None:
    consent(cli, patient, *given)
    reader.readings["b.png"] = AssertionError("analysed without consent")
    refused = cli("screen", pictures / "b.png", "--save", "--patient", patient, "--json")
    assert "consent" in refused.trouble
    assert refused.out == ""
    assert cli("screenings", "list", "--json").json == []


def test_with_consent_the_reading_becomes_part_of_the_draft(
    patient: str, pictures: Path, cli: Run
) -> None:
    consent(cli, patient, "capture", "analysis")
    saved = cli("screen", pictures / "b.png", "--save", "--patient", patient, "--json")
    assert saved.code == 0
    draft = saved.json[0]["saved"]["screening_id"]
    (listed,) = cli("screenings", "list", "--patient", patient, "--json").json
    assert (listed["id"], listed["state"], listed["picture_taken"]) == (draft, "draft", True)
    assert listed["estimate_shown_at"] is not None
    assert "picture alone" in cli("screenings", "finish", draft).trouble


def test_after_its_estimate_was_printed_a_draft_takes_no_other_picture(
    patient: str, pictures: Path, cli: Run, reader: FakeFaceReader
) -> None:
    consent(cli, patient, "capture", "analysis")
    save = ("--save", "--patient", patient, "--json")
    draft = cli("screen", pictures / "b.png", *save).json[0]["saved"]["screening_id"]
    before = cli("screenings", "show", draft, "--json").json
    reader.readings["c.png"] = AssertionError("read though it cannot be kept")
    refused = cli("screen", pictures / "c.png", *save)
    assert "finish or abandon" in refused.trouble
    assert refused.out == ""
    assert cli("screenings", "show", draft, "--json").json == before
    assert cli("screenings", "abandon", draft).code == 0
    again = cli("screen", pictures / "none.png", *save)
    assert again.json[0]["saved"]["screening_id"] != draft


@pytest.mark.parametrize(("years", "said"), [(17, NOT_FOR_MINORS), (18, "")])
def test_of_a_minor_every_command_says_that_the_estimate_is_not_meant_for_them(
    pictures: Path, store: Path, cli: Run, years: int, said: str
) -> None:
    today = datetime.now(UTC).date()
    born = today.replace(year=today.year - years, day=1).isoformat()
    named = ("--family-name", "Abara", "--given-name", "Ife", "--birth-date", born)
    patient = cli("patients", "add", *named, "--json").json["id"]
    consent(cli, patient, "capture", "analysis")

    def told(*command: str) -> bool:
        return NOT_FOR_MINORS in cli(*command).out

    (taken,) = cli("screen", pictures / "b.png", "--save", "--patient", patient, "--json").json
    draft = taken["saved"]["screening_id"]
    page = cli("patients", "show", patient, "--json").json
    assert (taken["beside_estimate"], page["draft"]["beside_estimate"]) == (said, said)
    assert cli("screenings", "judge", draft, "--severity", "none").code == 0
    assert told("screenings", "reveal", draft) is bool(said)
    assert told("screenings", "show", draft) is bool(said)
    answers = ("--instrument", "gad7", "--answers", "0,0,0,0,0,0,0")
    assert cli("questionnaire", "record", "--patient", patient, *answers).code == 0
    assert cli("screenings", "finish", draft, "--json").json["beside_estimate"] == said
    assert told("screenings", "show", draft) is bool(said)
    assert told("reviews", "judge", draft, "none") is bool(said)
    (listed,) = cli("screenings", "list", "--json").json
    assert listed["beside_estimate"] == said


def test_after_a_picture_without_a_face_a_better_one_can_be_saved(
    patient: str, pictures: Path, cli: Run
) -> None:
    consent(cli, patient, "capture", "analysis")
    save = ("--save", "--patient", patient, "--json")
    failed = cli("screen", pictures / "none.png", *save).json[0]
    assert failed["severity"]["reason"] == "no_face"
    draft = failed["saved"]["screening_id"]
    assert cli("screenings", "show", draft, "--json").json["estimate_shown_at"] is None
    better = cli("screen", pictures / "b.png", *save)
    assert (better.code, better.json[0]["saved"]["screening_id"]) == (0, draft)
    assert cli("screenings", "show", draft, "--json").json["estimate_shown_at"] is not None


def test_a_saved_estimate_is_given_again_only_after_the_own_judgement(
    patient: str, pictures: Path, cli: Run, tmp_path: Path
) -> None:
    consent(cli, patient, "capture", "analysis")
    save = ("--save", "--patient", patient, "--json")
    draft = cli("screen", pictures / "b.png", *save).json[0]["saved"]["screening_id"]
    hidden = cli("screenings", "show", draft, "--json").json
    assert (hidden["picture_taken"], hidden["finding"]) == (True, None)
    assert hidden["estimate"] == "not shown before the own judgement"
    assert hidden["quality"]["accepted"] is True
    assert cli("patients", "show", patient, "--json").json["draft"]["finding"] is None
    assert cli("screenings", "list", "--json").json[0]["finding"] is None
    assert "not shown before the own judgement" in cli("screenings", "show", draft).out
    pdf = tmp_path / "out.pdf"
    assert "own judgement first" in cli("screenings", "report", draft, "-o", pdf).trouble
    assert not pdf.exists()
    judged = cli("screenings", "judge", draft, "--severity", "none", "--json").json
    assert judged["finding"]["severity"]["class"] == "mild"
    assert judged["judged_after_estimate"] is True
    assert cli("screenings", "report", draft, "-o", pdf).code == 0


def test_an_unreadable_file_is_not_saved(patient: str, pictures: Path, cli: Run) -> None:
    consent(cli, patient, "capture", "analysis")
    refused = cli("screen", pictures / "broken.jpg", "--save", "--patient", patient, "--json")
    assert "ends too early" in refused.trouble
    assert set(refused.json[0]) == {"path", "error"}
    assert cli("screenings", "list", "--json").json == []


def test_saving_for_nobody_is_one_sentence(store: Path, pictures: Path, cli: Run) -> None:
    path = pictures / "b.png"
    assert cli("screen", path, "--save", "--patient", str(new_id())).trouble
    assert "is not the ID" in cli("screen", path, "--save", "--patient", "7").trouble


def test_withdrawn_consent_takes_the_reading_out_again(
    patient: str, pictures: Path, cli: Run
) -> None:
    consent(cli, patient, "capture", "analysis")
    cli("screen", pictures / "b.png", "--save", "--patient", patient)
    cli("consent", "record", "--patient", patient, "--purpose", "analysis", "--withdraw")
    (listed,) = cli("screenings", "list", "--patient", patient, "--json").json
    assert listed["picture_taken"] is False


def test_an_estimate_that_was_not_shown_is_not_in_a_drafts_json(
    patient: str, pictures: Path, cli: Run
) -> None:
    consent(cli, patient, "capture", "analysis")
    saved = cli("screen", pictures / "b.png", "--save", "--patient", patient, "--json").json
    draft = saved[0]["saved"]["screening_id"]
    assert "own judgement first" in cli("screenings", "reveal", draft).trouble
    assert cli("screenings", "judge", draft, "--severity", "mild").code == 0
    assert cli("screenings", "reveal", draft, "--json").json["severity"]["class"] == "mild"
    assert "stays as it is" in cli("screenings", "judge", draft, "--severity", "none").trouble
    assert "Visible depressive affect: mild" in cli("screenings", "reveal", draft).out


# --- the report ---------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [Band.NONE, Band.SEVERE])
def test_a_report_without_a_store_names_nobody_and_says_so(
    pictures: Path, cli: Run, reader: FakeFaceReader, tmp_path: Path, band: Band
) -> None:
    reader.readings["b.png"] = reading(band)
    pdf = tmp_path / "out.pdf"
    assert cli("screen", pictures / "b.png", "--report", pdf, "--json").code == 0
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_a_report_of_a_saved_reading_is_that_of_the_draft(
    patient: str, pictures: Path, cli: Run, tmp_path: Path
) -> None:
    consent(cli, patient, "capture", "analysis")
    pdf = tmp_path / "out.pdf"
    saved = cli(
        *("screen", pictures / "b.png", "--save", "--patient", patient),
        *("--report", pdf, "--json"),
    )
    assert saved.code == 0
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_read(
    patient: str, pictures: Path, cli: Run, reader: FakeFaceReader, tmp_path: Path
) -> None:
    consent(cli, patient, "capture", "analysis")
    reader.readings["b.png"] = AssertionError("read for nothing")
    for place in (tmp_path, tmp_path / "no" / "folder" / "out.pdf"):
        save = ("--save", "--patient", patient)
        refused = cli("screen", pictures / "b.png", *save, "--report", place, "--json")
        assert "folder" in refused.trouble
        assert refused.out == ""
    assert cli("screenings", "list", "--json").json == []


UNWRITABLE = Path("/proc/clinic-app.pdf")
"""Nobody, not even root, makes a file there (nor where there is no such folder)."""


@pytest.mark.parametrize("place", [UNWRITABLE, Path("/dev/null")])
def test_the_place_of_a_report_is_tried_before_anything_is_read(
    patient: str, pictures: Path, cli: Run, reader: FakeFaceReader, place: Path
) -> None:
    consent(cli, patient, "capture", "analysis")
    reader.readings["b.png"] = AssertionError("read for nothing")
    for save in ((), ("--save", "--patient", patient)):
        refused = cli("screen", pictures / "b.png", *save, "--report", place, "--json")
        assert place.name in refused.trouble
        assert refused.out == ""
    assert cli("screenings", "list", "--json").json == []


def test_trying_the_place_leaves_nothing_there(
    pictures: Path, cli: Run, reader: FakeFaceReader, tmp_path: Path
) -> None:
    reader.readings["b.png"] = UnreadableImage("The picture ends too early.")
    folder = tmp_path / "reports"
    folder.mkdir()
    assert cli("screen", pictures / "b.png", "--report", folder / "out.pdf").code == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("saved", [True, False])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_report_that_fails_late_does_not_take_the_reading_with_it(
    patient: str,
    pictures: Path,
    cli: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    saved: bool,
    form: tuple[str, ...],
) -> None:
    def full(content: bytes, path: Path) -> None:
        raise ReportFailed("The disk is full.")

    consent(cli, patient, "capture", "analysis")
    monkeypatch.setattr("clinic_app.cli.screen.save_file", full)
    save = ("--save", "--patient", patient) if saved else ()
    answer = cli("screen", pictures / "b.png", *save, "--report", tmp_path / "x.pdf", *form)
    assert answer.trouble == "The disk is full."
    if form:
        (result,) = answer.json
        assert result["severity"]["class"] == "mild"
        assert ("saved" in result) is saved
    else:
        assert "Visible depressive affect: mild (" in answer.out
        assert "not a clinical score" in answer.out


def test_what_was_read_before_a_model_was_rejected_is_printed(
    pictures: Path, cli: Run, reader: FakeFaceReader
) -> None:
    reader.readings["b.png"] = ModelRejected("The model severity.onnx was altered.")
    answer = cli("screen", pictures, "--json")
    assert answer.trouble == "The model severity.onnx was altered."
    assert [Path(one["path"]).name for one in answer.json] == ["a.jpg"]


def test_no_report_is_left_of_a_file_that_cannot_be_read(
    pictures: Path, cli: Run, tmp_path: Path
) -> None:
    pdf = tmp_path / "out.pdf"
    assert cli("screen", pictures / "broken.jpg", "--report", pdf).code == 1
    assert not pdf.exists()
