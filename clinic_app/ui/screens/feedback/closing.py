"""The sheet in which an incident is closed: what was done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.sheet import Sheet


class CloseIncident:
    """Stays with what is written until it is stored; ``send`` gets the words."""

    def __init__(self, above: QWidget, send: Callable[[str], object]) -> None:
        self._to = send
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Close this incident")
        box.addWidget(label(title, "heading"))
        self.edit = long_text(lines=4)
        box.addWidget(Field(tr("What was done about it"), self.edit))
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        self.sheet = Sheet(above, content, name=title, width=520)
        self.cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        self.confirm = button(tr("Close the incident"), "primary", self._send)
        box.addLayout(answer_row(self.cancel, self.confirm))
        self.sheet.open(self.edit)

    def show_sending(self, sending: bool) -> None:
        """The words are on their way, or were refused: then they stay here."""
        self._trouble.hide()
        self.confirm.setEnabled(not sending)
        self.edit.setReadOnly(sending)
        self.sheet.hold(sending, self.cancel)

    def show_refused(self, error: BaseException) -> None:
        self._trouble.setText(explain(error))
        self._trouble.show()

    def _send(self) -> None:
        text = self.edit.toPlainText()
        if text.strip():
            self._to(text)
        else:
            self.edit.setFocus()
