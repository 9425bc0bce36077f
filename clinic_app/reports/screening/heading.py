"""Letterhead and whose record this is."""

from __future__ import annotations

from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Panel, Rule, Space, Stack, Titled
from clinic_app.reports.layout.texts import Align, fields, labelled, mixed, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.text.clean import clean_line
from clinic_app.services.report_data import ScreeningReport, Standing

_LONG_NAME = 60
"""Characters beyond which a name is set smaller, so that it takes three lines at most."""


def letterhead(report: ScreeningReport, clock: Clock) -> Block:
    """The clinic on the left, the document on the right."""
    clinic = report.clinic
    given = [clean_line(part) for part in (clinic.address, clinic.phone) if part.strip()]
    left: list[Block] = [words(clinic.name, style.CLINIC)]
    if given:
        dotted = [text for part in given for text in (" · ", part)][1:]
        left.append(fields(style.SMALL_MUTED, *dotted))
    right = Stack(
        [
            words(wording.TITLE, style.CARD, Align.RIGHT),
            words(clock.full(report.printed_at), style.SMALL_MUTED, Align.RIGHT),
        ]
    )
    blocks: list[Block] = [Columns([Stack(left), right], [0.6, 0.4], 16), Space(7)]
    blocks.append(Rule(style.ACCENT, 1.2))
    notices = [wording.DEMO] if clinic.demo else []
    if report.standing in wording.STANDING:
        notices.append(wording.STANDING[report.standing])
    for notice in notices:
        blocks += [Space(6), Panel(words(notice, style.SMALL_STRONG), style.PALE, None, 5)]
    return Stack(blocks)


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
