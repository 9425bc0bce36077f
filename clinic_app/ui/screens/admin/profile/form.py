"""What the pages of the clinic's settings share: fill, check, save with the password."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import ClinicProfile
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.presenter import ProfilePresenter
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, row
from clinic_app.ui.widgets.fields import Field, Fields
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.workspace import Workspace


class ProfileSection(Section):
    """Subclasses build their fields in ``build``, and exchange values in ``fill`` and ``typed``."""

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        saved: Callable[[ClinicProfile], None],
        title: str,
        purpose: str,
    ) -> None:
        super().__init__(workspace, jobs, title, purpose, width=760)
        self._told = saved
        self.fields = Fields({})
        self.presenter = ProfilePresenter(self, workspace.services.clinic, jobs)
        self.build()
        self.undo = button(tr("Undo changes"), "", self._undo)
        self.save = button(tr("Save…"), "primary", self._prepare)
        self.body.addLayout(answer_row(self.undo, self.save))

    def build(self) -> None:
        """Put the fields into the body."""
        raise TypeError(f"{type(self).__name__} has no fields")

    def fill(self, profile: ClinicProfile) -> None:
        """Show what is saved."""
        raise TypeError(f"{type(self).__name__} has no fields")

    def typed(self) -> Mapping[str, Any]:
        """What stands in the fields; raises ``InvalidInput``."""
        raise TypeError(f"{type(self).__name__} has no fields")

    def arrive(self) -> None:
        self.presenter.look()

    def catch_up(self) -> None:
        self.presenter.look(quietly=True)

    def unfinished(self) -> str:
        if not self.presenter.changed:
            return ""
        return tr("The changes under “{title}” are not saved yet.").format(title=self.title)

    # --- for the presenter ---------------------------------------------------------------------

    def show_profile(self, profile: ClinicProfile) -> None:
        self.clear_errors()
        self.fill(profile)
        self.show_content()

    def show_failure(self, error: BaseException) -> None:
        self.show_failed(error, self.presenter.look)

    def show_error(self, error: InvalidInput) -> None:
        if not self.fields.show_error(error):
            self.workspace.notices.report(error)

    def show_unchanged(self) -> None:
        self.workspace.notices.tell(tr("Nothing has changed."))

    def ask_for_password(self, work: Callable[[str], ClinicProfile]) -> None:
        ask_password(
            self,
            self.jobs,
            title=tr("Save “{title}”").format(title=self.title),
            text=tr(
                "The change holds for everybody in this clinic and is kept in the audit trail."
            ),
            confirm=tr("Save"),
            work=work,
            done=self._saved,
        )

    # --- for subclasses ------------------------------------------------------------------------

    def clear_errors(self) -> None:
        self.fields.clear_errors()

    def line(
        self,
        box: QVBoxLayout,
        *fields: tuple[str, str, QWidget],
        hint: str = "",
        optional: bool = False,
        places: int = 1,
    ) -> None:
        """Fields side by side, each as (name, caption, editor), in a line with so many places."""
        across = row(gap=2)
        for name, caption, editor in fields:
            made = Field(caption, editor, hint=hint, optional=optional)
            self.fields.add(name, made)
            across.addWidget(made, 1)
            if isinstance(editor, QLineEdit):
                editor.returnPressed.connect(self._prepare)
        for _ in range(places - len(fields)):
            across.addWidget(QWidget(), 1)
        box.addLayout(across)

    def _undo(self) -> None:
        self.presenter.undo()

    def _prepare(self) -> None:
        self.clear_errors()
        self.presenter.prepare()

    def _saved(self, profile: ClinicProfile) -> None:
        self.presenter.saved(profile)
        self._told(profile)
        self.workspace.notices.tell(tr("The settings are saved."))


def whole_number(edit: QLineEdit, field: str) -> int:
    """The number in an editor; raises ``InvalidInput`` for anything else."""
    text = edit.text().strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidInput(field, tr("Please enter a whole number."))
    return int(text)
