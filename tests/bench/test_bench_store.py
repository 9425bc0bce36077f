"""A large clinic is filled as the fold would fill it, and the page says what was measured."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from clinic_app.db import tables
from clinic_app.db.facts import refresh_worklist
from clinic_app.domain.screening import ClinicianSeverity
from tests.bench.large_clinic import LONGEST, make_large_clinic, open_vault
from tests.bench.measure import Timing
from tests.bench.store import (
    BEGIN,
    END,
    StoreFigures,
    give_feedback,
    kept_section_between,
    open_door,
    placed,
    printouts,
    questions,
    store_section,
)
from tests.fakes.clinic import PASSWORD, USER
from tests.integration.db.raw import transaction_of


def test_the_worklist_of_a_filled_clinic_is_the_one_that_the_facts_give(tmp_path: Path) -> None:
    make_large_clinic(tmp_path / "store", 1_001, 1_300)
    store = open_vault(tmp_path / "store").unlock(USER, PASSWORD)
    every = select(tables.worklist).order_by(tables.worklist.c.patient_id)
    with transaction_of(store) as db:  # type: ignore[arg-type]
        filled = [tuple(row) for row in db.rows(every)]
        refresh_worklist(db, [row.id for row in db.rows(select(tables.patient.c.id))])
        assert [tuple(row) for row in db.rows(every)] == filled
    store.close()
    assert len(filled) == 1_001


def test_every_question_is_answered_through_the_services(tmp_path: Path) -> None:
    made = make_large_clinic(tmp_path / "store", 600, 1_500)
    door = open_door(made.folder)
    services = door.sign_in(USER, PASSWORD)
    asked = questions(services, made)
    answers = {name: ask() for name, ask in asked.items()}
    assert answers["worklist: how many people"] == 600
    assert len(answers["search: beginning of a name"]) == 50  # type: ignore[arg-type]
    assert answers["search: nobody found"] == []
    give_feedback(services, 12)
    for name, pdf in ((name, ask()) for name, ask in printouts(services, made).items()):
        assert pdf.pdf.startswith(b"%PDF"), name  # type: ignore[attr-defined]
    longest = services.timeline.of_patient(made.longest)
    assert len(longest.events) == LONGEST
    own = services.reviews.judge(longest.events[0].id, ClinicianSeverity.MILD)
    assert services.reviews.reveal(own.id).finding is not None
    door.sign_out(services)


def test_the_section_replaces_the_one_before() -> None:
    timings = {"search: nobody found": Timing(12.34, 10.0)}
    section = store_section(StoreFigures(100_000, 1_000_000, 900.0, 80.0, timings, 15))
    assert "| search: nobody found | 12.3 [10.0] |" in section
    assert "15 rounds" in section
    told = store_section(
        StoreFigures(1, 2, 1.0, 1.0, timings, 5, {"audit extract": Timing(480, 400)})
    )
    assert "| audit extract | 480 [400] |" in told
    page = placed("# Benchmarks\n\ntext\n", section)
    assert kept_section_between(page, BEGIN, END) == section
    changed = store_section(StoreFigures(10, 20, 1.0, 1.0, timings))
    again = placed(page, changed)
    assert "100,000" not in again
    assert again.count("## A large clinic") == 1
    assert again.startswith("# Benchmarks\n\ntext\n")
