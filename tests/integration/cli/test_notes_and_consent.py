"""Notes and consent on a real store: written, read, signed, withdrawn."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.operations import EntityKind
from clinic_app.domain.record_codec import to_plain
from tests.integration.cli.clinic import Run, open_store

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
