"""Runs as a process of its own and kills itself with SIGKILL at a chosen step of a backup.

``write TEMPLATE FOLDER``: backs the store up from a copy, once for each point.
``restore BACKUP FOLDER``: brings a backup back into FOLDER/<point>, once for each point.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from clinic_app.db import backup
from clinic_app.db.transaction import Transaction
from clinic_app.db.vault import FolderVault
from clinic_app.services.backup_data import StaffPassword
from tests.faults.db.crash_child import FILE_CALLS, at_every_point
from tests.integration.db.records import PASSWORD, ROUNDS, USER


def die_at(point: int) -> Callable[[float], None]:
    """Count file calls, commits and what is told of progress; die before number ``point``."""
    left = [point]

    def step(_share: float = 0.0) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            step()
            return real(*arguments, **options)

        return call

    for name in FILE_CALLS:
        setattr(os, name, counted(getattr(os, name)))
    for name in ("commit", "clear_write_ahead_log"):
        setattr(Transaction, name, counted(getattr(Transaction, name)))
    backup._PAGES_AT_ONCE = 8
    return step


def write(template: Path, folder: Path, point: int) -> None:
    target = folder / str(point)
    shutil.copytree(template, target / "store")
    vault = FolderVault(target / "store", rounds=ROUNDS)
    vault.unlock(USER, PASSWORD)
    vault.backups.write(target / "b", die_at(point))


def restore(made: Path, folder: Path, point: int) -> None:
    vault = FolderVault(folder / str(point), rounds=ROUNDS)
    vault.backups.restore(made, StaffPassword(USER, PASSWORD), die_at(point))


def rehearse(what: str, given: Path, folder: Path) -> None:
    """The whole way once, before the forks: each of them would put the same statements together."""
    vault = FolderVault(folder / "warm" / "store", rounds=ROUNDS)
    if what == "restore":
        vault.backups.restore(given, StaffPassword(USER, PASSWORD))
        return
    shutil.copytree(given, folder / "warm" / "store")
    store = vault.unlock(USER, PASSWORD)
    vault.backups.write(folder / "warm" / "b")
    store.close()


if __name__ == "__main__":
    what, first, second = sys.argv[1:]
    rehearse(what, Path(first), Path(second))
    run = {"write": write, "restore": restore}[what]
    at_every_point(1, 1, partial(run, Path(first), Path(second)))
