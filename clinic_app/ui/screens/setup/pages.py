"""The pages of setting up, each with what it is for and its own fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.people import (
    MINIMUM_PASSWORD_LENGTH,
    CrisisContact,
    DeploymentContext,
)
from clinic_app.ui.screens.setup.presenter import password_rules
from clinic_app.ui.strings import CONTEXT_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import card, clear, column, icon_button, label, restyle, row
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField, text_edit
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.widgets.tile import Tile

_CONTEXT_MEANINGS = {
    DeploymentContext.CLINIC: "Everything is available.",
    DeploymentContext.RESEARCH: "Everything is available; your ethics approval decides on its use.",
    DeploymentContext.SCHOOL: "The face module stays off here. Questionnaires and records work.",
    DeploymentContext.WORKPLACE: "The face module stays off here. Questionnaires and records work.",
}


class Page(QWidget):
    """A page with its heading.

    Signals:
        entered: Enter was pressed in a line of text.
    """

    entered = Signal()

    def __init__(self, title: str, purpose: str) -> None:
        super().__init__()
        self.box: QVBoxLayout = column(self, gap=2)
        self.box.addWidget(label(title, "title"))
        self.box.addWidget(label(purpose, "muted"))

    def line(self, edit: QLineEdit) -> QLineEdit:
        edit.returnPressed.connect(self.entered)
        return edit

    def first(self) -> QWidget:
        """What has the keyboard when the page comes."""
        raise_to = self.findChildren(QLineEdit)
        return raise_to[0] if raise_to else self


class ClinicPage(Page):
    def __init__(self) -> None:
        super().__init__(
            tr("Your clinic"), tr("The name stands on every screen and at the top of every report.")
        )
        self.name = self.line(text_edit(limit=120))
        self.address = self.line(text_edit(limit=240))
        self.phone = self.line(text_edit(limit=60))
        self.fields = Fields(
            {
                "clinic_name": Field(tr("Name of the clinic"), self.name),
                "address": Field(tr("Address"), self.address, optional=True),
                "phone": Field(tr("Phone"), self.phone, optional=True),
            }
        )
        for name in ("clinic_name", "address", "phone"):
            self.box.addWidget(self.fields[name])


class ContactsPage(Page):
    """At least one crisis contact; more can be added."""

    def __init__(self) -> None:
        super().__init__(
            tr("Crisis contacts"),
            tr(
                "Whom a person in acute distress can call, day or night. They are shown in the"
                " safety steps, to the patient, and on every report. At least one is needed."
            ),
        )
        self._rows: list[Fields] = []
        self._list = column(gap=2)
        self.box.addLayout(self._list)
        self.more = icon_button(tr("Add another contact"), "plus", "quiet", self.add_row)
        line = row()
        line.addWidget(self.more)
        line.addStretch(1)
        self.box.addLayout(line)
        self.add_row()

    def add_row(self) -> None:
        """One more empty contact."""
        number = len(self._rows) + 1
        holder, box = card(margin=2, gap=1)
        if number > 1:
            box.addWidget(label(tr("Contact {number}").format(number=number), "caption"))
        name = self.line(text_edit(tr("e.g. Crisis line, clinic on-call"), limit=120))
        phone = self.line(text_edit(limit=60))
        hours = self.line(text_edit(tr("e.g. day and night"), limit=120))
        fields = Fields(
            {
                "crisis_contact_name": Field(tr("Whom to call"), name),
                "crisis_contact_phone": Field(tr("Phone number"), phone),
                "crisis_contact_hours": Field(tr("When"), hours, optional=True),
            }
        )
        box.addWidget(fields["crisis_contact_name"])
        line = row(gap=2)
        line.addWidget(fields["crisis_contact_phone"], 1)
        line.addWidget(fields["crisis_contact_hours"], 1)
        box.addLayout(line)
        self._list.addWidget(holder)
        self._rows.append(fields)
        if number > 1:
            name.setFocus()

    def contacts(self) -> list[CrisisContact]:
        """Every line as typed, empty ones too."""
        names = ("crisis_contact_name", "crisis_contact_phone", "crisis_contact_hours")
        return [CrisisContact(*(_text_of(fields[name]) for name in names)) for fields in self._rows]

    def fields_of(self, index: int) -> Fields:
        return self._rows[index]

    def clear_errors(self) -> None:
        for fields in self._rows:
            fields.clear_errors()


class ContextPage(Page):
    def __init__(self) -> None:
        super().__init__(
            tr("Where the program is used"),
            tr(
                "The law treats places differently: in the European Union, reading emotions from"
                " faces is as a rule forbidden at schools and workplaces. The program follows that."
            ),
        )
        self._group = QButtonGroup(self)
        self._contexts: dict[QPushButton, DeploymentContext] = {}
        for context, words in CONTEXT_LABELS.items():
            made = Tile(tr(words), tr(_CONTEXT_MEANINGS[context]), checkable=True)
            made.setChecked(context is DeploymentContext.CLINIC)
            made.toggled.connect(self._say)
            self._group.addButton(made)
            self._contexts[made] = context
            self.box.addWidget(made)
        self._note, box = card(role="warning", margin=2)
        box.addWidget(
            label(
                tr(
                    "Here the program never asks for a picture and never estimates anything from a"
                    " face. PHQ-9, GAD-7, your judgement, notes and reports work as everywhere."
                )
            )
        )
        self.box.addWidget(self._note)
        self._say()

    def context(self) -> DeploymentContext:
        chosen = self._group.checkedButton()
        return next(c for made, c in self._contexts.items() if made is chosen)

    def choose(self, context: DeploymentContext) -> None:
        for made, one in self._contexts.items():
            if one is context:
                made.setChecked(True)

    def first(self) -> QWidget:
        return self._group.checkedButton() or self

    def _say(self) -> None:
        off = (DeploymentContext.SCHOOL, DeploymentContext.WORKPLACE)
        self._note.setVisible(self._group.checkedButton() is None or self.context() in off)


class AccountPage(Page):
    def __init__(self) -> None:
        super().__init__(
            tr("Your account"),
            tr(
                "The administrator of this clinic. The password opens the encrypted records; nobody"
                " can look it up for you."
            ),
        )
        self.user_name = self.line(text_edit(tr("e.g. amina.d"), limit=60))
        self.display_name = self.line(text_edit(tr("as it stands on reports"), limit=120))
        self.fields = Fields(
            {
                "user_name": Field(tr("User name"), self.user_name),
                "display_name": Field(tr("Your name"), self.display_name, optional=True),
            }
        )
        self.password = PasswordField(tr("Password"))
        self.repeated = PasswordField(tr("Password again"))
        self.fields.add("password", self.password)
        self.fields.add("repeated", self.repeated)
        self.line(self.password.edit)
        self.line(self.repeated.edit)
        names = row(gap=2)
        names.addWidget(self.fields["user_name"], 1)
        names.addWidget(self.fields["display_name"], 1)
        self.box.addLayout(names)
        self.box.addWidget(self.password)
        self.rules = RuleList()
        self.box.addWidget(self.rules)
        self.box.addWidget(self.repeated)
        self.password.edit.textChanged.connect(self._judge)
        self.user_name.textChanged.connect(self._judge)
        self._judge()

    def _judge(self) -> None:
        self.rules.show_rules(self.password.edit.text(), self.user_name.text())


class RuleList(QWidget):
    """The rules of the password, each with a mark that follows the typing."""

    def __init__(self) -> None:
        super().__init__()
        self._box = column(self)
        self._box.setSpacing(4)

    def show_rules(
        self, password: str, user_name: str, least: int = MINIMUM_PASSWORD_LENGTH
    ) -> None:
        rules = password_rules(password, user_name, least)
        clear(self._box)
        for rule in rules:
            line = row(gap=1)
            line.addWidget(picture("check" if rule.kept else "close", 16, _tone(rule.kept)))
            words = label(rule.words, "good" if rule.kept else "small")
            words.setAccessibleName(f"{rule.words}: {tr('kept') if rule.kept else tr('not yet')}")
            line.addWidget(words, 1)
            self._box.addLayout(line)


class KeyPage(Page):
    """Shows the recovery key once and makes sure that it has reached paper."""

    def __init__(self, save: Callable[[], object], print_it: Callable[[], object]) -> None:
        super().__init__(
            tr("Your recovery key"),
            tr(
                "If the password is forgotten, only this key opens the records again. It is shown"
                " this one time and kept nowhere in the program. Write it down, print it, or save"
                " it to a stick, and lock it away from this laptop."
            ),
        )
        holder, box = card(role="info", margin=3, gap=2)
        self._keys = column(gap=2)
        box.addLayout(self._keys)
        self.box.addWidget(holder)
        line = row()
        for words, drawing, act in (
            (tr("Print"), "print", print_it),
            (tr("Save as a file"), "save", save),
        ):
            line.addWidget(icon_button(words, drawing, "", act))
        line.addStretch(1)
        self.box.addLayout(line)
        self.box.addSpacing(UNIT)
        self.typed = self.line(text_edit(limit=20))
        self.fields = Fields({"group": Field(tr("Type one group"), self.typed)})
        self.box.addWidget(self.fields["group"])

    def show_key(self, groups: Sequence[str], asked: int) -> None:
        clear(self._keys)
        per_line = 3 if len(groups) > 4 else 2
        for start in range(0, len(groups), per_line):
            line = row(gap=2)
            for index in range(start, min(start + per_line, len(groups))):
                number = label(f"{index + 1}", "small", wrap=False)
                line.addWidget(number)
                key = label(groups[index], "key", wrap=False, selectable=True)
                key.setAccessibleName(
                    tr("Group {number}: {letters}").format(
                        number=index + 1, letters=" ".join(groups[index])
                    )
                )
                line.addWidget(key, 1)
            self._keys.addLayout(line)
        caption = tr("To go on, type group {number} from your paper or file").format(
            number=asked + 1
        )
        self.fields["group"].caption.setText(caption)
        self.typed.setAccessibleName(caption)
        restyle(self)


def _tone(kept: bool) -> str:
    return "good" if kept else "muted"


def _text_of(field: Field) -> str:
    assert isinstance(field.editor, QLineEdit)
    return field.editor.text()
