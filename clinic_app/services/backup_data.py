"""What a backup is, and what the store has to be able to do with one.

A backup is one file: the encrypted records as they stood at one moment, with the key slots and the
head of the audit trail of that moment. It opens with any password that opened the clinic then, or
with the recovery key of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import ClinicError

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1."""

Stop = Callable[[], bool]
"""Asked now and then whether nobody waits any more."""


def unheard(share: float) -> None:
    """A ``Progress`` that nobody looks at."""


def never() -> bool:
    """A ``Stop`` that lets everything run to its end."""
    return False


class BackupRejected(ClinicError):
    """The file is no backup, or not one that can be trusted; nothing was changed."""


class BackupStopped(ClinicError):
    """Somebody stopped it; nothing was left behind."""


@dataclass(frozen=True, slots=True)
class StaffPassword:
    """Opens a backup as a member of staff whose password was this when it was made."""

    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """Opens a backup with the recovery key of the time when it was made."""

    key: str = field(repr=False)


Opening = StaffPassword | RecoveryKey


@dataclass(frozen=True, slots=True)
class OperationHead:
    """The newest operation of one workstation's sequence; ``hash`` is 64 hexadecimal digits."""

    origin: int
    epoch: int
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class BackupContent:
    """What a backup holds; sealed in it, so that it can be read with a key only.

    ``records`` counts the rows of every table; ``audit_intact`` tells whether the audit trail held
    together when the backup was made (a broken one is backed up all the same: it is evidence).
    """

    clinic_name: str
    made_at: datetime
    program_version: str
    schema_revision: str
    database_bytes: int
    database_sha256: str
    records: Mapping[str, int]
    audit_head: str
    audit_intact: bool
    heads: tuple[OperationHead, ...]

    @property
    def patients(self) -> int:
        return self.records.get("patient", 0)

    @property
    def screenings(self) -> int:
        return self.records.get("screening", 0)

    @property
    def operations(self) -> int:
        return self.records.get("oplog", 0)

    @property
    def audit_entries(self) -> int:
        return self.records.get("audit", 0)


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup as it lies in a folder. ``content`` is ``None`` for another clinic's."""

    path: Path
    size: int
    made_at: datetime
    content: BackupContent | None


@dataclass(frozen=True, slots=True)
class DrillResult:
    """A restore that was tried out and thrown away again.

    ``rebuilt`` operations were applied anew and gave the same rows, byte for byte.
    """

    content: BackupContent
    rebuilt: int


class Backups(Protocol):
    """The backups of one clinic folder. All work can be stopped (``BackupStopped``)."""

    def write(self, path: Path, progress: Progress = unheard, stop: Stop = never) -> BackupFile:
        """A backup of the open store, checked after it was written, in place as a whole or not at
        all. Raises ``BackupRejected`` (place, own check), ``StoreFull``, ``StoreUnwritable``."""

    def look(self, path: Path) -> BackupFile:
        """What the file says of itself, unchecked. Raises ``BackupRejected``."""

    def drill(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> DrillResult:
        """Restore into a temporary encrypted place, check everything, remove it again.

        The store has to be open. Raises ``BackupRejected``, ``WrongPassword``, ``StoreTooNew``,
        ``StoreFull``."""

    def restore(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> BackupContent:
        """Put the backup into this folder, where no clinic may be, after it passed every check.

        The store goes on under a new epoch. Raises as ``drill`` does, and
        ``StoreAlreadySetUp``."""
