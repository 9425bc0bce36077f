"""Who works here: every account in a line, and the way to make and change them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from clinic_app.domain.people import MINIMUM_PASSWORD_LENGTH, Role, StaffUser
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.users.account_sheet import EditAccount, NewAccount
from clinic_app.ui.screens.admin.users.presenter import Users, UsersPresenter
from clinic_app.ui.strings import ROLE_LABELS, tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.widgets.basics import card, clear, column, icon_button, label, line, row
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.workspace import Workspace


class UsersSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Users"),
            tr(
                "Who may open the records, and with which role. An account is switched off, never"
                " deleted: records name their author."
            ),
        )
        self.presenter = UsersPresenter(
            self, workspace.services.staff, workspace.services.clinic, jobs
        )
        self.least = MINIMUM_PASSWORD_LENGTH
        self.sheet: NewAccount | EditAccount | None = None
        top = row()
        self.summary = label("", "muted")
        top.addWidget(self.summary, 1)
        self.add = icon_button(tr("Add a colleague…"), "plus", "primary", self._add)
        top.addWidget(self.add)
        self.body.addLayout(top)
        holder, self._list = card(margin=2, gap=1)
        self.body.addWidget(holder)

    def arrive(self) -> None:
        self.presenter.look()

    def catch_up(self) -> None:
        self.presenter.look()

    def show_users(self, users: Users) -> None:
        people, self.least = users.people, users.least
        ordered = sorted(people, key=lambda user: not user.active)  # by name within each
        with kept_focus(self):
            clear(self._list)
            for number, user in enumerate(ordered):
                if number:
                    self._list.addWidget(line())
                self._list.addWidget(self._line(user))
        active = sum(user.active for user in people)
        off = len(people) - active
        words = tr("1 account") if active == 1 else tr("{n} accounts").format(n=active)
        more = tr("{n} switched off").format(n=off) if off else ""
        self.summary.setText(" · ".join(filter(None, (words, more))))
        self.show_content()

    def show_failure(self, error: BaseException) -> None:
        self.show_failed(error, self.presenter.look)

    def changed(self, sentence: str) -> None:
        """An account was made or changed: tell so and look again."""
        self.workspace.notices.tell(sentence)
        self.presenter.look()

    def _line(self, user: StaffUser) -> QFrame:
        made = QFrame()
        across = row(made, gap=2)
        initials = "".join(part[0] for part in user.display_name.split()[:2]).upper()
        avatar = label(initials, "avatar", wrap=False)
        avatar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        avatar.setFixedSize(scaled(36), scaled(36))
        across.addWidget(avatar, 0, Qt.AlignmentFlag.AlignVCenter)
        words = column()
        words.setSpacing(2)
        name = row()
        name.addWidget(label(user.display_name, "strong"))
        name.addWidget(label(tr(ROLE_LABELS[user.role]), _badge(user), wrap=False))
        name.addStretch(1)
        words.addLayout(name)
        words.addWidget(label(about(user), "small"))
        across.addLayout(words, 1)
        edit = icon_button(tr("Edit…"), "pen", "quiet", partial(self._edit, user))
        edit.setAccessibleName(tr("Edit {name}").format(name=user.display_name))
        across.addWidget(edit, 0, Qt.AlignmentFlag.AlignVCenter)
        return made

    def _add(self) -> None:
        self.sheet = NewAccount(self, self.presenter)

    def _edit(self, user: StaffUser) -> None:
        me = self.workspace.services.session.user.id
        self.sheet = EditAccount(self, self.presenter, user, own=user.id == me)


def about(user: StaffUser) -> str:
    """What stands under a name: user name, title, number, how to reach, and since when off."""
    parts = [user.user_name, user.title, user.registration_number, user.phone, user.email]
    if not user.active:
        since = user.disabled_at
        parts.append(
            tr("switched off on {day}").format(day=day_text(local_day(since)))
            if since
            else tr("switched off")
        )
    return " · ".join(filter(None, parts))


def _badge(user: StaffUser) -> str:
    if not user.active:
        return "badge"
    return "badge-accent" if user.role is Role.ADMINISTRATOR else "badge"
