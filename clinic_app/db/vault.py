"""The vault: one folder with the encrypted store, its key slots and its lock.

| file            | content                                                        |
|-----------------|----------------------------------------------------------------|
| `clinic.db`     | the records (SQLCipher), with `-wal` and `-shm` while open     |
| `keyslots.json` | the store key, wrapped once per login and for the recovery key |
| `audit.head`    | the audit trail's head                                         |
| `signin.json`   | failed sign-ins                                                |
| `store.lock`    | held by the one program that has the store open                |
| `setup.part`    | there while a set-up or a restore is not finished              |
| `restore.part`  | a backup that is being restored; `drill.part`: one that is tried |
| `snapshot.part` | the centre's snapshot while it is fetched                      |

Key slots are written last, so a set-up that was cut short can simply be run again. Importing this
module is cheap: database and cryptography are loaded when a store is opened.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from clinic_app.db import keyslots
from clinic_app.db.files import (
    AUDIT_FILE,
    DRILL_FOLDER,
    KEY_FILE,
    LOCK_FILE,
    RESTORE_FOLDER,
    SETUP_MARK,
    SIGN_IN_FILE,
    SNAPSHOT_FOLDER,
    STORE_FILE,
    file_access,
    flush_folder,
    make_private_folder,
    remove_temporaries,
    write_atomically,
)
from clinic_app.db.keyslots import DEFAULT_ROUNDS, KeySlots, slot_name
from clinic_app.db.recovery_key import new_recovery_key, recovery_secret
from clinic_app.db.throttle import SignInThrottle
from clinic_app.domain.clock import utc_now, wall_ms
from clinic_app.domain.errors import (
    StoreAlreadySetUp,
    StoreDamaged,
    StoreError,
    StoreInUse,
    StoreNotSetUp,
    WrongPassword,
    WrongState,
)
from clinic_app.services.backup_data import Backups, Progress, unheard
from clinic_app.services.storage import OpenStore
from clinic_app.services.vault_storage import CreatedStore, Furnish, Vault, VaultState

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from clinic_app.db.store import Clocks, EncryptedStore

_WRITTEN_ATOMICALLY = (KEY_FILE, SIGN_IN_FILE, AUDIT_FILE, SETUP_MARK)
_RECOVERY_ATTEMPTS = "recovery key"

_IN_USE = "This clinic is already open, here or in another copy of the program."
_NOT_SET_UP = "There is no clinic in this folder yet."
_SLOTS_MISSING = (
    "The key file of this clinic is missing. Please put back the file “keyslots.json” from a"
    " backup; the records themselves were not touched."
)
_RECORDS_MISSING = "The clinic's records are missing. Please restore the latest backup."
_NOT_FRESH = "A backup is restored into an empty folder only. Please choose another one."
_ALREADY_THERE = (
    "There is a clinic in this folder already; a backup never replaces it. Please choose an empty"
    " folder."
)
_MAY_BE_THERE = frozenset({LOCK_FILE, SIGN_IN_FILE, "demo", "demo-clinic"})
"""In a folder without a clinic: what a look at it leaves, and the made-up clinics' own folders."""


def open_vault(folder: Path) -> Vault:
    """The vault in ``folder``; nothing is read or made before it is used."""
    return FolderVault(folder)


