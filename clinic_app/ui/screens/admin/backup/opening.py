"""What opens a backup: a password of the day it was made, or the recovery key of that day."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.services.backup_data import Opening, RecoveryKey, StaffPassword
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.fields import Field, PasswordField, text_edit
from clinic_app.ui.widgets.sheet import Sheet


class AskOpening:
    """A sheet before the drill; ``go_on`` gets what opens the backup."""

    def __init__(
        self, above: QWidget, name: str, user_name: str, go_on: Callable[[Opening], None]
    ) -> None:
        self._go_on = go_on
        self._with_key = False
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Try out “{name}”").format(name=name)
        box.addWidget(label(title, "heading"))
        box.addWidget(
            label(
                tr(
                    "The backup opens with the user name and password of the day it was made, or"
                    " with the recovery key of that day. Nothing of the present records changes."
                ),
                "muted",
            )
        )
        self.ways = ChoiceRow((tr("Password"), tr("Recovery key")), self.choose)
        box.addWidget(self.ways)
        self.user_name = text_edit(limit=60)
        self.user_name.setText(user_name)
        self._user = Field(tr("User name on that day"), self.user_name)
        self.password = PasswordField(tr("Password on that day"))
        self.key = PasswordField(tr("Recovery key of that day"))
        for field in (self._user, self.password, self.key):
            box.addWidget(field)
        self.sheet = Sheet(above, content, name=title, width=500)
        box.addLayout(
            answer_row(
                button(tr("Cancel"), "", self.sheet.dismiss),
                button(tr("Start the drill"), "primary", self._start),
            )
        )
        for edit in (self.user_name, self.password.edit, self.key.edit):
            edit.returnPressed.connect(self._start)
        self.choose(0)
        self.sheet.open(self.password.edit)

    def choose(self, way: int) -> None:
        """0 for the password, 1 for the recovery key."""
        self._with_key = way == 1
        self.ways.show_choice(way)
        self._user.setVisible(not self._with_key)
        self.password.setVisible(not self._with_key)
        self.key.setVisible(self._with_key)

    def _start(self) -> None:
        field = self.key if self._with_key else self.password
        typed = field.edit.text()
        if not typed.strip():
            field.show_error(tr("Please type what opens the backup."))
            field.edit.setFocus()
            return
        self.sheet.dismiss()
        if self._with_key:
            self._go_on(RecoveryKey(typed))
        else:
            self._go_on(StaffPassword(self.user_name.text().strip(), typed))
