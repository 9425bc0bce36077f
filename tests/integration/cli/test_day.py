"""The worklist, tasks and handovers on a real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.integration.cli.clinic import QUICK_ROUNDS, Run, open_store

LONG_AGO = "2020-01-31"


def record(cli: Run, patient: str, answers: str) -> None:
    answer = cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
        *("--answers", answers),
    )
    assert answer.code == 0, answer


def finish(cli: Run, patient: str, answers: str, *more: str) -> None:
    record(cli, patient, answers)
    (draft,) = [
        one
        for one in cli("screenings", "list", "--patient", patient, "--json").json
        if one["state"] == "draft"
    ]
    for command in (("judge", draft["id"], "--severity", "mild", *more), ("finish", draft["id"])):
        assert cli("screenings", *command).code == 0


@pytest.fixture
def other(store: Path, cli: Run) -> str:
    """A second patient, never assessed."""
    added = cli(
        *("patients", "add", "--family-name", "Aalto", "--given-name", "Bo"),
        *("--birth-date", "1970-01-01", "--json"),
    )
    return str(added.json["id"])


@pytest.fixture
def tomas(store: Path) -> str:
    """A colleague who can sign in; the user name."""
    opened = open_store(store)
    with opened.unit_of_work() as work:
        work.users.add(StaffUser(new_id(), COLLEAGUE, "Tomas Vaz", Role.DOCTOR))
        work.commit()
    opened.close()
    return COLLEAGUE


# --- worklist -----------------------------------------------------------------------------------


def test_the_worklist_gives_order_and_reasons(cli: Run, patient: str, other: str) -> None:
    finish(cli, patient, "3,3,3,3,3,0,0,0,0")
    listed = cli("worklist", "--json").json
    assert [row["patient_id"] for row in listed["rows"]] == [other, patient]
    assert listed["total"] == 2
    assert listed["next"] is None
    first, second = listed["rows"]
    assert (first["reason"], first["why"][0]) == ("not_assessed", "Not assessed yet")
    assert second["reason"] == "questionnaire"
    assert second["why"] == ["PHQ-9: 15, moderately severe", "1 screening not reviewed"]
    assert not {"band", "severity", "sadness", "finding"} & set(second)
    record(cli, patient, "0,0,0,0,0,0,0,0,1")
    assert [row["patient_id"] for row in cli("worklist", "--json").json["rows"]] == [patient, other]
    assert "Safety steps open since" in cli("worklist").out.splitlines()[0]


def test_the_worklist_is_narrowed_and_paged(cli: Run, patient: str, other: str) -> None:
    finish(cli, patient, "1,1,1,1,1,0,0,0,0")
    for only, found in (
        ("safety", []),
        ("not_assessed", [other]),
        ("not-assessed", [other]),
        ("questionnaire", [patient]),
        ("unreviewed", [patient]),
        ("flagged", []),
        ("overdue", []),
        ("requested", []),
    ):
        rows = cli("worklist", "--only", only, "--json").json["rows"]
        assert [row["patient_id"] for row in rows] == found, only
    assert cli("worklist", "--from-band", "moderate", "--json").json["total"] == 0
    assert cli("worklist", "--from-band", "mild", "--json").json["total"] == 1
    page = cli("worklist", "--limit", "1", "--json").json
    assert page["next"] is not None
    following = cli("worklist", "--limit", "1", "--after", page["next"], "--json").json
    assert [row["patient_id"] for row in (*page["rows"], *following["rows"])] == [other, patient]
    assert f"More: --after {page['next']}" in cli("worklist", "--limit", "1").out
    assert cli("worklist", "--only", "flagged").out == "Nobody is on the list.\n"


def test_an_overdue_task_brings_the_person_into_the_filter(
    cli: Run, patient: str, other: str
) -> None:
    cli("tasks", "add", "Call", "--due", LONG_AGO, "--patient", other)
    rows = cli("worklist", "--only", "overdue", "--json").json["rows"]
    assert [row["patient_id"] for row in rows] == [other]


def test_what_cannot_be_asked_of_the_worklist_is_said(store: Path, cli: Run) -> None:
    assert "not a mark" in cli("worklist", "--after", "nonsense").trouble
    assert "not a mark" in cli("worklist", "--after", f"1,2026-01-01T00:00,{new_id()}").trouble
    both = cli("worklist", "--only", "safety", "--only", "not_assessed")
    assert "two reasons" in both.trouble
    assert cli("worklist", "--only", "saddest").code == 2


# --- tasks --------------------------------------------------------------------------------------


def test_a_task_is_added_listed_and_done(cli: Run, patient: str) -> None:
    task = cli("tasks", "add", "Call back", "--due", LONG_AGO, "--patient", patient).out.strip()
    later = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    cli("tasks", "add", "Write to the school", "--due", later, "--detail", "two pages")
    (late,) = cli("tasks", "list", "--overdue", "--json").json
    assert (late["id"], late["overdue"], late["state"]) == (task, True, "open")
    assert (late["owner_name"], late["patient"]) == ("Amina Diallo", "Okafor, Chidi")
    listed = cli("tasks", "list").out.splitlines()
    assert f"{LONG_AGO}  overdue  Call back  Amina Diallo  Okafor, Chidi" in listed[0]
    assert f"{later}  open  Write to the school" in listed[1]
    assert cli("tasks", "done", task, "--json").json["state"] == "done"
    assert "already done or cancelled" in cli("tasks", "cancel", task).trouble
    (kept,) = cli("tasks", "list", "--patient", patient, "--json").json
    assert kept["state"] == "done"


def test_a_task_has_an_owner_or_waits_for_one(cli: Run, patient: str, tomas: str) -> None:
    theirs = cli("tasks", "add", "Review", "--owner", tomas.upper(), "--json").json
    nobodys = cli("tasks", "add", "Order paper", "--nobody", "--json").json
    mine = cli("tasks", "add", "Mine", "--json").json
    assert theirs["owner"] != mine["owner"]
    assert nobodys["owner"] is None
    assert [one["id"] for one in cli("tasks", "list", "--mine", "--json").json] == [mine["id"]]
    assert "no colleague" in cli("tasks", "add", "x", "--owner", "nobody here").trouble
    assert cli("tasks", "add", "x", "--owner", tomas, "--nobody").code == 2
    assert "what there is to do" in cli("tasks", "add", "  ").trouble
    assert cli("tasks", "cancel", nobodys["id"], "--json").json["state"] == "cancelled"


# --- handover -----------------------------------------------------------------------------------


def test_a_handover_is_given_and_received(
    cli: Run, store: Path, patient: str, tomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cli(
        *("handover", "give", "--to", tomas, "--text", "Call on Friday."),
        *("--patient", patient, "--json"),
    ).json
    assert given["received_at"] is None
    assert cli("handover", "list", "--waiting", "--json").json == []
    assert "somebody else" in cli("handover", "receive", given["id"]).trouble
    let_in(store, monkeypatch)
    (waiting,) = cli("handover", "list", "--waiting", "--json").json
    assert (waiting["from_name"], waiting["patients"]) == ("Amina Diallo", ["Okafor, Chidi"])
    received = cli("handover", "receive", given["id"], "--text", "Will do.")
    assert received.out == f"The handover {given['id']} is received.\n"
    assert cli("handover", "list", "--waiting").out == "There are no handovers.\n"
    (kept,) = cli("handover", "list", "--json").json
    assert (kept["state"], kept["received_name"]) == ("received", "Tomas Vaz")
    assert "Amina Diallo to Tomas Vaz, received by Tomas Vaz" in cli("handover", "list").out


def let_in(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on commands run as the colleague."""
    from clinic_app.db.vault import FolderVault
    from tests.integration.cli.clinic import PASSWORD, USER

    vault = FolderVault(store, rounds=QUICK_ROUNDS)
    opened = vault.unlock(USER, PASSWORD)
    vault.add_slot(COLLEAGUE, COLLEAGUE_PASSWORD)
    opened.close()
    monkeypatch.setenv("CLINIC_APP_USER", COLLEAGUE)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
