"""The editors of one note: free text, and below it the sections of its kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from clinic_app.domain.notes import NoteKind, NoteSection
from clinic_app.ui.screens.patient.note_writer import Written
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import clear, column
from clinic_app.ui.widgets.fields import Field, long_text

KIND_LABELS = {
    NoteKind.PROGRESS: "Progress note",
    NoteKind.INTERVENTION: "Intervention note",
    NoteKind.SAFETY_PLAN: "Safety plan",
    NoteKind.REFERRAL: "Referral",
}


class NoteForm(QWidget):
    """Signals:
    typed: something in one of the editors has changed by hand.
    """

    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        box = column(self, gap=1)
        self.editor = long_text(tr("Write here; it is kept while you type."), lines=4)
        self.editor.setFixedHeight(self.editor.minimumHeight())
        self.editor.setAccessibleName(tr("New note"))
        self.editor.textChanged.connect(self._typed)
        box.addWidget(self.editor)
        self._parts: list[tuple[str, QPlainTextEdit]] = []
        self._sections = column(gap=1)
        box.addLayout(self._sections)
        self._filling = False

    @property
    def parts(self) -> list[QPlainTextEdit]:
        """The editors of the sections, in order."""
        return [editor for _, editor in self._parts]

    @property
    def written(self) -> Written:
        sections = tuple(
            NoteSection(heading, editor.toPlainText()) for heading, editor in self._parts
        )
        return Written(self.editor.toPlainText(), sections)

    def show_written(self, written: Written) -> None:
        """Fill the editors; nothing is told as typed."""
        self._filling = True
        self.editor.setPlainText(written.text)
        self._make_sections(written.sections)
        self._filling = False

    def empty_sections(self, headings: Sequence[str]) -> None:
        """Blank editors under these headings; the free text stays."""
        self._filling = True
        self._make_sections(tuple(NoteSection(heading, "") for heading in headings))
        self._filling = False

    def _make_sections(self, sections: Sequence[NoteSection]) -> None:
        if [one.heading for one in sections] != [heading for heading, _ in self._parts]:
            clear(self._sections)
            self._parts = []
            for one in sections:
                editor = long_text(lines=2)
                editor.setFixedHeight(editor.minimumHeight())
                editor.textChanged.connect(self._typed)
                self._sections.addWidget(Field(one.heading, editor))
                self._parts.append((one.heading, editor))
        for one, (_, editor) in zip(sections, self._parts, strict=True):
            editor.setPlainText(one.text)

    def _typed(self) -> None:
        if not self._filling:
            self.typed.emit()
