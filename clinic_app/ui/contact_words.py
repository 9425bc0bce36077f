"""Crisis contacts as a person in need reads them."""

from __future__ import annotations

from collections.abc import Iterable

from clinic_app.domain.people import CrisisContact

_TOGETHER = str.maketrans({" ": "\N{NO-BREAK SPACE}", "-": "\N{NON-BREAKING HYPHEN}"})


def contact_lines(contacts: Iterable[CrisisContact]) -> str:
    """A line each; a number is never broken over two lines, whatever the text size."""
    return "\n".join(
        "  ".join(
            part for part in (one.name, one.phone.translate(_TOGETHER), one.hours) if part.strip()
        )
        for one in contacts
    )
