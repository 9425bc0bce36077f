"""The place to write a note: kept while typing, signed with the password, added to later."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.notes import NOTE_LIMIT, Note
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import clock_text
from clinic_app.ui.screens.patient.note_writer import NoteWriter
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import button, column, label, restyle, row
from clinic_app.ui.widgets.fields import Field, PasswordField, long_text
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet

PAUSE_MS = 900
"""A pause in the typing after which the draft is kept."""


class NotesPanel(QWidget):
    """Signals:
    changed: a note was signed or added; the page should be read again.
    """

    changed = Signal()

    def __init__(self, notes: NoteService, jobs: Jobs, patient_id: UUID) -> None:
        super().__init__()
        self._jobs = jobs
        self._notes = notes
        self.writer = NoteWriter(self, notes, jobs, patient_id)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._keep)
        box = column(self, gap=1)
        box.addWidget(label(tr("New note"), "heading"))
        self.editor = long_text(tr("Write here; it is kept while you type."), lines=4)
        self.editor.setFixedHeight(self.editor.minimumHeight())
        self.editor.setAccessibleName(tr("New note"))
        self.editor.textChanged.connect(self._typed)
        box.addWidget(self.editor)
        line = row(gap=2)
        self.state = label("", "small")
        line.addWidget(self.state, 1)
        self.sign = button(tr("Sign…"), "", self._sign)
        self.sign.setAccessibleName(tr("Sign the note"))
        self.sign.setEnabled(False)
        line.addWidget(self.sign)
        box.addLayout(line)

    def offer_draft(self, note: Note) -> None:
        """Go on with an unsigned note of one's own, unless something is being written already."""
        if not self.editor.toPlainText():
            self.go_on_with(note)

    def go_on_with(self, note: Note) -> None:
        """Put a draft into the editor, after what stands there is kept."""

        def resume(error: BaseException | None) -> None:
            if error is None and self.writer.note_id != note.id:
                self.writer.resume(note)
                self.editor.setPlainText(note.text)
                self._say(tr("Draft, not signed"))

        self.keep(resume)
        self.editor.setFocus()

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        """Keep what was typed."""
        self._pause.stop()
        self.writer.keep(done)

    def show_kept(self, note: Note) -> None:
        self._say(
            tr("Kept as a draft at {time}; not signed").format(time=clock_text(note.written_at))
        )

    def show_unkept(self, error: BaseException) -> None:
        self._say(explain(error), "error")

    def add_to(self, note: Note) -> None:
        """A sheet for an addendum to a signed note."""
        _Addendum(self, self._notes, self._jobs, note, self.changed.emit)

    def _typed(self) -> None:
        text = self.editor.toPlainText()
        if text == self.writer.text:
            return
        if len(text) > NOTE_LIMIT:
            self._say(tr("The note is too long."), "error")
            return
        self.writer.text = text
        self.sign.setEnabled(bool(text.strip()))
        if self.writer.changed:
            self._say(tr("Not kept yet…"))
            self._pause.start()

    def _keep(self) -> None:
        self.writer.keep()

    def _sign(self) -> None:
        def ask(error: BaseException | None) -> None:
            if error is not None:
                return
            ask_password(
                self,
                self._jobs,
                title=tr("Sign the note"),
                text=tr("After signing the text never changes; later words are added to it."),
                confirm=tr("Sign"),
                work=self.writer.sign,
                done=self._signed,
            )

        self.keep(ask)

    def _signed(self, _note: Note) -> None:
        self.writer.start_anew()
        self.editor.clear()
        self.sign.setEnabled(False)
        self._say(tr("Signed."))
        self.changed.emit()

    def _say(self, text: str, role: str = "small") -> None:
        self.state.setText(text)
        self.state.setProperty("role", role)
        restyle(self.state)
        self.sign.setEnabled(bool(self.writer.text.strip()))


class _Addendum:
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
