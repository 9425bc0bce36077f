"""Letterhead and whose record this is."""

from __future__ import annotations

from datetime import date

from clinic_app.reports import parts
from clinic_app.reports.language import tr
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
    notices = [tr(wording.STANDING[report.standing])] if report.standing in wording.STANDING else []
    at = clock.full(report.printed_at)
    return parts.letterhead(report.clinic, tr(wording.TITLE), at, notices)


def patient(report: ScreeningReport, clock: Clock) -> Block:
    """Name, birth date and age, sex, and the two IDs."""
    person, screening = report.patient, report.screening
    if report.standing is Standing.NOT_STORED:
        return words(person.display_name, style.NAME)
    look = style.NAME if len(person.display_name) <= _LONG_NAME else style.LONG_NAME
    years = aged(person.birth_date, person.age_on(clock.day(report.printed_at)))
    facts = Columns(
        [
            labelled(tr("Born"), years),
            labelled(tr("Sex"), tr(wording.SEX[person.sex])),
            labelled(tr("Clinic number"), person.local_number),
            labelled(tr("Screening by"), report.taken_by),
        ],
        [0.27, 0.17, 0.22, 0.34],
        10,
    )
    ids = Columns(
        [
            labelled(tr("Patient ID"), str(person.id), style.SMALL),
            labelled(tr("Screening (visit) ID"), str(screening.id), style.SMALL),
        ],
        [0.5, 0.5],
        10,
    )
    return Stack([words(person.display_name, look), Space(5), facts, Space(5), ids, Space(3)])


def aged(born: date, years: int) -> str:
    """The day of birth, and the age on the day of the data."""
    return tr("{day}  ({years} years)").format(day=born.isoformat(), years=years)


def section(title: str, body: Block, tag: str = "") -> Block:
    """A section title over a hairline, kept with what follows."""
    heading = mixed((title, style.SECTION), (f"   {tag}" if tag else "", style.SMALL_MUTED))
    return Stack([Space(15), Titled(Stack([heading, Space(2), Rule(), Space(7)]), body)])
