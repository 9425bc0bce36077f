"""Backups: making them, trying them out, and telling how long ago that was."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditEntry, AuditKind
from clinic_app.domain.errors import StoreTooNew, WrongPassword
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.backup_data import (
    BackupFile,
    BackupRejected,
    Backups,
    DrillResult,
    Opening,
    Progress,
    Stop,
    never,
    unheard,
)
from clinic_app.services.chosen_file import spoken_name
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

SUFFIX = ".clinicbackup"
_BACKUP, _DRILL, _RESTORE = "backup", "restore drill", "restore"
_PASSED = "passed"


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """What the administrator sees first; ``None`` where there has been none.

    ``restored_at`` is set when these records came out of a backup.
    """

    last_backup_at: datetime | None
    last_drill_at: datetime | None
    last_drill_passed: bool | None
    restored_at: datetime | None


class BackupService:
    def __init__(self, desk: Desk, backups: Backups) -> None:
        self._desk = desk
        self._backups = backups

    def suggested_name(self) -> str:
        """A file name from the clinic's name and the time, such as
        ``harbour-clinic-2026-03-02-0900.clinicbackup``."""
        self._desk.allow(Action.BACK_UP)
        with self._desk.unit_of_work() as work:
            name = unicodedata.normalize("NFKD", work.clinic.get().name).encode("ascii", "ignore")
        plain = re.sub(r"[^a-z0-9]+", "-", name.decode().lower()).strip("-")[:40] or "clinic"
        return f"{plain}-{self._desk.now():%Y-%m-%d-%H%M}{SUFFIX}"

    def write(self, path: Path, progress: Progress = unheard, stop: Stop = never) -> BackupFile:
        """Back the whole clinic up into one encrypted file, while the program goes on working.

        Raises ``BackupRejected`` (the place, or the check after writing), ``BackupStopped``,
        ``StoreFull``, ``StoreUnwritable``; then there is no file.
        """
        user = self._desk.allow(Action.BACK_UP)
        with self._desk.unit_of_work() as work:
            # Audited before as well: a copy of everything must not be able to be made unheard of.
            work.audit.record(AuditKind.CHANGED, user.id, _BACKUP, None, "begun")
            work.commit()
        made = self._backups.write(path, progress, stop)
        assert made.content is not None
        with self._desk.unit_of_work() as work:
            detail = f"{made.size} bytes, sha256 {made.content.database_sha256[:16]}"
            work.audit.record(AuditKind.EXPORTED, user.id, _BACKUP, None, detail)
            work.commit()
        return made

    def look(self, path: Path) -> BackupFile:
        """What a file says of itself; raises ``BackupRejected`` when it is no whole backup."""
        self._desk.allow(Action.BACK_UP)
        return self._backups.look(path)

    def files(self, folder: Path) -> tuple[BackupFile, ...]:
        """The backups in a folder, newest first; other files are passed over."""
        self._desk.allow(Action.BACK_UP)
        try:
            paths = [path for path in folder.iterdir() if path.is_file()]
        except OSError as error:
            raise BackupRejected(
                "The folder “{name}” cannot be opened.", name=spoken_name(folder)
            ) from error
        found = []
        for path in paths:
            try:
                found.append(self._backups.look(path))
            except BackupRejected:
                continue
        return tuple(sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True))

    def drill(
        self, path: Path, opening: Opening, progress: Progress = unheard, stop: Stop = never
    ) -> DrillResult:
        """Restore a backup into a temporary encrypted place, check everything, and remove it.

        Pages, counts, operation chains and audit trail are compared with what was sealed, and all
        rows are rebuilt from the log, byte for byte. A backup that fails is recorded too, and so
        is a wrong password. Raises
        ``BackupRejected``, ``BackupStopped``, ``WrongPassword``, ``StoreTooNew``, ``StoreFull``.
        """
        user = self._desk.allow(Action.RESTORE)
        try:
            result = self._backups.drill(path, opening, progress, stop)
        except WrongPassword:
            self._note(AuditKind.SIGN_IN_FAILED, "wrong password")
            raise
        except (BackupRejected, StoreTooNew):
            self._note(AuditKind.REFUSED, "failed")
            raise
        content = result.content
        detail = f"backup of {content.made_at.isoformat()}, sha256 {content.database_sha256[:16]}"
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.CHANGED, user.id, _DRILL, None, f"{_PASSED}, {detail}")
            work.clinic.save(replace(work.clinic.get(), restore_drill_at=self._desk.now()))
            work.commit()
        return result

    def _note(self, kind: AuditKind, detail: str) -> None:
        with self._desk.unit_of_work() as work:
            work.audit.record(kind, self._desk.session.user.id, _DRILL, None, detail)
            work.commit()

    def standing(self) -> BackupStanding:
        """When the last backup and the last drill were, from the audit trail."""
        self._desk.allow(Action.BACK_UP)
        with self._desk.unit_of_work() as work:
            backup = _newest(work, _BACKUP, AuditKind.EXPORTED)
            drill = _newest(work, _DRILL, AuditKind.CHANGED, AuditKind.REFUSED)
            restore = _newest(work, _RESTORE, AuditKind.CHANGED)
        return BackupStanding(
            backup.at if backup else None,
            drill.at if drill else None,
            drill.detail.startswith(_PASSED) if drill else None,
            restore.at if restore else None,
        )


def _newest(work: UnitOfWork, subject: str, *kinds: AuditKind) -> AuditEntry | None:
    return next(iter(work.audit.search(AuditQuery(kinds, subjects=(subject,)), 1)), None)
