"""`screen --report`: of nobody or of a draft, and never lost with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.errors import ModelRejected, ReportFailed, UnreadableImage
from clinic_app.domain.finding import Band
from tests.fakes.reading import FakeFaceReader, reading
from tests.integration.cli.clinic import Run, consent


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
