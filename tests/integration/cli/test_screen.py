"""`screen`: one object a path, abstentions, troubles."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.finding import AbstainReason
from tests.fakes.reading import FakeFaceReader, reading
from tests.integration.cli.clinic import Run


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
