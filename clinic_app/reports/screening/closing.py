"""What this is, whom to call, the signature line and the data's fingerprint."""

from __future__ import annotations

from clinic_app.domain.people import CrisisContact
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Rule, Space, Stack
from clinic_app.reports.layout.texts import bullet_list, mixed, words
from clinic_app.reports.screening import wording
from clinic_app.services.report_data import ScreeningReport, Standing


def limits() -> Block:
    """The plain words about intended use."""
    return Kept(bullet_list(wording.LIMITS, style.SMALL))


def closing(report: ScreeningReport, fingerprint: str) -> Block:
    """Crisis contacts, signature line and fingerprint, together on the last page."""
    contacts = [_crisis(report)] if report.clinic.crisis_contacts else []
    return Kept(Stack([*contacts, _signature(report, fingerprint)]))


def _crisis(report: ScreeningReport) -> Block:
    """Every contact, the number in bold."""
    rows: list[Block] = [words(wording.CRISIS_TITLE, style.STRONG), Space(2)]
    rows += [_contact(contact) for contact in report.clinic.crisis_contacts]
    return Stack([Space(12), Panel(Stack(rows), style.ACCENT_PALE, style.ACCENT, 9)])


def _contact(contact: CrisisContact) -> Block:
    hours = f"   {contact.hours}" if contact.hours.strip() else ""
    return mixed(
        (f"{contact.name}   ", style.BODY),
        (contact.phone, style.STRONG),
        (hours, style.SMALL_MUTED),
    )


def _signature(report: ScreeningReport, fingerprint: str) -> Block:
    """The line to sign on, and what the paper can be checked against."""
    line = Stack([Space(34), Rule(style.INK, 0.6), Space(2), words(wording.SIGNATURE, style.LABEL)])
    checks: list[Block] = [
        Space(14),
        mixed((f"{wording.FINGERPRINT}  ", style.TINY), (fingerprint, style.TINY_STRONG)),
    ]
    if report.audit_head:
        checks.append(
            mixed((f"{wording.AUDIT_HEAD}  ", style.TINY), (report.audit_head, style.TINY_STRONG))
        )
    if report.standing is not Standing.NOT_STORED:
        checks.append(words(_consent(report), style.TINY))
    return Stack([Columns([line, Space(1)], [0.55, 0.45]), *checks])


def _consent(report: ScreeningReport) -> str:
    stated = [
        f"{label} {'yes' if report.consent[purpose] else 'no'}"
        for purpose, label in wording.PURPOSE.items()
        if purpose in report.consent
    ]
    return f"Consent on record: {', '.join(stated)}" if stated else "No consent on record"
