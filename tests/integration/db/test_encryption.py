"""Nothing readable on disk, and every kind of damage said in one sentence."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_app.db.engine import PLAINTEXT_MAGIC
from clinic_app.db.files import KEY_FILE, STORE_FILE
from clinic_app.db.vault import FolderVault
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import StoreDamaged, StoreError, StoreTooNew, WrongPassword
from clinic_app.domain.finding import FaceImages
from tests.integration.db.raw import decrypted_pages, raw_connection, store_key, transaction_of
from tests.integration.db.records import (
    PASSWORD,
    ROUNDS,
    USER,
    Clinic,
    a_draft,
    a_note,
    a_patient,
    a_screening,
    set_up,
)

MARKERS = ("Marker-Familyname", "marker note text", "MARKERPNG", "marker detail", "0795550199")


@pytest.fixture
def filled(clinic: Clinic) -> Clinic:
    """A store with a marker text in every kind of record."""
    patient = a_patient(MARKERS[0], phone=MARKERS[4])
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(a_note(patient.id, clinic.user.id, MARKERS[1]))
        work.drafts.save(a_draft(patient.id, clinic.user.id))
        screening = a_screening(patient.id, clinic.user.id)
        work.screenings.add(screening)
        png = MARKERS[2].encode() * 3000
        work.images.put(screening.id, FaceImages(png, png), kept=True)
        work.audit.record(AuditKind.CREATED, clinic.user.id, "patient", detail=MARKERS[3])
        work.commit()
    return clinic


def unlock(clinic: Clinic) -> None:
    FolderVault(clinic.folder, rounds=ROUNDS).unlock(USER, PASSWORD).close()


def test_no_file_holds_readable_text_while_open_or_closed(filled: Clinic) -> None:
    def check() -> set[str]:
        key = store_key(filled.folder)
        for path in filled.folder.iterdir():
            content = path.read_bytes()
            for marker in (*MARKERS, PASSWORD, "Harbour clinic", "CREATE TABLE"):
                assert marker.encode() not in content, (path.name, marker)
            for form in (key, key.hex().encode(), base64.b64encode(key)):
                assert form not in content, path.name
        return {path.name for path in filled.folder.iterdir()}

    assert {"clinic.db-wal", "clinic.db-shm"} <= check()
    filled.store.close()
    assert "clinic.db-wal" not in check()
    # The check can fail: with the key the same texts are there.
    plain = decrypted_pages(filled.folder)
    assert all(marker.encode() in plain for marker in MARKERS if marker != MARKERS[4])


def test_the_header_is_not_sqlites(filled: Clinic) -> None:
    filled.store.close()
    assert not (filled.folder / STORE_FILE).read_bytes().startswith(PLAINTEXT_MAGIC)


def test_no_temporary_file_is_written_outside_the_folder(
    filled: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(elsewhere))
    with transaction_of(filled.encrypted) as db:
        from sqlalchemy import text

        assert db.scalar(text("PRAGMA temp_store")) == 2
        db.rows(text("SELECT a.hash FROM oplog a, oplog b, oplog c ORDER BY b.hash, a.body"))
        assert list(elsewhere.iterdir()) == []


def damage_plaintext(path: Path) -> None:
    import sqlite3

    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE patient (name TEXT)")
    connection.close()


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_one_page_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def damage_few_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:700])


def damage_garbled(path: Path) -> None:
    path.write_bytes(bytes(reversed(path.read_bytes())))


def damage_last_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1
    path.write_bytes(content)


def damage_first_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[3] ^= 0x80
    path.write_bytes(content)


def damage_missing(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "damage",
    [
        damage_plaintext,
        damage_empty,
        damage_half,
        damage_one_page_short,
        damage_few_bytes,
        damage_garbled,
        damage_last_bit,
        damage_first_bit,
        damage_missing,
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(
    filled: Clinic, damage: Callable[[Path], None]
) -> None:
    filled.store.close()
    path = filled.folder / STORE_FILE
    damage(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(StoreDamaged) as refused:
        unlock(filled)
    assert str(refused.value).count(".") <= 3
    assert (path.read_bytes() if path.exists() else None) == before
    # The lock is free again: a restored file can be opened at once.
    with pytest.raises(StoreDamaged):
        unlock(filled)


def test_every_flipped_bit_is_noticed(filled: Clinic) -> None:
    filled.store.close()
    path = filled.folder / STORE_FILE
    good = path.read_bytes()
    for place in range(5, len(good), len(good) // 40):
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        path.write_bytes(bad)
        with pytest.raises(StoreDamaged):
            unlock(filled)
    path.write_bytes(good)
    unlock(filled)


def test_a_page_that_goes_bad_while_open_is_damage_not_a_crash(filled: Clinic) -> None:
    path = filled.folder / STORE_FILE
    filled.reopen()
    filled.store.close()
    store = filled.vault.unlock(USER, PASSWORD)
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start + 100] ^= 1
    path.write_bytes(content)
    with store.unit_of_work() as work, pytest.raises(StoreDamaged):
        work.patients.search("marker")
    store.close()


def test_an_interrupted_write_ahead_log_is_recovered(filled: Clinic, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(filled.folder, copy)  # as a crash would leave it, -wal and -shm included
    assert (copy / "clinic.db-wal").stat().st_size > 0
    store = FolderVault(copy, rounds=ROUNDS).unlock(USER, PASSWORD)
    with store.unit_of_work() as work:
        assert [p.family_name for p in work.patients.search("marker")] == [MARKERS[0]]
        assert work.audit.verify().intact
    store.close()


def test_a_store_of_a_newer_program_is_refused_unchanged(filled: Clinic) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew, match="newer version"):
        unlock(filled)
    with raw_connection(filled.folder) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999",)
        ]


@pytest.mark.parametrize("statement", ["DROP TABLE alembic_version", "DELETE FROM alembic_version"])
def test_a_store_without_a_revision_is_damaged(filled: Clinic, statement: str) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        connection.execute(statement)
    with pytest.raises(StoreDamaged):
        unlock(filled)


# --- the key file -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"format": 2, "store": "x", "users": [], "recovery": null}',
        b'{"format": 1, "store": 7, "users": [], "recovery": null}',
        b'{"format": 1, "store": "x", "users": [3], "recovery": null}',
        b"[" * 100_000,
    ],
)
def test_a_garbled_key_file_is_damage(filled: Clinic, garbage: bytes) -> None:
    filled.store.close()
    (filled.folder / KEY_FILE).write_bytes(garbage)
    with pytest.raises(StoreDamaged, match=KEY_FILE):
        unlock(filled)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("rounds", 10**12),
        ("rounds", 0),
        ("rounds", "10"),
        ("rounds", True),
        ("salt", ""),
        ("nonce", "AAAA"),
        ("wrapped", "no base64"),
        ("name", None),
    ],
)
def test_a_slot_with_impossible_values_is_damage(filled: Clinic, part: str, value: object) -> None:
    filled.store.close()
    path = filled.folder / KEY_FILE
    slots = json.loads(path.read_text())
    slots["users"][0][part] = value
    path.write_text(json.dumps(slots))
    with pytest.raises(StoreDamaged):
        unlock(filled)


@pytest.mark.parametrize("part", ["salt", "nonce", "wrapped"])
def test_an_altered_slot_opens_nothing(filled: Clinic, part: str) -> None:
    filled.store.close()
    path = filled.folder / KEY_FILE
    slots = json.loads(path.read_text())
    raw = bytearray(base64.b64decode(slots["users"][0][part]))
    raw[0] ^= 1
    slots["users"][0][part] = base64.b64encode(raw).decode()
    path.write_text(json.dumps(slots))
    with pytest.raises(WrongPassword):
        unlock(filled)


def test_a_slot_cannot_be_renamed(filled: Clinic) -> None:
    filled.vault.add_slot("bo", "bo's own password")
    filled.store.close()
    path = filled.folder / KEY_FILE
    slots = json.loads(path.read_text())
    slots["users"][0]["name"], slots["users"][1]["name"] = "bo", slots["users"][0]["name"]
    path.write_text(json.dumps(slots))
    with pytest.raises(WrongPassword):
        FolderVault(filled.folder, rounds=ROUNDS).unlock(USER, "bo's own password")


def test_the_key_file_of_another_clinic_opens_nothing(filled: Clinic, tmp_path: Path) -> None:
    other = set_up(tmp_path / "other")
    other.store.close()
    filled.store.close()
    shutil.copy(other.folder / KEY_FILE, filled.folder / KEY_FILE)
    with pytest.raises(StoreError):
        unlock(filled)
    slots = json.loads((other.folder / KEY_FILE).read_text())
    slots["store"] = "0" * 32
    (filled.folder / KEY_FILE).write_text(json.dumps(slots))
    with pytest.raises(WrongPassword):
        unlock(filled)
