"""kill -9 and a full disk during a backup and a restore: nothing lost, nothing half there."""

from __future__ import annotations

import resource  # limits of a process, as POSIX systems have them
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import StoreFull
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.vault_storage import VaultState
from tests.integration.db.records import (
    PASSWORD,
    ROUNDS,
    USER,
    Clinic,
    a_finding,
    a_patient,
    a_screening,
    set_up,
)
from tests.support.children import run

OWN = StaffPassword(USER, PASSWORD)
PATIENTS = 20


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Clinic]:
    clinic = set_up(tmp_path / "template")
    with clinic.store.unit_of_work() as work:
        for _ in range(PATIENTS):
            patient = a_patient()
            work.patients.add(patient)
            work.screenings.add(a_screening(patient.id, clinic.user.id, finding=a_finding()))
        work.commit()
    yield clinic
    clinic.store.close()


def points(*arguments: str | Path) -> list[tuple[int, str]]:
    lines = run("tests.faults.db.backup_child", *arguments)
    return [(int(line.split()[0]), line.split()[1]) for line in lines]


def patients_in(vault: FolderVault) -> int:
    store = vault.unlock(USER, PASSWORD)
    try:
        with store.unit_of_work() as work:
            assert work.audit.verify().intact
            return work.patients.count()
    finally:
        store.close()


def test_a_backup_killed_at_any_step_is_whole_or_not_there(filled: Clinic, tmp_path: Path) -> None:
    filled.store.close()
    folder = tmp_path / "at"
    found = points("write", filled.folder, folder)
    assert found[-1][1] == "done"
    assert len(found) > 12
    whole = 0
    for point, _ in found:
        vault = FolderVault(folder / str(point) / "store", rounds=ROUNDS)
        assert patients_in(vault) == PATIENTS
        made = folder / str(point) / "b"
        store = vault.unlock(USER, PASSWORD)
        if made.exists():
            whole += 1
            content = vault.backups.look(made).content
            assert content is not None
            assert content.patients == PATIENTS
        else:
            vault.backups.write(made)
        assert {path.name for path in made.parent.iterdir()} == {"store", "b"}
        store.close()
    assert 1 <= whole < len(found)


def test_a_restore_killed_at_any_step_is_finished_or_can_be_run_again(
    filled: Clinic, tmp_path: Path
) -> None:
    made = filled.vault.backups.write(tmp_path / "b").path
    folder = tmp_path / "at"
    folder.mkdir()
    found = points("restore", made, folder)
    assert found[-1][1] == "done"
    assert len(found) > 25
    ready = 0
    for point, _ in found:
        vault = FolderVault(folder / str(point), rounds=ROUNDS)
        if vault.state() is VaultState.READY:
            ready += 1
        else:
            vault.backups.restore(made, OWN)
        assert patients_in(vault) == PATIENTS
        names = {path.name for path in (folder / str(point)).iterdir()}
        assert not [name for name in names if name.endswith((".tmp", ".part"))], point
    assert 1 <= ready < len(found)


@contextmanager
def no_file_grows_beyond(limit: int) -> Iterator[None]:
    """What a quota or a full disk does, for this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_backup_that_does_not_fit_leaves_nothing(
    filled: Clinic, tmp_path: Path, share: float
) -> None:
    size = filled.vault.backups.write(tmp_path / "fits").size
    (tmp_path / "small").mkdir()
    with no_file_grows_beyond(int(size * share)), pytest.raises(StoreFull, match="room"):
        filled.vault.backups.write(tmp_path / "small" / "b")
    assert list((tmp_path / "small").iterdir()) == []
    filled.reopen()
    assert filled.vault.backups.drill(tmp_path / "fits", OWN).content.patients == PATIENTS


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_restore_that_does_not_fit_leaves_nothing(
    filled: Clinic, tmp_path: Path, share: float
) -> None:
    made = filled.vault.backups.write(tmp_path / "b")
    vault = FolderVault(tmp_path / "new", rounds=ROUNDS)
    with no_file_grows_beyond(int(made.size * share)), pytest.raises(StoreFull, match="room"):
        vault.backups.restore(made.path, OWN)
    assert not (tmp_path / "new").exists()
    vault.backups.restore(made.path, OWN)
    assert patients_in(vault) == PATIENTS
