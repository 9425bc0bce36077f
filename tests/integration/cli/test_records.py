"""Patients, notes, consent, questionnaires, screenings, safety and audit on a real store."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditGap
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.record_codec import to_plain
from clinic_app.services.audit import AuditService
from tests.integration.cli.clinic import Run, open_store

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%d %H:%M")


def add(cli: Run, family_name: str, given_name: str = "Ana", born: str = "1980-02-29") -> str:
    answer = cli(
        *("patients", "add", "--family-name", family_name, "--given-name", given_name),
        *("--birth-date", born, "--json"),
    )
    assert answer.code == 0, answer
    identity: str = answer.json["id"]
    return identity


def record(cli: Run, patient: str, answers: str, instrument: str = "phq9") -> object:
    answer = cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", instrument),
        *("--answers", answers, "--json"),
    )
    assert answer.code == 0, answer
    return answer.json


# --- patients -----------------------------------------------------------------------------------


def test_a_patient_is_added_listed_found_and_shown(store: Path, cli: Run) -> None:
    added = cli(
        *("patients", "add", "--family-name", "Müller", "--given-name", "Åsa"),
        *("--birth-date", "1980-02-29", "--phone", "0123", "--sex", "female"),
        *("--local-number", "A-7", "--json"),
    ).json
    assert added["possible_duplicates"] == []
    for search in ("muller", "asa", "0123", "A-7", "1980-02-29", added["id"]):
        (found,) = cli("patients", "list", "--search", search, "--json").json
        assert found["id"] == added["id"]
    assert cli("patients", "list", "--search", "nobody", "--json").json == []
    shown = cli("patients", "show", added["id"], "--json").json
    assert (shown["family_name"], shown["birth_date"], shown["sex"]) == (
        "Müller",
        "1980-02-29",
        "female",
    )
    assert shown["consent"] == dict.fromkeys(shown["consent"])


def test_without_json_the_first_line_is_the_id(store: Path, cli: Run) -> None:
    arguments = ("--family-name", "Okafor", "--given-name", "Chidi", "--birth-date", "1990-05-17")
    first = cli("patients", "add", *arguments)
    assert cli("patients", "show", first.out.strip()).code == 0
    again = cli("patients", "add", *arguments)
    assert again.code == 0
    assert again.out.strip() != first.out.strip()
    assert "Possible duplicate" in again.err
    assert first.out.strip() in again.err


def test_a_duplicate_is_named_in_json_and_never_blocks(store: Path, cli: Run) -> None:
    first = add(cli, "Okafor")
    second = cli(
        *("patients", "add", "--family-name", "OKAFOR", "--given-name", "Bea"),
        *("--birth-date", "1980-02-29", "--json"),
    )
    assert [one["id"] for one in second.json["possible_duplicates"]] == [first]
    assert second.err == ""


@pytest.mark.parametrize(
    "name", ["张", "أحمد السيد", "प्रिया", "🙂", "O'Brien; DROP TABLE patient;--"]
)
def test_a_name_of_any_script_comes_back_as_it_was(store: Path, cli: Run, name: str) -> None:
    identity = add(cli, name)
    assert cli("patients", "show", identity, "--json").json["family_name"] == name


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--birth-date", "2100-01-01", "between 1890 and today"),
        ("--birth-date", "1989-02-29", "not a day"),
        ("--birth-date", "29.02.1988", "not a day"),
        ("--birth-date", "19880229", "not a day"),
        ("--birth-date", "", "not a day"),
        ("--family-name", "", "Please enter the family name"),
        ("--family-name", " \u200b", "Please enter the family name"),
        ("--family-name", "x" * 81, "longer than 80"),
        ("--phone", "1" * 41, "longer than 40"),
    ],
)
def test_a_wrong_detail_is_one_sentence_and_nothing_is_stored(
    store: Path, cli: Run, option: str, value: str, sentence: str
) -> None:
    details = {"--family-name": "A", "--given-name": "B", "--birth-date": "1990-01-01"}
    details[option] = value
    arguments = [part for pair in details.items() for part in pair]
    refused = cli("patients", "add", *arguments, "--json")
    assert sentence in refused.trouble
    assert refused.out == ""
    assert cli("patients", "list", "--json").json == []


def test_the_newest_patients_come_first_up_to_the_limit(store: Path, cli: Run) -> None:
    names = [f"Name{number}" for number in range(4)]
    for name in names:
        add(cli, name)
    listed = cli("patients", "list", "--limit", "3", "--json").json
    assert [one["family_name"] for one in listed] == names[:0:-1]


def test_lists_are_readable_without_json(store: Path, cli: Run) -> None:
    assert "No patient" in cli("patients", "list").out
    identity = add(cli, "Okafor")
    record(cli, identity, "0,0,0,0,0,0,0,0,1")
    line = cli("patients", "list").out
    assert identity in line
    assert "safety steps open, draft, not assessed" in line
    page = cli("patients", "show", identity).out
    assert "Okafor, Ana" in page
    assert "Safety steps" in page


@pytest.mark.parametrize(
    "command",
    [
        ("patients", "show"),
        ("notes", "sign"),
        ("screenings", "show"),
        ("screenings", "finish"),
        ("screenings", "reveal"),
        ("screenings", "abandon"),
    ],
)
def test_an_id_that_is_none_or_unknown_is_one_sentence(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    assert "is not the ID of a" in cli(*command, "7").trouble
    assert cli(*command, str(new_id())).trouble


@pytest.mark.parametrize(
    "command",
    [
        ("notes", "list"),
        ("notes", "add", "--text", "x"),
        ("consent", "show"),
        ("consent", "record", "--purpose", "capture", "--language", "en"),
        ("screenings", "list"),
        ("questionnaire", "record", "--instrument", "gad7", "--answers", "0,0,0,0,0,0,0"),
    ],
)
def test_a_patient_who_is_not_there_is_one_sentence(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    assert cli(*command, "--patient", str(new_id()), "--json").trouble


# --- notes --------------------------------------------------------------------------------------


def test_a_note_is_added_listed_and_signed(patient: str, cli: Run) -> None:
    text = "Schläft besser.\nمرحبا 🙂"
    note = cli("notes", "add", "--patient", patient, "--text", text, "--json").json
    assert (note["text"], note["state"]) == (text, "draft")
    signed = cli("notes", "sign", note["id"], "--json").json
    assert signed["state"] == "signed"
    assert [one["id"] for one in cli("notes", "list", "--patient", patient, "--json").json] == [
        note["id"]
    ]
    assert "already signed" in cli("notes", "sign", note["id"]).trouble
    assert "Schläft besser." in cli("notes", "list", "--patient", patient).out


def test_a_note_that_was_signed_twice_is_listed_with_both_texts(
    patient: str, store: Path, cli: Run
) -> None:
    """As another laptop signs it that has not seen the first signature."""
    note = cli("notes", "add", "--patient", patient, "--text", "Sleeps better.", "--json").json
    cli("notes", "sign", note["id"])
    opened = open_store(store)
    with opened.unit_of_work() as work:
        fields = to_plain(replace(work.notes.get(UUID(note["id"])), text="Sleeps worse."))
        del fields["id"]
        work.log.write(EntityKind.NOTE, UUID(note["id"]), fields, replaces=())  # type: ignore[attr-defined]
        work.commit()
    opened.close()
    (listed,) = cli("notes", "list", "--patient", patient, "--json").json
    assert listed["text"] == "Sleeps better."
    assert [one["text"] for one in listed["signed_beside"]] == ["Sleeps worse."]
    said = cli("notes", "list", "--patient", patient).out
    assert said.index("Sleeps better.") < said.index("signed twice; the other")
    assert said.index("signed twice; the other") < said.index("Sleeps worse.")


def test_a_note_is_read_from_standard_input(
    patient: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed, kept in ((b"Erste\r\nZweite", "Erste\nZweite"), (b"\xff\xfe\x00", None)):
        stdin = io.TextIOWrapper(io.BytesIO(typed))
        monkeypatch.setattr(sys, "stdin", stdin)
        answer = cli("notes", "add", "--patient", patient, "--text", "-", "--json")
        if kept is None:
            assert "not UTF-8" in answer.trouble
        else:
            assert answer.json["text"] == kept


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 1_000_001])
def test_a_note_that_is_empty_or_endless_is_refused(patient: str, cli: Run, text: str) -> None:
    assert "The note is" in cli("notes", "add", "--patient", patient, "--text", text).trouble
    assert cli("notes", "list", "--patient", patient, "--json").json == []


def test_a_note_too_long_to_sign_is_kept_as_a_draft(patient: str, cli: Run) -> None:
    note = cli("notes", "add", "--patient", patient, "--text", "x" * 100_001, "--json").json
    assert len(note["text"]) == 100_001
    assert "100,000" in cli("notes", "sign", note["id"]).trouble


# --- consent ------------------------------------------------------------------------------------


def test_consent_is_recorded_shown_and_withdrawn(patient: str, cli: Run) -> None:
    both = ("--purpose", "capture", "--purpose", "analysis")
    asked = (*both, "--language", "hi")
    granted = cli("consent", "record", "--patient", patient, *asked, "--json").json
    assert granted["consent"]["capture"] is granted["consent"]["analysis"] is True
    assert granted["consent"]["keep_images"] is None
    taken = cli(
        *("consent", "record", "--patient", patient, "--purpose", "capture", "--withdraw"),
        *("--given-by", "guardian", "--note", "by phone", "--json"),
    ).json
    assert taken["consent"]["capture"] is False
    shown = cli("consent", "show", "--patient", patient, "--json").json
    assert shown["consent"] == taken["consent"]
    assert [event["granted"] for event in shown["history"]] == [True, True, False]
    assert {event["shown"] and event["shown"]["language"] for event in shown["history"]} == {
        "hi",
        None,
    }
    told = cli("consent", "show", "--patient", patient).out
    assert "capture: no" in told
    assert "guardian; wording not recorded; by phone" in told


def test_what_is_recorded_is_the_hash_of_the_words_that_are_printed(patient: str, cli: Run) -> None:
    (printed,) = cli("consent", "words", "--purpose", "capture", "--language", "hi", "--json").json
    assert printed["words"] in "\n".join(
        line.strip() for line in cli("consent", "words", "--language", "hi").out.splitlines()
    )
    what = ("--purpose", "capture", "--language", "hi")
    cli("consent", "record", "--patient", patient, *what)
    (event,) = cli("consent", "show", "--patient", patient, "--json").json["history"]
    assert event["shown"] == {"language": "hi", "sha256": printed["sha256"]}


def test_an_agreement_to_nobody_knows_which_words_is_not_recorded(patient: str, cli: Run) -> None:
    record = ("consent", "record", "--patient", patient, "--purpose", "capture")
    assert "consent words" in cli(*record).trouble
    assert "not both" in cli(*record, "--language", "en", "--on-paper", "Binder A").trouble
    assert "exist in" in cli(*record, "--language", "xx").trouble
    assert cli("consent", "show", "--patient", patient, "--json").json["history"] == []
    cli(*record, "--on-paper", "Form of 2 March, binder A")
    (event,) = cli("consent", "show", "--patient", patient, "--json").json["history"]
    assert (event["shown"], event["note"]) == (None, "On paper: Form of 2 March, binder A")


def test_several_purposes_may_be_given_at_once(patient: str, cli: Run) -> None:
    state = cli(
        *("consent", "record", "--patient", patient, "--purpose", "capture,Keep-Images"),
        *("--language", "en", "--json"),
    )
    agreed = {name for name, answer in state.json["consent"].items() if answer}
    assert agreed == {"capture", "keep_images"}


def test_consent_to_something_unknown_is_wrong_usage(patient: str, cli: Run) -> None:
    assert cli("consent", "record", "--patient", patient, "--purpose", "capture,,").code == 2
    assert cli("consent", "record", "--patient", patient, "--purpose", "everything").code == 2
    assert cli("consent", "record", "--patient", patient).code == 2


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


# --- audit --------------------------------------------------------------------------------------


def test_everything_that_was_done_stands_in_an_intact_audit_trail(patient: str, cli: Run) -> None:
    before = cli("audit", "verify", "--json").json
    assert before["intact"] is True
    cli("patients", "show", patient)
    after = cli("audit", "verify", "--json").json
    assert after["intact"] is True
    assert after["entries"] >= before["entries"] + 3
    assert "intact" in cli("audit", "verify").out


SHORT = AuditGap("North", True, 120, datetime(2026, 3, 2, 9, tzinfo=UTC), 7, False)


def test_the_gap_of_another_workstation_is_told_and_no_failure(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = AuditCheck(7, "ab", gaps=(replace(SHORT, own=False), replace(SHORT, renewed=True)))
    monkeypatch.setattr(AuditService, "verify", lambda service: check)
    answer = cli("audit", "verify", "--json")
    assert answer.code == 0
    assert answer.err.count("“North” is shorter") == 2
    assert [gap["told"] for gap in answer.json["gaps"]] == [120, 120]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (AuditCheck(7, "ab", broken_at=8), "entry 8 does not fit"),
        (AuditCheck(7, "ab", truncated=True), "newest entries are missing"),
        (AuditCheck(7, "ab", gaps=(SHORT,)), "“North” is shorter than what it told"),
    ],
)
def test_an_altered_audit_trail_is_one_sentence_and_code_1(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, check: AuditCheck, words: str
) -> None:
    monkeypatch.setattr(AuditService, "verify", lambda service: check)
    assert words in cli("audit", "verify").trouble
    answer = cli("audit", "verify", "--json")
    assert words in answer.trouble
    assert answer.json["intact"] is False


# --- for people ---------------------------------------------------------------------------------


def test_without_json_every_answer_is_a_line_to_read(patient: str, cli: Run) -> None:
    own = ("--patient", patient)
    assert cli("safety", "list").out == "No safety steps are open.\n"
    assert cli("screenings", "list").out == "There are no screenings.\n"
    assert cli("notes", "list", *own).out == "There are no notes.\n"
    note = cli("notes", "add", *own, "--text", "Seen today.").out.strip()
    assert cli("notes", "sign", note).out.strip() == note
    phq9 = ("questionnaire", "record", *own, "--instrument", "phq9", "--replace", "--answers")
    assert cli(*phq9, "1,1,1,1,1,1,1,1,0").out == "PHQ-9: 8 of 27 (mild)\n"
    assert cli(*phq9, ",1,1,1,1,1,1,1,0").out == "PHQ-9: 8 of 27 (mild, prorated)\n"
    assert "PHQ-9: no total, 3 items were not answered." in cli(*phq9, ",,,1,1,1,1,1,0").out
    assert "The safety steps are open and come first: " in cli(*phq9, "1,1,1,1,1,1,1,1,1").out
    listed = cli("screenings", "list", *own).out
    assert "draft" in listed
    assert "safety steps open" in listed
    draft = listed.split()[0]
    judged = cli("screenings", "judge", draft, "--severity", "cannot_tell", "--note", "Later.")
    assert judged.out.startswith(draft)
    assert "Own judgement: cannot tell" in cli("screenings", "show", draft).out


# --- one document, whatever the command ---------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("patients", "list"),
        ("screenings", "list"),
        ("safety", "list"),
        ("audit", "verify"),
    ],
)
def test_json_is_one_document_and_nothing_else(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    answer = cli(*command, "--json")
    assert answer.err == ""
    json.loads(answer.out)
