"""What was done for this person: a short list, and a line to add to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.interventions import Intervention
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.moments import day_text, local_day, parse_day
from clinic_app.ui.screens.kept_words import KeptWords
from clinic_app.ui.screens.patient.texts import Names, name_of
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, clear, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, long_text, text_edit
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.workspace import Workspace

SHOWN_AT_FIRST = 5
Add = Callable[[UUID, str, date, str], None]
"""The number of the form, what was done, the day, a remark."""


class InterventionsPanel(QWidget):
    def __init__(self, ask_to_add: Callable[[], None]) -> None:
        super().__init__()
        box = column(self, gap=1)
        top = row()
        top.addWidget(label(tr("Interventions"), "heading"), 1)
        self.add = button(tr("Add…"), "quiet", ask_to_add)
        self.add.setAccessibleName(tr("Add an intervention"))
        top.addWidget(self.add)
        box.addLayout(top)
        self._list = column(gap=1)
        box.addLayout(self._list)
        self._all = False

    def show_interventions(self, records: Sequence[Intervention], names: Names) -> None:
        """Newest first."""
        clear(self._list)
        if not records:
            self._list.addWidget(label(tr("Nothing recorded yet."), "muted"))
        shown = len(records) if self._all else SHOWN_AT_FIRST
        for one in records[:shown]:
            words = column()
            words.setSpacing(2)
            words.addWidget(label(one.kind, "strong"))
            if one.text:
                words.addWidget(label(one.text, selectable=True))
            by = name_of(one.by, names)
            words.addWidget(label(f"{day_text(one.performed_on)} · {by}", "small"))
            self._list.addLayout(words)
        if len(records) > shown:

            def show_all() -> None:
                self._all = True
                self.show_interventions(records, names)

            number = len(records) - shown
            self._list.addWidget(
                button(tr("Show {number} older").format(number=number), "link", show_all)
            )


class InterventionSheet:
    """What was done, when, and a remark; kept while it is written."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        patient_id: UUID,
        kinds: Sequence[str],
        send: Add,
    ) -> None:
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Add an intervention"), "heading"))
        self.kind = choice((kind, kind) for kind in kinds)
        self.kind.setEditable(True)
        self.day = text_edit(limit=20)
        self.day.setText(day_text(local_day(utc_now())))
        self.text = long_text(lines=3)
        self.text.setFixedHeight(self.text.minimumHeight())
        self._fields = Fields(
            {
                "kind": Field(tr("What was done"), self.kind),
                "performed_on": Field(tr("Day"), self.day, hint=tr("As in 7.3.2026")),
                "text": Field(tr("Remark"), self.text, optional=True),
            }
        )
        jobs = ScreenJobs(workspace.jobs)
        self.kept = KeptWords(
            workspace.services.forms,
            jobs,
            FormKind.INTERVENTION,
            patient_id,
            {"kind": self.kind, "performed_on": self.day, "text": self.text},
        )
        box.addWidget(self.kept.offer)
        for name in ("kind", "performed_on", "text"):
            box.addWidget(self._fields[name])
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        box.addWidget(self.kept)
        self._to = send
        self._entry_id = new_id()
        self.sheet = Sheet(above, content, name=tr("Add an intervention"), width=520)
        self.sheet.keeps = True
        self.sheet.closed.connect(self.kept.keep)
        self.sheet.closed.connect(jobs.drop)
        self.save = button(tr("Record"), "primary", self._send)
        self.save.setAccessibleName(tr("Record the intervention"))
        box.addLayout(answer_row(button(tr("Close"), "", self.sheet.dismiss), self.save))
        self.sheet.open(self.kind)
        self.kept.restore()

    def close(self) -> None:
        """It is recorded."""
        self.kept.end()
        self.sheet.dismiss()

    def show_error(self, error: BaseException) -> None:
        self.save.setEnabled(True)
        self.kept.go_on()
        if not (isinstance(error, InvalidInput) and self._fields.show_error(error)):
            self._trouble.setText(explain(error))
            self._trouble.show()

    def _send(self) -> None:
        self._fields.clear_errors()
        self._trouble.hide()
        try:
            day = parse_day(self.day.text())
        except InvalidInput as error:
            self.show_error(InvalidInput("performed_on", error.sentence))
            return
        self._send_once(day)

    def _send_once(self, day: date) -> None:
        if not self.save.isEnabled():
            return
        self.save.setEnabled(False)
        self.kept.hold()
        self._to(self._entry_id, self.kind.currentText(), day, self.text.toPlainText())
