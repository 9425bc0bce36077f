"""Words added to a signed note."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.domain.notes import Note
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain_refusal
from clinic_app.ui.widgets.basics import button, column, label, row
from clinic_app.ui.widgets.fields import Field, PasswordField, long_text
from clinic_app.ui.widgets.sheet import Sheet


class Addendum:
    """Writes and signs an addendum; a wrong password leaves it as a draft to sign again."""

    def __init__(
        self,
        above: QWidget,
        notes: NoteService,
        jobs: Jobs,
        note: Note,
        done: Callable[[], None],
    ) -> None:
        self._notes = notes
        self._jobs = jobs
        self._note = note
        self._done = done
        self._made: Note | None = None
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Add to the signed note"), "heading"))
        box.addWidget(label(tr("The signed text stays as it is; this stands below it."), "muted"))
        self._editor = long_text(lines=5)
        self._text = Field(tr("Addendum"), self._editor)
        self._password = PasswordField(tr("Your password, to sign"))
        box.addWidget(self._text)
        box.addWidget(self._password)
        self.sheet = Sheet(above, content, name=tr("Add to the signed note"), width=560)
        self.sheet.closed.connect(self._closed)
        self._confirm = button(tr("Sign"), "primary", self._send)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(button(tr("Cancel"), "", self.sheet.dismiss))
        buttons.addWidget(self._confirm)
        box.addLayout(buttons)
        self._password.edit.returnPressed.connect(self._send)
        self.sheet.open(self._editor)

    def _send(self) -> None:
        text, password = self._editor.toPlainText(), self._password.edit.text()
        self._text.show_error("")
        self._password.show_error("")
        if not text.strip():
            self._text.show_error(tr("Please write something."))
            return
        if not password:
            self._password.show_error(tr("Please enter your password."))
            return
        if not self._confirm.isEnabled():
            return
        self._confirm.setEnabled(False)

        def work() -> Note:
            if self._made is None:
                self._made = self._notes.add_to(self._note.id, text)
            elif self._made.text != text:
                self._made = self._notes.edit(self._made.id, text)
            return self._notes.sign(self._made.id, password)

        self._jobs.submit(Lane.DATABASE, work, done=self._signed, failed=self._refused)

    def _signed(self, _note: Note) -> None:
        self.sheet.dismiss()

    def _closed(self) -> None:
        if self._made is not None:
            self._done()

    def _refused(self, error: BaseException) -> None:
        self._confirm.setEnabled(True)
        self._password.edit.clear()
        self._password.show_error(explain_refusal(error))
        self._password.edit.setFocus()
