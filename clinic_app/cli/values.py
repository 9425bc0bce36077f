"""Texts from the command line as the values they stand for, refused in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import typer

from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.schedule import to_utc

if TYPE_CHECKING:
    from clinic_app.domain.people import StaffUser

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


def span_of_days(first: str, last: str) -> tuple[datetime | None, datetime | None]:
    """From the midnight (UTC) at which the first day begins to the one at which the last day ends;
    no limit where none is given."""
    begins = parse_date(first, "first day") if first else None
    ends = parse_date(last, "last day") if last else None
    if begins and ends and ends < begins:
        raise InvalidInput("last day", "The last day lies before the first one.")
    after = ends + timedelta(days=1) if ends and ends < date.max else None
    return _midnight(begins), _midnight(after)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def parse_moment(text: str, field: str, zone: str) -> datetime:
    """A day, or a day and time, ISO 8601, on the clocks of ``zone`` unless an offset is given.
    Returned in UTC."""
    try:
        typed = datetime.fromisoformat(text.strip())
        return to_utc(typed, zone) if typed.tzinfo is None else typed.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        what = field.replace("_", " ")
        raise InvalidInput(
            field,
            f"The {what} “{shortened(text)}” is not written as YYYY-MM-DD HH:MM.",
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


Choice = TypeVar("Choice", bound=StrEnum)


def alternatives(kind: type[StrEnum]) -> str:
    """The values of an enumeration, as help shows them."""
    return "|".join(one.value for one in kind)


def one_of(kind: type[Choice], text: str) -> Choice:
    """The member of this value; raises ``typer.BadParameter`` (wrong usage) for any other text."""
    try:
        return kind(text.strip().lower().replace("-", "_"))
    except ValueError as error:
        raise typer.BadParameter(
            f"“{shortened(text)}” is not one of {alternatives(kind)}."
        ) from error


def one_or_more(kind: type[Choice]) -> Callable[[str], str]:
    """A parser of values with commas between them; the text with each as it is spelled."""
    return lambda text: ",".join(one_of(kind, part).value for part in text.split(","))


def member(people: Iterable[StaffUser], user_name: str) -> StaffUser:
    """Who has this user name, in capitals or not; raises ``NotFound``."""
    wanted = user_name.strip().casefold()
    for one in people:
        if one.user_name.casefold() == wanted:
            return one
    raise NotFound("There is no member of staff with this user name.")


def colleague(people: Iterable[StaffUser], user_name: str, field: str) -> StaffUser:
    """The same among those who can take something over; raises ``InvalidInput``."""
    try:
        return member(people, user_name)
    except NotFound:
        who = shortened(user_name)
        raise InvalidInput(field, f"There is no colleague “{who}” who can take it.") from None


def shortened(text: str, limit: int = 40) -> str:
    """At most ``limit`` printable characters, to quote in a sentence."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def accepted(unprotected: bool, warning: str) -> None:
    """Raises ``InvalidInput`` with the warning and the option that accepts it."""
    if not unprotected:
        raise InvalidInput("unprotected", f"{warning} If that is meant, add --unprotected.")
