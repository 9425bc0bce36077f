"""Making, opening and re-opening a store, and who holds a key."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_app.db.files import KEY_FILE, SETUP_MARK, SNAPSHOT_FOLDER, STORE_FILE
from clinic_app.db.keyslots import DEFAULT_ROUNDS
from clinic_app.db.vault import FolderVault, open_vault
from clinic_app.domain.errors import (
    StoreAlreadySetUp,
    StoreDamaged,
    StoreError,
    StoreInUse,
    StoreNotSetUp,
    StoreUnwritable,
    WrongPassword,
    WrongState,
)
from clinic_app.services.storage import OpenStore
from clinic_app.services.vault_storage import VaultState
from tests.integration.db.records import PASSWORD, ROUNDS, USER, Clinic, a_patient, set_up


def test_a_new_folder_is_empty_and_looking_at_it_makes_nothing(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "store")
    assert vault.state() is VaultState.EMPTY
    assert not (tmp_path / "store").exists()


def test_what_was_stored_is_there_after_the_next_sign_in(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    clinic.store.close()
    store = FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD)
    with store.unit_of_work() as work:
        assert work.patients.get(patient.id) == patient
        assert work.clinic.get().name == "Harbour clinic"
    store.close()


@pytest.mark.parametrize("typed", ["ann.berg", " ANN.BERG ", "Ann.Berg"])
def test_the_user_name_opens_in_any_case(clinic: Clinic, typed: str) -> None:
    clinic.store.close()
    clinic.vault.unlock(typed, PASSWORD).close()


def test_a_password_opens_in_either_unicode_form(clinic: Clinic) -> None:
    clinic.vault.add_slot("eva", "crème brûlée 12")
    clinic.store.close()
    clinic.vault.unlock("eva", "cre\u0300me bru\u0302le\u0301e 12").close()


def test_a_wrong_password_and_an_unknown_user_look_alike(clinic: Clinic) -> None:
    clinic.store.close()
    with pytest.raises(WrongPassword) as wrong:
        clinic.vault.unlock(USER, "not this one")
    with pytest.raises(WrongPassword) as unknown:
        clinic.vault.unlock("nobody", PASSWORD)
    assert str(wrong.value) == str(unknown.value)


def test_an_unknown_user_costs_the_same_key_stretching(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    clinic.store.close()
    real, rounds = hashlib.pbkdf2_hmac, []

    def counted(*arguments: object) -> bytes:
        rounds.append(arguments[3])
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counted)
    for user in (USER, "nobody"):
        with pytest.raises(WrongPassword):
            clinic.vault.unlock(user, "not this one")
    assert rounds == [ROUNDS, ROUNDS]


def test_a_failed_sign_in_leaves_the_store_free(clinic: Clinic) -> None:
    clinic.store.close()
    with pytest.raises(WrongPassword):
        clinic.vault.unlock(USER, "not this one")
    FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_production_asks_for_six_hundred_thousand_rounds() -> None:
    assert DEFAULT_ROUNDS >= 600_000


def test_a_slot_with_fewer_rounds_is_strengthened_at_sign_in(clinic: Clinic) -> None:
    clinic.store.close()
    FolderVault(clinic.folder, rounds=4 * ROUNDS).unlock(USER, PASSWORD).close()
    slots = json.loads((clinic.folder / KEY_FILE).read_text())
    assert [slot["rounds"] for slot in slots["users"]] == [4 * ROUNDS]
    FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_a_second_set_up_is_refused_and_changes_nothing(clinic: Clinic) -> None:
    clinic.store.close()
    before = {path.name: path.read_bytes() for path in clinic.folder.iterdir()}
    with pytest.raises(StoreAlreadySetUp):
        FolderVault(clinic.folder, rounds=ROUNDS).create("eve", "x" * 20, lambda store: None)
    assert {path.name: path.read_bytes() for path in clinic.folder.iterdir()} == before


def test_signing_in_before_set_up_says_so_and_makes_no_files(tmp_path: Path) -> None:
    with pytest.raises(StoreNotSetUp):
        FolderVault(tmp_path).unlock(USER, PASSWORD)
    assert list(tmp_path.iterdir()) == []


def test_a_second_vault_on_the_same_folder_is_refused(clinic: Clinic) -> None:
    with pytest.raises(StoreInUse):
        FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD)
    with pytest.raises(StoreInUse):
        clinic.vault.unlock(USER, PASSWORD)
    clinic.store.close()
    FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_closing_twice_is_harmless_and_a_closed_store_says_so(clinic: Clinic) -> None:
    clinic.store.close()
    clinic.store.close()
    with pytest.raises(StoreError, match="sign in"), clinic.store.unit_of_work():
        pass


def test_only_the_owner_can_read_the_files(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        work.patients.add(a_patient())
        work.commit()
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in clinic.folder.iterdir()}
    assert stat.S_IMODE(clinic.folder.stat().st_mode) == 0o700
    assert modes.pop("clinic.db-wal") == 0o600
    assert set(modes.values()) == {0o600}, modes


def test_a_folder_that_holds_other_things_keeps_its_rights_and_contents(tmp_path: Path) -> None:
    (tmp_path / "letter.tmp").write_text("mine")
    tmp_path.chmod(0o755)
    set_up(tmp_path).store.close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert (tmp_path / "letter.tmp").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_unwritable(tmp_path: Path) -> None:
    place = tmp_path / "store"
    place.write_text("a file")
    with pytest.raises(StoreUnwritable):
        FolderVault(place, rounds=ROUNDS).create(USER, PASSWORD, lambda store: None)
    with pytest.raises(StoreUnwritable):
        FolderVault(place, rounds=ROUNDS).unlock(USER, PASSWORD)


# --- an unfinished set-up ---------------------------------------------------------------------


def test_a_set_up_that_fails_half_way_can_be_run_again(tmp_path: Path) -> None:
    folder = tmp_path / "store"

    def stumble(store: OpenStore) -> None:
        with store.unit_of_work() as work:
            work.patients.add(a_patient())
            work.commit()
        raise StoreError("the lid was closed")

    vault = FolderVault(folder, rounds=ROUNDS)
    with pytest.raises(StoreError, match="lid"):
        vault.create(USER, PASSWORD, stumble)
    assert vault.state() is VaultState.EMPTY
    assert not (folder / STORE_FILE).exists()
    made = set_up(folder)
    with made.store.unit_of_work() as work:
        assert work.patients.count() == 0
    made.store.close()


@pytest.mark.parametrize("failing", [1, 2, 3, 4, 5, 6, 7])
def test_a_set_up_that_reports_an_error_has_made_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Every flush to disk fails once, the one after the key file too."""
    folder, real, calls = tmp_path / "store", os.fsync, []

    def flush(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == failing:
            raise OSError(errno.EIO, "no answer")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", flush)
    try:
        made = set_up(folder)
    except StoreUnwritable:
        assert FolderVault(folder).state() is VaultState.EMPTY
        assert not (folder / KEY_FILE).exists()
        made = set_up(folder)
    monkeypatch.undo()
    assert len(calls) > 6
    made.store.close()
    made.vault.unlock_with_recovery_key(made.recovery_key).close()
    assert not (folder / SETUP_MARK).exists()


def test_records_whose_key_file_is_missing_are_never_overwritten(clinic: Clinic) -> None:
    clinic.store.close()
    (clinic.folder / KEY_FILE).unlink()
    before = (clinic.folder / STORE_FILE).read_bytes()
    vault = FolderVault(clinic.folder, rounds=ROUNDS)
    assert vault.state() is VaultState.READY
    with pytest.raises(StoreAlreadySetUp):
        vault.create("eve", "x" * 20, lambda store: None)
    with pytest.raises(StoreDamaged, match=KEY_FILE):
        vault.unlock(USER, PASSWORD)
    assert (clinic.folder / STORE_FILE).read_bytes() == before


def test_a_set_up_removes_what_was_fetched_for_a_store_that_is_gone(tmp_path: Path) -> None:
    fetched = tmp_path / "store" / SNAPSHOT_FOLDER / "image"
    fetched.parent.mkdir(parents=True)
    fetched.write_bytes(b"a part of a log")
    set_up(tmp_path / "store").store.close()
    assert not fetched.parent.exists()


def test_the_mark_of_an_unfinished_set_up_is_gone_afterwards(clinic: Clinic) -> None:
    assert not (clinic.folder / SETUP_MARK).exists()


# --- recovery key and slots -------------------------------------------------------------------


def test_the_recovery_key_opens_the_store_however_it_is_typed(clinic: Clinic) -> None:
    clinic.store.close()
    typed = clinic.recovery_key.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    store = clinic.vault.unlock_with_recovery_key(f"  {typed} ")
    with store.unit_of_work() as work:
        assert work.users.by_user_name(USER) == clinic.user
    clinic.vault.add_slot(USER, "a new password 77")
    store.close()
    with pytest.raises(WrongPassword):
        clinic.vault.unlock(USER, PASSWORD)
    clinic.vault.unlock(USER, "a new password 77").close()


def test_the_recovery_key_of_another_clinic_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    other = set_up(tmp_path / "other")
    other.store.close()
    clinic.store.close()
    with pytest.raises(WrongPassword, match="does not belong"):
        clinic.vault.unlock_with_recovery_key(other.recovery_key)


def test_the_recovery_key_is_in_no_file(clinic: Clinic) -> None:
    clinic.store.close()
    compact = clinic.recovery_key.replace("-", "").encode()
    for path in clinic.folder.iterdir():
        content = path.read_bytes()
        assert clinic.recovery_key.encode() not in content
        assert compact not in content


def test_staff_with_a_slot_of_their_own_can_open_the_store(clinic: Clinic) -> None:
    clinic.vault.add_slot("Bo", "bo's own password")
    clinic.store.close()
    clinic.vault.unlock("bo", "bo's own password").close()
    clinic.vault.unlock(USER, PASSWORD).close()


def test_a_removed_slot_opens_nothing(clinic: Clinic) -> None:
    clinic.vault.add_slot("bo", "bo's own password")
    clinic.vault.remove_slot("BO")
    clinic.store.close()
    with pytest.raises(WrongPassword):
        clinic.vault.unlock("bo", "bo's own password")


def test_the_last_slot_stays(clinic: Clinic) -> None:
    with pytest.raises(WrongState):
        clinic.vault.remove_slot(USER)
    clinic.vault.remove_slot("nobody")
    clinic.reopen()


def test_slots_change_only_while_the_store_is_open(clinic: Clinic) -> None:
    clinic.store.close()
    with pytest.raises(WrongState):
        clinic.vault.add_slot("bo", "bo's own password")
    with pytest.raises(WrongState):
        clinic.vault.remove_slot("bo")


def test_the_password_is_checked_again_while_the_store_is_open(clinic: Clinic) -> None:
    clinic.vault.check_password(USER, PASSWORD)
    with pytest.raises(WrongPassword):
        clinic.vault.check_password(USER, "not this one")
    with clinic.store.unit_of_work() as work:
        assert work.users.all() == [clinic.user]


def test_a_new_recovery_key_replaces_the_old_one(clinic: Clinic) -> None:
    renewed = clinic.vault.renew_recovery_key()
    clinic.store.close()
    with pytest.raises(WrongPassword):
        clinic.vault.unlock_with_recovery_key(clinic.recovery_key)
    clinic.vault.unlock_with_recovery_key(renewed).close()
    clinic.vault.unlock(USER, PASSWORD).close()
    with pytest.raises(WrongState):
        clinic.vault.renew_recovery_key()


# --- start-up cost ----------------------------------------------------------------------------


def test_importing_the_vault_loads_no_database_and_no_cryptography(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from clinic_app.db.vault import open_vault\n"
        f"open_vault(pathlib.Path({str(tmp_path)!r})).state()\n"
        "heavy = {'sqlalchemy', 'sqlcipher3', 'cryptography', 'alembic', 'filelock'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_opening_a_current_store_does_not_load_alembic(clinic: Clinic) -> None:
    clinic.store.close()
    program = (
        "import sys, pathlib\n"
        "from clinic_app.db.vault import FolderVault\n"
        f"vault = FolderVault(pathlib.Path({str(clinic.folder)!r}), rounds={ROUNDS})\n"
        f"vault.unlock({USER!r}, {PASSWORD!r}).close()\n"
        "print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"], done.stderr
