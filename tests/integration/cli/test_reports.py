"""`clinic-app report`: every kind as a real PDF on a real store, and its hash verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.services.report_data import PERSON_KINDS, ReportKind
from tests.integration.cli.clinic import Run

NOBODY = "01a2273a-8170-735a-a97f-eb7721a0b3be"
CLINIC_KINDS = [kind for kind in ReportKind if kind not in PERSON_KINDS]


@pytest.fixture
def screened(cli: Run, patient: str) -> str:
    """A patient with a finished screening."""
    answered = cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
        *("--answers", "2,2,1,1,1,1,1,1,0", "--json"),
    )
    assert answered.code == 0, answered.err
    (draft,) = cli("screenings", "list", "--json").json
    finished = cli("screenings", "finish", draft["id"], "--json")
    assert finished.code == 0, finished.err
    return patient


@pytest.mark.parametrize("kind", PERSON_KINDS)
def test_a_report_about_a_person_is_written_and_its_hash_verified(
    cli: Run, screened: str, tmp_path: Path, kind: ReportKind
) -> None:
    target = tmp_path / "report.pdf"
    made = cli("report", kind.value, "--patient", screened, "-o", target, "--json").json
    assert target.read_bytes().startswith(b"%PDF")
    assert made["kind"] == kind.value
    (found,) = cli("report", "verify", made["sha256"][:10], "--json").json
    assert found["document"] == made["document"]
    assert found["patient"] == screened
    assert found["patient_name"] == "Okafor, Chidi"


@pytest.mark.parametrize("kind", CLINIC_KINDS)
def test_a_report_about_the_clinic_is_written(
    cli: Run, screened: str, tmp_path: Path, kind: ReportKind
) -> None:
    target = tmp_path / "report.pdf"
    done = cli("report", kind.value, "-o", target)
    assert done.code == 0, done.err
    assert target.read_bytes().startswith(b"%PDF")
    assert str(target) in done.out


def test_the_same_data_give_the_same_file_and_one_document(
    cli: Run, screened: str, tmp_path: Path
) -> None:
    files = []
    for name in ("one.pdf", "two.pdf"):
        made = cli("report", "history", "--patient", screened, "-o", tmp_path / name, "--json").json
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]
    assert len(cli("report", "verify", made["sha256"], "--json").json) == 1


def test_a_report_in_hindi_is_the_same_document_in_other_words(
    cli: Run, screened: str, tmp_path: Path
) -> None:
    made = {}
    for language in ("en", "hi"):
        target = tmp_path / f"{language}.pdf"
        asked = ("report", "patient", "--patient", screened, "--language", language, "-o", target)
        made[language] = cli(*asked, "--json").json
    assert made["hi"]["language"] == "hi"
    assert made["hi"]["document"] == made["en"]["document"]
    assert (tmp_path / "en.pdf").read_bytes() != (tmp_path / "hi.pdf").read_bytes()
    refused = cli("report", "patient", "--patient", screened, "--language", "xx", "-o", target)
    assert "not written in this language" in refused.trouble


def test_the_access_log_of_one_person_can_be_printed(
    cli: Run, screened: str, tmp_path: Path
) -> None:
    whole, own = tmp_path / "whole.pdf", tmp_path / "own.pdf"
    everything = cli("report", "audit", "-o", whole, "--json").json
    about = cli("report", "audit", "--patient", screened, "-o", own, "--json").json
    assert everything["sha256"] != about["sha256"]


def test_a_hash_that_nobody_issued_is_not_verified(cli: Run, store: Path) -> None:
    assert "issued no report" in cli("report", "verify", "0123456789").trouble
    assert "8 digits" in cli("report", "verify", "12").trouble


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "history", "-o", "x.pdf"),
        ("report", "history", "--patient", "0"),
        ("report", "poem", "-o", "x.pdf"),
        ("report", "verify"),
        ("report", "worklist", "abcdef12", "-o", "x.pdf"),
        ("report", "worklist", "--from", "2026-03-01", "-o", "x.pdf"),
        ("report", "feedback", "--patient", NOBODY, "-o", "x.pdf"),
        ("report", "history", "--patient", NOBODY, "--screening", NOBODY, "-o", "x.pdf"),
        ("report", "audit", "--screening", NOBODY, "-o", "x.pdf"),
    ],
)
def test_what_is_missing_or_unknown_is_wrong_usage(
    cli: Run, store: Path, arguments: tuple[str, ...]
) -> None:
    assert cli(*arguments).code == 2


def test_a_screening_is_printed_for_its_own_patient_alone(
    cli: Run, screened: str, tmp_path: Path
) -> None:
    other = cli(
        "patients", "add", "--family-name", "Other", "--given-name", "Any",
        "--birth-date", "1980-01-02", "--json",
    ).json["id"]  # fmt: skip
    (own,) = cli("screenings", "list", "--patient", screened, "--json").json
    out = tmp_path / "x.pdf"
    chosen = ("report", "screening", "--screening", own["id"], "-o", out)
    assert "another patient" in cli(*chosen, "--patient", other).trouble
    assert not out.exists()
    assert cli(*chosen, "--patient", screened).code == 0


def test_an_audit_span_that_ends_before_it_begins_is_refused(
    cli: Run, store: Path, tmp_path: Path
) -> None:
    span = ("--from", "2026-03-02", "--to", "2026-03-01")
    assert "before the first" in cli("report", "audit", *span, "-o", tmp_path / "x.pdf").trouble


def test_a_place_that_cannot_be_written_is_said_first(
    cli: Run, screened: str, tmp_path: Path
) -> None:
    target = tmp_path / "missing" / "report.pdf"
    assert (
        "cannot be written to"
        in cli("report", "history", "--patient", screened, "-o", target).trouble
    )


def test_somebody_without_a_screening_has_no_screening_report(
    cli: Run, patient: str, tmp_path: Path
) -> None:
    refused = cli("report", "screening", "--patient", patient, "-o", tmp_path / "x.pdf")
    assert "no finished screening" in refused.trouble
