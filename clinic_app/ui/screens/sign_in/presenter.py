"""Decisions of signing in: one attempt at a time, waiting, trouble with the store, recovery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from clinic_app.domain.errors import (
    InvalidInput,
    RenewalStopped,
    SignInThrottled,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreInUse,
    StoreNotSetUp,
    StoreTooNew,
    StoreUnwritable,
)
from clinic_app.services.time_left import TimeLeft
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork

if TYPE_CHECKING:
    from clinic_app.services.backup_data import Progress, Stop
    from clinic_app.services.clinic_services import ClinicServices

_STOPPED = "Stopped; nothing has changed. It begins again when you sign in."

ADVICE: dict[type[StoreError], tuple[str, str]] = {
    StoreInUse: (
        "The clinic is already open",
        "Close the other window of this program, or sign out there, then try again.",
    ),
    StoreDamaged: (
        "The records cannot be opened",
        "Do not delete anything. Put back the newest backup, or ask the person who looks after this"
        " laptop.",
    ),
    StoreTooNew: (
        "This program is too old for these records",
        "Install the newest version of the program on this laptop, then try again.",
    ),
    StoreFull: (
        "The disk is full",
        "Free some space on this laptop, then try again. Nothing that was saved is lost.",
    ),
    StoreUnwritable: (
        "The folder of the records cannot be used",
        "Check that the disk is connected and that you may write to it, then try again.",
    ),
    StoreNotSetUp: (
        "There is no clinic on this laptop",
        "Start the program again to set one up, or put back a backup.",
    ),
}
"""Title and what to do, by kind of trouble."""


class SignInView(Protocol):
    def show_busy(self, busy: bool) -> None: ...
    def show_renewal(self, share: float, seconds_left: float | None) -> None:
        """The records are made anew after an update: how much is done, from 0 to 1."""

    def show_error(self, error: BaseException) -> None:
        """Beside the password, which is emptied."""

    def show_field_error(self, error: InvalidInput) -> None: ...
    def show_wait(self, seconds: int) -> None:
        """Count down; signing in stays closed meanwhile."""

    def show_store_trouble(self, title: str, error: BaseException, advice: str) -> None: ...


@dataclass
class SignInPresenter:
    """``sign_in`` and ``recover`` run on the database lane, and tell how far they are where the
    records are made anew after an update; ``entered`` goes on to the clinic."""

    view: SignInView
    jobs: Jobs
    sign_in: Callable[[str, str, Progress], ClinicServices]
    recover: Callable[[str, str, str, Progress], ClinicServices]
    entered: Callable[[ClinicServices], None]

    def __post_init__(self) -> None:
        self._work = LongWork(self.jobs, Lane.DATABASE)

    def try_password(self, user_name: str, password: str) -> None:
        """Sign in; empty fields are told without asking the store."""
        if not user_name.strip():
            self.view.show_field_error(InvalidInput("user_name", "Please enter your user name."))
        elif not password:
            self.view.show_field_error(InvalidInput("password", "Please enter your password."))
        else:
            self._submit(lambda progress: self.sign_in(user_name, password, progress))

    def try_recovery(self, user_name: str, key: str, password: str, repeated: str) -> None:
        """Set a new password with the recovery key and sign in."""
        checks = (
            (not user_name.strip(), "user_name", "Please enter the administrator's user name."),
            (not key.strip(), "recovery_key", "Please type the recovery key from your paper."),
            (not password, "password", "Please choose a new password."),
            (password != repeated, "repeated", "The two passwords are not the same."),
        )
        for wrong, field, sentence in checks:
            if wrong:
                self.view.show_field_error(InvalidInput(field, sentence))
                return
        self._submit(lambda progress: self.recover(user_name, key, password, progress))

    def stop(self) -> None:
        """Leave the records as they were before the update, and closed."""
        self._work.stop()

    def _submit(self, open_with: Callable[[Progress], ClinicServices]) -> None:
        left: TimeLeft | None = None

        def open_and_tell(tell: Progress, stop: Stop) -> ClinicServices:
            def heard(share: float) -> None:
                if stop():
                    raise RenewalStopped(_STOPPED)
                tell(share)

            return open_with(heard)

        def show(share: float) -> None:
            nonlocal left
            left = left or TimeLeft()  # checking the password takes a moment of its own
            self.view.show_renewal(share, left.seconds(share))

        self._work.start(
            open_and_tell,
            began=lambda: self.view.show_busy(True),
            heard=show,
            done=self.entered,
            failed=self._failed,
        )

    def _failed(self, error: BaseException) -> None:
        self.view.show_busy(False)
        if isinstance(error, SignInThrottled):
            self.view.show_wait(error.seconds)
        elif isinstance(error, InvalidInput):
            self.view.show_field_error(error)
        elif isinstance(error, StoreError):
            title, advice = ADVICE.get(type(error), ("The clinic cannot be opened", ""))
            self.view.show_store_trouble(title, error, advice)
        else:
            self.view.show_error(error)
