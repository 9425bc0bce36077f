"""Backups that are kept in memory: what `FolderBackups` does, without pages and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from clinic_app.domain.errors import StoreAlreadySetUp, WrongPassword
from clinic_app.services.backup_data import (
    BackupContent,
    BackupFile,
    BackupRejected,
    BackupStopped,
    DrillResult,
    Opening,
    Progress,
    StaffPassword,
    Stop,
    never,
    unheard,
)


class FakeBackups:
    """Made of the vault's present passwords. Tests may put paths into ``damaged``."""

    def __init__(
        self,
        slots: Callable[[], dict[str, str]],
        recovery_key: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._slots = slots
        self._recovery_key = recovery_key
        self._now = now
        self._made: dict[Path, tuple[BackupFile, dict[str, str], str]] = {}
        self.damaged: set[Path] = set()
        self.set_up = True
        self.restored: list[Path] = []

    def write(self, path: Path, progress: Progress = unheard, stop: Stop = never) -> BackupFile:
        if path in self._made:
            raise BackupRejected(f"“{path.name}” is there already.")
        if stop():
            raise BackupStopped("The backup was stopped; none was made.")
        progress(1.0)
        content = BackupContent(
            "Harbour Clinic", self._now(), "1.0", "1", 4096, "ab" * 32, {"patient": 3}, "", True, ()
        )
        made = BackupFile(path, 5000, content.made_at, content)
        self._made[path] = (made, dict(self._slots()), self._recovery_key())
        path.write_bytes(b"backup")
        return made

    def look(self, path: Path) -> BackupFile:
        if path not in self._made or path in self.damaged:
            raise BackupRejected("This file is not a complete backup of a clinic.")
        return self._made[path][0]

    def drill(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> DrillResult:
        content = self.look(path).content
        assert content is not None
        _, slots, recovery_key = self._made[path]
        if isinstance(opening, StaffPassword):
            fits = slots.get(opening.user_name) == opening.password
        else:
            fits = opening.key == recovery_key
        if not fits:
            raise WrongPassword("User name or password is wrong.")
        if stop():
            raise BackupStopped("This was stopped; nothing was changed.")
        progress(1.0)
        return DrillResult(content, 7)

    def restore(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> BackupContent:
        if self._slots():
            raise StoreAlreadySetUp("There is a clinic in this folder already.")
        content = self.drill(path, opening, progress, stop).content
        self.restored.append(path)
        return content
