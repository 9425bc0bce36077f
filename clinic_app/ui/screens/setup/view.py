"""The set-up as one card with its pages, where we are, and Back and Next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from clinic_app.domain.errors import ClinicError, InvalidInput
from clinic_app.services.saving import save_file
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.setup.pages import (
    AccountPage,
    ClinicPage,
    ContactsPage,
    ContextPage,
    KeyPage,
    Page,
)
from clinic_app.ui.screens.setup.presenter import SetUpPresenter, Step
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, label, pressed_once, row
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.entry_frame import EntryFrame
from clinic_app.ui.widgets.states import Busy

if TYPE_CHECKING:
    from clinic_app.services.front_door import SetUpAnswers, SetUpDone


class SetUpScreen(QWidget):
    """Signals:
    cancelled: the way back from the first page.
    """

    cancelled = Signal()

    def __init__(
        self,
        jobs: Jobs,
        make: Callable[[SetUpAnswers], SetUpDone],
        finished: Callable[[SetUpDone], None],
    ) -> None:
        super().__init__()
        self.presenter = SetUpPresenter(self, jobs, make, finished)
        self.clinic = ClinicPage()
        self.contacts = ContactsPage()
        self.context = ContextPage()
        self.account = AccountPage()
        self.key = KeyPage(self._save_key, self._print_key)
        pages: tuple[Page, ...] = (
            self.clinic,
            self.contacts,
            self.context,
            self.account,
            self.key,
        )
        content = QWidget()
        box = column(content, gap=2)
        self._where = label("", "caption")
        box.addWidget(self._where)
        self._stack = Pages()
        self._order = pages
        for page in pages:
            self._stack.add(page)
            page.entered.connect(self._next)
        box.addWidget(self._stack)
        self._busy = Busy(tr("Making the encrypted store…"))
        self._busy.hide()
        box.addWidget(self._busy)
        self._failure = label("", "error")
        self._failure.hide()
        box.addWidget(self._failure)
        box.addSpacing(UNIT)
        line = row()
        self.back = pressed_once(button(tr("Back"), "", self._back))
        self.next = pressed_once(button(tr("Next"), "primary", self._next))
        line.addWidget(self.back)
        line.addStretch(1)
        line.addWidget(self.next)
        box.addLayout(line)
        column(self).addWidget(EntryFrame(content, width=620))
        self.show_step(Step.CLINIC)

    @property
    def key_is_shown(self) -> bool:
        """Whether the recovery key has still to be confirmed."""
        return self.presenter.step is Step.KEY

    def show_step(self, step: Step) -> None:
        page = self._order[step]
        self._stack.show_page(page)
        self._failure.hide()
        self._where.setText(tr("Step {number} of {count}").format(number=step + 1, count=len(Step)))
        self.back.setText(tr("Cancel") if step is Step.CLINIC else tr("Back"))
        self.back.setVisible(step is not Step.KEY)
        words = {Step.ACCOUNT: tr("Set up the clinic"), Step.KEY: tr("Open the clinic")}
        self.next.setText(words.get(step, tr("Next")))
        page.first().setFocus()

    def show_error(self, error: InvalidInput) -> None:
        page = self._stack.current
        fields = getattr(page, "fields", None)
        if fields is None or not fields.show_error(error):
            self.show_failure(error)

    def show_contact_error(self, index: int, error: InvalidInput) -> None:
        self.contacts.fields_of(index).show_error(error)

    def show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        self._failure.hide()
        self._stack.setEnabled(not busy)
        self.back.setEnabled(not busy)
        self.next.setEnabled(not busy)

    def show_failure(self, error: BaseException) -> None:
        self._failure.setText(explain(error))
        self._failure.show()

    def show_key(self, groups: Sequence[str], asked: int) -> None:
        self.key.show_key(groups, asked)

    def _back(self) -> None:
        if self.presenter.step is Step.CLINIC:
            self.cancelled.emit()
        else:
            self.presenter.back()

    def _next(self) -> None:
        if not self.next.isEnabled():
            return
        step = self.presenter.step
        if step is Step.CLINIC:
            page = self.clinic
            page.fields.clear_errors()
            self.presenter.take_clinic(page.name.text(), page.address.text(), page.phone.text())
        elif step is Step.CONTACTS:
            self.contacts.clear_errors()
            self.presenter.take_contacts(self.contacts.contacts())
        elif step is Step.CONTEXT:
            self.presenter.take_context(self.context.context())
        elif step is Step.ACCOUNT:
            self._take_account()
        else:
            self.key.fields.clear_errors()
            self.presenter.confirm_group(self.key.typed.text())

    def _take_account(self) -> None:
        page = self.account
        page.fields.clear_errors()
        self.presenter.take_account(
            page.user_name.text(),
            page.display_name.text(),
            page.password.edit.text(),
            page.repeated.edit.text(),
        )

    def _key_text(self) -> str:
        return tr(
            "Recovery key of {clinic}\n\n{key}\n\nIt opens all records of this clinic. Keep it"
            " locked away, not beside the laptop.\n"
        ).format(clinic=self.presenter.entered.clinic_name, key="  ".join(self.presenter.groups))

    def _save_key(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save the recovery key"), "clinic-app-recovery-key.txt", tr("Text (*.txt)")
        )
        if not chosen:
            return
        try:
            save_file(self._key_text().encode(), Path(chosen))
        except ClinicError as error:
            self.show_failure(error)

    def _print_key(self) -> None:
        printer = QPrinter()
        dialog = QPrintDialog(printer, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            document = QTextDocument()
            document.setPlainText(self._key_text())
            document.print_(printer)
