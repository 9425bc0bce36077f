"""The place to write a note: kept while typing, signed with the password, added to later."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.notes import TOO_LONG_TO_SIGN, Note, NoteKind
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.patient.addendum import PAUSE_MS, Addendum, kept_text
from clinic_app.ui.screens.patient.note_form import KIND_LABELS, NoteForm
from clinic_app.ui.screens.patient.note_writer import NoteWriter, Written
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, label, restyle, row
from clinic_app.ui.widgets.fields import choice
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import ask, is_shown, unless_covered


class NotesPanel(QWidget):
    """Signals:
    changed: a note was signed, added or discarded; the page should be read again.
    """

    changed = Signal()

    def __init__(self, notes: NoteService, jobs: Jobs, patient_id: UUID) -> None:
        super().__init__()
        self._jobs = jobs
        self._notes = notes
        self.writer = NoteWriter(self, notes, jobs, patient_id)
        self.addendum: Addendum | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._keep)
        box = column(self, gap=1)
        top = row(gap=2)
        top.addWidget(label(tr("New note"), "heading"), 1)
        self.kind = choice((tr(words), kind) for kind, words in KIND_LABELS.items())
        self.kind.setAccessibleName(tr("Kind of note"))
        self.kind.activated.connect(lambda _: self._choose_kind())
        top.addWidget(self.kind)
        box.addLayout(top)
        self.form = NoteForm()
        self.form.typed.connect(self._typed)
        self.editor = self.form.editor
        box.addWidget(self.form)
        line = row(gap=2)
        self.state = label("", "small")
        line.addWidget(self.state, 1)
        self.throw_away = button(tr("Discard…"), "quiet", self._ask_to_discard)
        self.throw_away.setAccessibleName(tr("Discard the draft"))
        self.sign = button(tr("Sign…"), "", self._sign)
        self.sign.setAccessibleName(tr("Sign the note"))
        line.addWidget(self.throw_away)
        line.addWidget(self.sign)
        box.addLayout(line)
        self._show_buttons()

    def offer_draft(self, note: Note) -> None:
        """Go on with an unsigned note of one's own, unless something is being written already."""
        in_a_sheet = self.addendum is not None and self.addendum.writer.note_id == note.id
        if self.form.written.empty and self.writer.note_id is None and not in_a_sheet:
            self._resume(note)

    def go_on_with(self, note: Note) -> None:
        """Put a draft into the editor, after what stands there is kept."""

        def resume(error: BaseException | None) -> None:
            if error is None and self.writer.note_id != note.id:
                self._resume(note)

        self.keep(resume)
        self.editor.setFocus()

    def take_over(self, draft: Note) -> None:
        """Begin an own note with the words of a draft that was handed over, and go on with it."""

        def begin(error: BaseException | None) -> None:
            if error is None:
                self._jobs.submit(
                    Lane.DATABASE,
                    lambda: self._notes.take_over(draft.id),
                    done=begun,
                    failed=self.show_unkept,
                )

        def begun(note: Note) -> None:
            self.go_on_with(note)
            self.changed.emit()

        self.keep(begin)

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        """Keep what was typed, in an open addendum too."""
        self._pause.stop()
        if self.addendum is None:
            self.writer.keep(done)
            return
        added: list[BaseException | None] = []
        self.addendum.keep(added.append)

        def kept(error: BaseException | None) -> None:
            # The lane is serial, so the addendum has its answer by now.
            done(error or (added[0] if added else None))

        self.writer.keep(kept)

    def show_kept(self, note: Note) -> None:
        self._say(kept_text(note), "error" if note.too_long else "small")

    def show_unkept(self, error: BaseException) -> None:
        self._say(explain(error), "error")

    def add_to(self, note: Note) -> None:
        """A sheet for an addendum to a signed note; one that was begun before goes on in it."""

        def begin(draft: Note | None) -> None:
            if draft is not None and draft.id == self.writer.note_id:
                self.editor.setFocus()  # it stands in the page's own editor already
                return
            if self.addendum is None and is_shown(self):
                self.addendum = Addendum(
                    self, self._notes, self._jobs, note, draft, self._addendum_closed
                )

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._notes.draft_addendum(note.id),
            done=begin,
            failed=self.show_unkept,
        )

    def discard(self, note: Note) -> None:
        """Throw a draft away, after asking."""
        self._confirm(note.id)

    # --- inside ------------------------------------------------------------------------------

    def _addendum_closed(self, error: BaseException | None) -> None:
        self.addendum = None
        if error is not None:
            self.show_unkept(error)
        self.changed.emit()

    def _resume(self, note: Note) -> None:
        self.writer.resume(note)
        self.form.show_written(self.writer.written)
        self.kind.setCurrentIndex(list(NoteKind).index(note.kind))
        adds = note.addendum_to is not None
        self._say(tr("Addendum to a signed note, not signed") if adds else tr("Draft, not signed"))

    def _choose_kind(self) -> None:
        """Another kind: its headings come from the site; what was kept before stays as a draft."""
        kind = NoteKind(self.kind.currentData())
        if kind is self.writer.kind:
            return

        def ready(error: BaseException | None) -> None:
            if error is not None:
                self.kind.setCurrentIndex(list(NoteKind).index(self.writer.kind))
                return
            self._jobs.submit(
                Lane.DATABASE,
                lambda: self._notes.headings(kind),
                done=begin,
                failed=self.show_unkept,
            )

        def begin(headings: tuple[str, ...]) -> None:
            if not self.writer.fresh and self.writer.changed:  # typed on since it was kept
                self._choose_kind()
                return
            # Free text moves along while it is nobody's draft yet; a kept note keeps its own.
            text = self.form.written.text if self.writer.note_id is None else ""
            self.writer.start_anew(kind)
            self.form.show_written(Written(text))
            self.form.empty_sections(headings)
            self._typed()
            self._say("")

        if self.writer.fresh:
            self._pause.stop()
            ready(None)
        else:
            self.keep(ready)

    def _typed(self) -> None:
        written = self.form.written
        if written == self.writer.written:
            return
        self.writer.written = written
        self._show_buttons()
        if self.writer.changed:
            self._say(tr("Not kept yet…"))
            self._pause.start()

    def _keep(self) -> None:
        self.writer.keep()

    def _sign(self) -> None:
        def ask_for_it(error: BaseException | None) -> None:
            if error is not None:
                return
            if self.writer.written.too_long:
                self._say(TOO_LONG_TO_SIGN.text(tr), "error")
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

        self.keep(unless_covered(self, ask_for_it))

    def _signed(self, _note: Note) -> None:
        self._start_anew(tr("Signed."))
        self.changed.emit()

    def _ask_to_discard(self) -> None:
        if self.writer.fresh:
            self._pause.stop()
            self._start_anew("")
            return

        def ready(error: BaseException | None) -> None:
            note_id = self.writer.note_id
            if error is None and note_id is not None:
                self._confirm(note_id)

        self.keep(unless_covered(self, ready))

    def _confirm(self, note_id: UUID) -> None:
        ask(
            self,
            title=tr("Discard this draft?"),
            text=tr("Its words leave the page. That it was discarded stays in the audit trail."),
            yes=tr("Discard"),
            danger=True,
            on_yes=lambda: self._discard(note_id),
        )

    def _discard(self, note_id: UUID) -> None:
        def done(_note: Note) -> None:
            if self.writer.note_id == note_id:
                self._start_anew(tr("Discarded."))
            self.changed.emit()

        self._pause.stop()
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._notes.discard(note_id),
            done=done,
            failed=self.show_unkept,
        )

    def _start_anew(self, said: str) -> None:
        self.writer.start_anew()
        self.form.show_written(Written())
        self.kind.setCurrentIndex(0)
        self._say(said)

    def _say(self, text: str, role: str = "small") -> None:
        self.state.setText(text)
        self.state.setProperty("role", role)
        restyle(self.state)
        self._show_buttons()

    def _show_buttons(self) -> None:
        something = not self.writer.written.empty
        self.sign.setEnabled(something)
        self.throw_away.setVisible(something)
