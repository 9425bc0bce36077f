"""Passwords, the lock, and the recovery key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.site import PasswordPolicy
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.form import ProfileSection, whole_number
from clinic_app.ui.screens.admin.users.passwords import OwnPassword
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, column, icon_button, label, row
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.tick import Tick
from clinic_app.ui.workspace import Workspace


class SecuritySection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Passwords and lock"),
            tr("How long passwords have to be, when the window locks, and the recovery key."),
        )
        self._build_keys()

    def build(self) -> None:
        box = self.card(
            tr("For everybody"),
            tr(
                "No password has to be changed after some time, and none has to hold special"
                " characters: length is what helps (NIST SP 800-63B). A longer minimum holds for"
                " new passwords."
            ),
        )
        self.least, self.idle = text_edit(limit=2), text_edit(limit=2)
        self.line(
            box,
            ("password_policy", tr("Least characters of a password"), self.least),
            ("idle_lock_minutes", tr("Lock after minutes without touch"), self.idle),
        )

    def fill(self, profile: ClinicProfile) -> None:
        self.least.setText(str(profile.password_policy.minimum_length))
        self.idle.setText(str(profile.idle_lock_minutes))

    def typed(self) -> Mapping[str, Any]:
        return {
            "password_policy": PasswordPolicy(whole_number(self.least, "password_policy")),
            "idle_lock_minutes": whole_number(self.idle, "idle_lock_minutes"),
        }

    def _build_keys(self) -> None:
        box = self.card(
            tr("Your password"),
            tr("Everybody changes the own one, here or with the key symbol at the lower left."),
        )
        across = row()
        self.own = icon_button(tr("Change your password…"), "key", "", self.change_own)
        across.addWidget(self.own)
        across.addStretch(1)
        box.addLayout(across)
        box = self.card(
            tr("Recovery key"),
            tr(
                "The key on paper that opens the records when every administrator has forgotten the"
                " password. Make a new one when the paper may have been seen; the old one then"
                " opens nothing any more, except backups made before."
            ),
        )
        across = row()
        self.renew = icon_button(tr("Make a new recovery key…"), "key", "danger", self._renew)
        across.addWidget(self.renew)
        across.addStretch(1)
        box.addLayout(across)

    def change_own(self) -> None:
        services = self.workspace.services
        self._sheet = OwnPassword(
            self,
            self.jobs,
            self.workspace.notices,
            services.staff,
            services.session.user.user_name,
            self.presenter.least_password,
        )

    def _renew(self) -> None:
        ask_password(
            self,
            self.jobs,
            title=tr("Make a new recovery key?"),
            text=tr("It is shown once. Have paper or a printer ready: the old key is gone then."),
            confirm=tr("Make a new key"),
            work=self.workspace.services.clinic.renew_recovery_key,
            done=self._show_key,
        )

    def _show_key(self, key: str) -> None:
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("The new recovery key"), "heading"))
        box.addWidget(
            label(tr("Write it down now. It is shown once and kept nowhere in the program."))
        )
        shown = label(key, "key", selectable=True)
        box.addWidget(shown)
        written = Tick(tr("It stands on paper, and the old paper is destroyed"))
        box.addWidget(written)
        sheet = Sheet(self, content, name=tr("The new recovery key"), width=560, dismissible=False)
        close = button(tr("Done"), "primary", sheet.dismiss)
        close.setEnabled(False)
        written.toggled.connect(close.setEnabled)
        box.addLayout(answer_row(close))
        sheet.open(written)
