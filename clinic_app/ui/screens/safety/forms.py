"""The forms of the safety steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import StaffUser
from clinic_app.ui.moments import tomorrow
from clinic_app.ui.screens.kept_words import Edit
from clinic_app.ui.screens.safety.presenter import Written
from clinic_app.ui.strings import ROLE_LABELS, tr
from clinic_app.ui.widgets.basics import button, card, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField, choice, long_text, text_edit

_QUESTIONS = (
    ("clinical_assessment", "What you found when you asked", "thoughts, intent, plan, protection"),
    ("means_access", "Access to means", "what there is, and what was agreed about it"),
    ("who_was_told", "Who was told", "family, supervisor, emergency service"),
    ("plan", "Plan", "what happens next, and who does it"),
)


class AssessmentForm(QWidget):
    """Everything is required."""

    def __init__(self, send: Callable[[Written], None]) -> None:
        super().__init__()
        self._to = send
        self._texts: dict[str, QPlainTextEdit] = {}
        self.fields = Fields({})
        self._box = box = column(self, gap=2)
        pairs = [_QUESTIONS[:2], _QUESTIONS[2:]]
        for pair in pairs:
            across = row(gap=2)
            for name, caption, hint in pair:
                edit = long_text(tr(hint), lines=2)
                edit.setFixedHeight(edit.minimumHeight())
                self._texts[name] = edit
                field = self.fields.add(name, Field(tr(caption), edit))
                across.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
            box.addLayout(across)
        self.day = text_edit(limit=24)
        self.day.setText(tomorrow(utc_now()).strftime("%d.%m.%Y"))
        self.clock = text_edit(limit=8)
        self.clock.setText("10:00")
        across = row(gap=2)
        across.addWidget(self.fields.add("day", Field(tr("Next contact: day"), self.day)), 2)
        across.addWidget(self.fields.add("time", Field(tr("Time"), self.clock)), 1)
        self.send = button(tr("Document and close"), "primary", self._send)
        across.addStretch(1)
        holder = column()
        holder.addStretch(1)
        holder.addWidget(self.send)
        across.addLayout(holder)
        box.addLayout(across)

    @property
    def first(self) -> QPlainTextEdit:
        return self._texts["clinical_assessment"]

    @property
    def edits(self) -> dict[str, Edit]:
        """Everything that is typed into, by name."""
        return {**self._texts, "day": self.day, "time": self.clock}

    def show_around(self, above: QWidget, below: QWidget) -> None:
        self._box.insertWidget(0, above)
        self._box.addWidget(below)

    def text(self, name: str) -> QPlainTextEdit:
        return self._texts[name]

    def _send(self) -> None:
        self.fields.clear_errors()
        texts = {name: edit.toPlainText() for name, edit in self._texts.items()}
        self._to(Written(**texts, day=self.day.text(), clock=self.clock.text()))


class HandOverForm(QWidget):
    """Names the colleague; nothing is closed before that person acknowledges."""

    def __init__(self, send: Callable[[UUID | None], None]) -> None:
        super().__init__()
        self._to = send
        box = column(self, gap=2)
        self._nobody = label(
            tr(
                "There is no other member of staff in this program yet. Please document your own"
                " assessment, or call one of the crisis contacts together with the person."
            )
        )
        box.addWidget(self._nobody)
        self.who = choice(())
        self.fields = Fields({"handed_to": Field(tr("Colleague"), self.who)})
        box.addWidget(self.fields["handed_to"])
        self._then = label(
            tr("It stays on the first screen until this person takes over with the own password."),
            "small",
        )
        box.addWidget(self._then)
        across = row()
        across.addStretch(1)
        self.send = button(tr("Hand over"), "primary", self._send)
        across.addWidget(self.send)
        box.addLayout(across)

    def show_colleagues(self, colleagues: Sequence[StaffUser]) -> None:
        self.who.clear()
        self.who.addItem(tr("Please choose"), None)
        for user in colleagues:
            self.who.addItem(f"{user.display_name}, {tr(ROLE_LABELS[user.role])}", user.id)
        for widget in (self.fields["handed_to"], self._then, self.send):
            widget.setVisible(bool(colleagues))
        self._nobody.setVisible(not colleagues)

    def _send(self) -> None:
        self.fields.clear_errors()
        self._to(self.who.currentData())


class AcknowledgeForm(QWidget):
    """The colleague takes over, on this laptop, with the own password."""

    def __init__(self, send: Callable[[str, str], None]) -> None:
        super().__init__()
        self._to = send
        self._user_name = ""
        holder, box = card(role="info", margin=2, gap=1)
        self._words = label("", "strong")
        box.addWidget(self._words)
        self.password = PasswordField(tr("Password"))
        self.fields = Fields({"password": self.password})
        self.send = button(tr("Take over"), "primary", self._send)
        across = row(gap=2)
        across.addWidget(self.password, 1)
        beside = column()
        beside.addStretch(1)
        beside.addWidget(self.send)
        across.addLayout(beside)
        box.addLayout(across)
        self.password.edit.returnPressed.connect(self._send)
        column(self).addWidget(holder)

    def show_colleague(self, colleague: StaffUser | None, name: str) -> None:
        """Without a ``colleague`` the account is gone: the password will be refused."""
        self._user_name = colleague.user_name if colleague else ""
        self._words.setText(
            tr("Handed to {name}. {name} takes over here with the own password.").format(name=name)
        )

    def forget(self) -> None:
        """Empty the password after a refusal."""
        self.password.edit.clear()

    def _send(self) -> None:
        self.fields.clear_errors()
        self._to(self._user_name, self.password.edit.text())
