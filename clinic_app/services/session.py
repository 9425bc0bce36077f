"""Who is sitting at the laptop: sign-in, lock, re-authentication, handing over to a patient."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.clock import seconds_up
from clinic_app.domain.errors import AccessDenied, NotSignedIn, SignInThrottled, WrongPassword
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.sign_in_term import SignInTerm
from clinic_app.services.storage import UnitOfWork

SWITCHED_OFF = "This account is switched off. Please ask your administrator."
SIGN_IN_AGAIN = "Your sign-in has ended. Please lock the window and sign in again."


class SessionState(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


_Proven = TypeVar("_Proven")


class PasswordCheck(Protocol):
    """What a session needs from the vault."""

    def check_password(self, user_name: str, password: str) -> UUID | None:
        """Whose account the password is, where that is known."""


class Session:
    """One member of staff at work. While locked or in a patient's hands, staff actions are refused.

    Attributes:
        state: active, locked, handed over (a patient holds the laptop) or ended.
        term: how long the sign-in holds; once it is over, services refuse as ``SignInTerm`` says.
    """

    def __init__(
        self, user: StaffUser, passwords: PasswordCheck, up: Callable[[], float] = seconds_up
    ) -> None:
        self._user = user
        self.term = SignInTerm(up)
        self._passwords = passwords
        self._held_for: UUID | None = None
        self._typed_may_be_kept = False
        self._changing = threading.Lock()
        self.state = SessionState.ACTIVE

    @property
    def user(self) -> StaffUser:
        return self._user

    @property
    def patient_at_laptop(self) -> UUID | None:
        """The patient who holds the laptop, while it is handed over."""
        return self._held_for

    def require(self, action: Action) -> StaffUser:
        """The acting member of staff; raises ``AccessDenied`` or ``NotSignedIn``."""
        user = self._require(action)
        if self.state is SessionState.ACTIVE and not self.term.allows(action):
            raise NotSignedIn(SIGN_IN_AGAIN)
        return user

    def _require(self, action: Action) -> StaffUser:
        if self.state is not SessionState.ENDED and not self._user.active:
            raise NotSignedIn(SWITCHED_OFF)
        if self.state in (SessionState.LOCKED, SessionState.ENDED):
            raise NotSignedIn("The window is locked. Please enter your password.")
        role = Role.PATIENT if self.state is SessionState.HANDED_OVER else self._user.role
        if not allows(role, action):
            raise AccessDenied("Your role does not allow this.")
        return self._user

    def require_to_keep(self, action: Action) -> StaffUser:
        """As ``require``, for words that were typed into a draft or a form; also after ``follow``
        has locked and after the sign-in has ended, until the window has kept them and locks in its
        turn."""
        if self._typed_may_be_kept and allows(self._user.role, action):
            return self._user
        if self.state is SessionState.ACTIVE and self.term.left <= 0:
            return self._require(action)
        return self.require(action)

    def require_behind_lock(self, action: Action) -> StaffUser:
        """As ``require``, also while the window is locked or a patient holds the laptop: for work
        that goes on by itself and shows nothing of any record."""
        if self.state is SessionState.ENDED:
            raise NotSignedIn("Please sign in again.")
        if not self._user.active:
            raise NotSignedIn(SWITCHED_OFF)
        if not allows(self._user.role, action):
            raise AccessDenied("Your role does not allow this.")
        return self._user

    def require_own(self, action: Action, patient_id: UUID) -> StaffUser:
        """As ``require``; while handed over, only for the patient who holds the laptop."""
        user = self.require(action)
        if self._held_for is not None and self._held_for != patient_id:
            raise AccessDenied("This record belongs to somebody else.")
        return user

    def lock(self) -> None:
        """Lock; a patient's hand-over stays a hand-over behind the lock."""
        self._typed_may_be_kept = False
        if self.state is not SessionState.ENDED:
            self.state = SessionState.LOCKED

    def follow(self, account: StaffUser) -> None:
        """Take over how the account stands in the records now: lock where it was switched off or
        given another role, on another laptop perhaps.

        A patient who holds the laptop is left to answer: taking it back looks at the account.
        """
        with self._changing:  # a hand-over at the same moment comes before it, or not at all
            if self._held_for is not None or self.state is SessionState.ENDED:
                return
            stays = account.active and account.role is self._user.role
            self._user = account
            if self.state is SessionState.ACTIVE and not stays:
                self.state = SessionState.LOCKED
                self._typed_may_be_kept = True

    def hand_over(self, patient_id: UUID) -> None:
        """Restrict the laptop to answering for this patient until staff takes it back."""
        with self._changing:
            self.require(Action.TAKE_SCREENING)
            self._held_for = patient_id
            self.state = SessionState.HANDED_OVER

    def give_back(self, account: StaffUser, *, signed_in: bool = False) -> None:
        """Return to staff work, with the account as it stands now; only after the password was
        checked (``ClinicService.resume``). ``signed_in``: that was a whole sign-in."""
        if self.state is SessionState.ENDED:
            raise NotSignedIn("Please sign in again.")
        if signed_in:
            self.term.renew()
        self._user = account
        self._held_for = None
        self._typed_may_be_kept = False
        self.state = SessionState.ACTIVE

    def reauthenticate(self, password: str) -> None:
        """Prove again who this is (to sign, export, take back); raises ``WrongPassword``."""
        if self.check_password(self._user.user_name, password) not in (None, self._user.id):
            raise WrongPassword("This password belongs to another account of the same name.")

    def check_password(self, user_name: str, password: str) -> UUID | None:
        """Prove that somebody is ``user_name``: whose account that is, where the key tells.
        Raises ``WrongPassword`` or ``SignInThrottled``."""
        if not password:
            raise WrongPassword("Please enter your password.")
        return self._passwords.check_password(user_name, password)

    def end(self) -> None:
        self._held_for = None
        self._typed_may_be_kept = False
        self.state = SessionState.ENDED


