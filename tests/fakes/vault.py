"""An in-memory `Vault`: key slots, and the store that they open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from clinic_app.domain.errors import (
    SignInThrottled,
    StoreAlreadySetUp,
    StoreNotSetUp,
    WrongPassword,
)
from clinic_app.services.backup_data import Progress, unheard
from clinic_app.services.storage import OpenStore
from clinic_app.services.vault_storage import CreatedStore, VaultState
from tests.fakes.backups import FakeBackups
from tests.fakes.store import FakeStore


class FakeVault:
    """Key slots in memory. Five wrong passwords in a row mean waiting for 30 seconds."""

    RECOVERY_KEY = "AAAA-BBBB-CCCC-DDDD"

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.store = FakeStore(now)
        self.slots: dict[str, str] = {}
        self.owners: dict[str, UUID | None] = {}
        self._failed: dict[str, list[datetime]] = {}
        self._openings: list[datetime] = []
        self.renewal: tuple[float, ...] = ()
        self.recovery_key = self.RECOVERY_KEY
        self.backups = FakeBackups(lambda: self.slots, lambda: self.recovery_key, now)

    def state(self) -> VaultState:
        return VaultState.READY if self.slots else VaultState.EMPTY

    def create(
        self,
        user_name: str,
        password: str,
        furnish: Callable[[OpenStore], None],
        account: UUID | None = None,
    ) -> CreatedStore:
        if self.slots:
            raise StoreAlreadySetUp("There is a clinic in this folder already.")
        self.store = FakeStore(self._now)
        furnish(self.store)
        self.add_slot(user_name, password, account)
        return CreatedStore(self.store, self.recovery_key)

    def unlock(self, user_name: str, password: str, progress: Progress = unheard) -> OpenStore:
        if not self.slots:
            raise StoreNotSetUp("There is no clinic in this folder yet.")
        try:
            self.check_password(user_name, password)
        except WrongPassword:
            self._openings.append(self._now())
            raise
        for share in self.renewal:
            progress(share)
        self.renewal = ()
        self.store.closed = False
        return self.store

    def unlock_with_recovery_key(
        self, recovery_key: str, progress: Progress = unheard
    ) -> OpenStore:
        if recovery_key != self.recovery_key:
            self._openings.append(self._now())
            raise WrongPassword("This recovery key does not open the store.")
        self.store.closed = False
        return self.store

    def check_password(self, user_name: str, password: str) -> UUID | None:
        failed = self._failed.setdefault(user_name, [])
        if len(failed) >= 5 and self._now() - failed[-1] < timedelta(seconds=30):
            raise SignInThrottled(30)
        if self.slots.get(user_name) != password:
            failed.append(self._now())
            raise WrongPassword("User name and password do not fit.")
        failed.clear()
        return self.owners.get(user_name)

    def failed_openings(self) -> tuple[int, datetime] | None:
        return (len(self._openings), self._openings[-1]) if self._openings else None

    def openings_reported(self) -> None:
        self._openings.clear()

    def key_owners(self) -> dict[str, UUID | None]:
        return {name: self.owners.get(name) for name in self.slots}

    def add_slot(self, user_name: str, password: str, account: UUID | None = None) -> None:
        self.slots[user_name] = password
        self.owners[user_name] = account

    def remove_slot(self, user_name: str, account: UUID | None = None) -> None:
        if account is None or self.owners.get(user_name) in (None, account):
            self.slots.pop(user_name, None)

    def renew_recovery_key(self) -> str:
        self.recovery_key = f"{self.recovery_key}-EEEE"
        return self.recovery_key
