"""What somebody typed is taken for a piece of an identifier where it may be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.db.search import query


@pytest.mark.parametrize("typed", ["1985", "0198-4f", "fffecb", "FFFECB"])
def test_digits_of_an_identifier_are_looked_for_in_identifiers(typed: str) -> None:
    assert query(typed).part_of_id == typed.lower().replace("-", "")


@pytest.mark.parametrize("typed", ["Ada", "Faced", "123", "Okafor", ""])
def test_a_name_is_not_taken_for_an_identifier(typed: str) -> None:
    assert query(typed).part_of_id == ""


@given(st.uuids())
def test_the_last_six_digits_that_are_shown_find_whoever_they_belong_to(identifier: object) -> None:
    assert query(str(identifier)[-6:]).part_of_id == str(identifier)[-6:]
