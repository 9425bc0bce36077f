"""More screenings of one patient than a page of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.screening import ClinicianSeverity, Judgement, Screening
from tests.fakes.clock import START
from tests.integration.cli.clinic import Run, open_store

MANY = 203


@pytest.fixture
def often_seen(store: Path, patient: str) -> str:
    """A patient with `MANY` finished screenings."""
    opened = open_store(store)
    try:
        with opened.unit_of_work() as work:
            by = work.users.all()[0].id
            for number in range(MANY):
                at = START + timedelta(days=number)
                judgement = Judgement(ClinicianSeverity.NONE, by, at, "", False)
                work.screenings.add(
                    Screening(new_id(), UUID(patient), by, at, at, (), judgement, None)
                )
            work.commit()
    finally:
        opened.close()
    return patient


def test_none_of_many_screenings_is_left_out(often_seen: str, cli: Run) -> None:
    listed = cli("screenings", "list", "--patient", often_seen, "--limit", "1000", "--json").json
    assert len(listed) == MANY
    assert len(cli("screenings", "list", "--patient", often_seen, "--json").json) == 200
    assert cli("patients", "show", often_seen, "--json").json["screenings"] == MANY
    assert f"Screenings    {MANY}\n" in cli("patients", "show", often_seen).out
