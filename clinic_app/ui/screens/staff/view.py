"""Who works here, and a form for one more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.staff import NewStaff
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.setup.pages import RuleList
from clinic_app.ui.screens.staff.presenter import StaffPresenter
from clinic_app.ui.strings import ROLE_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row, scrolling
from clinic_app.ui.widgets.containers import Centred, Columns
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField, choice, text_edit
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.workspace import Workspace

_ROLES = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)


class StaffScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Staff"))
        self._workspace = workspace
        self.presenter = StaffPresenter(self, workspace.services.staff, self.jobs)
        columns = Columns(break_at=900, side_width=420)
        columns.main_box.addWidget(self._list_panel())
        columns.main_box.addStretch(1)
        columns.side_box.addWidget(self._form_panel())
        columns.side_box.addStretch(1)
        page = QWidget()
        column(page, margin=4).addWidget(Centred(columns, 1300))
        column(self).addWidget(scrolling(page))

    def arrive(self) -> None:
        self.presenter.look()
        self.user_name.setFocus()

    def unfinished(self) -> str:
        return tr("The new account is not made yet.") if self.user_name.text().strip() else ""

    def show_staff(self, people: Sequence[StaffUser]) -> None:
        clear(self._list)
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * UNIT)
        grid.setVerticalSpacing(2 * UNIT)
        grid.setColumnStretch(0, 1)
        for place, caption in enumerate((tr("Name"), tr("User name"), tr("Role"))):
            grid.addWidget(label(caption, "caption", wrap=False), 0, place)
        for number, user in enumerate(people, start=1):
            grid.addWidget(label(user.display_name, "strong"), number, 0)
            grid.addWidget(label(user.user_name, wrap=False), number, 1)
            role = tr(ROLE_LABELS[user.role])
            text = role if user.active else f"{role} · {tr('switched off')}"
            grid.addWidget(label(text, "muted", wrap=False), number, 2)
        self._list.addLayout(grid)

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.presenter.look))

    def show_error(self, error: InvalidInput) -> None:
        if not self.fields.show_error(error):
            self._workspace.notices.report(error)

    def ask_for_password(self, new: NewStaff) -> None:
        ask_password(
            self,
            self.jobs,
            title=tr("Make the account of {name}").format(name=new.display_name),
            text=tr("Please prove that it is you who gives access to the records."),
            confirm=tr("Make the account"),
            work=partial(self._workspace.services.staff.add, new),
            done=self._made,
        )

    def _made(self, user: StaffUser) -> None:
        for edit in (self.user_name, self.display_name, self.password.edit, self.repeated.edit):
            edit.clear()
        self._workspace.notices.tell(tr("{name} can sign in now.").format(name=user.display_name))
        self.presenter.look()

    def _list_panel(self) -> QFrame:
        holder, box = card(gap=2)
        box.addWidget(label(tr("Who works here"), "heading"))
        self._list = column()
        self._list.addWidget(Busy(tr("Reading…")))
        box.addLayout(self._list)
        return holder

    def _form_panel(self) -> QFrame:
        holder, box = card(gap=2)
        box.addWidget(label(tr("A new colleague"), "heading"))
        box.addWidget(
            label(
                tr("Let the colleague type the password. It opens the records on this laptop."),
                "muted",
            )
        )
        self.user_name = text_edit(limit=60)
        self.display_name = text_edit(tr("as it stands on reports"), limit=120)
        self.role = choice((tr(ROLE_LABELS[role]), role) for role in _ROLES)
        self.password = PasswordField(tr("Password of the colleague"))
        self.repeated = PasswordField(tr("The same password again"))
        self.fields = Fields(
            {
                "user_name": Field(tr("User name"), self.user_name),
                "display_name": Field(tr("Name"), self.display_name, optional=True),
                "role": Field(tr("Role"), self.role),
                "password": self.password,
                "repeated": self.repeated,
            }
        )
        rules = RuleList()
        for name in ("user_name", "display_name", "role", "password"):
            box.addWidget(self.fields[name])
        box.addWidget(rules)
        box.addWidget(self.repeated)
        line = row()
        line.addStretch(1)
        self.add = button(tr("Make the account…"), "primary", self._prepare)
        line.addWidget(self.add, 0, Qt.AlignmentFlag.AlignRight)
        box.addLayout(line)

        def judge() -> None:
            rules.show_rules(self.password.edit.text(), self.user_name.text())

        judge()
        self.password.edit.textChanged.connect(judge)
        self.user_name.textChanged.connect(judge)
        for edit in (self.user_name, self.display_name, self.password.edit, self.repeated.edit):
            edit.returnPressed.connect(self._prepare)
        return holder

    def _prepare(self) -> None:
        self.fields.clear_errors()
        new = NewStaff(
            self.user_name.text(),
            self.display_name.text(),
            Role(self.role.currentData()),
            self.password.edit.text(),
        )
        self.presenter.prepare(new, self.repeated.edit.text())
