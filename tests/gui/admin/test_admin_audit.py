"""The audit trail in the settings: read, filtered, verified, and taken out as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditCheck, AuditKind
from clinic_app.domain.audit_heads import AuditGap, AuditHead
from clinic_app.domain.ids import new_id
from clinic_app.services.audit import AuditService
from clinic_app.services.audit_data import AuditQuery
from clinic_app.ui.screens.admin.audit.presenter import AuditPresenter
from clinic_app.ui.screens.admin.audit.rows import ABOUT, DETAILS
from clinic_app.ui.screens.admin.audit.view import AuditSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.gui.admin.conftest import open_section, prove
from tests.gui.conftest import Driver


@pytest.fixture
def busy_clinic(inside: Driver) -> FakeClinic:
    for number in range(120):
        inside.clinic.services.patients.search(f"nobody {number}")
    return inside.clinic


@pytest.mark.usefixtures("busy_clinic")
def test_the_trail_is_read_page_by_page(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    assert section.rows.rowCount() == 100
    first = section.rows.index(0, 0).data()
    assert not section.newer.isEnabled()
    inside.click("Older", section)
    assert 0 < section.rows.rowCount() < 100
    assert int(section.rows.index(0, 0).data()) == int(first) - 100
    assert not section.older.isEnabled()
    inside.click("Newer", section)
    assert int(section.rows.index(0, 0).data()) == int(first) + 1  # that page one was read


def test_what_an_entry_says_has_its_place_on_a_small_laptop(
    inside: Driver, settings: AdminScreen
) -> None:
    look = inside.clinic.services.looks.measure({"daylight": 1.0}, 0.5, ())
    section = open_section(inside, settings, "audit", AuditSection)

    def about() -> list[str]:
        rows = section.rows
        return [rows.index(place, ABOUT).data() for place in range(rows.rowCount())]

    short = f"look …{str(look.id)[-6:]}"
    assert section.table.isColumnHidden(DETAILS)
    assert f"{short} · {look.version}" in about()
    inside.window.resize(1920, 1080)
    inside.settle()
    assert not section.table.isColumnHidden(DETAILS)
    assert short in about()


@pytest.mark.usefixtures("busy_clinic")
def test_filters_narrow_what_is_shown(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    filters = section.filters
    filters.kind.setCurrentIndex(filters.kind.findData(AuditKind.SET_UP))
    inside.click("Search", section)
    assert section.rows.rowCount() == 1
    assert section.rows.index(0, 3).data() == "Set up"
    assert section.rows.index(0, 2).data() == "Amina Diallo"
    filters.until.setText("1.1.1999")
    inside.click("Search", section)
    assert section.rows.rowCount() == 0
    assert "No entry fits" in inside.words(section)
    inside.click("Clear the filters", section)
    assert section.rows.rowCount() == 100


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("since", "soon"),
        ("patient", "Okafor"),
        ("until", "31.2.2026"),
        ("until", "31.12.9999"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_at_its_field(
    inside: Driver, settings: AdminScreen, field: str, text: str
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    getattr(section.filters, field).setText(text)
    inside.click("Search", section)
    assert section.filters.fields[field].invalid


def test_a_whole_chain_and_an_altered_one_are_told_apart(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    inside.click("Check the chain", section)
    assert section.state.text().startswith("The chain is whole")
    trail = inside.clinic.store.tables.audit
    trail[2] = replace(trail[2], detail="nothing to see")
    inside.click("Check the chain", section)
    assert "entry 3 does not fit" in section.state.text()
    assert section.state.property("role") == "alarm"


def test_a_trail_that_lacks_what_was_told_of_it_is_said(
    inside: Driver, settings: AdminScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    head = AuditHead(new_id(), 2, 120, "ab" * 32, told)
    monkeypatch.setattr(AuditService, "told", lambda service: {"North": head})
    section = open_section(inside, settings, "audit", AuditSection)
    assert "North: 120 entries, 2 Mar 2026" in inside.words(section)
    short = AuditGap("North", False, 120, told, 12, False)
    monkeypatch.setattr(
        AuditService, "verify", lambda service: AuditCheck(9, "cd" * 32, gaps=(short,))
    )
    inside.click("Check the chain", section)
    assert "“North” is shorter than what it told on 2 Mar 2026" in section.state.text()
    assert "12 entries of 120" in section.state.text()
    assert section.state.property("role") == "caution"
    own = replace(short, own=True, workstation="South")
    monkeypatch.setattr(
        AuditService, "verify", lambda service: AuditCheck(9, "cd" * 32, gaps=(own,))
    )
    inside.click("Check the chain", section)
    assert section.state.property("role") == "alarm"
    assert "not the one that this workstation told" in section.state.text()


def test_an_extract_asks_for_the_password_and_is_written_whole(
    inside: Driver, settings: AdminScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    asked = []
    monkeypatch.setattr(section, "ask_place", asked.append)
    inside.click("Save an extract…", section)
    prove(inside, "not the password")
    assert asked == []
    prove(inside, PASSWORD)
    (extract,) = asked
    section.presenter.save(extract, tmp_path / "audit")
    inside.settle()
    text = (tmp_path / "audit.csv").read_text(encoding="utf-8-sig")
    assert "Chain of the whole trail,intact" in text
    assert f"Entries in this extract,{len(extract.rows)}" in text
    assert extract.rows[0].entry.mac in text


def test_an_older_slower_page_is_dropped() -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    presenter = AuditPresenter(view, clinic.services.audit, jobs)
    presenter.search(AuditQuery())
    presenter.search(AuditQuery(kinds=(AuditKind.SET_UP,)))
    jobs.run(1)
    jobs.run(0)
    assert view.names().count("show_rows") == 1
    assert [row.entry.kind for row in view.last("show_rows")[0]] == [AuditKind.SET_UP]
