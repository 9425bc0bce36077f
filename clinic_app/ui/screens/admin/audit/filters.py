"""What is looked for in the audit trail: who, what, when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QWidget

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.words import AUDIT_KINDS
from clinic_app.ui.moments import parse_day, to_utc
from clinic_app.ui.screens.admin.section import modest
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, column, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit


class AuditFilters(QWidget):
    """``search`` is called with what is asked for."""

    def __init__(self, search: Callable[[AuditQuery], None]) -> None:
        super().__init__()
        self._search = search
        self.kind = choice(
            [(tr("Anything"), None), *((tr(words), one) for one, words in AUDIT_KINDS.items())]
        )
        self.who = choice([(tr("Anybody"), None)])
        self.patient = text_edit(tr("ID"), limit=40)
        self.since = text_edit(tr("e.g. 1.3.2026"), limit=20)
        self.until = text_edit(tr("e.g. 31.3.2026"), limit=20)
        self.fields = Fields(
            {
                "kind": Field(tr("What"), self.kind),
                "who": Field(tr("Who"), self.who),
                "since": Field(tr("From"), self.since),
                "until": Field(tr("To"), self.until),
                "patient": Field(tr("Patient"), self.patient),
            }
        )
        box = column(self, gap=1)
        for chosen in (self.kind, self.who):
            modest(chosen)
        for names in (("kind", "who"), ("since", "until", "patient")):
            across = row(gap=2)
            for name in names:
                across.addWidget(self.fields[name], 1)
            box.addLayout(across)
        buttons = row()
        self.go = button(tr("Search"), "primary", self._ask)
        self.clear = button(tr("Clear the filters"), "", self._clear)
        buttons.addWidget(self.go)
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        box.addLayout(buttons)
        for edit in self._edits():
            edit.returnPressed.connect(self._ask)
        for chosen in (self.kind, self.who):
            chosen.activated.connect(lambda _: self._ask())

    def show_actors(self, actors: Mapping[UUID, str]) -> None:
        """Offer these people; the chosen one stays chosen."""
        present = self.who.currentData()
        self.who.clear()
        self.who.addItem(tr("Anybody"), None)
        for user_id, name in sorted(actors.items(), key=lambda one: one[1].casefold()):
            self.who.addItem(name, user_id)
        self.who.setCurrentIndex(max(self.who.findData(present), 0))

    def query(self) -> AuditQuery:
        """What is asked for; raises ``InvalidInput``."""
        kind = self.kind.currentData()
        since = _day(self.since, "since")
        until = _day(self.until, "until")
        if since and until and until < since:
            raise InvalidInput("until", tr("The last day lies before the first."))
        return AuditQuery(
            kinds=(AuditKind(kind),) if kind is not None else (),
            by=self.who.currentData(),
            patient_id=_patient(self.patient),
            since=_midnight(since, "since") if since else None,
            until=_midnight(until, "until", later=1) if until else None,
        )

    def _ask(self) -> None:
        self.fields.clear_errors()
        try:
            query = self.query()
        except InvalidInput as error:
            self.fields.show_error(error)
            return
        self._search(query)

    def _clear(self) -> None:
        for edit in self._edits():
            edit.clear()
        self.kind.setCurrentIndex(0)
        self.who.setCurrentIndex(0)
        self._ask()

    def _edits(self) -> tuple[QLineEdit, ...]:
        return (self.since, self.until, self.patient)


def _day(edit: QLineEdit, field: str) -> date | None:
    if not edit.text().strip():
        return None
    try:
        return parse_day(edit.text())
    except InvalidInput as error:
        raise InvalidInput(field, error.sentence) from error


def _midnight(day: date, field: str, later: int = 0) -> datetime:
    """The beginning of a day, or of one some days later, on the clinic's clocks, in UTC."""
    try:
        return to_utc(day + timedelta(days=later), time())
    except (OverflowError, InvalidInput) as error:
        raise InvalidInput(field, "This day is too far away.") from error


def _patient(edit: QLineEdit) -> UUID | None:
    text = edit.text().strip()
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("patient", tr("Please paste the ID of a patient.")) from error
