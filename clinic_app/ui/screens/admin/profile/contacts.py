"""Whom to call in a crisis; at least one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import ClinicProfile, CrisisContact
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.form import ProfileSection
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import card, clear, column, icon_button, label, row
from clinic_app.ui.widgets.fields import Field, Fields, text_edit
from clinic_app.ui.workspace import Workspace

_NAMES = ("crisis_contact_name", "crisis_contact_phone", "crisis_contact_hours")


class ContactsSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Crisis contacts"),
            tr(
                "Whom a person in acute distress can call. They are shown in the safety steps, to"
                " the patient, and on every report. At least one is needed; the first is shown"
                " first."
            ),
        )

    def build(self) -> None:
        self.rows: list[Fields] = []
        self._list = column(gap=2)
        self.body.addLayout(self._list)
        across = row()
        self.more = icon_button(tr("Add another contact"), "plus", "quiet", self._add)
        across.addWidget(self.more)
        across.addStretch(1)
        self.body.addLayout(across)

    def fill(self, profile: ClinicProfile) -> None:
        self._show(list(profile.crisis_contacts))

    def typed(self) -> Mapping[str, Any]:
        return {"crisis_contacts": tuple(self._contacts())}

    def clear_errors(self) -> None:
        for fields in self.rows:
            fields.clear_errors()

    def show_error(self, error: InvalidInput) -> None:
        for fields, contact in zip(self.rows, self._contacts(), strict=True):
            if not contact.name.strip() or len(contact.name) > 80:
                fields.show_error(InvalidInput(_NAMES[0], error.sentence))
                return
            if not contact.phone.strip() or len(contact.phone) > 40:
                fields.show_error(InvalidInput(_NAMES[1], error.sentence))
                return
        super().show_error(error)

    def _contacts(self) -> list[CrisisContact]:
        """Every contact as typed."""
        return [CrisisContact(*(_text(fields, name) for name in _NAMES)) for fields in self.rows]

    def _add(self) -> None:
        self._show([*self._contacts(), CrisisContact("", "")])
        self.rows[-1][_NAMES[0]].editor.setFocus()

    def _remove(self, number: int) -> None:
        kept = self._contacts()
        del kept[number]
        self._show(kept)
        self.more.setFocus()

    def _show(self, contacts: list[CrisisContact]) -> None:
        clear(self._list)
        self.rows = []
        for number, contact in enumerate(contacts):
            self._list.addWidget(self._card(number, contact, removable=len(contacts) > 1))

    def _card(self, number: int, contact: CrisisContact, *, removable: bool) -> Any:
        holder, box = card(margin=2, gap=1)
        top = row()
        words = tr("Contact {number}").format(number=number + 1)
        top.addWidget(label(words, "caption"), 1)
        if removable:
            remove = icon_button(tr("Remove"), "close", "quiet", partial(self._remove, number))
            remove.setAccessibleName(tr("Remove contact {number}").format(number=number + 1))
            top.addWidget(remove)
        box.addLayout(top)
        edits = (
            text_edit(tr("e.g. Crisis line, clinic on-call"), limit=120),
            text_edit(limit=60),
            text_edit(tr("e.g. day and night"), limit=120),
        )
        captions = (tr("Whom to call"), tr("Phone number"), tr("When"))
        values = (contact.name, contact.phone, contact.hours)
        fields = Fields({})
        for name, caption, edit, value in zip(_NAMES, captions, edits, values, strict=True):
            edit.setText(value)
            fields.add(name, Field(caption, edit, optional=name == _NAMES[2]))
        box.addWidget(fields[_NAMES[0]])
        across = row(gap=2)
        across.addWidget(fields[_NAMES[1]], 1)
        across.addWidget(fields[_NAMES[2]], 1)
        box.addLayout(across)
        self.rows.append(fields)
        return holder


def _text(fields: Fields, name: str) -> str:
    editor = fields[name].editor
    assert isinstance(editor, QLineEdit)
    return editor.text()
