"""An extract of the audit trail as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from clinic_app.domain.audit_heads import AuditGap
from clinic_app.services.audit import AuditExtract
from clinic_app.services.audit_data import EVERYTHING
from clinic_app.services.audit_file import extract_csv, gap_words
from tests.fakes.clinic import PASSWORD, FakeClinic


def extract() -> AuditExtract:
    clinic = FakeClinic()
    clinic.add_patient()
    return clinic.services.audit.extract(EVERYTHING, PASSWORD)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_entry_is_a_row_under_the_state_of_the_whole_chain() -> None:
    made = extract()
    rows = table(extract_csv(made))
    assert ["Chain of the whole trail", "intact"] in rows
    assert ["Head of the chain", made.check.head] in rows
    entries = rows[rows.index([]) + 2 :]
    assert [int(row[0]) for row in entries] == [one.entry.number for one in made.rows]
    assert [row[-1] for row in entries] == [one.entry.mac for one in made.rows]


def test_the_same_extract_gives_the_same_bytes() -> None:
    made = extract()
    assert extract_csv(made) == extract_csv(made)


def test_a_broken_and_a_cut_off_chain_are_said_in_the_table() -> None:
    made = extract()
    broken = replace(made, check=replace(made.check, broken_at=3))
    cut_off = replace(made, check=replace(made.check, truncated=True))
    assert b"ALTERED: entry 3" in extract_csv(broken)
    assert b"CUT OFF" in extract_csv(cut_off)


def test_what_a_trail_lacks_is_said_in_the_table() -> None:
    made = extract()
    gap = AuditGap("North", True, 120, made.made_at, 12, False)
    rows = table(extract_csv(replace(made, check=replace(made.check, gaps=(gap,)))))
    assert any("CUT OFF" in row[-1] for row in rows if row[:1] == ["Chain of the whole trail"])
    assert any("“North” is shorter" in row[-1] and "12 entries of 120" in row[-1] for row in rows)
    other = replace(gap, found=130, renewed=True)
    assert "holds other entries than the 120" in gap_words(other)
    assert "took its place" in gap_words(other)


def test_a_name_that_looks_like_a_formula_stays_text() -> None:
    made = extract()
    made = replace(made, made_by="=1+1", rows=(replace(made.rows[0], actor="@SUM(A1)"),))
    rows = table(extract_csv(made))
    assert ["Made by", "'=1+1"] in rows
    assert rows[-1][3] == "'@SUM(A1)"
