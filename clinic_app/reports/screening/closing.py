"""What this is, whom to call, the signature line and the data's fingerprint."""

from __future__ import annotations

from clinic_app.reports import parts
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Rule, Space, Stack
from clinic_app.reports.layout.texts import bullet_list, words
from clinic_app.reports.screening import wording
from clinic_app.services.report_data import ScreeningReport, Standing


def limits() -> Block:
    """The plain words about intended use."""
    return Kept(bullet_list([tr(one) for one in wording.LIMITS], style.SMALL))


def closing(report: ScreeningReport, sha256: str) -> Block:
    """Crisis contacts, signature line and fingerprint, together on the last page."""
    contacts = report.clinic.crisis_contacts
    whom = [Space(12), parts.crisis(contacts)] if contacts else []
    return Kept(Stack([*whom, _signature(report, sha256)]))


def _signature(report: ScreeningReport, sha256: str) -> Block:
    """The line to sign on, and what the paper can be checked against."""
    line = Stack(
        [Space(34), Rule(style.INK, 0.6), Space(2), words(tr(parts.SIGNATURE), style.LABEL)]
    )
    consent = [words(_consent(report), style.TINY)]
    if report.standing is Standing.NOT_STORED:
        consent = []
    signed = Columns([line, Space(1)], [0.55, 0.45])
    return Stack([signed, parts.checks(sha256, report.audit_head), *consent])


def _consent(report: ScreeningReport) -> str:
    stated = parts.consented(report.consent)
    return f"{tr(wording.CONSENT)}: {stated}" if stated else tr("No consent on record")
