"""What the services need from the folder of a store: its key slots, and the way in (implemented by
``clinic_app.db``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from clinic_app.services.backup_data import Backups, Progress, unheard
from clinic_app.services.storage import OpenStore

Furnish = Callable[[OpenStore], None]


class VaultState(StrEnum):
    EMPTY = "empty"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class CreatedStore:
    """``recovery_key`` is shown once, on paper, and never stored."""

    store: OpenStore
    recovery_key: str = field(repr=False)


class Vault(Protocol):
    """The folder of one store: key slots beside an encrypted file, held by one process."""

    def state(self) -> VaultState: ...
    def create(
        self, user_name: str, password: str, furnish: Furnish, account: UUID | None = None
    ) -> CreatedStore:
        """Make the store; ``furnish`` fills in the first records before the key slots are written,
        so that a crash leaves either a usable clinic or nothing that blocks a second try.

        Raises ``StoreAlreadySetUp``, ``StoreInUse``, ``StoreFull``, ``StoreUnwritable``.
        """

    def unlock(self, user_name: str, password: str, progress: Progress = unheard) -> OpenStore:
        """``progress`` hears of a store that an update of the program makes anew at its first
        opening, and of no other; what it raises stops that, with everything as before.

        Raises ``StoreNotSetUp``, ``WrongPassword``, ``SignInThrottled``, ``StoreDamaged``,
        ``StoreTooNew``, ``StoreInUse``. A user that does not exist is ``WrongPassword`` too.
        """

    def unlock_with_recovery_key(
        self, recovery_key: str, progress: Progress = unheard
    ) -> OpenStore: ...
    def check_password(self, user_name: str, password: str) -> UUID | None:
        """Re-authentication without reopening: whose account the key is, as in ``key_owners``.
        Raises as ``unlock`` does."""

    def failed_openings(self) -> tuple[int, datetime] | None:
        """Failed attempts to open the store, under any name or with a recovery key, that the audit
        trail has not been told of: how many, and when the last attempt was made."""

    def openings_reported(self) -> None:
        """The failed openings stand in the audit trail now."""

    def key_owners(self) -> dict[str, UUID | None]:
        """Whose account each key opens the records for, by ``sign_in_name``; ``None`` for a key
        that an earlier program wrote."""

    def add_slot(self, user_name: str, password: str, account: UUID | None = None) -> None:
        """Give one more member of staff access (the store must be open). There is one key for a
        name: that of another account of the same name goes."""

    def remove_slot(self, user_name: str, account: UUID | None = None) -> None:
        """Take the key of this name away; not where it is known to be another ``account``'s."""

    @property
    def backups(self) -> Backups: ...
    def renew_recovery_key(self) -> str:
        """A new recovery key in the place of the old one, which opens nothing any more (the store
        must be open)."""
