"""Notes of every kind, interventions, reviews and duplicates from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.ids import new_id
from tests.integration.cli.clinic import Run


def finished(cli: Run, patient: str) -> str:
    """The ID of a finished screening without a picture, judged mild by the one signed in."""
    cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
        *("--answers", "1,1,1,1,1,1,1,1,0", "--json"),
    )
    draft = cli("patients", "show", patient, "--json").json["draft"]["id"]
    cli("screenings", "judge", draft, "mild", "--json")
    identity: str = cli("screenings", "finish", draft, "--json").json["id"]
    return identity


def test_a_safety_plan_is_written_signed_and_added_to(cli: Run, patient: str) -> None:
    plan = cli(
        *("notes", "add", "--patient", patient, "--kind", "safety_plan"),
        *("--section", "2=Go for a walk.", "--json"),
    ).json
    assert plan["sections"][1]["text"] == "Go for a walk."
    signed = cli("notes", "sign", plan["id"], "--json").json
    assert (signed["state"], len(signed["sha256"])) == ("signed", 64)
    added = cli("notes", "addend", plan["id"], "--text", "Also calls a friend.", "--json").json
    assert (added["addendum_to"], added["state"]) == (plan["id"], "signed")
    listed = cli("notes", "list", "--patient", patient).out
    assert "safety plan  signed by Amina Diallo at " in listed
    assert signed["sha256"][:16] in listed
    assert "  Go for a walk." in listed


def test_headings_that_are_not_there_are_refused(cli: Run, patient: str) -> None:
    write = ("notes", "add", "--patient", patient, "--text", "x", "--section")
    assert "no headings" in cli(*write, "1=y").trouble
    assert "give NUMBER=TEXT" in cli(*write, "99=y", "--kind", "referral").trouble
    assert cli(*write, "1=y", "--kind", "novel").code == 2


def test_a_discarded_draft_is_gone_and_a_signed_note_stays(cli: Run, patient: str) -> None:
    slip = cli("notes", "add", "--patient", patient, "--text", "Wrong person.").out.strip()
    assert cli("notes", "discard", slip, "--json").json["state"] == "discarded"
    assert cli("notes", "list", "--patient", patient, "--json").json == []
    kept = cli("notes", "add", "--patient", patient, "--text", "Right.").out.strip()
    cli("notes", "sign", kept)
    assert "stays" in cli("notes", "discard", kept).trouble
    assert cli("notes", "discard", str(new_id())).trouble


def test_interventions_are_recorded_corrected_and_listed(cli: Run, patient: str) -> None:
    wrong = cli(
        *("interventions", "add", "--patient", patient, "--kind", "Referral made"),
        *("--on", "2026-01-05", "--json"),
    ).json
    cli(
        *("interventions", "add", "--patient", patient, "--kind", "Psychoeducation"),
        *("--on", "2026-01-05", "--text", "Sleep.", "--corrects", wrong["id"]),
    )
    assert "Psychoeducation: Sleep." in cli("interventions", "list", "--patient", patient).out
    assert len(cli("interventions", "list", "--patient", patient, "--json").json) == 1
    future = cli("interventions", "add", "--patient", patient, "--kind", "x", "--on", "2999-01-01")
    assert "future" in future.trouble


def test_a_review_is_judged_concluded_listed_and_counted(cli: Run, patient: str) -> None:
    assert "No review" in cli("reviews", "agreement").out
    screening = finished(cli, patient)
    review = cli("reviews", "judge", screening, "mild", "--json").json
    assert (review["own_severity"], review["verdict"], review["finding"]) == ("mild", None, None)
    assert "already recorded" in cli("reviews", "judge", screening, "mild").trouble
    assert [one["id"] for one in cli("reviews", "list", "--json").json] == [review["id"]]
    assert "no estimate" in cli("reviews", "conclude", review["id"], "agree").trouble
    cli("reviews", "conclude", review["id"], "no-estimate")
    assert "own mild  no_estimate" in cli("reviews", "list", "--patient", patient).out
    assert "1 reviews" in cli("reviews", "agreement").out
    (row,) = cli("reviews", "agreement", "--json").json
    assert (row["reviews"], row["paired"], row["kappa"]) == (1, 0, None)


def test_two_records_are_suggested_merged_and_parted_again(cli: Run, patient: str) -> None:
    again = cli(
        *("patients", "add", "--family-name", "Okafor", "--given-name", "Chidy"),
        *("--birth-date", "1990-05-17", "--json"),
    ).json["id"]
    (pair,) = cli("patients", "duplicates", "--json").json
    assert {pair["first"]["id"], pair["second"]["id"]} == {patient, again}
    why = ("--reason", "Same insurance card.")
    merged = cli("patients", "merge", again, "--into", patient, *why, "--json")
    assert merged.json["id"] == patient
    assert [one["id"] for one in cli("patients", "list", "--json").json] == [patient]
    assert "No likely duplicates" in cli("patients", "duplicates").out
    assert "merged already" in cli("patients", "merge", again, "--into", patient, *why).trouble
    assert cli("patients", "unmerge", again, *why).out.strip() == again
    assert len(cli("patients", "list", "--json").json) == 2
    assert "write down why" in cli("patients", "unmerge", again, "--reason", " ").trouble


@pytest.mark.parametrize("typed", ["Okaf", "fiki", "555", "1990-05", "05-17"])
def test_a_patient_is_found_by_any_part(store: Path, cli: Run, typed: str) -> None:
    details = ("--family-name", "Okafor", "--given-name", "Fikir", "--phone", "0800 555 12")
    found = cli("patients", "add", *details, "--birth-date", "1990-05-17", "--json").json["id"]
    cli("patients", "add", "--family-name", "Ba", "--given-name", "B", "--birth-date", "1970-01-01")
    listed = cli("patients", "list", "--search", typed, "--json").json
    assert [one["id"] for one in listed] == [found]
    for part in (found[:8], found[-6:], found):
        assert found in [
            one["id"] for one in cli("patients", "list", "--search", part, "--json").json
        ]
