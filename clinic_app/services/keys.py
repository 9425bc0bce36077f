"""Whose key opens the records here.

Two laptops may have made accounts of one name before they knew of each other. A laptop has one key
for a name, and the key says which account it is; one that an earlier program wrote does not, and
counts as that of the account which was made here.
"""

from __future__ import annotations

import contextlib
from uuid import UUID

from clinic_app.domain.errors import ClinicError, NotFound, StoreError, WrongState
from clinic_app.domain.people import Role, StaffUser, sign_in_name
from clinic_app.services.storage import OpenStore, UnitOfWork
from clinic_app.services.vault_storage import Vault


def account_of(work: UnitOfWork, user_name: str, owner: UUID | None) -> StaffUser | None:
    """The account of a key; ``owner`` is what the key says."""
    if owner is None:
        return work.users.by_user_name(user_name)
    with contextlib.suppress(NotFound):
        return work.users.get(owner)
    return None


def key_holder(work: UnitOfWork, vault: Vault, user_name: str) -> StaffUser | None:
    """The account that the key of this name opens the records for here; ``None`` without a key."""
    keys, name = vault.key_owners(), sign_in_name(user_name)
    return account_of(work, name, keys[name]) if name in keys else None


def name_key(vault: Vault, user: StaffUser, typed: str, password: str) -> None:
    """A key that an earlier program wrote says from now on whose it is. ``typed`` is the name that
    it opened under: where another workstation has given the account another one, it gets a key of
    that as well, unless somebody has one already."""
    with contextlib.suppress(ClinicError):  # the next sign-in tries again
        keys, name = vault.key_owners(), sign_in_name(user.user_name)
        own = name == sign_in_name(typed)
        if name not in keys or (own and keys[name] is None):
            vault.add_slot(user.user_name, password, user.id)


def administers(user: StaffUser) -> bool:
    """Whether this account is switched on and an administrator's."""
    return user.active and user.role is Role.ADMINISTRATOR


def to_recover(work: UnitOfWork, vault: Vault, user_name: str) -> StaffUser | None:
    """Whom the recovery key is to help: of several accounts of one name an administrator's, before
    the others that of the key."""
    name = sign_in_name(user_name)
    found = [key_holder(work, vault, name), work.users.by_user_name(name)]
    found += [one for one in work.users.all() if sign_in_name(one.user_name) == name]
    known = [one for one in found if one is not None]
    return next((one for one in known if administers(one)), known[0] if known else None)


def remove_keys_left_behind(store: OpenStore, vault: Vault, but: UUID | None = None) -> None:
    """Remove the key slots of accounts that were switched off: on another laptop, or here before a
    crash. Not that ``but`` of who is at work, who gives the laptop back with it."""
    keys = vault.key_owners()
    with store.unit_of_work() as work:
        owners = [(name, account_of(work, name, owner)) for name, owner in keys.items()]
        for name, account in owners:
            if account is not None and not account.active and account.id != but:
                # Before the turn ends: one that is switched on meanwhile gets its key after that.
                with contextlib.suppress(StoreError, WrongState):  # the next sign-in tries again
                    vault.remove_slot(name, account.id)
