"""The sheet in which unsigned notes of somebody who has left are handed to a colleague."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import REASON_LIMIT, StaffUser, clean_reason
from clinic_app.services.left_notes import UnsignedNotes
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet


def read_unsigned(
    section: Section, user: StaffUser, show: Callable[[UnsignedNotes], object]
) -> None:
    """Count what this person has not signed; ``show`` gets it if the section is still in front."""
    staff = section.workspace.services.staff
    read_then_open(section, section.workspace, lambda: staff.unsigned_notes(user.id), show)


def left_text(found: UnsignedNotes) -> str:
    """How many notes are not signed, and what becomes of them; empty where there are none."""
    if not found.count:
        return ""
    how_many = tr("1 note is not signed.")
    if found.count > 1:
        how_many = tr("{n} notes are not signed.").format(n=found.count)
    if not found.sealed:
        return f"{how_many} {tr('A colleague has been given them to read.')}"
    sealed = tr(
        "Nobody else can read what is not signed. Nothing of it is lost: once the account is off,"
        " you can hand it to a colleague, or leave it sealed."
    )
    return f"{how_many} {sealed}"


class HandOverNotes:
    """To whom, and why; then the administrator's password. Closing it leaves them sealed."""

    def __init__(
        self,
        section: Section,
        user: StaffUser,
        found: UnsignedNotes,
        done: Callable[[str], object],
    ) -> None:
        self._section = section
        self._user = user
        self._after = done
        title = tr("Unsigned notes of {name}").format(name=user.display_name)
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(title, "heading"))
        box.addWidget(label(self._meaning(found), "muted"))
        able = [(one.display_name, one.id) for one in found.receivers]
        self.to_user = choice([(tr("Please choose"), None), *able])
        self.reason = text_edit(tr("e.g. takes over these people from 1 April"), limit=REASON_LIMIT)
        self.fields = Fields(
            {
                "to_user": Field(tr("To", "a person"), self.to_user),
                "reason": Field(tr("Why"), self.reason),
            }
        )
        box.addWidget(self.fields["to_user"])
        box.addWidget(self.fields["reason"])
        self.sheet = Sheet(section, content, name=title, width=520)
        self.confirm = button(tr("Hand over…"), "primary", self._prepare)
        box.addLayout(
            answer_row(button(tr("Leave them sealed"), "", self.sheet.dismiss), self.confirm)
        )
        self.reason.returnPressed.connect(self._prepare)
        self.sheet.open(self.to_user)

    def _meaning(self, found: UnsignedNotes) -> str:
        if found.count == 1:
            about = tr("1 note is not signed.")
        elif found.people == 1:
            about = tr("{n} notes about one person are not signed.").format(n=found.count)
        else:
            about = tr("{n} notes about {people} people are not signed.").format(
                n=found.count, people=found.people
            )
        rule = tr(
            "The colleague whom you choose can read them, marked as unsigned drafts of {name}, and"
            " sign what holds as an own note that names where it is from. Nobody can change them or"
            " sign them as {name}."
        ).format(name=self._user.display_name)
        return f"{about} {rule}"

    def _prepare(self) -> None:
        self.fields.clear_errors()
        reason, to_user = self.reason.text(), self.to_user.currentData()
        try:
            if to_user is None:
                raise InvalidInput("to_user", "Please choose a colleague who signs notes.")
            clean_reason(reason)
        except InvalidInput as error:
            self.fields.show_error(error)
            return
        name = self.to_user.currentText()
        staff = self._section.workspace.services.staff
        ask_password(
            self._section,
            self._section.jobs,
            title=tr("Hand the notes over to {name}").format(name=name),
            text=tr("Who got them, when and why stands with each note and in the audit trail."),
            confirm=tr("Hand over"),
            work=partial(staff.hand_over_notes, self._user.id, to_user, reason),
            done=partial(self._done, name),
        )

    def _done(self, name: str, _count: int) -> None:
        self.sheet.dismiss()
        self._after(tr("{name} can read the unsigned notes now.").format(name=name))
