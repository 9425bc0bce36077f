"""Writing what holds, beginning with the words of any version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from clinic_app.domain.people import has_ink
from clinic_app.services.sync_data import Conflict, ConflictKind
from clinic_app.ui.screens.conflicts.words import field_label, in_order, who_and_where
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet


class MergeSheet:
    """``write`` gets every field with the words that hold, and tells whether it could begin; the
    sheet stays with them until they are stored.

    Attributes:
        conflict: what the words are for.
        sending: the words are on their way.
    """

    def __init__(
        self, above: QWidget, conflict: Conflict, write: Callable[[dict[str, str]], bool]
    ) -> None:
        self.sending = False
        self.conflict = conflict
        self._write = write
        addendum = conflict.kind is ConflictKind.DOUBLE_SIGNED
        title = tr("Write an addendum") if addendum else tr("Write what holds")
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(title, "heading"))
        about = (
            tr("Both signed texts stay as they are; this is added to them.")
            if addendum
            else tr("The words you write replace all versions. Each of them stays in the history.")
        )
        box.addWidget(label(about, "muted"))
        self.fields: dict[str, tuple[Field, QPlainTextEdit]] = {}
        every = in_order(name for one in conflict.versions for name, _ in one.fields)
        names = ["text"] if addendum else every
        if not addendum:
            box.addWidget(self._starts())
        for name in names:
            edit = long_text(lines=8 if len(names) == 1 else 4)
            field = Field(field_label(name), edit)
            self.fields[name] = (field, edit)
            box.addWidget(field)
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        self.sheet = Sheet(above, content, name=title, width=760)
        self.confirm = button(tr("These words hold"), "primary", self._confirm)
        if addendum:
            self.confirm.setText(tr("Add it"))
        self.cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.cancel, self.confirm))
        if not addendum:
            self.start_with(len(conflict.versions) - 1)
        self.sheet.open(next(iter(self.fields.values()))[1])

    def show_refused(self, error: BaseException) -> None:
        """The words are not stored; they stay here."""
        self._send(False)
        self._trouble.setText(explain(error))
        self._trouble.show()

    def start_with(self, number: int) -> None:
        """Fill the editors with one version's words."""
        self._fill(dict(self.conflict.versions[number].fields))

    def start_with_all(self) -> None:
        """Fill the editors with all versions, one below the other."""
        versions = [dict(one.fields) for one in self.conflict.versions]
        self._fill(
            {
                name: "\n\n".join(
                    dict.fromkeys(one[name] for one in versions if has_ink(one.get(name, "")))
                )
                for name in self.fields
            }
        )

    def _fill(self, texts: Mapping[str, str]) -> None:
        for name, (_, edit) in self.fields.items():
            edit.setPlainText(texts.get(name, ""))
            edit.moveCursor(QTextCursor.MoveOperation.End)

    def _starts(self) -> QWidget:
        holder = QWidget()
        box = column(holder, gap=1)
        box.addWidget(label(tr("Begin with"), "caption"))
        flow = Flow()
        for number, one in enumerate(self.conflict.versions):
            words = who_and_where(one)
            flow.add(button(words, "chip", partial(self.start_with, number)))
        flow.add(button(tr("All, one below the other"), "chip", self.start_with_all))
        box.addWidget(flow)
        return holder

    def _send(self, sending: bool) -> None:
        self.sending = sending
        self.confirm.setEnabled(not sending)
        self.sheet.hold(sending, self.cancel)

    def _confirm(self) -> None:
        texts = {name: edit.toPlainText() for name, (_, edit) in self.fields.items()}
        if not any(has_ink(text) for text in texts.values()):
            field, edit = next(iter(self.fields.values()))
            field.show_error(tr("Please write what holds."))
            edit.setFocus()
            return
        self._trouble.hide()
        self._send(True)
        if not self._write(texts):
            self._send(False)
