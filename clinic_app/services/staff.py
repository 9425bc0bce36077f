"""Members of staff: their names on records, and new accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser, check_password, clean_name
from clinic_app.services.session import Desk
from clinic_app.services.storage import Vault


@dataclass(frozen=True, slots=True)
class NewStaff:
    """What an account is made of; without a ``display_name`` the user name is shown."""

    user_name: str
    display_name: str
    role: Role
    password: str = field(repr=False)

    def checked(self) -> NewStaff:
        """The same, cleaned; raises ``InvalidInput`` with the field that needs attention."""
        name = check_user_name(self.user_name)
        if self.role is Role.PATIENT:
            raise InvalidInput("role", "Please choose a role of a member of staff.")
        shown = clean_name(self.display_name, "display_name", required=False) or name
        check_password(self.password, name)
        return NewStaff(name, shown, self.role, self.password)


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

    def add(self, new: NewStaff, own_password: str) -> StaffUser:
        """Give a new member of staff an account with an own password.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput`` with the
        field that needs attention, ``WrongPassword`` and ``SignInThrottled``.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        checked = new.checked()
        self._desk.reauthenticate(own_password)
        user = StaffUser(new_id(), checked.user_name, checked.display_name, checked.role)
        with self._desk.unit_of_work() as work:
            taken = {one.user_name.casefold() for one in work.users.all()}
            if user.user_name.casefold() in taken:
                raise InvalidInput(
                    "user_name", "There is a member of staff with this user name already."
                )
            work.users.add(user)
            work.audit.record(AuditKind.CREATED, administrator.id, "user", user.id, user.role.value)
            work.commit()
        # The record comes first: a crash in between leaves an account without a key, which the
        # administrator sees and repairs, never a key without an account.
        self._vault.add_slot(user.user_name, checked.password)
        return user

    def set_password(self, user_id: UUID, new_password: str, own_password: str) -> None:
        """Give a member of staff a new password, or the key that a crash left out.

        ``own_password`` is the administrator's, asked for again. Raises ``InvalidInput`` for the
        new one, ``NotFound``, ``WrongPassword`` and ``SignInThrottled``.
        """
        administrator = self._desk.allow(Action.EDIT_USERS)
        with self._desk.unit_of_work() as work:
            user = work.users.get(user_id)
        check_password(new_password, user.user_name)
        self._desk.reauthenticate(own_password)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.CHANGED, administrator.id, "user", user_id, "password")
            work.commit()
        self._vault.add_slot(user.user_name, new_password)


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
