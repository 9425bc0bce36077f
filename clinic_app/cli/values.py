"""Texts from the command line as the values they stand for, refused in plain words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from clinic_app.domain.errors import InvalidInput

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_date(text: str, field: str) -> date:
    """A day written YYYY-MM-DD."""
    cleaned = text.strip()
    try:
        if _DATE.fullmatch(cleaned):
            return date.fromisoformat(cleaned)
    except ValueError:
        pass
    what = field.replace("_", " ")
    raise InvalidInput(
        field, f"The {what} “{shortened(cleaned)}” is not a day written as YYYY-MM-DD."
    )


def parse_moment(text: str, field: str) -> datetime:
    """A day, or a day and time, ISO 8601; local time unless a zone is given. Returned in UTC."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        what = field.replace("_", " ")
        raise InvalidInput(
            field,
            f"The {what} “{shortened(text)}” is not a time written as YYYY-MM-DD HH:MM.",
        ) from error


def parse_answers(text: str) -> tuple[int | None, ...]:
    """Answers such as ``0,1,,3``: nothing or a dash between the commas is "not answered"."""
    answers: list[int | None] = []
    for part in text.split(","):
        given = part.strip()
        if given in ("", "-"):
            answers.append(None)
        elif given in ("0", "1", "2", "3"):
            answers.append(int(given))
        else:
            raise InvalidInput(
                "answers",
                f"“{shortened(given)}” is not an answer; please give 0, 1, 2 or 3 for each item,"
                " or nothing between the commas for one that was not answered.",
            )
    return tuple(answers)


def shortened(text: str, limit: int = 40) -> str:
    """At most ``limit`` printable characters, to quote in a sentence."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
