"""The export of one person's records: what it holds, why, the warning, the password, the place."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import SignInThrottled, WrongPassword
from clinic_app.services.export import ExportPlan, ExportReason, ExportResult
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.moments import local
from clinic_app.ui.screens.admin.section import modest
from clinic_app.ui.screens.subject.export_presenter import ExportPresenter
from clinic_app.ui.screens.subject.texts import REASON_WORDS
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import answer_row, button, card, clear, column, label, restyle
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.fields import Field, PasswordField, choice
from clinic_app.ui.widgets.progress import ShareBar
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.widgets.tick import Tick
from clinic_app.ui.workspace import Workspace


class ExportSheet:
    """Stays until the export is made, stopped or given up."""

    def __init__(self, above: QWidget, workspace: Workspace, patient_id: UUID) -> None:
        self._above = above
        jobs = ScreenJobs(workspace.jobs)
        self.presenter = ExportPresenter(self, workspace.services.exports, jobs, patient_id)
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Export record")
        box.addWidget(label(title, "heading"))
        self._pages = Pages()
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        self._busy = Busy(tr("Looking what there is…"))
        self._form = self._build_form()
        for page in (self._busy, self._form, self._failure):
            self._pages.add(page)
        box.addWidget(self._pages)
        self._said = label("", "muted")
        self._said.hide()
        box.addWidget(self._said)
        self.bar = ShareBar()
        self.bar.hide()
        box.addWidget(self.bar)
        self.sheet = Sheet(above, content, name=title, width=560)
        for gone in (self.sheet.closed, self.sheet.destroyed):
            gone.connect(self.presenter.stop)
            gone.connect(jobs.drop)
        self.close = button(tr("Cancel"), "", self._leave)
        self.confirm = button(tr("Choose the place…"), "primary", self._ask_place)
        self.confirm.setEnabled(False)
        box.addLayout(answer_row(self.close, self.confirm))
        self.sheet.open(self.close)
        self.presenter.look()

    # --- for the presenter ---------------------------------------------------------------------

    def heard(self, share: float) -> None:
        self.bar.show_share(share)

    def show_plan(self, plan: ExportPlan) -> None:
        self._holds.setText(
            tr(
                "Screenings with their reports: {screenings}; kept pictures: {images};"
                " notes: {notes}; appointments: {appointments}; entries of who looked at them:"
                " {log}. As HL7 FHIR R4B, PDF, PNG and tables."
            ).format(
                screenings=plan.screenings,
                images=plan.images,
                notes=plan.notes,
                appointments=plan.appointments,
                log=plan.access_entries,
            )
        )
        self._warning.setText(plan.warning)
        self._pages.show_page(self._form)
        self._judge()
        self.reason.setFocus()

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._failure)

    def show_working(self) -> None:
        self._form.setEnabled(False)
        self.confirm.setEnabled(False)
        self.sheet.set_dismissible(False)
        self.close.setText(tr("Stop"))
        self.bar.wait()
        self.bar.show()
        self._say(tr("Writing the files…"), "muted")

    def show_done(self, result: ExportResult) -> None:
        self._rest()
        self._form.setEnabled(False)
        self.confirm.hide()
        self.close.setText(tr("Close"))
        self.close.setFocus()
        text = tr("Made: “{name}”, {n} files. SHA-256 of the list of files: {sha}…")
        self._say(
            text.format(name=result.path.name, n=len(result.files), sha=result.sha256[:16]), "good"
        )

    def show_stopped(self, error: BaseException) -> None:
        self._rest()
        self._say(sentence_of(error), "muted")

    def show_refused(self, error: BaseException) -> None:
        self._rest()
        self.password.edit.clear()
        if isinstance(error, (WrongPassword, SignInThrottled)):
            self._said.hide()
            self.password.show_error(explain_refusal(error))
            self.password.edit.setFocus()
        else:
            self._say(explain(error), "error")

    # --- inside --------------------------------------------------------------------------------

    def _build_form(self) -> QWidget:
        made = QWidget()
        box = column(made, gap=2)
        self._holds = label("")
        box.addWidget(self._holds)
        self.reason = modest(choice((tr(words), one) for one, words in REASON_WORDS.items()))
        box.addWidget(Field(tr("Why the records leave the clinic"), self.reason))
        holder, inner = card(role="warning", margin=2, gap=1)
        self._warning = label("")
        inner.addWidget(self._warning)
        self.accepts = Tick(tr("I have read this and go on"))
        self.accepts.toggled.connect(lambda _: self._judge())
        inner.addWidget(self.accepts)
        box.addWidget(holder)
        self.password = PasswordField(tr("Your password"))
        self.password.edit.textChanged.connect(lambda _: self._judge())
        self.password.edit.returnPressed.connect(self._ask_place)
        box.addWidget(self.password)
        return made

    def _judge(self) -> None:
        ready = self.accepts.isChecked() and bool(self.password.edit.text())
        self.confirm.setEnabled(ready and not self.presenter.working)

    def _ask_place(self) -> None:
        if not self.confirm.isEnabled() or not self._above.isVisible():
            return
        self.password.show_error("")
        name = f"record-{local(utc_now()):%Y-%m-%d}.zip"  # nobody's name: others see it
        dialog = QFileDialog(self.sheet, tr("Where to put the export"), name, "ZIP (*.zip)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.write_to(Path(path)))
        dialog.open()

    def write_to(self, path: Path) -> None:
        """The place is chosen: write the export there."""
        reason = ExportReason(self.reason.currentData())
        accepts = self.accepts.isChecked()
        self.presenter.write(path, reason, self.password.edit.text(), accepts=accepts)

    def _leave(self) -> None:
        if self.presenter.working:
            self.close.setEnabled(False)
            self.presenter.stop()
        else:
            self.sheet.dismiss()

    def _rest(self) -> None:
        """Nothing runs any more."""
        self.bar.hide()
        self._form.setEnabled(True)
        self.sheet.set_dismissible(True)
        self.close.setText(tr("Cancel"))
        self.close.setEnabled(True)
        self._judge()

    def _say(self, text: str, role: str) -> None:
        self._said.setText(text)
        self._said.setProperty("role", role)
        restyle(self._said)
        self._said.show()
