"""Tables that are handed out run nothing in the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.services.spreadsheet import as_text

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
TEXTS = st.text(alphabet="=-@＝;,\t\r\n\"'| a1", max_size=12)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("", ""),
        ("Slept well; ate little, pain - less", "Slept well; ate little, pain - less"),
        ("=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("nice;=1+cmd|'/C calc'!A0", "nice;'=1+cmd|'/C calc'!A0"),
        ("nice\n=1+1", "nice\n'=1+1"),
        ("first; - second", "first;' - second"),
    ],
)
def test_what_would_be_a_formula_becomes_text_and_all_else_stays(typed: str, written: str) -> None:
    assert as_text(typed) == written


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_no_cell_begins_like_a_formula_whatever_divides_the_cells(texts: list[str]) -> None:
    """A spreadsheet of a country with decimal commas divides the same file at semicolons."""
    out = io.StringIO()
    csv.writer(out).writerow(map(as_text, texts))
    for delimiter in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter):
            assert not any(cell.lstrip(" ").startswith(SIGNS) for cell in row)
