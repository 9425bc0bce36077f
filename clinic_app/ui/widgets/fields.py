"""Form fields: a caption, an editor, a hint, and an error right beside what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.ui.icons import icon
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.widgets.basics import column, label, restyle


class Field(QWidget):
    """An editor with its caption above and its hint or error below.

    Attributes:
        editor: the widget that takes the input; it carries the accessible name.
    """

    def __init__(
        self, caption: str, editor: QWidget, *, hint: str = "", optional: bool = False
    ) -> None:
        super().__init__()
        self.editor = editor
        text = f"{caption} {tr('(optional)')}" if optional else caption
        self.caption = label(text, "strong")
        self.caption.setBuddy(editor)
        self._hint = hint
        self._below = label(hint, "small")
        editor.setAccessibleName(caption)
        editor.setAccessibleDescription(hint)
        box = column(self, gap=0)
        box.setSpacing(4)
        for widget in (self.caption, editor, self._below):
            box.addWidget(widget)
        self._below.setVisible(bool(hint))  # not earlier: without a parent it is a window
        if not isinstance(editor, QPlainTextEdit):
            box.addStretch(1)
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(self._mend)
        elif isinstance(editor, QPlainTextEdit):
            editor.textChanged.connect(self._mend)
        elif isinstance(editor, QComboBox):
            editor.activated.connect(self._mend)

    def show_error(self, sentence: str) -> None:
        """Put ``sentence`` under the editor and mark it; an empty one takes the mark away."""
        self.editor.setProperty("invalid", bool(sentence))
        self._say(sentence or self._hint, "error" if sentence else "small")
        restyle(self.editor)

    def show_hint(self, hint: str) -> None:
        """Replace the hint (live feedback while typing); takes an error away."""
        self._hint = hint
        if self.editor.property("invalid"):
            self.show_error("")
        else:
            self._say(hint, "small")

    @property
    def message(self) -> str:
        """What is shown under the editor."""
        return self._below.text()

    @property
    def invalid(self) -> bool:
        return bool(self.editor.property("invalid"))

    def _mend(self, _value: object = None) -> None:
        """Somebody puts it right: what was wrong with it before does not stay beside it."""
        if self.invalid:
            self.show_error("")

    def _say(self, text: str, role: str) -> None:
        self._below.setProperty("role", role)
        self._below.setText(text)
        self._below.setVisible(bool(text))
        self.editor.setAccessibleDescription(text)
        restyle(self._below)


class Fields:
    """The fields of one form by the name that ``InvalidInput`` uses."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = dict(fields)

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def add(self, name: str, field: Field) -> Field:
        self._fields[name] = field
        return field

    def clear_errors(self) -> None:
        for field in self._fields.values():
            if field.invalid:
                field.show_error("")

    def show_error(self, error: InvalidInput) -> bool:
        """Show the error at its field and go there; False when no field has that name."""
        field = self._fields.get(error.field)
        if field is None:
            return False
        field.show_error(sentence_of(error))
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return True


def text_edit(placeholder: str = "", *, limit: int = 0) -> QLineEdit:
    """One line of text."""
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    if limit:
        made.setMaxLength(limit)
    return made


def long_text(placeholder: str = "", *, lines: int = 3) -> QPlainTextEdit:
    """Several lines of text; Tab moves on instead of being typed."""
    made = QPlainTextEdit()
    made.setPlaceholderText(placeholder)
    made.setTabChangesFocus(True)
    made.setMinimumHeight(made.fontMetrics().lineSpacing() * lines + 28)
    return made


def choice(options: Iterable[tuple[str, object]]) -> QComboBox:
    """A drop-down of (words, value)."""
    made = QComboBox()
    for words, value in options:
        made.addItem(words, value)
    return made


class PasswordEdit(QLineEdit):
    """A password with an eye to look at it, and a sign when Caps Lock is on.

    Signals:
        caps_lock: emitted with True or False when a typed letter shows the state of Caps Lock.
    """

    caps_lock = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._caps = False
        self._eye = QAction(icon("eye"), tr("Show the password"), self)
        self._eye.setToolTip(tr("Show the password"))
        self._eye.triggered.connect(self._toggle)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)

    def hide_text(self) -> None:
        """Back to dots."""
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye.setIcon(icon("eye"))
        self._eye.setToolTip(tr("Show the password"))

    def _toggle(self) -> None:
        if self.echoMode() is QLineEdit.EchoMode.Normal:
            self.hide_text()
            return
        self.setEchoMode(QLineEdit.EchoMode.Normal)
        self._eye.setIcon(icon("eye_off"))
        self._eye.setToolTip(tr("Hide the password"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text()
        if len(letter) == 1 and letter.isalpha() and letter.upper() != letter.lower():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._note_caps(letter.isupper() is not shifted)
        elif event.key() == Qt.Key.Key_CapsLock:
            self._note_caps(False)
        super().keyPressEvent(event)

    def _note_caps(self, on: bool) -> None:
        if on is not self._caps:
            self._caps = on
            self.caps_lock.emit(on)


class PasswordField(Field):
    """A password field that says when Caps Lock is on."""

    def __init__(self, caption: str, *, hint: str = "") -> None:
        self.edit = PasswordEdit()
        super().__init__(caption, self.edit, hint=hint)
        self._caps = label(tr("Caps Lock is on."), "caution")
        self._caps.hide()
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._caps)
        self.edit.caps_lock.connect(self._caps.setVisible)

    @property
    def caps_hint(self) -> QLabel:
        return self._caps
