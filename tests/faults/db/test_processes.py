"""A second program on the same store, a full disk, a folder that is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import StoreInUse
from tests.integration.db.records import PASSWORD, ROUNDS, USER, set_up
from tests.support.children import child, run

OPEN_AND_SAY = f"""
import sys
from pathlib import Path
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import ClinicError
try:
    store = FolderVault(Path(sys.argv[1]), rounds={ROUNDS}).unlock({USER!r}, {PASSWORD!r})
    print("open", flush=True)
    sys.stdin.readline()
    store.close()
except ClinicError as error:
    print(type(error).__name__, flush=True)
"""

# Every file may grow to so many bytes only, as with a full disk or a used-up quota.
WRITE_UNTIL_FULL = f"""
import resource, sys
from pathlib import Path
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import ClinicError
from tests.integration.db.records import a_note, a_patient
store = FolderVault(Path(sys.argv[1]), rounds={ROUNDS}).unlock({USER!r}, {PASSWORD!r})
with store.unit_of_work() as work:
    patient, user = a_patient(), work.users.all()[0]
    work.patients.add(patient)
    work.commit()
limit = (Path(sys.argv[1]) / "clinic.db-wal").stat().st_size + 60_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
written = 0
try:
    for _ in range(500):
        with store.unit_of_work() as work:
            work.notes.add(a_note(patient.id, user.id, "text " * 1000))
            work.commit()
        written += 1
except ClinicError as error:
    print(type(error).__name__, written, error, flush=True)
"""

CREATE_WHEN_FULL = """
import resource, sys
from pathlib import Path
from clinic_app.domain.errors import ClinicError
from tests.integration.db.records import set_up
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    set_up(Path(sys.argv[1]))
    print("made")
except ClinicError as error:
    print(type(error).__name__, flush=True)
"""

AS_NOBODY = f"""
import os, sys
from pathlib import Path
from clinic_app.db.store import open_store
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import ClinicError
from tests.integration.db.records import set_up
import filelock, cryptography.hazmat.primitives.ciphers.aead
if os.getuid() == 0:
    os.setuid(65534)
for attempt in (
    lambda: set_up(Path(sys.argv[1]) / "inside"),
    lambda: FolderVault(Path(sys.argv[2]), rounds={ROUNDS}).unlock({USER!r}, {PASSWORD!r}),
):
    try:
        attempt()
        print("open")
    except ClinicError as error:
        print(type(error).__name__, flush=True)
"""


def test_a_second_program_on_the_same_store_is_refused_until_the_first_closes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    set_up(folder).store.close()
    with child(OPEN_AND_SAY, folder) as first:
        assert first.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse):
            FolderVault(folder, rounds=ROUNDS).unlock(USER, PASSWORD)
        assert run(OPEN_AND_SAY, folder) == ["StoreInUse"]
        first.stdin.write("\n")
        assert first.wait() == 0
    FolderVault(folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_a_killed_program_leaves_no_lock(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    set_up(folder).store.close()
    with child(OPEN_AND_SAY, folder) as first:
        assert first.stdout.readline() == "open\n"
        first.kill()
    FolderVault(folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_a_disk_that_fills_up_stops_the_change_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    set_up(folder).store.close()
    (said,) = run(WRITE_UNTIL_FULL, folder)
    kind, written, sentence = said.split(maxsplit=2)
    assert kind == "StoreFull"
    assert "full" in sentence
    store = FolderVault(folder, rounds=ROUNDS).unlock(USER, PASSWORD)
    with store.unit_of_work() as work:
        (patient,) = work.patients.search("")
        assert len(work.notes.of_patient(patient.id)) == int(written) > 0
        assert work.audit.verify().intact
    store.close()


@pytest.mark.parametrize("limit", [0, 100, 3000, 20_000, 150_000])
def test_a_set_up_on_a_full_disk_fails_and_can_be_run_again(tmp_path: Path, limit: int) -> None:
    folder = tmp_path / "store"
    assert run(CREATE_WHEN_FULL, folder, str(limit)) == ["StoreFull"]
    set_up(folder).store.close()


def test_folders_of_somebody_else_are_unwritable(tmp_path: Path) -> None:
    closed, folder = tmp_path / "closed", tmp_path / "store"
    closed.mkdir()
    set_up(folder).store.close()
    for path in (closed, folder):
        path.chmod(0o000 if path is closed else 0o500)
    try:
        assert run(AS_NOBODY, closed, folder) == ["StoreUnwritable", "StoreUnwritable"]
    finally:
        for path in (closed, folder):
            path.chmod(0o700)