class FolderVault:
    """Implements ``Vault``. ``rounds``, ``now`` and ``wall`` are given by tests only."""

    def __init__(
        self,
        folder: Path,
        *,
        rounds: int = DEFAULT_ROUNDS,
        now: Callable[[], datetime] = utc_now,
        wall: Callable[[], int] = wall_ms,
    ) -> None:
        self._folder = folder
        self._rounds = rounds
        self._now = now
        self._wall = wall
        self._throttle = SignInThrottle(folder, now)
        self._lock: BaseFileLock | None = None
        self._key: bytes | None = None
        self._one_at_a_time = threading.RLock()

    def state(self) -> VaultState:
        """``READY`` also when only the key file is missing: set-up must not offer itself then."""
        with file_access():
            slots = (self._folder / KEY_FILE).exists()
            records = (self._folder / STORE_FILE).exists()
            unfinished = (self._folder / SETUP_MARK).exists()
        return VaultState.READY if slots or (records and not unfinished) else VaultState.EMPTY

    # --- making -----------------------------------------------------------------------------

    def create(
        self, user_name: str, password: str, furnish: Furnish, account: UUID | None = None
    ) -> CreatedStore:
        make_private_folder(self._folder)
        with self._one_at_a_time, self._locked():
            if self.state() is VaultState.READY:
                raise StoreAlreadySetUp("There is a clinic in this folder already.")
            write_atomically(self._folder / SETUP_MARK, b"")
            self._remove_unfinished()
            try:
                return self._create(user_name, password, furnish, account)
            except BaseException:
                # Nobody has seen the recovery key, so not even a finished store may stay.
                with contextlib.suppress(StoreError):
                    with file_access():
                        (self._folder / KEY_FILE).unlink(missing_ok=True)
                    self._remove_unfinished()
                raise

    def _create(
        self, user_name: str, password: str, furnish: Furnish, account: UUID | None
    ) -> CreatedStore:
        from clinic_app.db.store import create_store

        key, store_id = secrets.token_bytes(keyslots.KEY_BYTES), secrets.token_hex(16)
        recovery_key = new_recovery_key()
        slots = KeySlots(store_id).with_user(user_name, password, key, self._rounds, account)
        slots = slots.with_recovery(recovery_secret(recovery_key), key)
        store = create_store(self._folder, key, store_id, self._clocks(), self._released)
        try:
            furnish(store)
            store.check_encrypted()
            keyslots.save(self._folder, slots)
        except BaseException:
            store.close()
            raise
        self._key = key
        with contextlib.suppress(StoreError):  # the next sign-in removes the mark as well
            self._finish_setup()
        return CreatedStore(store, recovery_key)

    def _remove_unfinished(self) -> None:
        """Remove what an unfinished set-up left; only ever called without key slots."""
        with file_access():
            for ending in ("", "-wal", "-shm", "-journal"):
                (self._folder / f"{STORE_FILE}{ending}").unlink(missing_ok=True)
            (self._folder / AUDIT_FILE).unlink(missing_ok=True)
        # Not whenever the store is opened: a fetch that was cut goes on after a restart.
        shutil.rmtree(self._folder / SNAPSHOT_FOLDER, ignore_errors=True)
        self._remove_leftovers()

    def _remove_leftovers(self) -> None:
        remove_temporaries(self._folder, _WRITTEN_ATOMICALLY)
        for aside in (RESTORE_FOLDER, DRILL_FOLDER):
            shutil.rmtree(self._folder / aside, ignore_errors=True)

    def _finish_setup(self) -> None:
        with file_access():
            (self._folder / SETUP_MARK).unlink(missing_ok=True)
            flush_folder(self._folder)

    # --- opening ----------------------------------------------------------------------------

    def unlock(self, user_name: str, password: str, progress: Progress = unheard) -> OpenStore:
        def key_of(slots: KeySlots) -> bytes:
            key = self._checked(slots, user_name, password, opening=True)
            self._strengthen(slots, user_name, password, key)
            return key

        return self._unlock(key_of, progress)

    def unlock_with_recovery_key(
        self, recovery_key: str, progress: Progress = unheard
    ) -> OpenStore:
        secret = recovery_secret(recovery_key)

        def key_of(slots: KeySlots) -> bytes:
            self._throttle.begin(_RECOVERY_ATTEMPTS, opening=True)
            key = slots.open_with_recovery(secret)
            self._throttle.succeeded(_RECOVERY_ATTEMPTS, opening=True)
            return key

        return self._unlock(key_of, progress)

    def _unlock(self, key_of: Callable[[KeySlots], bytes], progress: Progress) -> EncryptedStore:
        from clinic_app.db.store import open_store

        self._slots()  # says that nothing is set up before a lock file is made
        with self._one_at_a_time, self._locked():
            slots = self._slots()
            key = key_of(slots)
            if not (self._folder / STORE_FILE).exists():
                raise StoreDamaged(_RECORDS_MISSING)
            store = open_store(
                self._folder, key, slots.store_id, self._clocks(), self._released, progress
            )
            self._key = key
            self._finish_setup()
            self._remove_leftovers()
            return store

    def check_password(self, user_name: str, password: str) -> UUID | None:
        with self._one_at_a_time:
            slots = self._slots()
            self._checked(slots, user_name, password)
            slot = slots.slot_of(user_name)
            return None if slot is None else slot.account

    def failed_openings(self) -> tuple[int, datetime] | None:
        return self._throttle.failed_openings()

    def openings_reported(self) -> None:
        self._throttle.openings_reported()

    # --- key slots --------------------------------------------------------------------------

    def key_owners(self) -> dict[str, UUID | None]:
        with self._one_at_a_time:  # on Windows a file that is being read cannot be replaced
            return {slot.name: slot.account for slot in self._slots().users}

    def add_slot(self, user_name: str, password: str, account: UUID | None = None) -> None:
        """Also gives a member of staff a new password."""
        with self._one_at_a_time:
            key = self._open_key()
            slots = self._slots().with_user(user_name, password, key, self._rounds, account)
            keyslots.save(self._folder, slots)

    def remove_slot(self, user_name: str, account: UUID | None = None) -> None:
        """Raises ``WrongState`` for the last login: nobody could open the store any more."""
        with self._one_at_a_time:
            self._open_key()
            slots = self._slots()
            found = slots.slot_of(user_name)
            if found is None or (account and found.account and found.account != account):
                return
            left = slots.without_user(user_name)
            if not left.users:
                raise WrongState("This is the only account that can open the clinic's records.")
            keyslots.save(self._folder, left)

    def renew_recovery_key(self) -> str:
        """A new recovery key, to be printed; the old one opens nothing any more."""
        with self._one_at_a_time:
            recovery_key = new_recovery_key()
            secret = recovery_secret(recovery_key)
            keyslots.save(self._folder, self._slots().with_recovery(secret, self._open_key()))
            return recovery_key

    def _checked(
        self, slots: KeySlots, user_name: str, password: str, *, opening: bool = False
    ) -> bytes:
        name = slot_name(user_name)
        self._throttle.begin(name, opening=opening)
        key = slots.open_with_password(user_name, password)
        if self._key is not None and key != self._key:
            raise WrongPassword("This password belongs to another clinic.")
        self._throttle.succeeded(name, opening=opening)
        return key

    def _strengthen(self, slots: KeySlots, user_name: str, password: str, key: bytes) -> None:
        """Wrap again when the slot was made with fewer rounds than are asked for today."""
        slot = slots.slot_of(user_name)
        if slot is not None and slot.rounds < self._rounds:
            slots = slots.with_user(user_name, password, key, self._rounds, slot.account)
            keyslots.save(self._folder, slots)

    def _slots(self) -> KeySlots:
        slots = keyslots.load(self._folder)
        if slots is not None:
            return slots
        if self.state() is VaultState.READY:
            raise StoreDamaged(_SLOTS_MISSING)
        raise StoreNotSetUp(_NOT_SET_UP)

    def _open_key(self) -> bytes:
        if self._key is None:
            raise WrongState("The clinic's records have to be open for this.")
        return self._key

    # --- backups ----------------------------------------------------------------------------

    @cached_property
    def backups(self) -> Backups:
        from clinic_app.db.backups import FolderBackups

        return FolderBackups(self)

    @property
    def folder(self) -> Path:
        return self._folder

    def open_key(self) -> bytes:
        """The store key; raises ``WrongState`` while the store is closed."""
        return self._open_key()

    def clocks(self) -> Clocks:
        return self._clocks()

    def receive(self, bring: Callable[[], bytes]) -> None:
        """Fill this empty folder with a store from elsewhere.

        ``bring`` puts the records and the audit anchor in place and returns the key file, which is
        written last. When it fails, the folder is as it was. Raises ``StoreAlreadySetUp``.
        """
        with file_access():
            made_here = not self._folder.exists()
        make_private_folder(self._folder)
        try:
            with self._one_at_a_time, self._locked():
                self._check_fresh()
                write_atomically(self._folder / SETUP_MARK, b"")
                self._remove_unfinished()
                self._receive(bring)
            self._released()
        except BaseException:
            if made_here:
                with contextlib.suppress(OSError):
                    (self._folder / LOCK_FILE).unlink(missing_ok=True)
                    self._folder.rmdir()
            raise

    def _receive(self, bring: Callable[[], bytes]) -> None:
        try:
            write_atomically(self._folder / KEY_FILE, bring())
        except BaseException:
            with contextlib.suppress(StoreError):
                with file_access():
                    (self._folder / KEY_FILE).unlink(missing_ok=True)
                self._remove_unfinished()
                self._finish_setup()
            raise
        with contextlib.suppress(StoreError):  # the first sign-in removes the mark as well
            self._finish_setup()

    def _check_fresh(self) -> None:
        if self.state() is VaultState.READY:
            raise StoreAlreadySetUp(_ALREADY_THERE)
        remove_temporaries(self._folder, _WRITTEN_ATOMICALLY)
        with file_access():
            if (self._folder / SETUP_MARK).exists():
                return  # a set-up or restore that was cut short; what it left is removed
            if {path.name for path in self._folder.iterdir()} - _MAY_BE_THERE:
                raise StoreAlreadySetUp(_NOT_FRESH)

    # --- one program at a time --------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock; it is kept when the block succeeds, until the store is closed."""
        from filelock import FileLock, Timeout

        if self._lock is not None:
            raise StoreInUse(_IN_USE)
        lock = FileLock(self._folder / LOCK_FILE, timeout=0, thread_local=False, mode=0o600)
        with file_access():
            try:
                lock.acquire()
            except Timeout as error:
                raise StoreInUse(_IN_USE) from error
        self._lock = lock
        try:
            yield
        except BaseException:
            self._released()
            raise

    def _released(self) -> None:
        """Forget the key and let other programs in."""
        self._key = None
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def _clocks(self) -> Clocks:
        from clinic_app.db.store import Clocks

        return Clocks(self._now, self._wall)
