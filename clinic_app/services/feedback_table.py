"""All answers of one form as a table; it names neither patients nor screenings nor staff."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from enum import StrEnum

from clinic_app.domain.paging import every
from clinic_app.services.spreadsheet import as_text
from clinic_app.services.storage import UnitOfWork

_PAGE = 500


class FeedbackKind(StrEnum):
    """The three forms."""

    RATINGS = "ratings"
    AGREEMENTS = "agreements"
    INCIDENTS = "incidents"


def answers_csv(work: UnitOfWork, kind: FeedbackKind, first: str, last: str) -> bytes:
    """CSV in UTF-8 of the months from ``first`` to ``last`` (``YYYY-MM``), oldest last; texts are
    as people wrote them, but for what a spreadsheet would run."""
    return _csv(_HEADINGS[kind], _EXPORTS[kind](work, first, last))


_HEADINGS = {
    FeedbackKind.RATINGS: ("given_on", "clinic_id", "author", "rating", "language", "text"),
    FeedbackKind.AGREEMENTS: ("given_on", "clinic_id", "author", "agreement", "language", "text"),
    FeedbackKind.INCIDENTS: (
        "opened_on",
        "clinic_id",
        "category",
        "harm",
        "state",
        "language",
        "story",
    ),
}


def _rating_rows(work: UnitOfWork, first: str, last: str) -> Iterable[tuple[object, ...]]:
    for one in every(lambda after: work.ratings.newest(_PAGE, after, first=first, last=last)):
        yield one.given_on, one.clinic_id, one.author.value, one.rating, one.language, one.text


def _agreement_rows(work: UnitOfWork, first: str, last: str) -> Iterable[tuple[object, ...]]:
    for one in every(lambda after: work.agreements.newest(_PAGE, after, first=first, last=last)):
        said = one.agreement.value
        yield one.given_on, one.clinic_id, one.author.value, said, one.language, one.text


def _incident_rows(work: UnitOfWork, first: str, last: str) -> Iterable[tuple[object, ...]]:
    for one in every(lambda after: work.incidents.newest(_PAGE, after)):
        if not first <= one.opened_on.isoformat()[:7] <= last:
            continue
        void = set(one.void)
        told = (
            f"{step.on} {step.kind.value}: {step.text}"
            for step in one.events
            if step.id not in void
        )
        yield (
            one.opened_on,
            one.clinic_id,
            one.category.value,
            one.harm.value,
            "open" if one.open else "closed",
            one.language,
            "\n".join(told),
        )


_EXPORTS: dict[FeedbackKind, Callable[[UnitOfWork, str, str], Iterable[tuple[object, ...]]]] = {
    FeedbackKind.RATINGS: _rating_rows,
    FeedbackKind.AGREEMENTS: _agreement_rows,
    FeedbackKind.INCIDENTS: _incident_rows,
}


def _csv(heading: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([as_text(str(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")
