"""New passwords: typed twice with the rules beside them, for a colleague or for oneself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QLineEdit, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.services.staff import StaffService
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.users.presenter import UsersPresenter
from clinic_app.ui.screens.setup.pages import RuleList
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain_refusal
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Fields, PasswordField
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.workspace import Notices


class PasswordPair(QWidget):
    """A new password, its rules, and the same again.

    ``user_name`` must not be part of it; ``least`` is the clinic's minimum of characters.
    """

    def __init__(self, caption: str, user_name: QLineEdit | str, least: int) -> None:
        super().__init__()
        self._user_name = user_name
        self._least = least
        self.password = PasswordField(caption)
        self.repeated = PasswordField(tr("The same password again"))
        self.edits = (self.password.edit, self.repeated.edit)
        self._rules = RuleList()
        box = column(self, gap=2)
        for one in (self.password, self._rules, self.repeated):
            box.addWidget(one)
        self.password.edit.textChanged.connect(self._judge)
        if isinstance(user_name, QLineEdit):
            user_name.textChanged.connect(self._judge)
        self._judge()

    def _judge(self) -> None:
        name = self._user_name if isinstance(self._user_name, str) else self._user_name.text()
        self._rules.show_rules(self.password.edit.text(), name, self._least)


class NewPassword:
    """A sheet for a new password of a colleague; ``work`` gets it and the administrator's own."""

    def __init__(
        self,
        section: Section,
        presenter: UsersPresenter,
        *,
        title: str,
        text: str,
        user_name: str,
        least: int,
        work: Callable[[str, str], object],
        done: Callable[[], None],
    ) -> None:
        self._section = section
        self._presenter = presenter
        self._title = title
        self._work = work
        self._after = done
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(title, "heading"))
        box.addWidget(label(text, "muted"))
        self.pair = PasswordPair(tr("New password"), user_name, least)
        self.fields = Fields({"password": self.pair.password, "repeated": self.pair.repeated})
        box.addWidget(self.pair)
        self.sheet = Sheet(section, content, name=title, width=480)
        box.addLayout(
            answer_row(
                button(tr("Cancel"), "", self.sheet.dismiss),
                button(tr("Go on…"), "primary", self._prepare),
            )
        )
        for edit in self.pair.edits:
            edit.returnPressed.connect(self._prepare)
        self.sheet.open(self.pair.password.edit)

    def show_checking(self, checking: bool) -> None:
        """Nothing is looked up: this is quick."""

    def show_error(self, error: BaseException) -> None:
        if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
            self._section.workspace.notices.report(error)

    def ask_for_password(self) -> None:
        new = self.pair.password.edit.text()
        ask_password(
            self._section,
            self._section.jobs,
            title=self._title,
            text=tr("Please prove that it is you, the administrator."),
            confirm=tr("Set the password"),
            work=partial(self._work, new),
            done=self._done,
        )

    def _prepare(self) -> None:
        self.fields.clear_errors()
        self._presenter.prepare_password(
            self, self.pair.password.edit.text(), self.pair.repeated.edit.text()
        )

    def _done(self, _: object) -> None:
        self.sheet.dismiss()
        self._after()


class OwnPassword:
    """A sheet in which anybody of the staff changes the own password."""

    def __init__(
        self,
        above: QWidget,
        jobs: Jobs,
        notices: Notices,
        staff: StaffService,
        user_name: str,
        least: int,
    ) -> None:
        self._notices = notices
        self._staff = staff
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Change your password")
        box.addWidget(label(title, "heading"))
        box.addWidget(
            label(tr("From then on the old one opens nothing any more on this laptop."), "muted")
        )
        self.old = PasswordField(tr("Your present password"))
        self.pair = PasswordPair(tr("New password"), user_name, least)
        self.fields = Fields(
            {"old": self.old, "password": self.pair.password, "repeated": self.pair.repeated}
        )
        box.addWidget(self.old)
        box.addWidget(self.pair)
        self.sheet = Sheet(above, content, name=title, width=480)
        self._jobs = ScreenJobs(jobs)
        self.sheet.closed.connect(self._jobs.drop)
        self.sheet.destroyed.connect(self._jobs.drop)
        self._cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        self.confirm = button(tr("Change the password"), "primary", self._change)
        box.addLayout(answer_row(self._cancel, self.confirm))
        for edit in (self.old.edit, *self.pair.edits):
            edit.returnPressed.connect(self._change)
        self.sheet.open(self.old.edit)

    def _change(self) -> None:
        if not self.confirm.isEnabled():
            return
        self.fields.clear_errors()
        old, new = self.old.edit.text(), self.pair.password.edit.text()
        if not old:
            self.fields.show_error(InvalidInput("old", tr("Please enter your password.")))
            return
        if new != self.pair.repeated.edit.text():
            sentence = tr("The two passwords are not the same.")
            self.fields.show_error(InvalidInput("repeated", sentence))
            return
        self._rest(True)
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._staff.change_own_password(old, new),
            done=self._done,
            failed=self._fail,
        )

    def _rest(self, busy: bool) -> None:
        self.confirm.setEnabled(not busy)
        self._cancel.setEnabled(not busy)
        self.sheet.set_dismissible(not busy)

    def _done(self, _: object) -> None:
        self.sheet.dismiss()
        self._notices.tell(tr("Your password is changed."))

    def _fail(self, error: BaseException) -> None:
        self._rest(False)
        if isinstance(error, InvalidInput) and self.fields.show_error(error):
            return
        self.old.edit.clear()
        self.old.show_error(explain_refusal(error))
        self.old.edit.setFocus()
