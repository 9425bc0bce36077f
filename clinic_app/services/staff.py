"""Members of staff: their names on records, their accounts, roles and passwords.

The record of a change comes before its key slot. A crash in between leaves an account without a
key, which an administrator sees and repairs, or a switched-off account that still has one, which
the next sign-in removes; never a change that nobody can find in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import (
    Role,
    StaffUser,
    clean_name,
    clean_reason,
    clean_text,
    sign_in_name,
)
from clinic_app.domain.site import PasswordPolicy
from clinic_app.services.keys import administers, key_holder
from clinic_app.services.left_notes import (
    UnsignedNotes,
    hand_over_notes,
    unsigned_notes,
)
from clinic_app.services.meanwhile import form_of, without_stale
from clinic_app.services.passwords import check_new_password
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.vault_storage import Vault


@dataclass(frozen=True, slots=True)
class NewStaff:
    """What an account is made of; without a ``display_name`` the user name is shown."""

    user_name: str
    display_name: str
    role: Role
    password: str = field(repr=False)

    def checked(self) -> NewStaff:
        """The same, cleaned, as far as it can be checked without the clinic's records.

        Raises ``InvalidInput`` with the field that needs attention.
        """
        name = check_user_name(self.user_name)
        _check_role(self.role)
        shown = clean_name(self.display_name, "display_name", required=False) or name
        check_new_password(self.password, name, PasswordPolicy(), (shown,))
        return NewStaff(name, shown, self.role, self.password)


@dataclass(frozen=True, slots=True)
class StaffChange:
    """What of an account can be changed later; the user name stays, records are signed with it."""

    display_name: str
    role: Role
    title: str = ""
    registration_number: str = ""
    phone: str = ""
    email: str = ""


_SAME_NAME = (
    "Another account has the same user name, and its password opens the records here. Please switch"
    " that one off first, or give this person an account under another name."
)
_TEXTS = ("display_name", "title", "registration_number", "phone", "email")


class StaffService:
    def __init__(self, desk: Desk, vault: Vault) -> None:
        self._desk = desk
        self._vault = vault

    def names(self) -> dict[UUID, str]:
        """Display name by user, switched-off accounts too: records name their author."""
        self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            return {user.id: user.display_name for user in work.users.all()}

    def everybody(self) -> tuple[StaffUser, ...]:
        """All accounts, by user name; for administrators."""
        self._desk.allow(Action.EDIT_USERS)
        with self._desk.unit_of_work() as work:
            return tuple(sorted(work.users.all(), key=lambda user: user.user_name.casefold()))

    def check_new(self, new: NewStaff) -> NewStaff:
        """The same, cleaned, and possible here; raises ``InvalidInput`` with the field that needs
        attention."""
        self._desk.allow(Action.EDIT_USERS)
        checked = new.checked()
        with self._desk.unit_of_work() as work:
            taken = {sign_in_name(one.user_name) for one in work.users.all()}
            if sign_in_name(checked.user_name) in taken:
                raise InvalidInput(
                    "user_name", "There is a member of staff with this user name already."
                )
            check_by_policy(work, new.password, checked.user_name, checked.display_name)
        return checked

    def add(self, new: NewStaff, own_password: str) -> StaffUser:
        """Give a new member of staff an account with an own password.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput`` with the
        field that needs attention, ``WrongPassword`` and ``SignInThrottled``.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        checked = self.check_new(new)
        self._desk.reauthenticate(own_password)
        user = StaffUser(new_id(), checked.user_name, checked.display_name, checked.role)
        with self._desk.unit_of_work() as work:
            work.users.add(user)
            work.audit.record(AuditKind.CREATED, administrator.id, "user", user.id, user.role.value)
            work.commit()
        self._vault.add_slot(user.user_name, checked.password, user.id)
        return user

    def edit(
        self,
        user_id: UUID,
        change: StaffChange,
        own_password: str,
        *,
        over: StaffChange | None = None,
    ) -> StaffUser:
        """Change name, role and what stands under a signature; what is as in ``over``, which the
        form showed when it was opened, stays as it is by now.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput``,
        ``NotFound``, ``WrongPassword``, and ``WrongState`` when nobody would be administrator.
        A new role holds from the next sign-in of that person; here at once, and where the person
        is at work from the round that brings it (``Session.follow``).
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        wanted = _cleaned(change)
        self._desk.reauthenticate(own_password)
        with self._desk.unit_of_work() as work:
            before = work.users.get(user_id)
            wanted = without_stale(wanted, over, form_of(StaffChange, before))
            if wanted.role is not Role.ADMINISTRATOR:
                _keep_an_administrator(work, before)
            after = replace(
                before,
                display_name=wanted.display_name,
                role=wanted.role,
                title=wanted.title,
                registration_number=wanted.registration_number,
                phone=wanted.phone,
                email=wanted.email,
            )
            if after == before:
                return before
            work.users.save(after)
            what = [name for name in _TEXTS if getattr(before, name) != getattr(after, name)]
            if before.role is not after.role:
                what.append(f"role {before.role.value} to {after.role.value}")
            detail = ", ".join(what)
            work.audit.record(AuditKind.CHANGED, administrator.id, "user", user_id, detail)
            work.commit()
        if user_id == administrator.id:
            self._desk.session.follow(after)
        return after

    def disable(self, user_id: UUID, own_password: str) -> StaffUser:
        """Switch an account off: its password opens the records no more, its history stays.

        ``own_password`` is the administrator's, asked for again. Raises ``NotFound``,
        ``WrongPassword``, and ``WrongState`` for the own account and the last administrator.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        self._desk.reauthenticate(own_password)
        with self._desk.unit_of_work() as work:
            before = work.users.get(user_id)
            if user_id == administrator.id:
                raise WrongState("You cannot switch off your own account.")
            _keep_an_administrator(work, before)
            after = replace(
                before, active=False, disabled_at=before.disabled_at or self._desk.now()
            )
            if before.active:
                work.users.save(after)
                work.audit.record(
                    AuditKind.CHANGED, administrator.id, "user", user_id, "switched off"
                )
                work.commit()
            holder = key_holder(work, self._vault, before.user_name)
        if holder is not None and holder.id == user_id:
            self._vault.remove_slot(after.user_name, user_id)
        return after

    def unsigned_notes(self, user_id: UUID) -> UnsignedNotes:
        """How many notes this person has not signed; audited. Raises ``NotFound``."""
        administrator = self._desk.allow(Action.EDIT_USERS)
        with self._desk.unit_of_work() as work:
            work.users.get(user_id)
            found = unsigned_notes(work, user_id)
            work.audit.record(AuditKind.READ, administrator.id, "unsigned_notes", user_id)
            work.commit()
        return found

    def hand_over_notes(self, user_id: UUID, to_user: UUID, reason: str, own_password: str) -> int:
        """Let a colleague read what somebody who has left did not sign; how many notes.

        ``own_password`` is the administrator's, asked for again. The colleague signs none of them:
        ``NoteService.take_over`` begins an own note with the words. Raises ``InvalidInput`` without
        a reason or for somebody who cannot sign notes, ``WrongState`` while the account is on or
        when there are no such notes, ``NotFound``, ``WrongPassword``.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        clean_reason(reason)
        self._desk.reauthenticate(own_password)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            leaver = work.users.get(user_id)
            count = hand_over_notes(work, leaver, to_user, reason, administrator.id, now)
            work.commit()
        return count

    def enable(self, user_id: UUID, new_password: str, own_password: str) -> StaffUser:
        """Switch an account on again, with a new password.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput`` for the
        new one, ``NotFound``, ``WrongPassword``, and ``WrongState`` when it is on.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        with self._desk.unit_of_work() as work:
            _check_can_be_enabled(work, work.users.get(user_id), new_password)
        self._desk.reauthenticate(own_password)
        with self._desk.unit_of_work() as work:
            # Read again: a round may have brought something since.
            before = work.users.get(user_id)
            _check_can_be_enabled(work, before, new_password)
            after = replace(before, active=True, disabled_at=None)
            work.users.save(after)
            work.audit.record(AuditKind.CHANGED, administrator.id, "user", user_id, "switched on")
            work.commit()
        self._vault.add_slot(after.user_name, new_password, user_id)
        return after

    def set_password(self, user_id: UUID, new_password: str, own_password: str) -> None:
        """Give a member of staff a new password, or the key that a crash left out.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput`` for the
        new one, ``NotFound``, ``WrongPassword``, ``SignInThrottled``, and ``WrongState`` for an
        account that is switched off.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        with self._desk.unit_of_work() as work:
            user = work.users.get(user_id)
            _check_can_have_password(work, self._vault, user, new_password)
        self._desk.reauthenticate(own_password)
        with self._desk.unit_of_work() as work:
            # Read again: a round may have switched it off since.
            user = work.users.get(user_id)
            _check_can_have_password(work, self._vault, user, new_password)
            work.audit.record(AuditKind.CHANGED, administrator.id, "user", user_id, "password")
            work.commit()
        self._vault.add_slot(user.user_name, new_password, user.id)

    def change_own_password(self, old_password: str, new_password: str) -> None:
        """A new password in the place of one's own; the old one opens nothing any more.

        Raises ``InvalidInput`` for the new one, ``WrongPassword`` and ``SignInThrottled``.
        """
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            check_by_policy(work, new_password, user.user_name, user.display_name)
        self._desk.reauthenticate(old_password)
        if new_password == old_password:
            raise InvalidInput("password", "The new password is the old one.")
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.CHANGED, user.id, "user", user.id, "own password")
            work.commit()
        self._vault.add_slot(user.user_name, new_password, user.id)


def made_administrator(work: UnitOfWork, user: StaffUser) -> StaffUser:
    """The same account, switched on and an administrator's; for who has the recovery key while
    there is no other administrator."""
    after = replace(user, active=True, disabled_at=None, role=Role.ADMINISTRATOR)
    work.users.save(after)
    detail = f"no administrator was left, role {user.role.value} to {after.role.value}"
    work.audit.record(AuditKind.CHANGED, user.id, "user", user.id, detail)
    return after


def check_user_name(text: str) -> str:
    """A user name of 2 to 40 letters, digits, dots, dashes or underscores."""
    name = text.strip()
    plain = name.replace(".", "").replace("-", "").replace("_", "")
    if not (2 <= len(name) <= 40 and plain.isalnum()):
        raise InvalidInput(
            "user_name",
            "The user name needs 2 to 40 letters or digits (also . - _), without spaces.",
        )
    return name


def _check_role(role: Role) -> None:
    if role is Role.PATIENT:
        raise InvalidInput("role", "Please choose a role of a member of staff.")


def _cleaned(change: StaffChange) -> StaffChange:
    _check_role(change.role)
    number = clean_text(change.registration_number, 40, "registration_number")
    return StaffChange(
        clean_name(change.display_name, "display_name", required=True),
        change.role,
        clean_text(change.title, 40, "title"),
        number,
        clean_text(change.phone, 40, "phone"),
        clean_text(change.email, 80, "email"),
    )


def check_by_policy(work: UnitOfWork, password: str, user_name: str, display_name: str) -> None:
    """Raise ``InvalidInput`` for a new password that the clinic's own policy refuses."""
    clinic = work.clinic.get()
    names = (clinic.name, display_name, "clinic-app")
    check_new_password(password, user_name, clinic.password_policy, names)


def _check_can_be_enabled(work: UnitOfWork, user: StaffUser, password: str) -> None:
    if user.active:
        raise WrongState("This account is switched on already.")
    name = sign_in_name(user.user_name)
    if any(one.active and sign_in_name(one.user_name) == name for one in work.users.all()):
        raise WrongState(_SAME_NAME)
    check_by_policy(work, password, user.user_name, user.display_name)


def _check_can_have_password(
    work: UnitOfWork, vault: Vault, user: StaffUser, password: str
) -> None:
    if not user.active:
        raise WrongState("This account is switched off. Please switch it on instead.")
    holder = key_holder(work, vault, user.user_name)
    if holder is not None and holder.active and holder.id != user.id:
        raise WrongState(_SAME_NAME)
    check_by_policy(work, password, user.user_name, user.display_name)


def _keep_an_administrator(work: UnitOfWork, leaving: StaffUser) -> None:
    """Raise ``WrongState`` when nobody else could administer the clinic."""
    administrators = {user.id for user in work.users.all() if administers(user)}
    if administrators == {leaving.id}:
        raise WrongState(
            "This is the only administrator. Please make somebody else administrator first."
        )
