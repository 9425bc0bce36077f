"""Whoever is at work was switched off, or given another role, on another laptop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clinic_app.services.session import Session, SessionState
from clinic_app.ui.shell.lock import LockPage
from clinic_app.ui.strings import ROLE_LABELS, tr

if TYPE_CHECKING:
    from clinic_app.ui.shell.desk import Desk


class AccountWatch:
    """Lets the window follow the account, which the session has followed already: ``lock`` covers
    the desk, where the words that were typed are kept before."""

    def __init__(
        self, session: Session, desk: Desk, page: LockPage, lock: Callable[[], None]
    ) -> None:
        self._session, self._desk, self._page, self._lock = session, desk, page, lock
        desk.link.changed.connect(lambda _: self._look())

    @property
    def stays_locked(self) -> bool:
        """An account that was switched off takes the laptop from a patient, and opens nothing."""
        return self._session.state is SessionState.LOCKED

    @property
    def reason(self) -> str:
        """Why the window is locked, to be read on it; empty where it is for nothing of this."""
        user = self._session.user
        if not user.active:
            return tr(
                "{name}, your account was switched off. Notes, answers and begun forms that you"
                " wrote are kept. Please ask your administrator."
            ).format(name=user.display_name)
        if user.role is not self._desk.navigation.role:
            return tr(
                "{name}, an administrator has given you another role: {role}. Enter your password"
                " to go on with it."
            ).format(name=user.display_name, role=tr(ROLE_LABELS[user.role]))
        return ""

    def tell(self) -> None:
        """Say on the page of the lock why it is there."""
        self._page.tell(self.reason, shut=not self._session.user.active)

    def take_role(self, *, go: bool) -> None:
        """Back at the desk: where the role is another one, show its places. ``go`` to the first of
        them, unless something that is open would be lost."""
        desk, user = self._desk, self._session.user
        if user.role is desk.navigation.role:
            return
        desk.navigation.show_role(user.role)
        desk.stack.forget_hidden()
        if go and desk.sheet is None:
            desk.leaving.then(self._begin, whole_window=True)

    def _begin(self) -> None:
        self._desk.stack.clear()
        self._desk.show_today()

    def _look(self) -> None:
        if self._desk.patient_at_laptop is None:  # the patient goes on; then the account is read
            if self.stays_locked:
                self._lock()
            self.tell()
        if not self._session.user.active:
            self._desk.link.rounds.end()  # each would be refused
