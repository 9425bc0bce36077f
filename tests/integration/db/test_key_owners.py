"""Key slots on disk say whose account they open, and that cannot be rewritten."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from clinic_app.db import keyslots
from clinic_app.db.files import KEY_FILE
from clinic_app.db.keyslots import KeySlots
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import StoreDamaged, WrongPassword
from clinic_app.domain.ids import new_id
from tests.integration.db.records import ROUNDS, Clinic

PASS = "violet ladder song"


def test_a_slot_says_whose_it_is_also_after_it_was_strengthened(clinic: Clinic) -> None:
    account = new_id()
    clinic.vault.add_slot("bo", PASS, account)
    clinic.store.close()
    stronger = FolderVault(clinic.folder, rounds=2 * ROUNDS)
    store = stronger.unlock("Bo", PASS)
    assert stronger.key_owners()["bo"] == account
    assert stronger.check_password("bo", PASS) == account
    store.close()


def test_a_slot_that_says_nothing_opens_as_before(clinic: Clinic) -> None:
    clinic.vault.add_slot("bo", PASS)
    assert clinic.vault.check_password("bo", PASS) is None
    assert "account" not in (clinic.folder / KEY_FILE).read_text()


@pytest.mark.parametrize("change", ["other", "taken out"])
def test_an_account_that_was_rewritten_opens_nothing(clinic: Clinic, change: str) -> None:
    clinic.vault.add_slot("bo", PASS, new_id())
    plain = json.loads((clinic.folder / KEY_FILE).read_text())
    slot = next(one for one in plain["users"] if one["name"] == "bo")
    if change == "other":
        slot["account"] = new_id().hex
    else:
        del slot["account"]
    (clinic.folder / KEY_FILE).write_text(json.dumps(plain))
    with pytest.raises(WrongPassword):
        clinic.vault.check_password("bo", PASS)


@pytest.mark.parametrize("account", ["nobody", 7, ["x"]])
def test_an_account_that_is_none_is_a_damaged_file(clinic: Clinic, account: object) -> None:
    plain = json.loads((clinic.folder / KEY_FILE).read_text())
    plain["users"][0]["account"] = account
    (clinic.folder / KEY_FILE).write_text(json.dumps(plain))
    with pytest.raises(StoreDamaged):
        clinic.vault.key_owners()


def test_the_key_of_a_namesake_is_not_removed(clinic: Clinic) -> None:
    account = new_id()
    clinic.vault.add_slot("bo", PASS, account)
    clinic.vault.remove_slot("bo", new_id())
    assert clinic.vault.key_owners()["bo"] == account
    clinic.vault.remove_slot("bo", account)
    assert "bo" not in clinic.vault.key_owners()


def test_the_keys_are_never_read_while_they_are_being_written(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round reads them in a thread of its own, and Windows replaces no file that is open."""
    free: list[bool] = []
    read = keyslots.load

    def noted(folder: Path) -> KeySlots | None:
        def another_thread() -> None:
            turn = clinic.vault._one_at_a_time
            free.append(turn.acquire(blocking=False))
            if free[-1]:
                turn.release()

        thread = threading.Thread(target=another_thread)
        thread.start()
        thread.join()
        return read(folder)

    monkeypatch.setattr(keyslots, "load", noted)
    clinic.vault.key_owners()
    assert free == [False]
