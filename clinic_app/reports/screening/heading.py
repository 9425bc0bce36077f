"""Letterhead and whose record this is."""

from __future__ import annotations

from clinic_app.reports import parts
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Rule, Space, Stack, Titled
from clinic_app.reports.layout.texts import labelled, mixed, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport, Standing

_LONG_NAME = 60
"""Characters beyond which a name is set smaller, so that it takes three lines at most."""


def letterhead(report: ScreeningReport, clock: Clock) -> Block:
    """The clinic on the left, the document on the right."""
    notices = [wording.STANDING[report.standing]] if report.standing in wording.STANDING else []
    return parts.letterhead(report.clinic, wording.TITLE, clock.full(report.printed_at), notices)


def patient(report: ScreeningReport) -> Block:
    """Name, birth date and age, sex, and the two IDs."""
    person, screening = report.patient, report.screening
    if report.standing is Standing.NOT_STORED:
        return words(person.display_name, style.NAME)
    look = style.NAME if len(person.display_name) <= _LONG_NAME else style.LONG_NAME
    years = f"{person.birth_date.isoformat()}  ({report.age} years)"
    facts = Columns(
        [
            labelled("Born", years),
            labelled("Sex", wording.SEX[person.sex]),
            labelled("Local number", person.local_number),
            labelled("Screening by", report.taken_by),
        ],
        [0.27, 0.17, 0.22, 0.34],
        10,
    )
    ids = Columns(
        [
            labelled("Patient ID", str(person.id), style.SMALL),
            labelled("Screening (visit) ID", str(screening.id), style.SMALL),
        ],
        [0.5, 0.5],
        10,
    )
    return Stack([words(person.display_name, look), Space(5), facts, Space(5), ids, Space(3)])


def section(title: str, body: Block, tag: str = "") -> Block:
    """A section title over a hairline, kept with what follows."""
    heading = mixed((title, style.SECTION), (f"   {tag}" if tag else "", style.SMALL_MUTED))
    return Stack([Space(15), Titled(Stack([heading, Space(2), Rule(), Space(7)]), body)])
