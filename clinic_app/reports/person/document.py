"""History, summary, referral letter and the patient's own version, from their parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clinic_app.reports import parts as common
from clinic_app.reports.frame import (
    DOT,
    Frame,
    data_line,
    document_text,
    patient_text,
    press,
)
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Space, Stack
from clinic_app.reports.layout.texts import bullet_list
from clinic_app.reports.person import parts, wording
from clinic_app.reports.person.course import charts
from clinic_app.reports.person.plain import plain_story
from clinic_app.reports.person.summary import referral_story, summary_story
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import PersonReport, ReportKind, document_id, fingerprint


def person_pdf(report: PersonReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    title, document = tr(wording.TITLES[report.kind]), str(document_id(sha256))
    head = common.letterhead(report.clinic, title, clock.full(report.at))
    middle = [part for part in _STORIES[report.kind](report, clock) if part is not None]
    story = Stack([head, Space(14), *middle, *_closing(report, sha256)])
    frame = Frame(
        report.clinic.page_size,
        DOT.join((patient_text(report.patient.id), document_text(document))),
        data_line(clock.full(report.at), report.program_version),
        report.clinic.crisis_contacts,
    )
    return press(story, frame, common.properties(report, title, document))


def history_story(report: PersonReport, clock: Clock) -> Sequence[Block | None]:
    """Everything in order: charts, every screening, safety, care, notes in full."""
    told = parts.safety(report, clock)
    return [
        parts.person(report, clock),
        parts.consent(report),
        parts.alerts(report, clock),
        section(tr(wording.COURSE), charts(report, clock)),
        section(tr(wording.SCREENINGS), parts.screenings(report, clock)),
        section(tr(wording.SAFETY), told) if told is not None else None,
        section(tr(wording.INTERVENTIONS), parts.interventions(report))
        if report.interventions
        else None,
        section(tr(wording.APPOINTMENTS), parts.appointments(report, clock))
        if report.appointments
        else None,
        section(tr(wording.TASKS), parts.tasks(report)) if report.tasks else None,
        section(tr(wording.NOTES), parts.notes(report.notes, clock)) if report.notes else None,
    ]


_STORIES: dict[ReportKind, Callable[[PersonReport, Clock], Sequence[Block | None]]] = {
    ReportKind.HISTORY: history_story,
    ReportKind.SUMMARY: summary_story,
    ReportKind.REFERRAL: referral_story,
    ReportKind.PATIENT: plain_story,
}


def _closing(report: PersonReport, sha256: str) -> list[Block]:
    """How to read it, whom to call, who answers for it, and what it can be checked against."""
    checks = common.checks(sha256, report.audit_head)
    if report.kind is ReportKind.PATIENT:
        return [checks]
    blocks: list[Block] = [
        section(
            tr(wording.LIMITS_TITLE),
            Kept(bullet_list([tr(one) for one in wording.LIMITS], style.SMALL)),
        )
    ]
    contacts = report.clinic.crisis_contacts
    if contacts:
        blocks += [Space(12), common.crisis(contacts)]
    return [*blocks, Kept(Stack([common.signature(report.author), checks]))]
