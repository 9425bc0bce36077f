"""Rows as the columns of the reporting tables can hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from clinic_app.sync.projection.rows import GREATEST, SHORT, TEXT, Row, fitted

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("family_name", "x" * (SHORT + 1), "x" * SHORT),
        ("words", "x" * (TEXT + 1), "x" * TEXT),
        ("birth_date", date(999, 12, 31), None),
        ("given_at", datetime(1, 1, 1, tzinfo=UTC), None),
        ("given_at", datetime.fromisoformat("0001-01-01T00:00:00+14:00"), None),
        ("given_at", datetime.fromisoformat("9999-12-31T23:59:59-14:00"), None),
        ("rating", GREATEST + 1, None),
        ("rating", -(1 << 60), None),
    ],
)
def test_what_does_not_fit_is_cut_or_left_empty_and_named(name: str, value: Any, kept: Any) -> None:
    row = fitted(Row("any", {"id": "1", name: value}))
    assert row.values == {"id": "1", name: kept, "unfit": name}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("family_name", "x" * SHORT, "x" * SHORT),
        ("words", "x" * TEXT, "x" * TEXT),
        ("birth_date", date(1000, 1, 1), date(1000, 1, 1)),
        ("given_at", NOON, NOON.replace(tzinfo=None)),
        ("rating", GREATEST, GREATEST),
        ("flagged", True, True),
        ("rating", None, None),
    ],
)
def test_what_fits_stays_as_it_is(name: str, value: Any, kept: Any) -> None:
    row = fitted(Row("any", {"id": "1", name: value}))
    assert row.values == {"id": "1", name: kept, "unfit": None}
