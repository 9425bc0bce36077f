"""The kinds of reports by name, and the check of a printout's fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from clinic_app.services.report_data import ReportKind
from clinic_app.services.reports import Verified
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, label, row
from clinic_app.ui.widgets.fields import Field, text_edit
from clinic_app.ui.widgets.sheet import Sheet

KIND_LABELS = {
    ReportKind.SCREENING: "Screening",
    ReportKind.HISTORY: "Patient history",
    ReportKind.SUMMARY: "Doctor’s summary",
    ReportKind.REFERRAL: "Referral letter",
    ReportKind.PATIENT: "For the patient, in plain words",
    ReportKind.WORKLIST: "Worklist",
    ReportKind.FEEDBACK: "Feedback analysis",
    ReportKind.AUDIT: "Audit extract",
}


class PrintoutCheck(QWidget):
    """A field for the first digits of a fingerprint, and which report has it."""

    def __init__(
        self, jobs: Jobs, verify: Callable[[str], Sequence[Verified]], close: Callable[[], object]
    ) -> None:
        super().__init__()
        self._verify = verify
        self._answers = ScreenJobs(jobs)
        box = column(self, margin=3, gap=2)
        box.addWidget(label(tr("Check a printout"), "heading"))
        box.addWidget(
            label(
                tr(
                    "Type the first 8 digits or more of the fingerprint that stands at the end of a"
                    " printed report. The program says whether this clinic issued it."
                ),
                "muted",
            )
        )
        self.edit = text_edit("", limit=80)
        self.field = Field(tr("Fingerprint"), self.edit)
        box.addWidget(self.field)
        self.results = column(gap=1)
        box.addLayout(self.results)
        buttons = row(gap=1)
        buttons.addStretch(1)
        buttons.addWidget(button(tr("Close"), "", close))
        self.look = button(tr("Check"), "primary", self._look)
        buttons.addWidget(self.look)
        box.addLayout(buttons)
        self.edit.returnPressed.connect(self._look)

    def drop(self) -> None:
        """Answers that still come are dropped."""
        self._answers.drop()

    def _look(self) -> None:
        typed = self.edit.text()
        clear(self.results)
        self.field.show_error("")
        self._answers.submit(
            Lane.DATABASE, lambda: self._verify(typed), done=self._show, failed=self._failed
        )

    def _show(self, found: Sequence[Verified]) -> None:
        clear(self.results)
        self.edit.setModified(False)  # it is answered: nothing goes with the sheet
        if not found:
            self.results.addWidget(
                label(tr("This clinic issued no report with this fingerprint."), "strong")
            )
        for one in found:
            issued = one.issued
            kind = tr(KIND_LABELS[ReportKind(issued.kind)])
            about = f"{kind} · {one.patient_name}" if one.patient_name else kind
            self.results.addWidget(label(about, "strong"))
            said = tr("Issued {when} by {name}, document {document}").format(
                when=moment_text(issued.issued_at), name=one.issued_by, document=issued.id
            )
            self.results.addWidget(label(said, "small", selectable=True))

    def _failed(self, error: BaseException) -> None:
        self.field.show_error(explain(error))


def check_printout(
    above: QWidget, jobs: Jobs, verify: Callable[[str], Sequence[Verified]]
) -> PrintoutCheck:
    """Open the check over ``above``."""
    sheets: list[Sheet] = []
    content = PrintoutCheck(jobs, verify, lambda: sheets[0].dismiss())
    sheet = Sheet(above, content, name=tr("Check a printout"), width=520)
    sheets.append(sheet)
    sheet.closed.connect(content.drop)
    sheet.open(content.edit)
    return content
