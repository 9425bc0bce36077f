"""Whom to call is read without a break in the number."""

from __future__ import annotations

from clinic_app.domain.people import CrisisContact
from clinic_app.ui.contact_words import contact_lines


def test_a_number_stays_in_one_line_and_names_may_break() -> None:
    lines = contact_lines(
        [CrisisContact("Night line", "0800 111-222", "day and night"), CrisisContact("Ward", "12")]
    )
    first, second = lines.split("\n")
    number = "0800\N{NO-BREAK SPACE}111\N{NON-BREAKING HYPHEN}222"
    assert first == f"Night line  {number}  day and night"
    assert second == "Ward  12"
