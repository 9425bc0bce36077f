"""The backups of one folder: the ways in from the services to writing, drilling and restoring."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from clinic_app.db import keyslots
from clinic_app.db.backup_file import read_trailer
from clinic_app.db.files import RESTORE_FOLDER
from clinic_app.domain.errors import StoreInUse, WrongState
from clinic_app.services.backup_data import (
    BackupContent,
    BackupFile,
    BackupRejected,
    DrillResult,
    Opening,
    Progress,
    Stop,
    never,
    unheard,
)

if TYPE_CHECKING:
    from clinic_app.db.vault import FolderVault


class FolderBackups:
    """Implements ``Backups``. One piece of work at a time; others are refused, not queued."""

    def __init__(self, vault: FolderVault) -> None:
        self._vault = vault
        self._at_work = threading.Lock()

    def write(self, path: Path, progress: Progress = unheard, stop: Stop = never) -> BackupFile:
        from clinic_app.db.backup import Source, write_backup

        with self._alone():
            vault = self._vault
            source = Source(vault.folder, vault.open_key(), vault.clocks().now)
            return write_backup(source, path.absolute(), progress, stop)

    def look(self, path: Path) -> BackupFile:
        trailer = read_trailer(path)
        try:
            content = trailer.content(self._vault.open_key())
        except (BackupRejected, WrongState):
            content = None  # another clinic's, or nobody is signed in
        return BackupFile(path, path.stat().st_size, trailer.made_at, content)

    def drill(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> DrillResult:
        from clinic_app.db.restore import drill

        with self._alone():
            self._vault.open_key()  # only beside an open store: its lock keeps others away
            slots = keyslots.load(self._vault.folder)
            if slots is None or read_trailer(path).store_id != slots.store_id:
                raise BackupRejected(
                    "This backup is of other records than the ones that are open. Trying it out"
                    " would say nothing about these."
                )
            return drill(path, opening, self._vault.folder, self._vault.clocks(), progress, stop)

    def restore(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> BackupContent:
        from clinic_app.db.restore import put_in_place, unpacked

        vault, contents = self._vault, []

        def bring() -> bytes:
            aside, clocks = vault.folder / RESTORE_FOLDER, vault.clocks()
            with unpacked(path, opening, aside, clocks, progress, stop) as copied:
                put_in_place(copied, vault.folder)
                contents.append(copied.content)
                return copied.slots

        with self._alone():
            read_trailer(path)  # a file that is none makes no folder
            vault.receive(bring)
            return contents[0]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._at_work.acquire(blocking=False):
            raise StoreInUse("A backup is being made or tried out already. Please wait for it.")
        try:
            yield
        finally:
            self._at_work.release()
