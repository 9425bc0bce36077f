"""The sheets in which an account is made and changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.left_notes import UnsignedNotes
from clinic_app.services.meanwhile import form_of
from clinic_app.services.staff import NewStaff, StaffChange
from clinic_app.ui.screens.admin.users.left_notes import HandOverNotes, left_text, read_unsigned
from clinic_app.ui.screens.admin.users.passwords import NewPassword, PasswordPair
from clinic_app.ui.screens.admin.users.presenter import UsersPresenter
from clinic_app.ui.strings import ROLE_LABELS, tr
from clinic_app.ui.widgets.basics import answer_row, button, column, icon_button, label, line, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from clinic_app.ui.screens.admin.users.view import UsersSection

ROLES = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)
ROLE_MEANINGS = {
    Role.COUNSELOR: "Registers people, takes screenings, writes notes, decides appointments.",
    Role.DOCTOR: "As a counselor, and reviews screenings and closes incidents.",
    Role.ADMINISTRATOR: "As a doctor, and these settings: accounts, backup, audit, erasure.",
}


class NewAccount:
    """A form for one more colleague; stays until the account is made or given up."""

    def __init__(self, section: UsersSection, presenter: UsersPresenter) -> None:
        self._section = section
        self._presenter = presenter
        content, box = _content(
            tr("A new colleague"),
            tr("Let the colleague type the password. It opens the records on this laptop."),
        )
        self.user_name = text_edit(tr("e.g. tomas.v"), limit=60)
        self.display_name = text_edit(tr("as it stands on reports"), limit=120)
        self.role = choice((tr(ROLE_LABELS[role]), role) for role in ROLES)
        self.pair = PasswordPair(tr("Password of the colleague"), self.user_name, section.least)
        self.fields = Fields(
            {
                "user_name": Field(tr("User name"), self.user_name),
                "display_name": Field(tr("Name"), self.display_name, optional=True),
                "role": Field(tr("Role"), self.role),
                "password": self.pair.password,
                "repeated": self.pair.repeated,
            }
        )
        _follow_role(self.fields["role"], self.role)
        names = row(gap=2)
        names.addWidget(self.fields["user_name"], 1)
        names.addWidget(self.fields["display_name"], 1)
        box.addLayout(names)
        box.addWidget(self.fields["role"])
        box.addWidget(self.pair)
        self.sheet = Sheet(section, content, name=tr("A new colleague"), width=600)
        self._given_up = False
        self.sheet.closed.connect(self._give_up)
        self.confirm = _answers(box, self.sheet, tr("Make the account…"), self._prepare)
        for edit in (self.user_name, self.display_name, *self.pair.edits):
            edit.returnPressed.connect(self._prepare)
        self.sheet.open(self.user_name)

    def show_checking(self, checking: bool) -> None:
        if not self._given_up:
            self.confirm.setEnabled(not checking)

    def show_error(self, error: BaseException) -> None:
        if self._given_up:
            return
        if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
            self._section.workspace.notices.report(error)

    def ask_for_password(self) -> None:
        if self._given_up:  # while it was being checked
            return
        new = self._typed()
        ask_password(
            self._section,
            self._section.jobs,
            title=tr("Make the account of {name}").format(name=new.display_name or new.user_name),
            text=tr("Please prove that it is you who gives access to the records."),
            confirm=tr("Make the account"),
            work=partial(self._section.workspace.services.staff.add, new),
            done=self._made,
        )

    def _give_up(self) -> None:
        self._given_up = True

    def _typed(self) -> NewStaff:
        return NewStaff(
            self.user_name.text(),
            self.display_name.text(),
            Role(self.role.currentData()),
            self.pair.password.edit.text(),
        )

    def _prepare(self) -> None:
        if not self.confirm.isEnabled():
            return
        self.fields.clear_errors()
        self._presenter.prepare_new(self, self._typed(), self.pair.repeated.edit.text())

    def _made(self, user: StaffUser) -> None:
        self.sheet.dismiss()
        self._section.changed(tr("{name} can sign in now.").format(name=user.display_name))


class EditAccount:
    """One account: who, which role, what stands under a signature; password and switching off."""

    def __init__(
        self, section: UsersSection, presenter: UsersPresenter, user: StaffUser, *, own: bool
    ) -> None:
        self._section = section
        self._presenter = presenter
        self._user = user
        self._staff = section.workspace.services.staff
        state = "" if user.active else tr("This account is switched off.")
        content, box = _content(
            user.display_name, " · ".join(filter(None, (user.user_name, state)))
        )
        self.edits = {
            "display_name": text_edit(limit=120),
            "title": text_edit(tr("e.g. Clinical psychologist"), limit=60),
            "registration_number": text_edit(limit=60),
            "phone": text_edit(limit=60),
            "email": text_edit(limit=120),
        }
        for name, edit in self.edits.items():
            edit.setText(str(getattr(user, name)))
            edit.returnPressed.connect(self._prepare)
        self.role = choice((tr(ROLE_LABELS[role]), role) for role in ROLES)
        self.role.setCurrentIndex(ROLES.index(user.role))
        self.fields = self._build_fields(box)
        box.addWidget(line())
        box.addLayout(self._other_acts(own))
        self.sheet = Sheet(section, content, name=user.display_name, width=600)
        self.confirm = _answers(box, self.sheet, tr("Save…"), self._prepare)
        self.sheet.open(self.edits["display_name"])

    def show_checking(self, checking: bool) -> None:
        self.confirm.setEnabled(not checking)

    def show_error(self, error: BaseException) -> None:
        if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
            self._section.workspace.notices.report(error)

    def ask_for_password(self) -> None:
        self._ask(
            tr("Change the account of {name}").format(name=self._user.display_name),
            tr(
                "A new role holds from the next sign-in of this person. Where the person is at"
                " work, the window locks once the change has arrived."
            ),
            tr("Save"),
            partial(
                self._staff.edit,
                self._user.id,
                self._typed(),
                over=form_of(StaffChange, self._user),
            ),
            tr("The change is saved."),
        )

    def _build_fields(self, box: QVBoxLayout) -> Fields:
        fields = Fields(
            {
                "display_name": Field(tr("Name"), self.edits["display_name"]),
                "role": Field(tr("Role"), self.role),
                "title": Field(tr("Title under a signature"), self.edits["title"], optional=True),
                "registration_number": Field(
                    tr("Registration number"), self.edits["registration_number"], optional=True
                ),
                "phone": Field(tr("Phone"), self.edits["phone"], optional=True),
                "email": Field(tr("E-mail"), self.edits["email"], optional=True),
            }
        )
        _follow_role(fields["role"], self.role)
        for left, right in (
            ("display_name", "role"),
            ("title", "registration_number"),
            ("phone", "email"),
        ):
            across = row(gap=2)
            across.addWidget(fields[left], 1)
            across.addWidget(fields[right], 1)
            box.addLayout(across)
        return fields

    def _other_acts(self, own: bool) -> QVBoxLayout:
        box = column(gap=1)
        across = row()
        if self._user.active:
            self.password = icon_button(tr("New password…"), "key", "", self._new_password)
            across.addWidget(self.password)
        if self._user.active and not own:
            self.switch = icon_button(tr("Switch off…"), "close", "danger", self._look_and_ask)
            across.addWidget(self.switch)
        elif not self._user.active:
            self.switch = icon_button(tr("Switch on…"), "check", "", self._switch_on)
            across.addWidget(self.switch)
            self.unsigned = icon_button(tr("Unsigned notes…"), "pen", "", self._look_at_notes)
            across.addWidget(self.unsigned)
        across.addStretch(1)
        box.addLayout(across)
        if own:
            box.addWidget(label(tr("Your own account cannot be switched off by you."), "small"))
        return box

    def _typed(self) -> StaffChange:
        texts = {name: edit.text() for name, edit in self.edits.items()}
        return StaffChange(role=Role(self.role.currentData()), **texts)

    def _prepare(self) -> None:
        self.fields.clear_errors()
        self._presenter.prepare_change(self, self._typed())

    def _new_password(self) -> None:
        self._asked = NewPassword(
            self._section,
            self._presenter,
            title=tr("A new password for {name}").format(name=self._user.display_name),
            text=tr("The old one opens nothing any more, on this laptop, from now on."),
            user_name=self._user.user_name,
            least=self._section.least,
            work=lambda new, own: self._staff.set_password(self._user.id, new, own),
            done=partial(self._done, tr("The new password is set.")),
        )

    def _switch_on(self) -> None:
        self._asked = NewPassword(
            self._section,
            self._presenter,
            title=tr("Switch the account of {name} on").format(name=self._user.display_name),
            text=tr("The colleague chooses a new password. The role stays as it was."),
            user_name=self._user.user_name,
            least=self._section.least,
            work=lambda new, own: self._staff.enable(self._user.id, new, own),
            done=partial(self._done, tr("The account is switched on.")),
        )

    def _look_and_ask(self) -> None:
        """What would be left unsigned is told before the account is switched off."""
        read_unsigned(self._section, self._user, self._switch_off)

    def _switch_off(self, found: UnsignedNotes) -> None:
        text = tr(
            "The password opens the records no more. What this person has written stays, under"
            " the same name, and the account can be switched on again."
        )
        ask_password(
            self._section,
            self._section.jobs,
            title=tr("Switch off the account of {name}?").format(name=self._user.display_name),
            text=" ".join(filter(None, (text, left_text(found)))),
            confirm=tr("Switch off"),
            work=partial(self._staff.disable, self._user.id),
            done=partial(self._switched_off, found),
        )

    def _switched_off(self, found: UnsignedNotes, _: object) -> None:
        self._done(tr("The account is switched off."))
        if found.sealed:
            self._hand_over(found)

    def _look_at_notes(self) -> None:
        def show(found: UnsignedNotes) -> None:
            self.sheet.dismiss()
            if found.count:
                self._hand_over(found)
            else:
                name = self._user.display_name
                said = tr("{name} has left no unsigned notes.").format(name=name)
                self._section.workspace.notices.tell(said)

        read_unsigned(self._section, self._user, show)

    def _hand_over(self, found: UnsignedNotes) -> None:
        self.handing = HandOverNotes(self._section, self._user, found, self._section.changed)

    def _ask(self, title: str, text: str, confirm: str, work: Any, said: str) -> None:
        ask_password(
            self._section,
            self._section.jobs,
            title=title,
            text=text,
            confirm=confirm,
            work=work,
            done=partial(self._done, said),
        )

    def _done(self, sentence: str, _: object = None) -> None:
        self.sheet.dismiss()
        self._section.workspace.centre.look()  # the own account may have another role now
        self._section.changed(sentence)


def _content(title: str, text: str) -> tuple[QWidget, QVBoxLayout]:
    content = QWidget()
    box = column(content, margin=3, gap=2)
    words = column()
    words.setSpacing(4)
    words.addWidget(label(title, "heading"))
    words.addWidget(label(text, "muted"))
    box.addLayout(words)
    return content, box


def _answers(box: QVBoxLayout, sheet: Sheet, confirm: str, act: Any) -> QPushButton:
    made = button(confirm, "primary", act)
    box.addLayout(answer_row(button(tr("Cancel"), "", sheet.dismiss), made))
    return made


def _follow_role(field: Field, role: Any) -> None:
    """The hint says what the chosen role may do."""

    def say() -> None:
        field.show_hint(tr(ROLE_MEANINGS[Role(role.currentData())]))

    role.currentIndexChanged.connect(lambda _: say())
    say()
