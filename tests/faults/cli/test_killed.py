"""A screening that is killed between two steps, or in the middle of one, comes back."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clinic_app.paths import ROOT
from tests.faults.cli.steps import STEPS
from tests.integration.cli.clinic import Run
from tests.support.children import Child, child

TAKING = "tests.faults.cli.steps"


def run_to(running: Child, step: str) -> str:
    """Let the child go on until it has done ``step``; the draft's ID."""
    for line in running.stdout:
        name, _, draft = line.strip().partition(" ")
        if name == step:
            return draft
        running.stdin.write("\n")
    raise AssertionError(f"the child ended before {step}")


@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_everything_done_so_far_is_there(store: Path, cli: Run, step: str) -> None:
    with child(TAKING, store) as running:
        draft = run_to(running, step)
    done = STEPS[: STEPS.index(step) + 1]
    listed = cli("screenings", "list", "--json").json
    assert len(listed) == ("started" in done)
    if listed:
        (row,) = listed
        assert row["id"] == draft
        assert row["state"] == ("finished" if "finished" in done else "draft")
        assert row["cautions"] == (["palsy"] if "cautions" in done else [])
        assert row["picture_taken"] is ("picture" in done)
        assert (row["judgement"] is not None) is ("judged" in done)
        assert (row["estimate_shown_at"] is not None) is ("revealed" in done)
        handed_in = [one["instrument"] for one in row["questionnaires"]]
        assert handed_in == (["phq9"] if "handed_in" in done else [])
        assert ("phq9" in row["not_handed_in"]) is ("first_answer" in done and not handed_in)
    waiting = cli("safety", "list", "--json").json
    assert len(waiting) == ("item_nine" in done and "assessed" not in done)
    if waiting:
        assert waiting[0]["flow"]["highest_item_nine"] == 2
    assert cli("audit", "verify", "--json").json["intact"] is True


def test_a_killed_screening_is_taken_up_and_finished(store: Path, cli: Run) -> None:
    with child(TAKING, store) as running:
        draft = run_to(running, "item_nine")
    assert "not handed in" in cli("screenings", "finish", draft).trouble
    (row,) = cli("screenings", "list", "--json").json
    answers = "2,0,0,0,0,0,0,0,2"
    arguments = ("--patient", row["patient_id"], "--instrument", "phq9", "--answers", answers)
    assert cli("questionnaire", "record", *arguments).code == 0
    assert cli("screenings", "judge", draft, "--severity", "mild").code == 0
    assert "safety steps" in cli("screenings", "finish", draft).trouble
    flow = cli("safety", "list", "--json").json[0]["flow"]["id"]
    told = ("--assessment", "a", "--means", "b", "--told", "c", "--plan", "d")
    assert cli("safety", "assess", flow, *told, "--next-contact", "2099-12-01").code == 0
    assert cli("screenings", "finish", draft, "--json").json["state"] == "finished"


def test_the_cautions_are_said_beside_an_estimate_that_was_shown(store: Path, cli: Run) -> None:
    with child(TAKING, store) as running:
        draft = run_to(running, "revealed")
    told = "The estimate is less reliable: facial palsy or stroke."
    assert told in cli("screenings", "show", draft).out


@pytest.mark.parametrize("delay_ms", [0, 2, 5, 9, 14])
def test_a_kill_in_the_middle_of_a_step_leaves_a_sound_store(
    store: Path, cli: Run, delay_ms: int
) -> None:
    with child(TAKING, store) as running:
        run_to(running, "started")
        running.stdin.write("\n" * len(STEPS))
        ends = time.monotonic() + delay_ms / 1000
        while time.monotonic() < ends and not running.ended:
            pass
    assert cli("audit", "verify", "--json").json["intact"] is True
    (row,) = cli("screenings", "list", "--json").json
    waiting = cli("safety", "list", "--json").json
    # An answer and its safety flow are there together or not at all.
    if row["state"] == "finished":
        assert (row["safety"]["state"], waiting) == ("closed", [])
    else:
        assert cli("screenings", "show", row["id"], "--json").json["safety"] == row["safety"]
        assert len(waiting) == (row["safety"] is not None and row["safety"]["state"] != "closed")


def test_an_interrupted_demo_ends_at_once_and_says_nothing_more(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "clinic_app.cli", "demo", "--out", str(tmp_path / "out")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdout is not None
        assert "demo clinic" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate()
    assert (running.returncode, complaint) == (-signal.SIGINT, "")


def test_a_second_program_on_the_same_store_is_refused_until_the_first_ends(
    store: Path, cli: Run
) -> None:
    with child(TAKING, store) as running:
        run_to(running, "signed_in")
        refused = cli("patients", "list", "--json")
        assert "already open" in refused.trouble
        assert refused.out == ""
    assert cli("patients", "list", "--json").json == []
