"""What the command line gives away before the own judgement: nothing, to who may review."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clinic_app.cli import doors
from clinic_app.cli.shapes import HIDDEN
from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import Band
from clinic_app.domain.ids import parse_id
from clinic_app.domain.people import Role
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.staff import NewStaff
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.fakes.reading import reading
from tests.integration.cli.clinic import PASSWORD, Run


@pytest.fixture
def screening(store: Path, patient: str) -> str:
    """Taken, judged and seen by the administrator, who has two colleagues."""
    with doors.signed_in(store) as services:
        for name, role in ((COLLEAGUE, Role.DOCTOR), ("lena", Role.COUNSELOR)):
            services.staff.add(NewStaff(name, name.title(), role, COLLEAGUE_PASSWORD), PASSWORD)
        patient_id = parse_id(patient, "patient")
        services.consents.record(
            patient_id, {Purpose.CAPTURE: True, Purpose.ANALYSIS: True, Purpose.KEEP_IMAGES: True}
        )
        take = services.screenings
        draft = take.start(patient_id)
        take.attach(draft.id, reading(Band.SEVERE))
        take.judge(draft.id, ClinicianSeverity.MILD)
        take.reveal(draft.id)
        return str(take.finish(draft.id).id)


def told(cli: Run, screening: str, patient: str) -> list[dict[str, object]]:
    """What every command that reads screenings prints of this one."""
    shown = [
        cli("screenings", "show", screening, "--json").json,
        *cli("screenings", "list", "--json").json,
        *cli("screenings", "list", "--patient", patient, "--json").json,
    ]
    assert [one["id"] for one in shown] == [screening] * 3
    return shown


def test_a_doctor_reads_no_estimate_before_the_own_severity(
    cli: Run, screening: str, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(one["finding"] for one in told(cli, screening, patient))
    monkeypatch.setenv("CLINIC_APP_USER", COLLEAGUE)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
    for one in told(cli, screening, patient):
        assert (one["finding"], one["estimate"], one["picture_taken"]) == (None, HIDDEN, True)
        assert "severe" not in json.dumps(one)
    said = cli("screenings", "show", screening).out
    assert HIDDEN in said
    assert "severe" not in said
    assert cli("reviews", "judge", screening, "moderate").code == 0
    assert all(one["finding"] for one in told(cli, screening, patient))


def test_a_counselor_does_not_review_and_reads_it(
    cli: Run, screening: str, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_USER", "lena")
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
    assert all(one["finding"] for one in told(cli, screening, patient))
