"""What is written for spreadsheets must not run in them."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(value: str) -> str:
    """A cell that a spreadsheet would take for a formula, with an apostrophe before it (OWASP, CSV
    injection); any other as it is."""
    return f"'{value}" if value.startswith(_FORMULA) else value
