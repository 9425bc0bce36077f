"""Words added to a signed note: a draft while they are typed, signed with the password."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from clinic_app.domain.notes import TOO_LONG_TO_SIGN, Note
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import clock_text
from clinic_app.ui.screens.patient.note_writer import Kept, NoteWriter, Written
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import answer_row, button, column, label, restyle
from clinic_app.ui.widgets.fields import Field, PasswordField, long_text
from clinic_app.ui.widgets.sheet import Sheet

PAUSE_MS = 900
"""A pause in the typing after which a draft is kept."""


def kept_text(note: Note) -> str:
    """What stands below the editor once a draft is in the store."""
    said = tr("Kept as a draft at {time}; not signed").format(time=clock_text(note.written_at))
    return f"{said}. {TOO_LONG_TO_SIGN.text(tr)}" if note.too_long else said


class Addendum:
    """Writes an addendum to ``note`` and signs it; closing the sheet leaves it as a draft.

    ``begun`` is the draft of one that was left before. ``closed`` is called when the sheet has
    gone, with what went wrong with keeping the last words, if anything did.
    """

    def __init__(
        self,
        above: QWidget,
        notes: NoteService,
        jobs: Jobs,
        note: Note,
        begun: Note | None,
        closed: Kept,
    ) -> None:
        self._jobs = jobs
        self.writer = NoteWriter(self, notes, jobs, note.patient_id, adds_to=note.id)
        self._closed = closed
        self._gone = False
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Add to the signed note"), "heading"))
        box.addWidget(label(tr("The signed text stays as it is; this stands below it."), "muted"))
        self._editor = long_text(tr("Write here; it is kept while you type."), lines=5)
        self._text = Field(tr("Addendum"), self._editor)
        self._state = label("", "small")
        self._password = PasswordField(tr("Your password, to sign"))
        for part in (self._text, self._state, self._password):
            box.addWidget(part)
        self.sheet = Sheet(above, content, name=tr("Add to the signed note"), width=560)
        self.sheet.keeps = True
        self._pause = QTimer(self.sheet)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.writer.keep)
        if begun is not None:
            self.writer.resume(begun)
            self._editor.setPlainText(begun.text)
            self._say(tr("Draft, not signed"))
        self._editor.textChanged.connect(self._typed)
        self.sheet.closed.connect(self._left)
        self._confirm = button(tr("Sign"), "primary", self._send)
        self.sheet.leave = self._leave
        self._close = button(tr("Close"), "", self._leave)
        self._close.setToolTip(tr("What you wrote stays as a draft."))
        box.addLayout(answer_row(self._close, self._confirm))
        self._password.edit.returnPressed.connect(self._send)
        self.sheet.open(self._editor)

    def keep(self, done: Kept) -> None:
        """Keep what was typed."""
        self._pause.stop()
        self.writer.keep(done)

    def show_kept(self, note: Note) -> None:
        self._say(kept_text(note), "error" if note.too_long else "small")

    def show_unkept(self, error: BaseException) -> None:
        self._say(explain(error), "error")

    # --- inside ------------------------------------------------------------------------------

    def _typed(self) -> None:
        self.writer.written = Written(self._editor.toPlainText())
        self._text.show_error("")
        if self.writer.changed:
            self._say(tr("Not kept yet…"))
            self._pause.start()

    def _say(self, text: str, role: str = "small") -> None:
        if self._gone:
            return
        self._state.setText(text)
        self._state.setProperty("role", role)
        restyle(self._state)

    def _send(self) -> None:
        password = self._password.edit.text()
        self._text.show_error("")
        self._password.show_error("")
        if self.writer.written.empty:
            self._text.show_error(tr("Please write something."))
            return
        if self.writer.written.too_long:
            self._text.show_error(TOO_LONG_TO_SIGN.text(tr))
            return
        if not password:
            self._password.show_error(tr("Please enter your password."))
            return
        if not self._confirm.isEnabled():
            return
        self._hold(True)

        def sign(error: BaseException | None) -> None:
            if self._gone:
                return
            if error is not None:
                self._hold(False)
                return
            self._jobs.submit(
                Lane.DATABASE,
                lambda: self.writer.sign(password),
                done=lambda _: self.sheet.dismiss(),
                failed=self._refused,
            )

        self.keep(sign)

    def _hold(self, held: bool) -> None:
        """While it is being signed it stays no draft, and words that come later would be lost."""
        self._confirm.setEnabled(not held)
        self._editor.setReadOnly(held)
        self.sheet.hold(held, self._close)

    def _leave(self) -> None:
        """Close once what was typed is in the store; otherwise stay, with what went wrong."""

        def kept(error: BaseException | None) -> None:
            if error is None:
                self.sheet.dismiss()

        self.keep(kept)

    def _left(self) -> None:
        """The sheet has gone, also because the laptop went to a patient."""
        self._gone = True
        self.keep(self._closed)

    def _refused(self, error: BaseException) -> None:
        if self._gone:
            return
        self._hold(False)
        self._password.edit.clear()
        self._password.show_error(explain_refusal(error))
        self._password.edit.setFocus()
