"""Lists the accounts and changes them, after the administrator has proved who it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import StaffUser, clean_name
from clinic_app.services.clinic import ClinicService
from clinic_app.services.staff import NewStaff, StaffChange, StaffService
from clinic_app.ui.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class Users:
    """All accounts; ``least`` is how long a new password has to be."""

    people: Sequence[StaffUser]
    least: int


class UsersView(Protocol):
    def show_users(self, users: Users) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class AccountForm(Protocol):
    """The sheet in which an account is made or changed."""

    def show_checking(self, checking: bool) -> None: ...
    def show_error(self, error: BaseException) -> None: ...
    def ask_for_password(self) -> None:
        """What was typed is complete; the administrator's password is needed to go on."""


class UsersPresenter:
    def __init__(
        self, view: UsersView, staff: StaffService, clinic: ClinicService, jobs: Jobs
    ) -> None:
        self._view = view
        self._clinic = clinic
        self._staff = staff
        self._jobs = jobs

    def look(self) -> None:
        """List the accounts."""
        self._jobs.submit(
            Lane.DATABASE,
            self._read,
            done=self._view.show_users,
            failed=self._view.show_failure,
        )

    def _read(self) -> Users:
        least = self._clinic.profile().password_policy.minimum_length
        return Users(self._staff.everybody(), least)

    def prepare_new(self, form: AccountForm, new: NewStaff, repeated: str) -> None:
        """Check a new account before a password is asked for, as far as the records allow."""
        if new.password != repeated:
            form.show_error(InvalidInput("repeated", "The two passwords are not the same."))
            return

        def done(_: NewStaff) -> None:
            form.show_checking(False)
            form.ask_for_password()

        def failed(error: BaseException) -> None:
            form.show_checking(False)
            form.show_error(error)

        form.show_checking(True)
        self._jobs.submit(
            Lane.DATABASE, lambda: self._staff.check_new(new), done=done, failed=failed
        )

    def prepare_change(self, form: AccountForm, change: StaffChange) -> None:
        """Check a change before a password is asked for."""
        try:
            clean_name(change.display_name, "display_name", required=True)
        except InvalidInput as error:
            form.show_error(error)
            return
        form.ask_for_password()

    def prepare_password(self, form: AccountForm, password: str, repeated: str) -> None:
        """Check a new password that was typed twice."""
        if not password:
            form.show_error(InvalidInput("password", "Please type the new password."))
        elif password != repeated:
            form.show_error(InvalidInput("repeated", "The two passwords are not the same."))
        else:
            form.ask_for_password()
