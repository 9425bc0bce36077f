"""Questionnaires, screenings and their safety steps on a real store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.cli.clinic import NEXT_WEEK, Run, open_store, record

# --- questionnaires -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "answers", "expected"),
    [
        ("phq9", "1,1,1,1,1,1,1,1,0", ("PHQ-9", 8, "mild", False, "answered_not_at_all")),
        ("phq9", "3,3,3,3,3,3,3,3,3", ("PHQ-9", 27, "severe", False, "positive")),
        ("phq9", "-,,2,2,2,2,2,1,0", ("PHQ-9", 14, "moderate", True, "answered_not_at_all")),
        ("phq9", "1,1,1,1,1,1,1,1,", ("PHQ-8", 8, "mild", False, "not_answered")),
        ("phq9", ",,,1,1,1,1,1,0", ("PHQ-9", None, None, False, "answered_not_at_all")),
        ("gad7", "2,2,2,2,2,2,3", ("GAD-7", 15, "severe", False, None)),
        ("gad7", " 1 , - ,1,1,0,0,0", ("GAD-7", 4, "minimal", True, None)),
    ],
)
def test_a_questionnaire_gives_its_score(
    patient: str, cli: Run, instrument: str, answers: str, expected: tuple[object, ...]
) -> None:
    plain = record(cli, patient, answers, instrument)
    assert isinstance(plain, dict)
    score = plain["score"]
    assert (
        score["scale"],
        score["total"],
        score["band"],
        score["prorated"],
        score["item_nine"],
    ) == expected
    assert plain["total"] == score["total"]
    asks = expected[4] in ("positive", "not_answered")
    assert (plain["safety"] is not None) is asks


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ("1,1,1", "has 9 items, not 3"),
        ("1,1,1,1,1,1,1,1,1,1", "has 9 items, not 10"),
        ("4,1,1,1,1,1,1,1,1", "is not an answer"),
        ("x,1,1,1,1,1,1,1,1", "is not an answer"),
        ("-1,1,1,1,1,1,1,1,1", "is not an answer"),
        ("1.0,1,1,1,1,1,1,1,1", "is not an answer"),
        ("٣,1,1,1,1,1,1,1,1", "is not an answer"),
        (",,,,,,,,", "No question has been answered"),
        ("", "has 9 items, not 1"),
    ],
)
def test_wrong_answers_are_one_sentence_and_nothing_is_stored(
    patient: str, cli: Run, answers: str, sentence: str
) -> None:
    refused = cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
        *("--answers", answers),
    )
    assert sentence in refused.trouble
    assert cli("screenings", "list", "--json").json == []
    assert cli("safety", "list", "--json").json == []


def test_an_instrument_may_be_written_as_on_paper_and_no_other_is_known(
    patient: str, cli: Run
) -> None:
    arguments = ("questionnaire", "record", "--patient", patient, "--answers", "1,1,1,1,1,1,1")
    assert cli(*arguments, "--instrument", "GAD-7", "--json").json["scale"] == "GAD-7"
    unknown = cli(*arguments, "--instrument", "bdi")
    assert (unknown.code, unknown.out) == (2, "")


def test_the_functional_item_is_kept(patient: str, cli: Run) -> None:
    arguments = ("--patient", patient, "--instrument", "gad7", "--answers", "1,1,1,1,1,1,1")
    assert "difficulty" in cli("questionnaire", "record", *arguments, "--difficulty", "4").trouble
    saved = cli("questionnaire", "record", *arguments, "--difficulty", "2", "--json").json
    shown = cli("screenings", "show", saved["screening_id"], "--json").json
    assert shown["questionnaires"][0]["difficulty"] == 2


def test_a_questionnaire_that_was_handed_in_is_replaced_only_on_purpose(
    patient: str, cli: Run
) -> None:
    arguments = ("questionnaire", "record", "--patient", patient, "--instrument", "phq9")
    record(cli, patient, "0,0,0,0,0,0,0,0,0")
    again = (*arguments, "--answers", "1,1,1,1,1,1,1,1,1")
    assert "already holds a completed PHQ-9" in cli(*again).trouble
    assert cli("safety", "list", "--json").json == []
    assert cli(*again, "--replace", "--json").json["score"]["total"] == 9
    (shown,) = cli("screenings", "list", "--json").json
    assert [one["score"]["total"] for one in shown["questionnaires"]] == [9]
    assert len(cli("safety", "list", "--json").json) == 1


# --- screenings, safety -------------------------------------------------------------------------


def test_every_safety_flow_of_a_screening_is_told(patient: str, cli: Run) -> None:
    steps = ("--assessment", "asked", "--means", "none", "--told", "doctor", "--plan", "call")
    flows = []
    for nine in (1, 3):
        saved = cli(
            *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
            *("--answers", f"1,1,1,1,1,1,1,1,{nine}", "--replace", "--json"),
        ).json
        flows.append(saved["safety"]["id"])
        assert [one["id"] for one in saved["safety_flows"]] == flows
        page = cli("patients", "show", patient, "--json").json
        assert page["draft"]["safety"] == page["open_safety_flows"][0] == saved["safety"]
        assert [one["id"] for one in page["draft"]["safety_flows"]] == flows
        past = cli("safety", "assess", flows[-1], *steps, "--next-contact", "2020-01-01 09:00")
        assert "must lie in the future" in past.trouble
        done = cli("safety", "assess", flows[-1], *steps, "--next-contact", NEXT_WEEK)
        assert done.code == 0
    draft = saved["screening_id"]
    assert cli("screenings", "judge", draft, "--severity", "mild").code == 0
    assert cli("patients", "show", patient, "--json").json["draft"]["safety"]["id"] == flows[1]
    finished = cli("screenings", "finish", draft, "--json").json
    (listed,) = cli("screenings", "list", "--json").json
    assert listed == finished
    assert finished["safety"]["id"] == flows[1]
    assert [one["highest_item_nine"] for one in finished["safety_flows"]] == [1, 3]


def test_a_screening_goes_from_draft_over_the_safety_steps_to_a_report(
    patient: str, cli: Run, tmp_path: Path
) -> None:
    saved = record(cli, patient, "2,2,1,1,1,1,1,0,1")
    assert isinstance(saved, dict)
    draft = saved["screening_id"]
    (listed,) = cli("screenings", "list", "--patient", patient, "--json").json
    assert (listed["id"], listed["state"], listed["safety"]["state"]) == (draft, "draft", "open")
    assert cli("screenings", "judge", draft, "--severity", "moderate", "--flag").code == 0
    assert "safety steps" in cli("screenings", "finish", draft).trouble
    (waiting,) = cli("safety", "list", "--json").json
    assert waiting["patient"]["id"] == patient
    flow = waiting["flow"]["id"]
    assert flow in cli("safety", "list").out
    steps = ("--assessment", "asked", "--means", "none", "--told", "doctor", "--plan", "call")
    assert "next contact" in cli("safety", "assess", flow, *steps, "--next-contact", "soon").trouble
    closed = cli("safety", "assess", flow, *steps, "--next-contact", NEXT_WEEK, "--json").json
    assert closed["state"] == "closed"
    assert (
        "already closed"
        in cli("safety", "assess", flow, *steps, "--next-contact", NEXT_WEEK).trouble
    )
    assert cli("safety", "list", "--json").json == []
    finished = cli("screenings", "finish", draft, "--json").json
    assert (finished["id"], finished["state"]) == (draft, "finished")
    assert finished["judgement"]["severity"] == "moderate"
    pdf = tmp_path / "report.pdf"
    assert cli("screenings", "report", draft, "-o", pdf).code == 0
    assert pdf.read_bytes().startswith(b"%PDF-")
    shown = cli("screenings", "show", draft).out
    assert "PHQ-9: 10 (moderate)" in shown
    assert [one["id"] for one in cli("screenings", "list", "--json").json] == [draft]


@pytest.mark.parametrize("empty", ["--assessment", "--means", "--told", "--plan"])
def test_no_part_of_a_safety_assessment_may_be_empty(patient: str, cli: Run, empty: str) -> None:
    record(cli, patient, "0,0,0,0,0,0,0,0,3")
    ((flow,),) = ([one["flow"]["id"] for one in cli("safety", "list", "--json").json],)
    steps = dict.fromkeys(("--assessment", "--means", "--told", "--plan"), "done") | {empty: " "}
    arguments = [part for pair in steps.items() for part in pair]
    refused = cli("safety", "assess", flow, *arguments, "--next-contact", NEXT_WEEK)
    assert "Please write down" in refused.trouble
    assert len(cli("safety", "list", "--json").json) == 1


def test_a_draft_without_anything_is_not_finished_and_can_be_abandoned(
    patient: str, cli: Run
) -> None:
    saved = record(cli, patient, "1,1,1,1,1,1,1", "gad7")
    assert isinstance(saved, dict)
    draft = saved["screening_id"]
    assert cli("screenings", "abandon", draft).code == 0
    assert cli("screenings", "show", draft).trouble
    assert cli("screenings", "list", "--json").json == []


def test_a_report_that_cannot_be_written_is_one_sentence(patient: str, cli: Run) -> None:
    saved = record(cli, patient, "1,1,1,1,1,1,1", "gad7")
    assert isinstance(saved, dict)
    nowhere = Path("no") / "such" / "folder" / "report.pdf"
    refused = cli("screenings", "report", saved["screening_id"], "-o", nowhere)
    assert "report.pdf" in refused.trouble


def test_the_next_contact_is_on_the_clinics_clocks_as_the_report_prints_it(
    patient: str, cli: Run, store: Path
) -> None:
    opened = open_store(store)
    with opened.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone="Asia/Kolkata"))
        work.commit()
    opened.close()
    record(cli, patient, "0,0,0,0,0,0,0,0,1")
    (waiting,) = cli("safety", "list", "--json").json
    flow = ("safety", "assess", waiting["flow"]["id"])
    steps = ("--assessment", "asked", "--means", "none", "--told", "doctor", "--plan", "call")
    closed = cli(*flow, *steps, "--next-contact", "2100-03-05 09:30", "--json").json
    assert "2100-03-05T04:00:00+00:00" in json.dumps(closed)
