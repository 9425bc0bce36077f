"""Lists the accounts and makes new ones, after the administrator has proved who it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import StaffUser
from clinic_app.services.staff import NewStaff, StaffService
from clinic_app.ui.jobs import Jobs, Lane


class StaffView(Protocol):
    def show_staff(self, people: Sequence[StaffUser]) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_error(self, error: InvalidInput) -> None: ...
    def ask_for_password(self, new: NewStaff) -> None:
        """The account is complete; the administrator's password is needed to make it."""


class StaffPresenter:
    def __init__(self, view: StaffView, staff: StaffService, jobs: Jobs) -> None:
        self._view = view
        self._staff = staff
        self._jobs = jobs

    def look(self) -> None:
        """List the accounts."""
        self._jobs.submit(
            Lane.DATABASE,
            self._staff.everybody,
            done=self._view.show_staff,
            failed=self._view.show_failure,
        )

    def prepare(self, new: NewStaff, repeated: str) -> None:
        """Check what was typed before a password is asked for."""
        try:
            checked = new.checked()
            if new.password != repeated:
                raise InvalidInput("repeated", "The two passwords are not the same.")
        except InvalidInput as error:
            self._view.show_error(error)
            return
        self._view.ask_for_password(checked)
