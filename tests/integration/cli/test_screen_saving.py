"""`screen --save`: with consent the reading becomes part of a draft; the estimate stays unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.domain.cautions import NOT_FOR_MINORS
from clinic_app.domain.ids import new_id
from tests.fakes.reading import FakeFaceReader
from tests.integration.cli.clinic import Run, consent


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
