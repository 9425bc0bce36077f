"""What is written for spreadsheets must not run in them."""

from __future__ import annotations

import re

_SIGNS = "=+\\-@＝＋－＠"
_FORMULA = re.compile(f"(?:^|(?<=[;\t\r\n]))(?=[ \"']*[{_SIGNS}])|^(?=[\t\r\n])")


def as_text(value: str) -> str:
    """A cell that a spreadsheet would take for a formula, with an apostrophe before it (OWASP, CSV
    injection); any other as it is.

    Where a comma is the decimal sign, spreadsheets divide such a file at semicolons, and see a cell
    where people have typed one: what follows a semicolon, a tab or a line end counts as well.
    """
    return _FORMULA.sub("'", value)
