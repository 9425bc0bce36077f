"""Safety steps that are handed over to a colleague, who takes over with the own password."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.cli import doors
from clinic_app.domain.people import Role
from clinic_app.services.staff import NewStaff
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.integration.cli.clinic import PASSWORD, Run


@pytest.fixture
def flow(store: Path, patient: str, cli: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """An open safety flow in a clinic with two members of staff."""
    with doors.signed_in(store) as services:
        colleague = NewStaff(COLLEAGUE, "Tomas Berg", Role.COUNSELOR, COLLEAGUE_PASSWORD)
        services.staff.add(colleague, PASSWORD)
    cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", "phq9"),
        *("--answers", "0,0,0,0,0,0,0,0,2"),
    )
    monkeypatch.setenv("CLINIC_APP_COLLEAGUE_PASSWORD", COLLEAGUE_PASSWORD)
    identity: str = cli("safety", "list", "--json").json[0]["flow"]["id"]
    return identity


def test_a_flow_is_handed_over_and_taken_over(flow: str, cli: Run) -> None:
    handed = cli("safety", "hand-over", flow, "--to", COLLEAGUE.upper(), "--json").json
    assert (handed["id"], handed["handed_to"]) == (flow, "Tomas Berg")
    (waiting,) = cli("safety", "list", "--json").json
    assert waiting["flow"]["state"] == handed["state"] != "closed"
    taken = cli("safety", "acknowledge", flow, "--user", COLLEAGUE, "--json").json
    assert taken["events"][-1]["kind"] == "acknowledged"


def test_people_read_who_has_to_acknowledge(flow: str, cli: Run) -> None:
    assert "wait for Tomas Berg" in cli("safety", "hand-over", flow, "--to", COLLEAGUE).out
    assert "were taken over" in cli("safety", "acknowledge", flow, "--user", COLLEAGUE).out


@pytest.mark.parametrize("nobody", ["amina", "nobody", ""])
def test_only_a_colleague_can_be_handed_a_flow(flow: str, cli: Run, nobody: str) -> None:
    assert "no colleague" in cli("safety", "hand-over", flow, "--to", nobody).trouble
    (waiting,) = cli("safety", "list", "--json").json
    assert waiting["flow"]["state"] == "open"


def test_taking_over_needs_the_colleagues_own_password(
    flow: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("safety", "hand-over", flow, "--to", COLLEAGUE).code == 0
    take = ("safety", "acknowledge", flow, "--user", COLLEAGUE)
    for wrong, word in (("", "CLINIC_APP_COLLEAGUE_PASSWORD"), (PASSWORD, "password")):
        monkeypatch.setenv("CLINIC_APP_COLLEAGUE_PASSWORD", wrong)
        assert word in cli(*take).trouble
    monkeypatch.setenv("CLINIC_APP_COLLEAGUE_PASSWORD", COLLEAGUE_PASSWORD)
    assert cli(*take).code == 0