@dataclass(frozen=True, slots=True)
class Desk:
    """What every service works with: the session, the store and the clock."""

    session: Session
    unit_of_work: Callable[[], UnitOfWork]
    now: Callable[[], datetime]

    def allow(self, action: Action, patient_id: UUID | None = None) -> StaffUser:
        """The acting member of staff; a refusal goes to the audit trail before it is raised."""
        try:
            if patient_id is not None:
                return self.session.require_own(action, patient_id)
            return self.session.require(action)
        except (AccessDenied, NotSignedIn):
            if self.session.state is not SessionState.ENDED:  # then the store is closed already
                self.refuse(action, patient_id)
            raise

    def allow_to_keep(self, action: Action) -> StaffUser:
        """As ``Session.require_to_keep``; a refusal is audited before it is raised."""
        try:
            return self.session.require_to_keep(action)
        except (AccessDenied, NotSignedIn):
            if self.session.state is not SessionState.ENDED:
                self.refuse(action)
            raise

    def allow_behind_lock(self, action: Action) -> StaffUser:
        """As ``Session.require_behind_lock``; a refusal is audited before it is raised."""
        try:
            return self.session.require_behind_lock(action)
        except AccessDenied:
            self.refuse(action)
            raise

    def refuse(self, action: Action, subject_id: UUID | None = None) -> None:
        """Note a refusal in the audit trail; must not be called inside a unit of work."""
        with self.unit_of_work() as work:
            work.audit.record(
                AuditKind.REFUSED, self.session.user.id, "action", subject_id, action.value
            )
            work.commit()

    def reauthenticate(self, password: str) -> None:
        """Prove again who is at work; a wrong password is audited before it is raised."""
        self._audited(lambda _: self.session.user, lambda: self.session.reauthenticate(password))

    def check_password(self, user_name: str, password: str) -> UUID | None:
        """Prove who ``user_name`` is; a wrong password is audited before it is raised."""
        return self._audited(
            lambda work: work.users.by_user_name(user_name),
            lambda: self.session.check_password(user_name, password),
        )

    def _audited(
        self, who: Callable[[UnitOfWork], StaffUser | None], check: Callable[[], _Proven]
    ) -> _Proven:
        try:
            return check()
        except (SignInThrottled, WrongPassword):
            with self.unit_of_work() as work:
                known = who(work)
                by = self.session.user.id
                work.audit.record(AuditKind.SIGN_IN_FAILED, by, "user", known.id if known else None)
                work.commit()
            raise

    def note_down(self, kind: AuditKind, subject: str, subject_id: UUID | None = None) -> None:
        """One audit entry of its own (lock, unlock, sign-out)."""
        with self.unit_of_work() as work:
            work.audit.record(kind, self.session.user.id, subject, subject_id)
            work.commit()
